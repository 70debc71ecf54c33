// SPDX-License-Identifier: Apache-2.0
#include "contract/object_store_contract.hpp"

#include "store/checksum_source.hpp"
#include "support/builders.hpp"

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>
#include <type_traits>

namespace ib::test {
namespace {

constexpr std::uint64_t kSmall = 100'000'000;

NewObject object(std::string name, std::string_view bytes, Metadata metadata = {})
{
  return {.name = {std::move(name)},
          .size = bytes.size(),
          .crc32c = crc32c(bytes_of(bytes)),
          .metadata = std::move(metadata)};
}

Result<ObjectInfo> put(ObjectStore& store, std::string name, std::string_view bytes,
                       Metadata metadata = {})
{
  MemorySource source(bytes_of(bytes));
  return store.put(object(std::move(name), bytes, std::move(metadata)), source, {});
}

Result<std::string> get(ObjectStore& store, const std::string& name)
{
  return get_small(store, {name}, kSmall, {});
}

Result<std::vector<std::string>> names(ObjectStore& store, const std::string& prefix = "",
                                       const std::string& start = "")
{
  std::vector<std::string> names;
  const std::unique_ptr<ObjectCursor> cursor = TRY(store.list(prefix, start, {}));
  while (std::optional<ObjectInfo> info = TRY(cursor->next())) names.push_back(info->name.value);
  return names;
}

/// Bytes that end with an error, as on a broken disk, or with a request to stop.
class TroubledSource final : public ByteSource {
public:
  explicit TroubledSource(std::function<Result<std::size_t>(std::size_t)> after)
      : after_(std::move(after))
  {}
  Result<std::size_t> read(std::span<std::byte> buffer) override
  {
    if (reads_++ > 0) return after_(buffer.size());
    std::ranges::fill(buffer, std::byte{'x'});
    return buffer.size();
  }
  Result<> seek(std::uint64_t /*offset*/) override
  {
    reads_ = 0;
    return {};
  }

private:
  std::function<Result<std::size_t>(std::size_t)> after_;
  int reads_ = 0;
};

TEST_P(ObjectStoreContract, GivesBackWhatWasPut)
{
  for (const std::string& bytes : {std::string("content"), std::string(),
                                   std::string("\0\n\xFF", 3), random_bytes(3'000'001, 1)}) {
    const std::string name = "library/upload/" + std::to_string(bytes.size());
    const ObjectInfo info = must(put(store(), name, bytes));
    EXPECT_EQ(info.name.value, name);
    EXPECT_EQ(info.size, bytes.size());
    EXPECT_EQ(info.crc32c, crc32c(bytes_of(bytes)));
    EXPECT_TRUE(must(get(store(), name)) == bytes) << name;
    const ObjectInfo there = must(store().stat({name}, {}));
    EXPECT_EQ(there.name.value, name);
    EXPECT_EQ(there.size, bytes.size());
    EXPECT_EQ(there.crc32c, crc32c(bytes_of(bytes)));
  }
}

TEST_P(ObjectStoreContract, ShowsToOthersWhatWasPut)
{
  must(put(store(), "library/a", "a"));
  const std::unique_ptr<ObjectStore> other = under_test().open_again();
  EXPECT_EQ(other->url(), store().url());
  EXPECT_EQ(must(get(*other, "library/a")), "a");
  EXPECT_THAT(must(names(*other)), ElementsAre("library/a"));
  must(put(*other, "library/b", "b"));
  EXPECT_EQ(must(get(store(), "library/b")), "b");
}

TEST_P(ObjectStoreContract, HasNothingThatWasNotPut)
{
  EXPECT_TRUE(fails_with(Errc::not_found, store().stat({"none"}, {})));
  EXPECT_TRUE(fails_with(Errc::not_found, get(store(), "none")));
  EXPECT_TRUE(fails_with(Errc::not_found, get(store(), "none/at/all")));
  EXPECT_THAT(must(names(store())), IsEmpty());
  must(put(store(), "library/a", "a"));
  EXPECT_TRUE(fails_with(Errc::not_found, get(store(), "library")));
  EXPECT_TRUE(fails_with(Errc::not_found, store().stat({"library"}, {})));
  EXPECT_TRUE(fails_with(Errc::not_found, get(store(), "library/a/b")));
  EXPECT_TRUE(fails_with(Errc::not_found, get(store(), "library/A")));
}

TEST_P(ObjectStoreContract, NeverReplacesAnObject)
{
  must(put(store(), "library/a", "first", {{"who", "first"}}));
  for (const char* bytes : {"other", "first", ""}) {
    EXPECT_TRUE(fails_with(Errc::precondition_failed, put(store(), "library/a", bytes))) << bytes;
  }
  EXPECT_EQ(must(get(store(), "library/a")), "first");
  EXPECT_THAT(must(names(store())), ElementsAre("library/a"));
}

TEST_P(ObjectStoreContract, LetsOneOfManyRacingWritersWin)
{
  for (int round = 0; round < 5; ++round) {
    const std::string name = "library/race" + std::to_string(round);
    std::atomic<int> won = 0;
    std::atomic<int> refused = 0;
    std::string winner;
    {
      std::atomic<int> ready = 0;
      std::vector<std::jthread> threads;
      for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&, i] {
          const std::string bytes = random_bytes(50'000, static_cast<unsigned>(i));
          ++ready;
          while (ready < 8) std::this_thread::yield();
          const Result<ObjectInfo> info = put(store(), name, bytes);
          if (info) {
            ++won;
            winner = bytes;
          } else if (info.error().code == Errc::precondition_failed) {
            ++refused;
          }
        });
      }
    }
    EXPECT_EQ(won, 1);
    EXPECT_EQ(refused, 7);
    EXPECT_TRUE(must(get(store(), name)) == winner);
  }
}

