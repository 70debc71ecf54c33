// SPDX-License-Identifier: Apache-2.0
#include "manifest/manifest.hpp"

#include "core/planning/plan.hpp"
#include "core/records/file_record.hpp"
#include "manifest/sqlite.hpp"
#include "support/builders.hpp"
#include "support/temp_dir.hpp"
#include "sys/file.hpp"

#include <algorithm>
#include <map>
#include <random>

namespace ib::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

FileRecord gone(FileRecord record)
{
  record.archived = true;
  return record;
}

FileRecord stored_at(FileRecord record, std::string object)
{
  record.object = ObjectName{std::move(object)};
  return record;
}

std::vector<FileRecord> rows(const Manifest& manifest)
{
  const std::unique_ptr<RecordCursor> cursor = must(manifest.records());
  return drain(cursor);
}

/// "path=object" of each file at an instant.
std::vector<std::string> files_at(const Manifest& manifest, std::int64_t seconds)
{
  const std::unique_ptr<RecordCursor> cursor = must(manifest.records_at(at(seconds)));
  std::vector<std::string> files;
  for (const FileRecord& record : drain(cursor))
    files.push_back(record.path + "=" + record.object_name().value);
  return files;
}

class Manifests : public testing::Test {
protected:
  std::string file(const std::string& name) const { return dir.file(name); }
  Manifest create() { return must(Manifest::create(file("m" + std::to_string(number_++)))); }
  /// What a store would hold of it.
  std::string packed(Manifest& manifest)
  {
    const std::string path = file("packed" + std::to_string(number_++));
    must(manifest.pack(path));
    return path;
  }

  TempDir dir;

private:
  int number_ = 0;
};

TEST_F(Manifests, AreEmptyAtFirst)
{
  const Manifest manifest = create();
  EXPECT_THAT(rows(manifest), IsEmpty());
  EXPECT_FALSE(manifest.changed());
  EXPECT_EQ(must(manifest.metadata("version")), "3.0");
  EXPECT_EQ(must(manifest.metadata("none")), std::nullopt);
  EXPECT_EQ(must(manifest.find("/a")), std::nullopt);
}

TEST_F(Manifests, KeepEveryFieldOfARecord)
{
  FileRecord record = file_record("/upload/a.jpg", "content", 1'700'000'000, -1'500'000'000);
  record.recheck = true;
  record.object = ObjectName{"versions/x/y"};
  record.content.crc32c.value = 0xFFFFFFFF;
  record.content.size = 5'000'000'000'000;
  std::string stored;
  {
    Manifest manifest = create();
    must(manifest.record(record));
    EXPECT_TRUE(manifest.changed());
    must(manifest.set_metadata("immich_version", "v2.3.1"));
    stored = packed(manifest);
  }
  const Manifest manifest = must(Manifest::open(stored, "manifest"));
  const FileRecord found = must(manifest.find("/upload/a.jpg")).value();
  EXPECT_EQ(found.path, record.path);
  EXPECT_EQ(found.content, record.content);
  EXPECT_EQ(found.mtime_ns, record.mtime_ns);
  EXPECT_TRUE(found.recheck);
  EXPECT_FALSE(found.archived);
  EXPECT_EQ(found.since, record.since);
  EXPECT_EQ(found.object, record.object);
  EXPECT_EQ(must(manifest.metadata("immich_version")), "v2.3.1");
  EXPECT_FALSE(manifest.changed());
}

TEST_F(Manifests, AreReadInByteOrderWhateverThePathsAre)
{
  std::vector<std::string> paths = {"/a",
                                    "/a-b",
                                    "/a/b",
                                    "/a0",
                                    "/A",
                                    "/a.b/c",
                                    "/with\nnewline",
                                    "/quotes'\"\\",
                                    "/\xFF\xFE",
                                    "/ ",
                                    "/%",
                                    "/\xC3\xBC",
                                    "/x; DROP TABLE files",
                                    "/-",
                                    "/" + std::string(4000, 'l')};
  Manifest manifest = create();
  for (const std::string& path : paths) must(manifest.record(file_record(path, path)));
  std::ranges::sort(paths);
  std::vector<std::string> read;
  for (const FileRecord& record : rows(manifest)) {
    read.push_back(record.path);
    EXPECT_EQ(record.content, content_of(record.path));
    EXPECT_EQ(record.object_name().value, "library" + record.path);
  }
  EXPECT_EQ(read, paths);
  for (const std::string& path : paths) EXPECT_TRUE(must(manifest.find(path))) << path;
}

TEST_F(Manifests, LoseAllChangesOfAGroupThatWasNotCommitted)
{
  {
    Manifest manifest = must(Manifest::create(file("m")));
    must(manifest.record(file_record("/kept", "x")));
    must(manifest.commit());
    must(manifest.record(file_record("/lost", "x")));
  }
  const Manifest manifest = must(Manifest::open(file("m"), "manifest"));
  EXPECT_TRUE(must(manifest.find("/kept")));
  EXPECT_FALSE(must(manifest.find("/lost")));
}

