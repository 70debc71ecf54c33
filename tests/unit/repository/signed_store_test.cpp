// SPDX-License-Identifier: Apache-2.0
#include "repository/signed_store.hpp"

#include "repository/documents.hpp"
#include "repository/store_marker.hpp"
#include "store/dir/dir_store.hpp"
#include "support/builders.hpp"
#include "support/emulated_bucket.hpp"
#include "sys/file.hpp"
#include "sys/hash.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ib::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const ObjectName kManifest{"manifest-20260115T030000Z.db"};
const ObjectName kChild{"manifest-20260116T030000Z.db"};
const ObjectName kPoint{"manifest-20260115T030000Z.json"};
const ObjectName kChildsPoint{"manifest-20260116T030000Z.json"};

std::shared_ptr<const MachineKey> new_key()
{
  return std::make_shared<const MachineKey>(MachineKey::create());
}

class SignedStores : public testing::Test {
protected:
  SignedStores()
  {
    bucket_.begin();
    inner_ = std::move(bucket_.open().store);
  }

  std::unique_ptr<SignedStore> with(TrustedKeys keys)
  {
    return SignedStore::open(*inner_, std::move(keys)).value();
  }
  std::unique_ptr<SignedStore> ours() { return with({.own = key_}); }

  static void put(ObjectStore& store, const ObjectName& name, std::string_view bytes,
                  const Metadata& metadata = {})
  {
    ASSERT_TRUE(put_small(store, name, bytes, metadata, "application/json", {}));
  }
  static std::vector<std::string> names(ObjectStore& store, const std::string& prefix)
  {
    std::vector<std::string> names;
    const auto cursor = store.list(prefix, "", {}).value();
    while (const auto object = cursor->next().value())
      if (object->name.value != kStoreMarker) names.push_back(object->name.value);
    return names;
  }
  static std::vector<std::string> reasons(const SignedStore& store)
  {
    std::vector<std::string> reasons;
    for (const Stranger& each : store.strangers())
      reasons.push_back(each.name.value + ": " + reason_text(each));
    return reasons;
  }
  Metadata metadata_of(const ObjectName& name) { return inner_->stat(name, {}).value().metadata; }

  EmulatedBucket bucket_;
  std::unique_ptr<ObjectStore> inner_;
  std::shared_ptr<const MachineKey> key_ = new_key();
};

TEST_F(SignedStores, GiveBackWhatTheirOwnKeyHasSigned)
{
  put(*ours(), kPoint, "{}");
  put(*ours(), begin_mark_name("r"), "{}");
  put(*ours(), proof_name(at(0)), "{}");
  const auto store = ours();
  EXPECT_THAT(names(*store, "manifest"), ElementsAre(kPoint.value));
  EXPECT_THAT(names(*store, "runs/"), ElementsAre("runs/r/begin.json"));
  EXPECT_THAT(names(*store, "proofs/"), ElementsAre(proof_name(at(0)).value));
  EXPECT_EQ(get_small(*store, kPoint, 100, {}).value(), "{}");
  EXPECT_THAT(store->strangers(), IsEmpty());
}

TEST_F(SignedStores, AreReadWithThePublicHalfAlone)
{
  put(*ours(), kPoint, "{}");
  const auto reader = with({.others = {new_key()->public_key(), key_->public_key()}});
  EXPECT_THAT(names(*reader, "manifest"), ElementsAre(kPoint.value));
  EXPECT_EQ(get_small(*with({.others = {key_->public_key()}}), kPoint, 100, {}).value(), "{}")
      << "also where nothing was listed before";
}

TEST_F(SignedStores, SetAsideWhatNobodyAndWhatAnotherHasSigned)
{
  put(*ours(), kPoint, "{}");
  put(*inner_, kChildsPoint, "{}");
  const auto other = new_key();
  put(*with({.own = other}), begin_mark_name("r"), "{}");
  put(*inner_, proof_name(at(0)), "{}", {{"signature", "1 it is signed"}});
  const auto store = ours();
  EXPECT_THAT(names(*store, "manifest"), ElementsAre(kPoint.value));
  EXPECT_THAT(names(*store, "runs/"), IsEmpty());
  EXPECT_THAT(names(*store, "proofs/"), IsEmpty());
  EXPECT_THAT(reasons(*store),
              ElementsAre(kChildsPoint.value + ": not signed, or its metadata was lost",
                          proof_name(at(0)).value + ": its signature is not for what it says",
                          "runs/r/begin.json: signed by " + short_text(other->public_key())));
  for (const ObjectName& name : {kChildsPoint, begin_mark_name("r"), proof_name(at(0))})
    EXPECT_EQ(get_small(*store, name, 100, {}).error().code, Errc::corrupt);
  EXPECT_EQ(get_small(*ours(), kChildsPoint, 100, {}).error().code, Errc::corrupt)
      << "also where nothing was listed before";
}