TEST_P(ObjectStoreContract, RefusesBytesThatAreNotThoseAnnounced)
{
  NewObject wrong_crc = object("library/a", "content");
  wrong_crc.crc32c->value ^= 1U;
  NewObject too_short = object("library/a", "content");
  ++too_short.size;
  NewObject too_long = object("library/a", "content");
  --too_long.size;
  NewObject empty = object("library/a", "");
  for (const NewObject& bad : {wrong_crc, too_short, too_long, empty}) {
    MemorySource source(bytes_of("content"));
    EXPECT_TRUE(fails_with(Errc::corrupt, store().put(bad, source, {})));
    EXPECT_THAT(must(names(store())), IsEmpty());
    EXPECT_TRUE(fails_with(Errc::not_found, store().stat({"library/a"}, {})));
  }
  EXPECT_TRUE(ok(put(store(), "library/a", "content"))) << "the name is still free";
}

TEST_P(ObjectStoreContract, TakesBytesWhoseChecksumIsKnownOnlyAtTheirEnd)
{
  const std::size_t unit = std::size_t{256} * 1024;  // of parts of an upload
  for (const std::size_t size :
       {std::size_t{1}, unit - 1, unit, unit + 1, 3 * unit, 4 * unit + 7}) {
    const std::string name = "library/" + std::to_string(size);
    const std::string bytes = random_bytes(size, 1);
    for (const std::int64_t more : {-1, 1, 0}) {
      MemorySource memory(bytes_of(bytes));
      ChecksumSource source(memory);
      const auto announced = static_cast<std::uint64_t>(static_cast<std::int64_t>(size) + more);
      const Result<ObjectInfo> stored =
          store().put({.name = {name}, .size = announced, .checksum = &source}, source, {});
      if (more != 0) {
        EXPECT_TRUE(fails_with(Errc::corrupt, stored)) << size << ' ' << more;
        EXPECT_TRUE(fails_with(Errc::not_found, store().stat({name}, {})));
        continue;
      }
      ASSERT_TRUE(stored) << stored.error().message;
      EXPECT_EQ(stored->size, size);
      EXPECT_EQ(stored->crc32c, crc32c(bytes_of(bytes)));
      EXPECT_TRUE(must(get(store(), name)) == bytes);
    }
    MemorySource memory(bytes_of(bytes));
    ChecksumSource source(memory);
    EXPECT_TRUE(
        fails_with(Errc::precondition_failed,
                   store().put({.name = {name}, .size = size, .checksum = &source}, source, {})));
  }
}