TEST_F(Manifests, TellTheFilesOfEveryInstantOfALife)
{
  Manifest manifest = create();
  must(manifest.record(file_record("/a", "one", 10)));
  must(manifest.record(file_record("/b", "bee", 10)));
  must(manifest.record(stored_at(file_record("/a", "two", 20), "versions/a/two")));  // changed
  must(manifest.begin_plan());
  must(manifest.plan_archive("/b"));  // gone
  EXPECT_EQ(must(manifest.archive_planned(at(30))), 1U);
  must(manifest.record(stored_at(file_record("/b", "bee", 40), "library/b")));  // back
  must(manifest.record(gone(stored_at(file_record("/a", "two", 50), "versions/a/two"))));
  must(manifest.record(stored_at(file_record("/c", "two", 50), "versions/a/two")));  // moved
  const std::map<std::int64_t, std::vector<std::string>> life = {
      {9, {}},
      {10, {"/a=library/a", "/b=library/b"}},
      {19, {"/a=library/a", "/b=library/b"}},
      {20, {"/a=versions/a/two", "/b=library/b"}},
      {29, {"/a=versions/a/two", "/b=library/b"}},
      {30, {"/a=versions/a/two"}},
      {39, {"/a=versions/a/two"}},
      {40, {"/a=versions/a/two", "/b=library/b"}},
      {49, {"/a=versions/a/two", "/b=library/b"}},
      {50, {"/b=library/b", "/c=versions/a/two"}},
      {99, {"/b=library/b", "/c=versions/a/two"}},
  };
  for (const auto& [seconds, files] : life)
    EXPECT_EQ(files_at(manifest, seconds), files) << seconds;
  const Manifest reopened = must(Manifest::open(packed(manifest), "manifest"));
  for (const auto& [seconds, files] : life)
    EXPECT_EQ(files_at(reopened, seconds), files) << seconds;

  const FileCounts counts = must(manifest.counts());
  EXPECT_EQ(counts.files, 2U);
  EXPECT_EQ(counts.bytes, 6U);
  EXPECT_EQ(counts.archived, 1U);
  EXPECT_EQ(counts.archived_bytes, 3U);
  EXPECT_EQ(counts.versions, 1U);
}

TEST_F(Manifests, MakeNoHistoryOfWhatARestoreNeedNotKnow)
{
  Manifest manifest = create();
  must(manifest.record(file_record("/a", "x", 10, 1)));
  must(manifest.record(file_record("/a", "x", 20, 2)));  // read again: only the time differs
  const FileRecord record = must(manifest.find("/a")).value();
  EXPECT_EQ(record.since, at(10));
  EXPECT_EQ(record.mtime_ns, 2);
  EXPECT_THAT(files_at(manifest, 10), ElementsAre("/a=library/a"));

  must(manifest.record(stored_at(file_record("/b", "x", 20), "library/b")));
  EXPECT_EQ(must(manifest.find("/b"))->object, std::nullopt) << "the derived name takes no bytes";
}

TEST_F(Manifests, ReplaceAStateThatBeganAtTheSameInstant)
{
  Manifest manifest = create();
  must(manifest.record(file_record("/a", "first", 10)));
  must(manifest.record(stored_at(file_record("/a", "second", 10), "versions/a/2")));
  EXPECT_THAT(files_at(manifest, 10), ElementsAre("/a=versions/a/2"));
  EXPECT_THAT(files_at(manifest, 9), IsEmpty());
}

TEST_F(Manifests, KeepTheBeginningOfAStateThatIsTouched)
{
  Manifest manifest = create();
  must(manifest.record(file_record("/a", "x", 10, 1)));
  must(manifest.touch("/a", 77, true));
  const FileRecord record = must(manifest.find("/a")).value();
  EXPECT_EQ(record.mtime_ns, 77);
  EXPECT_TRUE(record.recheck);
  EXPECT_EQ(record.since, at(10));
  EXPECT_EQ(record.content, content_of("x"));
}

TEST_F(Manifests, ArchiveWhatWasPlannedAndNothingTwice)
{
  Manifest manifest = create();
  for (const char* path : {"/a", "/b", "/c"}) must(manifest.record(file_record(path, path, 10)));
  must(manifest.record(gone(file_record("/c", "/c", 15))));
  must(manifest.begin_plan());
  must(manifest.plan_archive("/b"));
  must(manifest.plan_archive("/c"));
  must(manifest.plan_archive("/unknown"));
  EXPECT_EQ(must(manifest.archive_planned(at(20))), 1U);
  EXPECT_EQ(must(manifest.find("/c"))->since, at(15));
  EXPECT_THAT(files_at(manifest, 20), ElementsAre("/a=library/a"));
  EXPECT_THAT(files_at(manifest, 19), ElementsAre("/a=library/a", "/b=library/b"));
}