TEST_F(SignedStores, DoNotTakeASignatureForAnotherName)
{
  put(*ours(), kPoint, "{}");
  put(*inner_, kChildsPoint, "{}", metadata_of(kPoint));
  const auto store = ours();
  EXPECT_THAT(names(*store, "manifest"), ElementsAre(kPoint.value));
  EXPECT_THAT(reasons(*store),
              ElementsAre(kChildsPoint.value + ": its signature is not for what it says"));
}

TEST_F(SignedStores, DoNotTakeASignatureForOtherMetadata)
{
  put(*ours(), kManifest, "bytes", {{"parents", ""}, {"sha256", std::string(64, '0')}});
  Metadata changed = metadata_of(kManifest);
  changed["parents"] = "manifest-20250101T000000Z.db";
  bucket_.emulator().put("photos", kManifest.value, "bytes", "STANDARD", changed);
  const auto store = ours();
  EXPECT_THAT(names(*store, "manifest"), IsEmpty());
  EXPECT_THAT(reasons(*store),
              ElementsAre(kManifest.value + ": its signature is not for what it says"));
}

TEST_F(SignedStores, DoNotGiveADocumentWithOtherBytes)
{
  put(*ours(), kPoint, "{}");
  bucket_.emulator().put("photos", kPoint.value, "[]", "STANDARD", metadata_of(kPoint));
  const Result<std::string> read = get_small(*ours(), kPoint, 100, {});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Errc::corrupt);
  EXPECT_THAT(read.error().message, HasSubstr("not those that were signed"));
}

TEST_F(SignedStores, DoNotTakeWhatTheSameKeyHasSignedForAnotherStore)
{
  EmulatedBucket other;
  other.begin();
  const auto store_there = std::move(other.open().store);
  put(*SignedStore::open(*store_there, {.own = key_}).value(), kPoint, "{}");
  put(*inner_, kPoint, "{}", store_there->stat(kPoint, {}).value().metadata);
  const auto store = ours();
  EXPECT_THAT(names(*store, "manifest"), IsEmpty());
  EXPECT_THAT(reasons(*store), ElementsAre(kPoint.value + ": signed for another store"));
}

TEST_F(SignedStores, KnowTheirIdWithoutAMarker)
{
  put(*ours(), kPoint, "{}");
  bucket_.emulator().remove("photos", std::string(kStoreMarker));
  const auto store = ours();
  EXPECT_THAT(names(*store, "manifest"), ElementsAre(kPoint.value));
  EXPECT_EQ(store->store_id({}).value().size(), 32U);
}

TEST_F(SignedStores, KnowTheirOwnUploadsByTheirTags)
{
  const std::string sha256_hex = sha256(bytes_of("photo")).hex();
  const ObjectName name{"library/a.jpg"};
  put(*ours(), name, "photo", {{"sha256", sha256_hex}});
  const auto store = ours();
  ASSERT_TRUE(store->store_id({}));
  const ObjectInfo object = inner_->stat(name, {}).value();
  EXPECT_TRUE(store->is_own_upload(object));

  ObjectInfo elsewhere = object;
  elsewhere.name.value = "library/b.jpg";
  ObjectInfo larger = object;
  ++*larger.size;
  ObjectInfo other_content = object;
  other_content.metadata["sha256"] = sha256(bytes_of("other")).hex();
  ObjectInfo untagged = object;
  untagged.metadata.erase("tag");
  for (const ObjectInfo& each : {elsewhere, larger, other_content, untagged})
    EXPECT_FALSE(store->is_own_upload(each));
  const auto another = with({.own = new_key(), .others = {key_->public_key()}});
  ASSERT_TRUE(another->store_id({}));
  EXPECT_FALSE(another->is_own_upload(object)) << "the public half tells nothing of a tag";
}

TEST_F(SignedStores, LeaveFilesAndDumpsToTheirReaders)
{
  put(*inner_, {"library/a.jpg"}, "photo");
  put(*inner_, {"database/2026-01-15T03-00-00-immich-v2.3.1.sql.gz"}, "dump");
  const auto store = ours();
  EXPECT_THAT(names(*store, "library/"), ElementsAre("library/a.jpg"));
  EXPECT_EQ(names(*store, "database/").size(), 1U);
  EXPECT_EQ(get_small(*store, {"library/a.jpg"}, 100, {}).value(), "photo");
  EXPECT_THAT(store->strangers(), IsEmpty());
}