TEST_P(ObjectStoreContract, StoresNothingOfASourceThatFails)
{
  TroubledSource source(
      [](std::size_t) -> Result<std::size_t> { return fail(Errc::io, "unreadable"); });
  NewObject big = object("library/a", std::string(10'000'000, 'x'));
  EXPECT_TRUE(fails_with(Errc::io, store().put(big, source, {})));
  EXPECT_THAT(must(names(store())), IsEmpty());
}

TEST_P(ObjectStoreContract, StoresNothingOnceItIsAskedToStop)
{
  std::stop_source stop;
  TroubledSource source([&](std::size_t n) -> Result<std::size_t> {
    stop.request_stop();
    return n;
  });
  NewObject big = object("library/a", std::string(10'000'000, 'x'));
  EXPECT_TRUE(fails_with(Errc::cancelled, store().put(big, source, stop.get_token())));
  EXPECT_THAT(must(names(store())), IsEmpty());

  must(put(store(), "library/b", random_bytes(3'000'000, 5)));
  EXPECT_TRUE(fails_with(Errc::cancelled, store().stat({"library/b"}, stop.get_token())));
  EXPECT_TRUE(
      fails_with(Errc::cancelled, get_small(store(), {"library/b"}, kSmall, stop.get_token())));
}

TEST_P(ObjectStoreContract, EndsAGetWithTheErrorOfItsSink)
{
  must(put(store(), "library/a", random_bytes(3'000'000, 6)));
  int calls = 0;
  const Result<> got = store().get({"library/a"},
                                   [&](ByteView) -> Result<> {
                                     ++calls;
                                     return fail(Errc::io, "disk full");
                                   },
                                   {});
  EXPECT_TRUE(fails_with(Errc::io, got));
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(fails_with(Errc::corrupt, get_small(store(), {"library/a"}, 1000, {})));
}

TEST_P(ObjectStoreContract, ShowsNothingOfAnObjectBeforeItsCommit)
{
  const std::string bytes = random_bytes(2'000'000, 2);
  std::unique_ptr<ObjectWriter> writer =
      must(store().create({"database/dump"}, {{"sha256", "x"}}, "application/gzip", {}));
  must(writer->write(bytes_of(bytes).first(1'000'000)));
  EXPECT_TRUE(fails_with(Errc::not_found, store().stat({"database/dump"}, {})));
  EXPECT_THAT(must(names(store())), IsEmpty());
  must(writer->write({}));
  must(writer->write(bytes_of(bytes).subspan(1'000'000)));
  const ObjectInfo info = must(writer->commit());
  EXPECT_EQ(info.name.value, "database/dump");
  EXPECT_EQ(info.size, bytes.size());
  EXPECT_EQ(info.crc32c, crc32c(bytes_of(bytes)));
  EXPECT_TRUE(must(get(store(), "database/dump")) == bytes);
  writer.reset();
  EXPECT_THAT(must(names(store())), ElementsAre("database/dump"));
}

TEST_P(ObjectStoreContract, ForgetsAnObjectThatWasNotCommitted)
{
  {
    const std::unique_ptr<ObjectWriter> writer =
        must(store().create({"database/dump"}, {}, "application/gzip", {}));
    must(writer->write(bytes_of("half")));
  }
  EXPECT_TRUE(fails_with(Errc::not_found, get(store(), "database/dump")));
  EXPECT_THAT(must(names(store())), IsEmpty());
  EXPECT_TRUE(ok(put(store(), "database/dump", "whole")));
}

TEST_P(ObjectStoreContract, CommitsAnEmptyObject)
{
  EXPECT_EQ(must(must(store().create({"database/empty"}, {}, "text/plain", {}))->commit()).size,
            0U);
  EXPECT_EQ(must(get(store(), "database/empty")), "");
}