TEST_F(Manifests, KnowWhichPathsHaveLostTheirOwnName)
{
  Manifest manifest = create();
  must(manifest.record(stored_at(file_record("/library/b", "b", 10), "library/upload/b")));
  must(manifest.index_contents());
  must(manifest.record(file_record("/upload/a", "a", 10)));
  must(manifest.record(gone(file_record("/upload/c", "c", 10))));
  EXPECT_TRUE(must(manifest.is_own_name_taken("/upload/a")));
  EXPECT_TRUE(must(manifest.is_own_name_taken("/upload/b"))) << "stored before it moved";
  EXPECT_TRUE(must(manifest.is_own_name_taken("/upload/c")));
  EXPECT_FALSE(must(manifest.is_own_name_taken("/library/b")));
  must(manifest.record(stored_at(file_record("/library/b", "other", 20), "versions/b/1")));
  EXPECT_TRUE(must(manifest.is_own_name_taken("/upload/b"))) << "for ever";
}

TEST_F(Manifests, TakeNoMoreMemoryForMoreRows)
{
  // A first backup of many files, and then a move of all of them, as the runs do it.
  const auto peak_mib = [](auto work) {
    static_cast<void>(sqlite3_memory_highwater(1));
    work();
    return sqlite3_memory_highwater(0) / (1024 * 1024);
  };
  constexpr unsigned kRows = 120'000;
  constexpr int kMostMib =
      44;  // a cache of 16, as much again while an index is made, the plan's, SQLite's own
  std::mt19937 random(1);
  const auto write_all = [&](Manifest& manifest, std::int64_t since, const std::string& folder) {
    FileRecord record = file_record("", "x", since);
    for (unsigned i = 0; i < kRows; ++i) {
      record.path = folder + std::to_string(kRows + i) + std::string(70, 'x');
      for (std::byte& byte : record.content.sha256.bytes)
        byte = static_cast<std::byte>(random() & 0xFFU);
      must(manifest.record(record));
    }
  };
  Manifest manifest = create();
  EXPECT_LT(peak_mib([&] {
              must(manifest.begin_plan());
              must(manifest.index_contents());
              write_all(manifest, 10, "/upload/");
              must(manifest.pack(file("first")));
            }),
            kMostMib);
  Manifest next = must(Manifest::open(file("first"), "first"));
  EXPECT_LT(peak_mib([&] {
              must(next.begin_plan());
              {
                const std::unique_ptr<RecordCursor> cursor = must(next.records());
                while (const std::optional<FileRecord> record = must(cursor->next()))
                  must(next.plan_archive(record->path));
              }
              must(next.index_contents());
              write_all(next, 20, "/library/");
              EXPECT_EQ(must(next.archive_planned(at(20))), kRows);
              must(next.pack(file("moved")));
            }),
            kMostMib);
}

TEST_F(Manifests, SpoolThePlanWhileTheyAreRead)
{
  Manifest manifest = create();
  for (const char* path : {"/a", "/b", "/c"}) must(manifest.record(file_record(path, path, 10)));
  must(manifest.begin_plan());
  must(manifest.commit());
  {
    const std::unique_ptr<RecordCursor> cursor = must(manifest.records());
    while (const std::optional<FileRecord> record = must(cursor->next())) {
      must(manifest.plan_read({.file = source_file(record->path, "new", 5),
                               .reason = ReadReason::mtime_differs,
                               .known = record}));
    }
    must(
        manifest.plan_read({.file = source_file("/B", "new"), .reason = ReadReason::unknown_path}));
  }
  std::vector<std::string> order;
  for (const auto which : {Manifest::Planned::new_files, Manifest::Planned::known_files}) {
    const std::unique_ptr<Manifest::PlannedReads> planned = must(manifest.planned_reads(which));
    while (const std::optional<FileToRead> item = must(planned->next())) {
      order.push_back(item->file.path);
      EXPECT_EQ(item->file.size, 3U);
      EXPECT_EQ(item->known.has_value(), item->file.path != "/B");
      EXPECT_EQ(item->reason, item->known ? ReadReason::mtime_differs : ReadReason::unknown_path);
      must(manifest.record(
          file_record(item->file.path, "new", 20)));  // results come in while the plan is read
    }
  }
  EXPECT_THAT(order, ElementsAre("/B", "/a", "/b", "/c"));
  EXPECT_EQ(rows(manifest).size(), 4U);
}

