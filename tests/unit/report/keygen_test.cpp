// SPDX-License-Identifier: Apache-2.0
#include "report/keygen.hpp"

#include "support/matchers.hpp"
#include "support/parsed_json.hpp"

namespace ib::test {
namespace {

KeygenReport new_key()
{
  KeygenReport report;
  report.header.command = "keygen";
  report.file = "key\n.txt";
  report.public_key = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
  report.created = Timestamp(std::chrono::seconds(1768446000));
  return report;
}

TEST(KeygenReport, TellsThePublicKeyAndWhatToDoNext)
{
  KeygenReport report = new_key();
  report.header.notes.emplace_back("the file lies on the same file system as the store");
  EXPECT_EQ(to_text(report),
            "public key     age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj\n"
            "file           key\\n.txt: new\n"
            "next           Keep a copy of the file away from the machine that backs up: it is the "
            "only thing that opens the photos of an encrypted backup. Then begin the store:\n"
            "               `immich-backup init --encrypt-to "
            "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj`\n"
            "note           the file lies on the same file system as the store\n");
  EXPECT_EQ(outcome_of(report), Outcome::ok);
  report.has_passphrase = true;
  EXPECT_THAT(to_text(report), HasSubstr("key\\n.txt: new, opened by its passphrase alone\n"));
  EXPECT_THAT(to_text(report), HasSubstr("and its passphrase where you find it again"));
}

TEST(KeygenReport, OfAFileThatWasThereSaysNothingOfWhatComesNext)
{
  KeygenReport report = new_key();
  report.created.reset();
  EXPECT_EQ(to_text(report),
            "public key     age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj\n"
            "file           key\\n.txt\n");
}

TEST(KeygenReport, IsOneObject)
{
  KeygenReport report = new_key();
  const json object = parsed(to_json(report));
  EXPECT_EQ(object["command"], "keygen");
  EXPECT_EQ(object["result"], "ok");
  EXPECT_EQ(object["file"], "key\n.txt");
  EXPECT_EQ(object["public_key"], report.public_key);
  EXPECT_EQ(object["created"], "2026-01-15T03:00:00Z");
  EXPECT_EQ(object["passphrase"], false);
  report.created.reset();
  report.has_passphrase = true;
  EXPECT_TRUE(parsed(to_json(report))["created"].is_null());
  EXPECT_EQ(parsed(to_json(report))["passphrase"], true);
}

}  // namespace
}  // namespace ib::test