TEST_P(ObjectStoreContract, NeverReplacesAnObjectByACommit)
{
  const std::unique_ptr<ObjectWriter> writer =
      must(store().create({"database/dump"}, {}, "application/gzip", {}));
  must(writer->write(bytes_of("late")));
  must(put(store(), "database/dump", "early"));
  EXPECT_TRUE(fails_with(Errc::precondition_failed, writer->commit()));
  EXPECT_EQ(must(get(store(), "database/dump")), "early");

  // If the name is taken from the start, create() or commit() may tell so.
  Result<std::unique_ptr<ObjectWriter>> second =
      store().create({"database/dump"}, {}, "application/gzip", {});
  if (second) {
    EXPECT_TRUE(fails_with(Errc::precondition_failed, (*second)->commit()));
  } else {
    EXPECT_TRUE(fails_with(Errc::precondition_failed, second));
  }
  EXPECT_EQ(must(get(store(), "database/dump")), "early");
}

TEST_P(ObjectStoreContract, ReplacesWhereItIsToldTo)
{
  MemorySource first(bytes_of("first"));
  const ObjectInfo made =
      must(store().replace(object("manifest.db", "first", {{"n", "1"}}), first, 0, {}));
  EXPECT_EQ(made.crc32c, crc32c(bytes_of("first")));
  EXPECT_EQ(must(get(store(), "manifest.db")), "first");
  const std::uint64_t generation = must(store().stat({"manifest.db"}, {})).generation;
  MemorySource second(bytes_of("the second"));
  must(store().replace(object("manifest.db", "the second"), second, generation, {}));
  EXPECT_EQ(must(get(store(), "manifest.db")), "the second");
  EXPECT_THAT(must(names(store())), ElementsAre("manifest.db"));

  MemorySource wrong(bytes_of("wrong"));
  EXPECT_TRUE(fails_with(Errc::corrupt,
                         store().replace(object("manifest.db", "other"), wrong, generation, {})));
  EXPECT_EQ(must(get(store(), "manifest.db")), "the second");

  if (!capabilities().features.replaces_by_generation) return;
  MemorySource stale(bytes_of("stale"));
  EXPECT_TRUE(fails_with(Errc::precondition_failed,
                         store().replace(object("manifest.db", "stale"), stale, generation, {})));
  MemorySource new_one(bytes_of("stale"));
  EXPECT_TRUE(fails_with(Errc::precondition_failed,
                         store().replace(object("manifest.db", "stale"), new_one, 0, {})));
  EXPECT_EQ(must(get(store(), "manifest.db")), "the second");
}

RemovableName removable(const std::string& name)
{
  const std::optional<RemovableName> removable = RemovableName::of({name});
  if (!removable) throw std::runtime_error(name + " may not be removed");
  return *removable;
}

TEST_P(ObjectStoreContract, RemovesAnObjectForGood)
{
  for (const char* name :
       {"database/2026-01-15T03-00-00-immich-v2.sql.gz", "manifest-20260115T030000Z.db",
        "manifest-20260115T030000Z.json", "runs/20260115T030000Z-0badcafe/begin.json",
        "runs/20260115T030000Z-0badcafe/end.json", "proofs/2026-01-15T03-00-00.json"})
    must(put(store(), name, "x"));
  must(put(store(), "library/upload/a.jpg", "photo"));
  must(store().remove(removable("manifest-20260115T030000Z.db"), {}));
  EXPECT_TRUE(fails_with(Errc::not_found, get(store(), "manifest-20260115T030000Z.db")));
  must(store().remove(removable("runs/20260115T030000Z-0badcafe/begin.json"), {}));
  EXPECT_THAT(must(names(*under_test().open_again())),
              ElementsAre("database/2026-01-15T03-00-00-immich-v2.sql.gz", "library/upload/a.jpg",
                          "manifest-20260115T030000Z.json", "proofs/2026-01-15T03-00-00.json",
                          "runs/20260115T030000Z-0badcafe/end.json"));
  for (const char* name :
       {"database/2026-01-15T03-00-00-immich-v2.sql.gz", "manifest-20260115T030000Z.json",
        "runs/20260115T030000Z-0badcafe/end.json", "proofs/2026-01-15T03-00-00.json"})
    must(store().remove(removable(name), {}));
  EXPECT_THAT(must(names(store())), ElementsAre("library/upload/a.jpg"));
  // The name can be given again.
  must(put(store(), "manifest-20260115T030000Z.db", "other"));
  EXPECT_EQ(must(get(store(), "manifest-20260115T030000Z.db")), "other");
}