TEST_F(Manifests, FindContentInThePresentAndInThePast)
{
  Manifest manifest = create();
  must(manifest.record(file_record("/a", "old", 10)));
  must(manifest.record(stored_at(file_record("/a", "new", 20), "versions/a/new")));
  must(manifest.record(gone(file_record("/b", "gone", 10))));
  must(manifest.record(gone(file_record("/d1", "twice", 10))));
  must(manifest.record(stored_at(file_record("/d2", "twice", 10), "library/d1")));
  must(manifest.index_contents());
  must(manifest.index_contents());
  const auto find = [&](std::string_view bytes) {
    return must(manifest.find_content(content_of(bytes).sha256));
  };
  EXPECT_EQ(find("new")->name.value, "versions/a/new");
  EXPECT_EQ(find("new")->content, content_of("new"));
  EXPECT_FALSE(find("new")->leaving);
  EXPECT_EQ(find("old")->name.value, "library/a");
  EXPECT_TRUE(find("old")->leaving) << "the path has something else now";
  EXPECT_EQ(find("gone")->name.value, "library/b");
  EXPECT_TRUE(find("gone")->leaving);
  EXPECT_EQ(find("twice")->name.value, "library/d1");
  EXPECT_FALSE(find("twice")->leaving) << "one of two paths that rely on it is there";
  EXPECT_FALSE(find("never"));
  must(manifest.record(file_record("/z", "never", 30)));
  EXPECT_EQ(find("never")->name.value, "library/z");
}

TEST_F(Manifests, FindAnObjectOfTheLibraryBeforeOneThatIsGone)
{
  Manifest manifest = create();
  must(manifest.record(gone(file_record("/a", "x", 10))));
  must(manifest.record(file_record("/b", "x", 10)));
  must(manifest.record(file_record("/c", "other", 10)));
  must(manifest.index_contents());
  EXPECT_EQ(must(manifest.find_content(content_of("x").sha256))->name.value, "library/b");
  EXPECT_TRUE(must(manifest.is_claimed(file_record("/a", "x"))));
  EXPECT_FALSE(must(manifest.is_claimed(file_record("/c", "x")))) << "which holds something else";
}

TEST_F(Manifests, NameEachObjectOnceAndInOrder)
{
  Manifest manifest = create();
  must(manifest.record(file_record("/b", "b", 10)));
  must(manifest.record(file_record("/a", "old", 10)));
  must(manifest.record(stored_at(file_record("/a", "new", 20), "versions/a/new")));
  must(manifest.record(stored_at(file_record("/copy", "new", 20), "versions/a/new")));
  must(manifest.record(gone(file_record("/b", "b", 30))));
  must(manifest.record(file_record("/\xFF", "odd", 30)));
  const std::unique_ptr<StoredContentCursor> cursor = must(manifest.stored_contents());
  std::vector<std::string> names;
  for (const StoredContent& stored : drain(cursor)) {
    names.push_back(stored.name.value);
    if (stored.name.value == "library/a") {
      EXPECT_EQ(stored.content, content_of("old"));
    }
    if (stored.name.value == "versions/a/new") {
      EXPECT_EQ(stored.content, content_of("new"));
    }
  }
  EXPECT_THAT(names, ElementsAre("library/a", "library/b", "library/\xFF", "versions/a/new"));
}

// --- Heads that did not know of each other ---

class MergedManifests : public Manifests {
protected:
  /// A manifest with these records, one after the other; its packed file.
  std::string head(const std::vector<FileRecord>& records)
  {
    Manifest manifest = create();
    for (const FileRecord& record : records) must(manifest.record(record));
    return packed(manifest);
  }

  Manifest merged(const std::string& into, const std::string& other)
  {
    static int number = 0;
    const std::string copy = "copy" + std::to_string(number++);
    dir.write_file(copy, dir.read_file(into.substr(dir.path().size() + 1)));
    Manifest manifest = must(Manifest::open(file(copy), "manifest"));
    must(manifest.merge(other));
    return manifest;
  }

  static std::vector<std::string> described(const Manifest& manifest)
  {
    std::vector<std::string> lines;
    for (const FileRecord& r : rows(manifest)) {
      lines.push_back(r.path + " " + r.content.sha256.hex().substr(0, 8) + " " +
                      std::to_string(r.archived) + " " + r.object_name().value + " " +
                      format_iso(r.since) + " " + std::to_string(r.mtime_ns) + " " +
                      std::to_string(r.recheck));
    }
    return lines;
  }
};

TEST_F(MergedManifests, HoldWhatEitherHeld)
{
  const std::string a = head({file_record("/both", "x", 10), file_record("/a", "a", 20)});
  const std::string b = head({file_record("/both", "x", 10), file_record("/b", "b", 30)});
  const Manifest manifest = merged(a, b);
  EXPECT_THAT(files_at(manifest, 40),
              ElementsAre("/a=library/a", "/b=library/b", "/both=library/both"));
  EXPECT_TRUE(manifest.changed());
  EXPECT_THAT(files_at(manifest, 10), ElementsAre("/both=library/both"));
}

