// SPDX-License-Identifier: Apache-2.0
#include "cli/options/trust.hpp"

#include "repository/store_marker.hpp"
#include "support/emulated_bucket.hpp"
#include "support/matchers.hpp"
#include "support/settings.hpp"
#include "support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ib::test {
namespace {

using ::testing::HasSubstr;

/// A machine without variables but for those that a test gives.
class Trust : public testing::Test {
protected:
  std::string key_file() const { return keys_.file("machine.key"); }
  std::string public_key() const { return to_text(MachineKey::create().public_key()); }

  /// How a command with these words reads a store. "as it is", "signed", or why not at all.
  std::string form_of(ObjectStore& store, KeyUse use, std::vector<std::string> words)
  {
    words.insert(words.begin(), "backup");
    words.insert(words.end(), {"--machine-key", key_file()});
    const auto layers = layers_of(store, use, settings(words), lookup({}), {});
    if (!layers) return layers.error().message;
    return layers->signatures == nullptr ? "as it is" : "signed";
  }

  TempDir keys_;
};

TEST_F(Trust, FindsTheKeyWhereProgramsKeepTheirConfiguration)
{
  const auto file = [&](Variables variables, std::vector<std::string> words = {"backup"}) {
    return machine_key_file(settings(words), lookup(std::move(variables)));
  };
  EXPECT_EQ(file({{"XDG_CONFIG_HOME", "/c"}, {"HOME", "/h"}}), "/c/immich-backup/machine.key");
  EXPECT_EQ(file({{"HOME", "/h"}}), "/h/.config/immich-backup/machine.key");
  EXPECT_EQ(file({{"XDG_CONFIG_HOME", "relative"}, {"HOME", "/h"}}),
            "/h/.config/immich-backup/machine.key");
  EXPECT_EQ(file({}), "");
  EXPECT_EQ(file({{"HOME", "/h"}}, {"backup", "--machine-key", "/k"}), "/k");
}

TEST_F(Trust, TakesKeysFromTheSettingsAlone)
{
  const std::string other = public_key();
  const TrustedKeys none = must(trusted_keys(settings({"backup"}), lookup({})));
  EXPECT_EQ(none.own, nullptr);
  EXPECT_TRUE(none.all().empty());

  const MachineKey own = must(create_machine_key(key_file()));
  const TrustedKeys keys = must(trusted_keys(
      settings({"backup", "--machine-key", key_file(), "--trusted-key", other}), lookup({})));
  ASSERT_NE(keys.own, nullptr);
  EXPECT_EQ(keys.own->public_key(), own.public_key());
  ASSERT_EQ(keys.others.size(), 1U);
  EXPECT_EQ(to_text(keys.others.front()), other);
}

TEST_F(Trust, NamesAKeyThatCannotBeUsed)
{
  EXPECT_THAT(
      trusted_keys(settings({"backup", "--trusted-key", "ed25519:12"}), lookup({})).error().message,
      HasSubstr("is no public key"));
  keys_.write_file("machine.key", "something else");
  EXPECT_THAT(
      trusted_keys(settings({"backup", "--machine-key", key_file()}), lookup({})).error().message,
      HasSubstr("is no machine key"));
  EXPECT_THAT(
      trusted_keys(settings({"backup", "--distrust", "yesterday"}), lookup({})).error().message,
      HasSubstr("neither an interval nor a name"));
}

TEST_F(Trust, TakesToWhomToEncryptFromValuesAndFiles)
{
  const auto recipient = [] { return AgeIdentity::create().recipient().text(); };
  const std::string one = recipient(), two = recipient(), three = recipient();
  keys_.write_file("both", "# of the house\n" + two + "\n\n" + three + "\n");
  const auto read = must(
      recipients_in(settings({"backup", "--encrypt-to", one, "--encrypt-to", keys_.file("both")})));
  EXPECT_EQ(sorted_texts(read).size(), 3U);
  EXPECT_EQ(must(recipients_in(settings({"backup", "--encrypt-to", one + "," + two}))).size(), 2U);
  EXPECT_EQ(must(recipients_in(settings({"backup"}))).size(), 0U);
  EXPECT_THAT(recipients_in(settings({"backup", "--encrypt-to", "age1no"})).error().message,
              HasSubstr("--encrypt-to"));
  std::string many = one;
  for (std::size_t i = 0; i < kMostOwners; ++i) many += "," + recipient();
  EXPECT_THAT(recipients_in(settings({"backup", "--encrypt-to", many})).error().message,
              HasSubstr("a store takes 16 at most"));
}

TEST_F(Trust, SignsInABucketOrDoesNotWriteThere)
{
  EmulatedBucket bucket;
  const OpenStore opened = bucket.open();
  ObjectStore& store = *opened.store;
  EXPECT_THAT(form_of(store, KeyUse::signs, {}), HasSubstr("has no key to sign"));
  EXPECT_THAT(form_of(store, KeyUse::signs, {"--unsigned"}), HasSubstr("has to be signed"));
  EXPECT_EQ(form_of(store, KeyUse::signs, {"--dry-run"}), "as it is");
  EXPECT_EQ(form_of(store, KeyUse::verifies, {}), "as it is") << "it is older than keys";

  const MachineKey own = must(create_machine_key(key_file()));
  EXPECT_EQ(form_of(store, KeyUse::signs, {}), "signed");
  EXPECT_EQ(form_of(store, KeyUse::verifies, {}), "signed");
  EXPECT_EQ(form_of(store, KeyUse::verifies, {"--unsigned"}), "as it is");
}

TEST_F(Trust, ReadsASignedBucketOnlyWithAKeyOfTheOwners)
{
  EmulatedBucket bucket;
  const StoreMarker marker = new_marker("", {}, wall_clock_now(), public_key());
  bucket.emulator().put("photos", std::string(kStoreMarker), serialize(marker), "STANDARD",
                        {{"store-marker", serialize_on_one_line(marker)}});
  const OpenStore opened = bucket.open();
  EXPECT_THAT(form_of(*opened.store, KeyUse::verifies, {}), HasSubstr("no key is configured"));
  EXPECT_THAT(form_of(*opened.store, KeyUse::signs, {"--dry-run"}),
              HasSubstr("has no key to sign"));
  EXPECT_EQ(form_of(*opened.store, KeyUse::verifies, {"--trusted-key", marker.key}), "signed");
  EXPECT_EQ(form_of(*opened.store, KeyUse::verifies, {"--trusted-key", public_key()}), "signed");
}

TEST_F(Trust, SetsNothingAsideWhereNothingIsSigned)
{
  EmulatedBucket bucket;
  const OpenStore opened = bucket.open();
  EXPECT_THAT(form_of(*opened.store, KeyUse::verifies,
                      {"--unsigned", "--distrust", "2026-01-15/2026-01-16"}),
              HasSubstr("can set nothing aside"));
}

TEST_F(Trust, TellsWhereToKeepADistrust)
{
  EXPECT_THAT(distrust_to_keep({"2026-01-15/2026-01-16", "manifest-20260117T030000Z.db"}),
              HasSubstr("IMMICH_BACKUP_DISTRUST="
                        "2026-01-15/2026-01-16,manifest-20260117T030000Z.db"));
}

}  // namespace
}  // namespace ib::test