TEST_P(ObjectStoreContract, IsSatisfiedThatWhatItIsToRemoveIsNotThere)
{
  EXPECT_TRUE(ok(store().remove(removable("database/none.sql.gz"), {})));
  must(put(store(), "database/some.sql.gz", "x"));
  EXPECT_TRUE(ok(store().remove(removable("database/some.sql.gz"), {})));
  EXPECT_TRUE(ok(store().remove(removable("database/some.sql.gz"), {})));
}

// remove() takes only a RemovableName, and only RemovableName::of makes one.
static_assert(!std::is_default_constructible_v<RemovableName>);
static_assert(!std::is_constructible_v<RemovableName, ObjectName>);
static_assert(!std::is_constructible_v<RemovableName, std::string>);
static_assert(!std::is_aggregate_v<RemovableName>);

TEST_P(ObjectStoreContract, CannotEvenBeToldToRemoveWhatTheLibraryHolds)
{
  for (const char* name : {"library/upload/a.jpg",
                           "versions/upload/a.jpg/00",
                           "hashed/00/00",
                           "manifest.db",
                           "manifest.json",
                           "library",
                           "versions/",
                           "database/../library/upload/a.jpg",
                           "runs/../library/upload/a.jpg",
                           "runs/./a",
                           "runs//a",
                           "database",
                           "database/",
                           "proofs/",
                           "manifest-x.db",
                           "manifest-20260115T030000Z.db/x",
                           "other",
                           "",
                           "/database/a",
                           "Database/a",
                           "library/database/a",
                           "library/manifest-20260115T030000Z.db"}) {
    EXPECT_FALSE(RemovableName::of({name})) << name;
  }
}

TEST_P(ObjectStoreContract, KeepsMetadata)
{
  if (const std::string reason = under_test().no_metadata_because(); !reason.empty())
    GTEST_SKIP() << reason;
  const Metadata metadata = {{"sha256", std::string(64, 'a')},
                             {"mtime", "2026-01-15T03:00:00.123456789Z"},
                             {"path", "2f757067"},
                             {"empty", ""},
                             {"odd", "a=b%c%41\nd f\xC3\xBCr"}};
  must(put(store(), "versions/a/1", "a", metadata));
  must(put(store(), "library/a", "a", metadata));
  const std::unique_ptr<ObjectWriter> writer =
      must(store().create({"database/a"}, metadata, "text/plain", {}));
  EXPECT_EQ(must(writer->commit()).metadata, metadata);
  for (const char* name : {"versions/a/1", "library/a", "database/a"}) {
    EXPECT_EQ(must(store().stat({name}, {})).metadata, metadata) << name;
  }
  const std::unique_ptr<ObjectCursor> cursor = must(store().list("", "", {}));
  for (const ObjectInfo& info : drain(cursor)) {
    if (info.name.value.starts_with(kLibraryPrefix) && !capabilities().lists_library_metadata)
      continue;
    EXPECT_EQ(info.metadata, metadata) << info.name.value;
  }
  for (const ObjectInfo& info : drain(must(store().list("", "", {}, ListedMetadata::of_all))))
    EXPECT_EQ(info.metadata, metadata) << info.name.value;
  EXPECT_EQ(drain(must(store().list("library/", "", {}, ListedMetadata::of_all))).at(0).metadata,
            metadata);
}