TEST_F(MergedManifests, KeepTheLaterStateAndRememberTheEarlier)
{
  const FileRecord parent = file_record("/f", "parent", 5);
  const std::string a = head({parent, stored_at(file_record("/f", "from a", 10), "versions/f/a")});
  const std::string b = head({parent, stored_at(file_record("/f", "from b", 12), "versions/f/b")});
  for (const auto& [into, other] : {std::pair(a, b), std::pair(b, a)}) {
    const Manifest manifest = merged(into, other);
    EXPECT_THAT(files_at(manifest, 12), ElementsAre("/f=versions/f/b"));
    EXPECT_THAT(files_at(manifest, 5), ElementsAre("/f=library/f"));
    EXPECT_THAT(files_at(manifest, 11), ElementsAre("/f=versions/f/a"))
        << "each path once, in its newest state";
    const std::unique_ptr<StoredContentCursor> cursor = must(manifest.stored_contents());
    EXPECT_EQ(drain(cursor).size(), 3U) << "no object is forgotten";
  }
}

TEST_F(MergedManifests, ChangeNothingWhenTheyAreTheSame)
{
  const std::string a =
      head({file_record("/a", "x", 10), stored_at(file_record("/a", "y", 20), "versions/a/y"),
            gone(file_record("/b", "z", 10))});
  const Manifest manifest = merged(a, a);
  EXPECT_FALSE(manifest.changed());
  EXPECT_EQ(described(manifest), described(must(Manifest::open(a, "a"))));
}

TEST_F(MergedManifests, DoNotDependOnTheOrder)
{
  // All pairs of states that two runs may leave of one path, at the same second too.
  std::vector<std::vector<FileRecord>> lives;
  for (const std::int64_t second : {10, 11}) {
    for (const char* bytes : {"x", "y"}) {
      for (const bool archived : {false, true}) {
        for (const char* object : {"library/f", "versions/f/1"}) {
          for (const std::int64_t mtime : {1, 2}) {
            if (mtime == 2 && (second == 11 || archived)) continue;  // enough, and half the time
            FileRecord record = stored_at(file_record("/f", bytes, second, mtime), object);
            record.archived = archived;
            lives.push_back({file_record("/f", "parent", 5), record});
          }
        }
      }
    }
  }
  lives.push_back({});
  lives.push_back({file_record("/f", "parent", 5)});
  std::vector<std::string> heads;
  for (const auto& life : lives) heads.push_back(head(life));
  for (std::size_t i = 0; i < heads.size(); ++i) {
    for (std::size_t k = i; k < heads.size(); ++k) {
      const Manifest one = merged(heads[i], heads[k]);
      const Manifest other = merged(heads[k], heads[i]);
      ASSERT_EQ(described(one), described(other)) << i << ", " << k;
      for (const std::int64_t second : {5, 9, 10, 11, 12}) {
        ASSERT_EQ(files_at(one, second), files_at(other, second))
            << i << ", " << k << " at " << second;
        ASSERT_LE(files_at(one, second).size(), 1U) << i << ", " << k << " at " << second;
      }
    }
  }
}

TEST_F(MergedManifests, SurviveAHeadThatCannotBeRead)
{
  dir.write_file("garbage",
                 "this is no database, but it is longer than a header. " + std::string(2000, 'x'));
  Manifest manifest = create();
  must(manifest.record(file_record("/a", "a", 10)));
  {
    const Database db =
        must(open_database(file("stranger"), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "test"));
    must(
        execute(db.get(), "CREATE TABLE files(file_path TEXT PRIMARY KEY, checksum TEXT)", "test"));
  }
  EXPECT_FALSE(manifest.merge(file("garbage")));
  EXPECT_FALSE(manifest.merge(file("stranger")));
  EXPECT_THAT(files_at(manifest, 10), ElementsAre("/a=library/a"));
  EXPECT_TRUE(ok(manifest.merge(head({file_record("/b", "b", 10)}))))
      << "the next head is merged all the same";
  EXPECT_THAT(files_at(manifest, 10), ElementsAre("/a=library/a", "/b=library/b"));
}

TEST_F(Manifests, FindAnObjectOfKnownChecksumBeforeOneThatMayHoldSomethingElse)
{
  FileRecord taken_over = file_record("/a", "x", 10);
  taken_over.content.has_sha1 = taken_over.content.has_crc32c = false;
  for (const bool gathered_before : {false, true}) {
    Manifest manifest = create();
    must(manifest.record(taken_over));
    must(manifest.index_contents());
    const auto found = [&] {
      return must(manifest.find_content(content_of("x").sha256))->name.value;
    };
    if (gathered_before) {
      EXPECT_EQ(found(), "library/a");
    }
    must(manifest.record(stored_at(file_record("/a", "x", 20), "versions/a/x")));
    EXPECT_EQ(found(), "versions/a/x") << "a copy of it need not be sent again";
  }
}

TEST_F(MergedManifests, IndexContentsAnewAfterAMergeAndAfterRowsWereDropped)
{
  Manifest manifest = create();
  must(manifest.record(file_record("/a", "a", 10)));
  must(manifest.index_contents());
  must(manifest.merge(head({file_record("/b", "b", 10)})));
  must(manifest.index_contents());
  EXPECT_TRUE(must(manifest.find_content(content_of("b").sha256)));
  EXPECT_EQ(must(manifest.forget_object({"library/b"})), 1U);
  must(manifest.index_contents());
  EXPECT_FALSE(must(manifest.find_content(content_of("b").sha256)));
  EXPECT_TRUE(must(manifest.find_content(content_of("a").sha256)));
}