TEST_F(SignedStores, BelieveWhatTheOwnerHasVouchedFor)
{
  put(*inner_, kPoint, "{}", {{"verdict", "complete"}});
  put(*inner_, kChildsPoint, "{}");
  ASSERT_TRUE(ours()->vouch_for({{.name = kPoint,
                                  .sha256 = sha256(bytes_of("{}")).hex(),
                                  .metadata = {{"verdict", "complete"}}}},
                                at(1'768'446'000), {}));
  const auto store = with({.others = {key_->public_key()}});
  EXPECT_THAT(names(*store, "manifest"),
              ElementsAre(kPoint.value, "manifest.signed-20260115T030000Z.json"));
  EXPECT_THAT(reasons(*store),
              ElementsAre(kChildsPoint.value + ": not signed, or its metadata was lost"));
  EXPECT_EQ(get_small(*store, kPoint, 100, {}).value(), "{}");

  bucket_.emulator().put("photos", kPoint.value, "[]", "STANDARD", {{"verdict", "complete"}});
  EXPECT_EQ(get_small(*ours(), kPoint, 100, {}).error().code, Errc::corrupt);
  bucket_.emulator().put("photos", kPoint.value, "{}", "STANDARD", {{"verdict", "incomplete"}});
  EXPECT_THAT(names(*ours(), "manifest"), ElementsAre("manifest.signed-20260115T030000Z.json"));
}

TEST_F(SignedStores, DoNotBelieveWhatAStrangerVouchesFor)
{
  put(*inner_, kPoint, "{}");
  ASSERT_TRUE(
      with({.own = new_key()})
          ->vouch_for({{.name = kPoint, .sha256 = sha256(bytes_of("{}")).hex(), .metadata = {}}},
                      at(1'768'446'000), {}));
  EXPECT_THAT(names(*ours(), "manifest"), IsEmpty());
}

TEST_F(SignedStores, SetAsideWhatIsDistrustedAndWhatBuildsOnIt)
{
  const auto writer = ours();
  const std::string sha(64, '0');
  put(*writer, kManifest, "1", {{"parents", ""}, {"run", "first"}, {"sha256", sha}});
  put(*writer, kPoint, "{}", {{"recorded-by", "first"}});
  put(*writer, kChild, "2", {{"parents", kManifest.value}, {"run", "second"}, {"sha256", sha}});
  put(*writer, kChildsPoint, "{}", {{"recorded-by", "second"}});
  const ObjectName third{"manifest-20260117T030000Z.db"};
  put(*writer, third, "3", {{"parents", kChild.value}, {"run", "third"}, {"sha256", sha}});

  const auto store = with({.own = key_, .distrusted = {Distrusted{.name = kChild}}});
  EXPECT_THAT(names(*store, "manifest"), ElementsAre(kManifest.value, kPoint.value));
  EXPECT_THAT(reasons(*store), ElementsAre(kChild.value + ": distrusted",
                                           kChildsPoint.value + ": builds on " + kChild.value,
                                           third.value + ": builds on " + kChild.value));
}

TEST_F(SignedStores, DistrustByTheTimeThatTheStoreTells)
{
  put(*ours(), kPoint, "{}");
  const std::string sha256_hex = sha256(bytes_of("photo")).hex();
  put(*ours(), {"library/a.jpg"}, "photo", {{"sha256", sha256_hex}});
  const Timestamp created = inner_->stat(kPoint, {}).value().created.value();
  const auto between = [&](Timestamp from, Timestamp to) {
    return with({.own = key_, .distrusted = {Distrusted{.from = from, .to = to}}});
  };
  const auto before = between(created - std::chrono::hours(2), created - std::chrono::hours(1));
  EXPECT_THAT(names(*before, "manifest"), ElementsAre(kPoint.value));
  const auto then = between(created - std::chrono::hours(1), created + std::chrono::hours(1));
  EXPECT_THAT(names(*then, "manifest"), IsEmpty());
  EXPECT_THAT(reasons(*then), ElementsAre(kPoint.value + ": distrusted"));
  EXPECT_FALSE(then->is_own_upload(inner_->stat({"library/a.jpg"}, {}).value()));
}

TEST(SignedFolders, DistrustOnlyByName)
{
  const ScratchFolder scratch = ScratchFolder::create("").value();
  const auto folder = open_dir_store(scratch.file("store"));
  const auto key = new_key();
  EXPECT_EQ(SignedStore::open(*folder, {.own = key, .distrusted = {Distrusted{}}}).error().code,
            Errc::invalid);
  EXPECT_TRUE(SignedStore::open(*folder, {.own = key, .distrusted = {Distrusted{.name = kPoint}}}));
}

TEST(DistrustedTexts, AreIntervalsAndNames)
{
  const Distrusted interval = Distrusted::parse("2026-01-15T20:00:00Z/2026-01-20").value();
  EXPECT_FALSE(interval.name);
  EXPECT_EQ(format_iso(interval.from), "2026-01-15T20:00:00Z");
  EXPECT_EQ(format_iso(interval.to), "2026-01-20T23:59:59Z");
  EXPECT_EQ(format_iso(Distrusted::parse("2026-01-15/2026-01-15").value().from),
            "2026-01-15T00:00:00Z")
      << "the whole day";
  EXPECT_EQ(Distrusted::parse(kManifest.value).value().name, kManifest);
  for (const char* wrong : {"", "2026-01-15", "2026-01-20/2026-01-15", "library/a.jpg", "x/y"})
    EXPECT_EQ(Distrusted::parse(wrong).error().code, Errc::invalid) << wrong;
}

}  // namespace
}  // namespace ib::test