TEST_P(ObjectStoreContract, KeepsAContentEncodingOrRefusesIt)
{
  EXPECT_EQ(store().features(), capabilities().features);
  const std::string bytes = "\x1f\x8b, as it were";
  NewObject encoded = object("manifest-20260115T030000Z.db", bytes);
  encoded.content_encoding = "gzip";
  NewObject copy = encoded;
  copy.name = {"manifest.db"};
  MemorySource source(bytes_of(bytes));
  const Result<ObjectInfo> put = store().put(encoded, source, {});
  must(source.seek(0));
  const Result<ObjectInfo> replaced = store().replace(copy, source, 0, {});
  if (!capabilities().features.keeps_encodings) {
    EXPECT_TRUE(fails_with(Errc::invalid, put));
    EXPECT_TRUE(fails_with(Errc::invalid, replaced));
    EXPECT_THAT(must(names(store())), IsEmpty());
    return;
  }
  for (const NewObject& stored : {encoded, copy}) {
    EXPECT_EQ(must(get(store(), stored.name.value)), bytes);
    const ObjectInfo there = must(store().stat(stored.name, {}));
    EXPECT_EQ(there.size, bytes.size());
    EXPECT_EQ(there.crc32c, crc32c(bytes_of(bytes)));
  }
}

TEST_P(ObjectStoreContract, ListsWithSizesAndWithChecksumsWhereItSaysSo)
{
  EXPECT_EQ(store().features(), capabilities().features);
  must(put(store(), "library/a", "12345"));
  must(put(store(), "manifest.json", ""));
  const std::unique_ptr<ObjectCursor> cursor = must(store().list("", "", {}));
  const std::vector<ObjectInfo> listed = drain(cursor);
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0].size, 5U);
  EXPECT_EQ(listed[1].size, 0U);
  if (capabilities().features.lists_checksums) {
    EXPECT_EQ(listed[0].crc32c, crc32c(bytes_of("12345")));
  }
  EXPECT_EQ(must(cursor->next()), std::nullopt) << "the end stays the end";
}

TEST_P(ObjectStoreContract, ListsRandomNamesInByteOrderFromAnyPrefixAndStart)
{
  std::mt19937 random(7);
  const std::vector<std::string> components = {"a", "a-b",      "a.b", "a0", "b",
                                               "A", "\xC3\xBC", "a b", ".x"};
  std::set<std::string> stored;
  for (int i = 0; i < 120; ++i) {
    std::string name;
    const std::size_t depth = 1 + random() % 4;
    for (std::size_t k = 0; k < depth; ++k)
      name += (k > 0 ? "/" : "") + components[random() % components.size()];
    const Result<ObjectInfo> info = put(store(), name, name);
    if (info) {
      EXPECT_TRUE(stored.insert(name).second) << name;
    } else {
      ASSERT_TRUE(capabilities().has_folders || stored.contains(name)) << name;
    }
  }
  ASSERT_GT(stored.size(), 30U);
  std::vector<std::string> points = {"",    "a",    "a-",     "a/",  "a/a", "a-b/", "a0",  "b/",
                                     "zzz", "\xC3", "a/a-b/", "A/b", "/",   "//",   "a//", "a/."};
  for (const std::string& name : stored) {
    if (random() % 8 == 0) points.push_back(name);
    if (random() % 8 == 0) points.push_back(name.substr(0, random() % name.size()));
    if (random() % 8 == 0) points.push_back(name + "0");
  }
  for (const std::string& prefix : points) {
    for (const std::string& start : points) {
      std::vector<std::string> expected;
      for (const std::string& name : stored) {
        if (name.starts_with(prefix) && name >= start) expected.push_back(name);
      }
      ASSERT_EQ(must(names(store(), prefix, start)), expected)
          << "prefix '" << prefix << "', start '" << start << "'";
    }
  }
}

TEST_P(ObjectStoreContract, RefusesANameThatIsAFolderOfOthers)
{
  if (!capabilities().has_folders)
    GTEST_SKIP() << "this store has no folders: \"a\" and \"a/b\" are both free";
  must(put(store(), "library/a/b", "b"));
  must(put(store(), "library/c", "c"));
  for (const char* name : {"library/a", "library/c/d", "library/c/d/e"}) {
    const Result<ObjectInfo> refused = put(store(), name, "x");
    ASSERT_FALSE(refused) << name;
    EXPECT_TRUE(refused.error().code == Errc::precondition_failed ||
                refused.error().code == Errc::invalid)
        << name << ": " << to_string(refused.error().code);
    const Result<std::unique_ptr<ObjectWriter>> writer =
        store().create({name}, {}, "text/plain", {});
    EXPECT_TRUE(!writer && (writer.error().code == Errc::precondition_failed ||
                            writer.error().code == Errc::invalid))
        << name;
    EXPECT_TRUE(fails_with(Errc::not_found, get(store(), name))) << name;
  }
  EXPECT_THAT(must(names(store())), ElementsAre("library/a/b", "library/c"));
  EXPECT_EQ(must(get(store(), "library/c")), "c");
}