// --- Packed files ---

TEST_F(Manifests, ArePackedWithoutPlanAndIndexes)
{
  Manifest manifest = create();
  for (int i = 0; i < 500; ++i)
    must(manifest.record(file_record("/f" + std::to_string(i), std::to_string(i), 10)));
  must(manifest.index_contents());
  must(manifest.commit());
  must(manifest.begin_plan());
  must(manifest.plan_archive("/f1"));
  const std::string path = packed(manifest);
  const Database db = must(open_database(path, SQLITE_OPEN_READONLY, "test"));
  Statement check = must(Statement::prepare(db.get(), "PRAGMA integrity_check"));
  ASSERT_TRUE(must(check.step()));
  EXPECT_EQ(check.text(0), "ok");
  Statement schema = must(Statement::prepare(
      db.get(), "SELECT group_concat(name) FROM (SELECT name FROM sqlite_schema ORDER BY name)"));
  ASSERT_TRUE(must(schema.step()));
  EXPECT_EQ(schema.text(0), "files,history,manifest_metadata");

  must(manifest.index_contents());
  EXPECT_TRUE(must(manifest.find_content(content_of("7").sha256))) << "it can be used on";
  EXPECT_FALSE(manifest.pack(path)) << "and overwrites nothing";
}

TEST_F(Manifests, ThatAreDamagedAreNeverReadInSilence)
{
  std::string whole;
  {
    Manifest manifest = create();
    for (int i = 0; i < 300; ++i)
      must(manifest.record(file_record("/folder/" + std::to_string(i), std::to_string(i), 10)));
    const std::string path = packed(manifest);
    whole = dir.read_file(path.substr(dir.path().size() + 1));
  }
  ASSERT_GT(whole.size(), 20'000U);
  int number = 0;
  // How many rows can be read to the end; nothing where an error says that not all can.
  const auto readable = [&](const std::string& bytes) -> Result<std::size_t> {
    const std::string name = "damaged" + std::to_string(number++);
    dir.write_file(name, bytes);
    const Manifest manifest = TRY(Manifest::open(file(name), "manifest-x.db"));
    const std::unique_ptr<RecordCursor> cursor = TRY(manifest.records());
    std::size_t n = 0;
    while (TRY(cursor->next())) ++n;
    return n;
  };
  ASSERT_EQ(must(readable(whole)), 300U);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{50}, std::size_t{100}, std::size_t{1000},
        std::size_t{4096}, std::size_t{8192}, whole.size() / 2, whole.size() - 4096}) {
    EXPECT_TRUE(fails_with(Errc::corrupt, readable(whole.substr(0, size)))) << size;
  }
  // The heads of pages: what SQLite itself can see. A flip inside of a value is found by the
  // SHA-256 alone.
  for (std::size_t page = 0; page < whole.size(); page += 16384) {
    std::string damaged = whole;
    for (std::size_t i = 0; i < 16; ++i)
      damaged[page + i] = static_cast<char>(~static_cast<unsigned char>(damaged[page + i]));
    EXPECT_TRUE(fails_with(Errc::corrupt, readable(damaged))) << page;
  }
  // Anywhere: an error, or as many rows as before, and no crash.
  std::mt19937 random(1);
  for (int i = 0; i < 60; ++i) {
    std::string damaged = whole;
    const std::size_t place = 100 + random() % (whole.size() - 100);
    damaged[place] =
        static_cast<char>(static_cast<unsigned char>(damaged[place]) ^ (1U << (random() % 8)));
    const Result<std::size_t> n = readable(damaged);
    if (n) {
      EXPECT_EQ(*n, 300U) << place;
    }
  }
}

TEST_F(Manifests, AreReadFromEndToEndUnlessTheyAreKnownToBeAsPacked)
{
  Manifest manifest = create();
  for (int i = 0; i < 2000; ++i)
    must(manifest.record(file_record("/upload/" + std::to_string(i), "x", 10)));
  // The last page: a leaf that opening itself does not touch.
  std::string damaged = must(ib::read_file(packed(manifest), 10'000'000));
  std::ranges::fill(damaged.end() - 16384, damaged.end(), '\xAA');
  dir.write_file("damaged", damaged);
  EXPECT_TRUE(fails_with(Errc::corrupt, Manifest::open(file("damaged"), "m")));
  // Who says so has compared the digest. What is damaged all the same is found where it is read.
  const Manifest trusted =
      must(Manifest::open(file("damaged"), "m", Manifest::Known::is_as_packed));
  const auto rows = must(trusted.records());
  Result<std::optional<FileRecord>> row = rows->next();
  while (row && *row) row = rows->next();
  EXPECT_TRUE(fails_with(Errc::corrupt, row));
}

