// SPDX-License-Identifier: Apache-2.0
#include "repository/machine_key.hpp"

#include "sys/file.hpp"
#include "sys/file_system.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ib {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(MachineKey, IsTheSameAgainOutOfItsText)
{
  const MachineKey key = MachineKey::create();
  const MachineKey again = MachineKey::parse(key.text(), "machine.key").value();
  EXPECT_EQ(again.public_key(), key.public_key());
  EXPECT_EQ(again.sign(bytes_of("a statement")), key.sign(bytes_of("a statement")));
  EXPECT_EQ(again.tag(bytes_of("a statement")), key.tag(bytes_of("a statement")));
  EXPECT_TRUE(verify_signature(key.public_key(), bytes_of("a statement"),
                               again.sign(bytes_of("a statement"))));
}

TEST(MachineKey, IsAnotherEachTime)
{
  EXPECT_NE(MachineKey::create().public_key(), MachineKey::create().public_key());
}

TEST(MachineKey, TellsItsPublicHalfInItsFile)
{
  const MachineKey key = MachineKey::create();
  EXPECT_THAT(key.text(), HasSubstr(to_text(key.public_key())));
}

TEST(MachineKey, IsNotRepeatedByTheMessageAboutADamagedOne)
{
  std::string text = MachineKey::create().text();
  text.erase(text.size() - 3);
  const Result<MachineKey> parsed = MachineKey::parse(text, "/etc/machine.key");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, Errc::invalid);
  EXPECT_THAT(parsed.error().message, HasSubstr("/etc/machine.key"));
  EXPECT_THAT(parsed.error().message + parsed.error().hint,
              Not(HasSubstr(text.substr(text.size() - 32))));
}

TEST(MachineKey, LiesInAFileThatOnlyItsOwnerReads)
{
  const ScratchFolder scratch = ScratchFolder::create("").value();
  const std::string path = scratch.file("config/immich-backup/machine.key");
  const MachineKey key = create_machine_key(path).value();
  EXPECT_FALSE(others_may_read(path));
  EXPECT_EQ(load_machine_key(path).value().public_key(), key.public_key());
}

TEST(MachineKey, NeverReplacesAFile)
{
  const ScratchFolder scratch = ScratchFolder::create("").value();
  const std::string path = scratch.file("machine.key");
  const MachineKey key = create_machine_key(path).value();
  const Result<MachineKey> second = create_machine_key(path);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::precondition_failed);
  EXPECT_EQ(load_machine_key(path).value().public_key(), key.public_key());
}

TEST(MachineKey, IsNotFoundWhereThereIsNone)
{
  const ScratchFolder scratch = ScratchFolder::create("").value();
  EXPECT_EQ(load_machine_key(scratch.file("machine.key")).error().code, Errc::not_found);
}

TEST(PublicKeyText, IsReadBackAlsoFromPaper)
{
  const PublicKey key = MachineKey::create().public_key();
  const std::string text = to_text(key);
  EXPECT_EQ(parse_public_key(text).value(), key);
  EXPECT_EQ(parse_public_key(" " + text.substr(0, 40) + "\n  " + text.substr(40) + "\n").value(),
            key);
}

TEST(PublicKeyText, IsRefusedIfItIsNone)
{
  const std::string text = to_text(MachineKey::create().public_key());
  for (const std::string& wrong : {std::string(), text.substr(8), text.substr(0, text.size() - 1),
                                   text + "0", "ed25519:" + std::string(64, 'x')})
    EXPECT_EQ(parse_public_key(wrong).error().code, Errc::invalid) << wrong;
}

}  // namespace
}  // namespace ib