TEST_P(ObjectStoreContract, RefusesNamesThatNoStoreHolds)
{
  for (const std::string& name :
       {std::string(), std::string(".."), std::string("../outside"), std::string("a/../../outside"),
        std::string("/a"), std::string("a/"), std::string("a//b"), std::string("a\nb"),
        std::string("a\rb"), std::string("\xFF"), std::string("a\0b", 3), std::string(1025, 'x')}) {
    EXPECT_TRUE(fails_with(Errc::invalid, put(store(), name, "x"))) << name;
    EXPECT_TRUE(fails_with(Errc::invalid, store().create({name}, {}, "text/plain", {}))) << name;
    MemorySource source(bytes_of("x"));
    EXPECT_TRUE(fails_with(Errc::invalid, store().replace(object(name, "x"), source, 0, {})))
        << name;
    EXPECT_FALSE(get(store(), name)) << name;
    EXPECT_FALSE(store().stat({name}, {})) << name;
  }
  EXPECT_THAT(must(names(store())), IsEmpty());
}

TEST_P(ObjectStoreContract, HoldsLongAndOddNames)
{
  std::string long_name = "library";
  for (const std::size_t n : {255U, 255U, 255U, 120U}) long_name += "/" + std::string(n, 'n');
  const std::vector<std::string> odd = {
      long_name,     "library/ ",  "library/[*]?#", "library/a:b", "library/\xF0\x9F\x93\xB7",
      "library/-rf", "library/..."};
  for (const std::string& name : odd) {
    must(put(store(), name, name));
    EXPECT_EQ(must(get(store(), name)), name);
  }
  EXPECT_EQ(must(names(store())).size(), odd.size());
  const std::size_t too_long = capabilities().longest_component + 1;
  if (too_long == 0 || too_long > 1000) return;
  for (const std::string& name :
       {"library/" + std::string(too_long, 'n'), "library/" + std::string(too_long, 'n') + "/a"}) {
    EXPECT_TRUE(fails_with(Errc::invalid, put(store(), name, "x")));
    EXPECT_FALSE(get(store(), name));
  }
  EXPECT_EQ(must(names(store())).size(), odd.size());
}

TEST_P(ObjectStoreContract, ServesManyThreadsAtOnce)
{
  std::atomic<int> failures = 0;
  {
    std::vector<std::jthread> threads;
    for (unsigned t = 0; t < 6; ++t) {
      threads.emplace_back([&, t] {
        for (unsigned i = 0; i < 10; ++i) {
          const std::string name = "library/" + std::to_string(i) + "/" + std::to_string(t);
          const std::string bytes = random_bytes(10'000, t * 100 + i);
          if (!put(store(), name, bytes)) ++failures;
          const Result<std::string> back = get(store(), name);
          if (!back || *back != bytes) ++failures;
          if (!names(store(), "library/" + std::to_string(i) + "/")) ++failures;
        }
      });
    }
  }
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(must(names(store())).size(), 60U);
}

TEST_P(ObjectStoreContract, HasAClock)
{
  EXPECT_GT(must(store().now({})), at(1'700'000'000));
}

TEST_P(ObjectStoreContract, DescribesItselfAndChangesNothing)
{
  const StoreDescription description = must(inspector().describe({}));
  EXPECT_NE(description.bucket.has_value(), description.folder.has_value());
  const StoreAccess access = must(inspector().access({}));
  EXPECT_TRUE(access.create && access.list && access.read);
  EXPECT_THAT(must(names(store())), IsEmpty());
  ASSERT_TRUE(put(store(), "library/a", "a"));
  EXPECT_TRUE(inspector().describe({}));
  EXPECT_THAT(must(names(store())), ElementsAre("library/a"));
}

}  // namespace
}  // namespace ib::test