TEST_F(Manifests, AreNoOtherFiles)
{
  dir.write_file("text", "hello, this is no database at all, not even a little");
  EXPECT_TRUE(fails_with(Errc::corrupt, Manifest::open(file("text"), "manifest.db")));
  {
    const Database db =
        must(open_database(file("other"), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "test"));
    must(execute(db.get(), "CREATE TABLE notes(text)", "test"));
  }
  const Result<Manifest> other = Manifest::open(file("other"), "manifest.db");
  ASSERT_TRUE(fails_with(Errc::corrupt, other));
  EXPECT_THAT(other.error().message, HasSubstr("manifest.db"));
  EXPECT_FALSE(Manifest::open(file("none"), "manifest.db"));
  EXPECT_FALSE(dir.exists("none")) << "opening makes nothing";
}

TEST_F(Manifests, OfAnotherVersionAreLeftAlone)
{
  {
    const Database db =
        must(open_database(file("old"), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "test"));
    must(execute(db.get(),
                 "CREATE TABLE files(file_path TEXT PRIMARY KEY, checksum TEXT, size INTEGER, "
                 "archived INTEGER DEFAULT 0);CREATE TABLE manifest_metadata(key TEXT PRIMARY KEY, "
                 "value TEXT);INSERT INTO files VALUES('/a', 'sha256:00', 1, 0); INSERT INTO "
                 "manifest_metadata VALUES('version', '4.0')",
                 "test"));
  }
  const std::string before = dir.read_file("old");
  const Result<Manifest> manifest = Manifest::open(file("old"), "manifest.db");
  ASSERT_TRUE(fails_with(Errc::invalid, manifest));
  EXPECT_THAT(manifest.error().message, HasSubstr("4.0"));
  EXPECT_FALSE(manifest.error().hint.empty());
  EXPECT_TRUE(dir.read_file("old") == before);
}

TEST_F(Manifests, RefuseAChecksumOfTheWrongLength)
{
  Manifest manifest = create();
  must(manifest.record(file_record("/a", "x", 10)));
  const std::string path = packed(manifest);
  {
    const Database db = must(open_database(path, SQLITE_OPEN_READWRITE, "test"));
    must(execute(db.get(), "UPDATE files SET checksum = x'00'", "test"));
  }
  const Manifest damaged = must(Manifest::open(path, "manifest"));
  EXPECT_TRUE(fails_with(Errc::corrupt, damaged.find("/a")));
  EXPECT_TRUE(fails_with(Errc::corrupt, must(damaged.records())->next()));
  EXPECT_TRUE(fails_with(Errc::corrupt, must(damaged.stored_contents())->next()));
}

TEST_F(Manifests, CountWhatVanishedWithoutWhatWasMetElsewhere)
{
  Manifest manifest = create();
  for (const char* path : {"/a", "/b", "/copy-of-b", "/c"})
    must(manifest.record(file_record(path, path == std::string("/copy-of-b") ? "/b" : path, 10)));
  must(manifest.begin_plan());
  for (const char* path : {"/a", "/b", "/copy-of-b"}) must(manifest.plan_archive(path));
  must(manifest.index_contents());
  EXPECT_EQ(must(manifest.vanished()), 3U);
  must(manifest.found_again(content_of("/c").sha256));  // which is still there
  EXPECT_EQ(must(manifest.vanished()), 3U);
  must(manifest.found_again(content_of("/b").sha256));
  must(manifest.found_again(content_of("/b").sha256));
  EXPECT_EQ(must(manifest.vanished()), 1U) << "both paths with that content were found";
}

TEST_F(Manifests, LetOneNewPathTakeThePlaceOfEachThatLeaves)
{
  Manifest manifest = create();
  for (const char* path : {"/a", "/b", "/c"})
    must(manifest.record(file_record(path, path == std::string("/c") ? "/b" : path, 10)));
  must(manifest.record(gone(file_record("/d", "d", 10))));
  must(manifest.begin_plan());
  for (const char* path : {"/b", "/c"}) must(manifest.plan_archive(path));
  EXPECT_EQ(must(manifest.vanished()), 2U) << "before anything is read";
  must(manifest.index_contents());
  const auto is_leaving = [&](std::string_view bytes) {
    return must(manifest.find_content(content_of(bytes).sha256))->leaving;
  };
  EXPECT_FALSE(is_leaving("/a"));
  for (int new_path = 0; new_path < 2; ++new_path) {
    EXPECT_TRUE(is_leaving("/b"));
    must(manifest.found_again(content_of("/b").sha256));
    EXPECT_EQ(must(manifest.vanished()), 0U) << "the content is there, however many paths it had";
  }
  EXPECT_FALSE(is_leaving("/b")) << "a third new path is a copy";
  EXPECT_TRUE(is_leaving("d")) << "which left in an earlier run";
  must(manifest.found_again(content_of("d").sha256));
  EXPECT_FALSE(is_leaving("d"));
}

TEST_F(Manifests, KeepUnwantedContentBesideWhatIsRestored)
{
  Manifest manifest = create();
  must(manifest.record(file_record("/a", "whole", 10)));
  const FileRecord rotten = stored_at(file_record("/a", "rotten", 20, 7), "versions/a/x");
  must(manifest.record_unwanted(rotten));
  const FileRecord row = must(manifest.find("/a")).value();
  EXPECT_EQ(row.content, content_of("whole"));
  EXPECT_TRUE(row.suspect);
  EXPECT_EQ(row.mtime_ns, 7);
  for (const std::int64_t time : {10, 19, 20, 21})
    EXPECT_THAT(files_at(manifest, time), ElementsAre("/a=library/a"));
  must(manifest.index_contents());
  EXPECT_EQ(must(manifest.find_content(content_of("rotten").sha256))->name.value, "versions/a/x");
  must(manifest.record_aside(stored_at(file_record("/b", "also rotten", 20), "versions/b/x")));
  EXPECT_TRUE(must(manifest.find_content(content_of("also rotten").sha256)))
      << "in the same run, too";
  must(manifest.touch("/a", 8, false));
  EXPECT_FALSE(must(manifest.find("/a"))->suspect);
}

StoredTotals totals_of(const Manifest& manifest)
{
  return must(manifest.stored_totals(StorageClass::coldline));
}

TEST_F(Manifests, CountsEachStoredObjectOnceForTheBestThatIsSaidOfIt)
{
  Manifest manifest = create();
  const auto record = [&](FileRecord row, std::optional<StorageClass> storage_class) {
    row.storage_class = storage_class;
    must(manifest.record(row));
  };
  record(file_record("/a.jpg", "12345", 1), StorageClass::archive);
  record(file_record("/b.jpg", "1", 1), StorageClass::standard);
  record(file_record("/unknown.jpg", "12", 1), std::nullopt);
  // A copy counts with its original; a moved file's object belongs to the library, though its first
  // path is gone.
  record(stored_at(file_record("/copy.jpg", "12345", 1), "library/a.jpg"), StorageClass::archive);
  record(file_record("/old.jpg", "123", 1), StorageClass::archive);
  record(gone(file_record("/old.jpg", "123", 2)), StorageClass::archive);
  record(stored_at(file_record("/new.jpg", "123", 2), "library/old.jpg"), StorageClass::archive);
  record(file_record("/gone.jpg", "1234567", 1), StorageClass::archive);
  record(gone(file_record("/gone.jpg", "1234567", 2)), StorageClass::archive);
  // The first content of a changed file is a version, the second one the original.
  record(file_record("/c.jpg", "1234", 1), StorageClass::archive);
  record(stored_at(file_record("/c.jpg", "123456", 2), "versions/c.jpg/x"), StorageClass::nearline);

  const StoredTotals totals = totals_of(manifest);
  const auto amount = [](std::uint64_t objects, std::uint64_t bytes) {
    return StoredAmount{.objects = objects, .bytes = bytes};
  };
  EXPECT_EQ(totals[StoredKind::originals][StorageClass::archive], amount(2, 5 + 3));
  EXPECT_EQ(totals[StoredKind::originals][StorageClass::standard], amount(1, 1));
  EXPECT_EQ(totals[StoredKind::originals][StorageClass::nearline], amount(1, 6));
  EXPECT_EQ(totals[StoredKind::originals][StorageClass::coldline], amount(1, 2));
  EXPECT_EQ(totals[StoredKind::archived][StorageClass::archive], amount(1, 7));
  EXPECT_EQ(totals[StoredKind::versions][StorageClass::archive], amount(1, 4));
  EXPECT_EQ(totals.all(), amount(7, 5 + 1 + 2 + 3 + 7 + 4 + 6));

  // As many, and of the same classes, as are named one by one.
  const std::unique_ptr<StoredContentCursor> contents = must(manifest.stored_contents());
  StoredAmount named;
  for (const StoredContent& stored : drain(contents)) {
    named += {.objects = 1, .bytes = stored.content.size};
    EXPECT_EQ(stored.storage_class.has_value(), stored.path != "/unknown.jpg") << stored.path;
  }
  EXPECT_EQ(named, totals.all());
}

TEST_F(Manifests, OfNothingCountNothing)
{
  EXPECT_EQ(totals_of(create()), StoredTotals());
}

TEST_F(Manifests, RememberTheStorageClassOfEachObject)
{
  Manifest manifest = create();
  for (const StorageClass each : kStorageClasses) {
    FileRecord row = file_record("/" + std::string(to_string(each)), "x", 1);
    row.storage_class = each;
    must(manifest.record(row));
  }
  for (const FileRecord& row : rows(manifest))
    EXPECT_EQ(to_string(row.storage_class.value()), row.path.substr(1));
}

}  // namespace
}  // namespace ib::test
