// SPDX-License-Identifier: Apache-2.0
#include "manifest/manifest.hpp"

#include "manifest/run_plan.hpp"
#include "manifest/sqlite.hpp"
#include "manifest/totals.hpp"
#include "manifest_fixture.hpp"
#include "sys/file.hpp"
#include "sys/hash.hpp"

#include <algorithm>
#include <map>
#include <random>

namespace ib::test {
namespace {

TEST_F(Manifests, AreEmptyAtFirst)
{
  const Manifest manifest = create();
  EXPECT_THAT(rows(manifest), IsEmpty());
  EXPECT_FALSE(manifest.changed());
  EXPECT_EQ(must(manifest.metadata("version")), "5.0");
  EXPECT_EQ(must(manifest.metadata("none")), std::nullopt);
  EXPECT_EQ(must(manifest.find("/a")), std::nullopt);
}

TEST_F(Manifests, KeepEveryFieldOfARecord)
{
  FileRecord record = file_record("/upload/a.jpg", "content", -1'500'000'000);
  record.recheck = true;
  record.object = ObjectName{"versions/x/y"};
  record.content.crc32c.value = 0xFFFFFFFF;
  record.content.size = 5'000'000'000'000;
  std::string stored;
  {
    Manifest manifest = create();
    write(manifest, record);
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
  for (const std::string& path : paths) write(manifest, dated(path, path));
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
    write(manifest, dated("/kept", "x"));
    must(manifest.commit());
    write(manifest, dated("/lost", "x"));
  }
  const Manifest manifest = must(Manifest::open(file("m"), "manifest"));
  EXPECT_TRUE(must(manifest.find("/kept")));
  EXPECT_FALSE(must(manifest.find("/lost")));
}

TEST_F(Manifests, TellTheFilesOfEveryGenerationOfALife)
{
  Manifest manifest = create();
  write(manifest, dated("/a", "one", 10));
  write(manifest, dated("/b", "bee", 10));
  write(manifest, stored_at(dated("/a", "two", 20), "versions/a/two"));  // changed
  RunPlan plan = must(RunPlan::begin(manifest));
  must(plan.add_archive("/b"));  // gone
  must(manifest.begin_run(run_of(30)));
  EXPECT_EQ(must(plan.archive()), 1U);
  write(manifest, stored_at(dated("/b", "bee", 40), "library/b"));  // back
  write(manifest, gone(stored_at(dated("/a", "two", 50), "versions/a/two")));
  write(manifest, stored_at(dated("/c", "two", 50), "versions/a/two"));  // moved
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

  const FileCounts counts = must(count_files(manifest));
  EXPECT_EQ(counts.files, 2U);
  EXPECT_EQ(counts.bytes, 6U);
  EXPECT_EQ(counts.archived, 1U);
  EXPECT_EQ(counts.archived_bytes, 3U);
  EXPECT_EQ(counts.versions, 1U);
}

TEST_F(Manifests, MakeNoHistoryOfWhatARestoreNeedNotKnow)
{
  Manifest manifest = create();
  write(manifest, dated("/a", "x", 10, 1));
  write(manifest, dated("/a", "x", 20, 2));  // read again: only the time differs
  const FileRecord record = must(manifest.find("/a")).value();
  EXPECT_EQ(since_of(manifest, "/a"), 10U);
  EXPECT_EQ(record.mtime_ns, 2);
  EXPECT_THAT(files_at(manifest, 10), ElementsAre("/a=library/a"));

  write(manifest, stored_at(dated("/b", "x", 20), "library/b"));
  EXPECT_EQ(must(manifest.find("/b"))->object, std::nullopt) << "the derived name takes no bytes";
}

TEST_F(Manifests, ReplaceAStateThatTheSameRunRecorded)
{
  Manifest manifest = create();
  write(manifest, dated("/a", "first", 10));
  write(manifest, stored_at(dated("/a", "second", 10), "versions/a/2"));
  EXPECT_THAT(files_at(manifest, 10), ElementsAre("/a=versions/a/2"));
  EXPECT_THAT(files_at(manifest, 9), IsEmpty());
}

TEST_F(Manifests, KeepTheBeginningOfAStateThatIsTouched)
{
  Manifest manifest = create();
  write(manifest, dated("/a", "x", 10, 1));
  must(manifest.update_mtime("/a", 77, true));
  const FileRecord record = must(manifest.find("/a")).value();
  EXPECT_EQ(record.mtime_ns, 77);
  EXPECT_TRUE(record.recheck);
  EXPECT_EQ(since_of(manifest, "/a"), 10U);
  EXPECT_EQ(record.content, content_of("x"));
}

TEST_F(Manifests, NameEachObjectOnceAndInOrder)
{
  Manifest manifest = create();
  write(manifest, dated("/b", "b", 10));
  write(manifest, dated("/a", "old", 10));
  write(manifest, stored_at(dated("/a", "new", 20), "versions/a/new"));
  write(manifest, stored_at(dated("/copy", "new", 20), "versions/a/new"));
  write(manifest, gone(dated("/b", "b", 30)));
  write(manifest, dated("/\xFF", "odd", 30));
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

TEST_F(Manifests, ThatAreDamagedAreNeverReadInSilence)
{
  std::string whole;
  {
    Manifest manifest = create();
    for (int i = 0; i < 300; ++i)
      write(manifest, dated("/folder/" + std::to_string(i), std::to_string(i), 10));
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
  for (int i = 0; i < 2000; ++i) write(manifest, dated("/upload/" + std::to_string(i), "x", 10));
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

TEST_F(Manifests, HoldNothingThatThisProgramDoesNotMake)
{
  Manifest manifest = create();
  write(manifest, dated("/a", "x", 10));
  const std::string whole = must(ib::read_file(packed(manifest), 10'000'000));
  int number = 0;
  for (const std::string planted :
       {"CREATE TRIGGER t AFTER INSERT ON paths BEGIN DELETE FROM paths; END",
        "CREATE TEMP TABLE x(a); CREATE VIEW v AS SELECT 1", "CREATE TABLE more(a)",
        "CREATE INDEX i ON contents(size)", "CREATE UNIQUE INDEX i ON paths(content)",
        "ALTER TABLE paths ADD COLUMN extra", "DROP TABLE placements", "DROP VIEW files",
        "DROP VIEW files; CREATE VIEW files AS SELECT * FROM paths",
        "DROP TABLE placements; CREATE VIEW placements AS SELECT * FROM paths",
        "DROP TABLE runs; CREATE TABLE runs(number INTEGER PRIMARY KEY, generation INTEGER NOT "
        "NULL CHECK(generation > 5), run TEXT NOT NULL UNIQUE, started INTEGER NOT NULL, committed "
        "INTEGER NOT NULL DEFAULT 0)",
        "CREATE VIRTUAL TABLE words USING fts5(a)"}) {
    const std::string name = "planted" + std::to_string(++number);
    dir.write_file(name, whole);
    {
      const Database db = must(open_database(file(name), SQLITE_OPEN_READWRITE, "test"));
      must(execute(db.get(), planted, "test"));
    }
    for (const Manifest::Known known : {Manifest::Known::nothing, Manifest::Known::is_as_packed})
      EXPECT_TRUE(fails_with(Errc::corrupt, Manifest::open(file(name), "m", known))) << planted;
  }
  dir.write_file("same", whole);
  EXPECT_TRUE(Manifest::open(file("same"), "m"));
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
                 "manifest_metadata VALUES('version', '9.0')",
                 "test"));
  }
  const std::string before = dir.read_file("old");
  const Result<Manifest> manifest = Manifest::open(file("old"), "manifest.db");
  ASSERT_TRUE(fails_with(Errc::invalid, manifest));
  EXPECT_THAT(manifest.error().message, HasSubstr("9.0"));
  EXPECT_FALSE(manifest.error().hint.empty());
  EXPECT_TRUE(dir.read_file("old") == before);
}

TEST_F(Manifests, RefuseAChecksumOfTheWrongLength)
{
  Manifest manifest = create();
  write(manifest, dated("/a", "x", 10));
  const std::string path = packed(manifest);
  {
    const Database db = must(open_database(path, SQLITE_OPEN_READWRITE, "test"));
    must(execute(db.get(), "UPDATE contents SET checksum = x'00'", "test"));
  }
  const Manifest damaged = must(Manifest::open(path, "manifest"));
  EXPECT_TRUE(fails_with(Errc::corrupt, damaged.find("/a")));
  EXPECT_TRUE(fails_with(Errc::corrupt, must(damaged.records())->next()));
  EXPECT_TRUE(fails_with(Errc::corrupt, must(damaged.stored_contents())->next()));
}

/// SQLite lets a column hold any kind of value, whatever the schema says.
TEST_F(Manifests, RefuseValuesThatNoRunHasRecorded)
{
  Manifest manifest = create();
  write(manifest, dated("/a", "x", 10));
  write(manifest, dated("/b", "x", 10));
  const std::string whole = must(ib::read_file(packed(manifest), 10'000'000));
  int number = 0;
  for (const std::string planted :
       {"UPDATE paths SET file_path = CAST('/b' AS BLOB) WHERE file_path = '/a'",
        "UPDATE contents SET object = x'61'", "UPDATE contents SET size = -1"}) {
    SCOPED_TRACE(planted);
    const std::string name = "values" + std::to_string(++number);
    dir.write_file(name, whole);
    {
      const Database db = must(open_database(file(name), SQLITE_OPEN_READWRITE, "test"));
      must(execute(db.get(), planted, "test"));
    }
    const Manifest damaged = must(Manifest::open(file(name), "manifest"));
    const auto read_all = [](const auto& cursor) -> Result<> {
      while (TRY(cursor->next())) {
      }
      return {};
    };
    EXPECT_TRUE(fails_with(Errc::corrupt, read_all(must(damaged.records()))));
    EXPECT_TRUE(fails_with(Errc::corrupt, read_all(must(damaged.histories()))));
    // An object has its name from a blob as well.
    EXPECT_TRUE(planted.contains("file_path") ||
                fails_with(Errc::corrupt, read_all(must(damaged.stored_contents()))));
  }
}

/// Which SQLite's quick check does not find.
TEST_F(Manifests, RefuseRowsThatAreNotInTheOrderOfTheirPaths)
{
  Manifest manifest = create();
  write(manifest, dated("/upload/first", "x", 10));
  write(manifest, dated("/upload/second", "x", 10));
  std::string bytes = must(ib::read_file(packed(manifest), 10'000'000));
  for (std::size_t at = bytes.find("/upload/first"); at != std::string::npos;
       at = bytes.find("/upload/first", at))
    bytes.replace(at, std::string_view("/upload/z").size(), "/upload/z");
  dir.write_file("disorder", bytes);
  const Manifest disorder = must(Manifest::open(file("disorder"), "manifest"));
  const auto in_order = [](const auto& cursor) {
    while (true) {
      const auto next = cursor->next();
      if (!next) return next.error().code != Errc::corrupt;
      if (!*next) return true;
    }
  };
  EXPECT_FALSE(in_order(must(disorder.records())));
  EXPECT_FALSE(in_order(must(disorder.histories())));
}

TEST_F(Manifests, RefuseAPathWithoutItsContent)
{
  Manifest manifest = create();
  write(manifest, dated("/a", "x", 10));
  const std::string path = packed(manifest);
  {
    const Database db = must(open_database(path, SQLITE_OPEN_READWRITE, "test"));
    must(execute(db.get(), "DELETE FROM contents", "test"));
  }
  Manifest damaged = must(Manifest::open(path, "manifest"));
  EXPECT_TRUE(fails_with(Errc::corrupt, damaged.find("/a")));
  EXPECT_TRUE(fails_with(Errc::corrupt, must(damaged.records())->next()));
  EXPECT_TRUE(fails_with(Errc::corrupt, must(RestoreSet::of(damaged).value().records())->next()));
  EXPECT_TRUE(fails_with(Errc::corrupt, must(damaged.histories())->next()));
  EXPECT_FALSE(pack(damaged, file("again")));
}

TEST_F(Manifests, TellOfAnEncryptedContentWhatTheStoreHasConfirmed)
{
  Manifest manifest = create();
  write(manifest, encrypted(dated("/a", "x"), "age1a"));
  write(manifest, dated("/plain", "y"));
  write(manifest, encrypted(dated("/b", "z"), "age1a\nage1b"));
  const Manifest read = must(Manifest::open(packed(manifest), "manifest"));
  std::vector<std::string> stored;
  ObjectName object_of_b;
  const auto contents = must(read.stored_contents());
  while (const auto content = must(contents->next())) {
    if (content->path == "/b") object_of_b = content->name;
    stored.push_back(content->path + " " + std::to_string(content->content.size) + " " +
                     std::to_string(content->object_size) + " " +
                     content->object_crc32c.value_or(Crc32c{}).base64());
    EXPECT_TRUE(content->content.has_crc32c);
  }
  const Crc32c of_age_file = encrypted(dated("/a", "x"), "").record.encrypted->crc32c;
  EXPECT_THAT(stored, testing::UnorderedElementsAre(
                          "/a 1 201 " + of_age_file.base64(), "/b 1 201 " + of_age_file.base64(),
                          "/plain 1 1 " + crc32c(bytes_of("y")).base64()));
  const auto sets_of = [](const Manifest& of) {
    std::vector<std::string> sets;
    for (const RecipientSet& set : must(of.recipients()))
      sets.push_back(std::to_string(set.keys.size()) + " keys: " + std::to_string(set.objects));
    return sets;
  };
  EXPECT_THAT(sets_of(read), testing::ElementsAre("1 keys: 1", "2 keys: 1"));
  EXPECT_EQ(must(manifest.forget_object(object_of_b)), 1U);
  EXPECT_THAT(sets_of(must(Manifest::open(packed(manifest), "manifest"))),
              testing::ElementsAre("1 keys: 1"));
}

TEST_F(Manifests, CountNoRunOnFromNumbersThatNoRunHas)
{
  Manifest manifest = create();
  write(manifest, dated("/a", "x", 10));
  const std::string path = packed(manifest);
  {
    const Database db = must(open_database(path, SQLITE_OPEN_READWRITE, "test"));
    must(execute(db.get(), "UPDATE runs SET number = -1; UPDATE paths SET since = -1", "test"));
  }
  Manifest damaged = must(Manifest::open(path, "manifest"));
  EXPECT_TRUE(fails_with(Errc::corrupt, damaged.begin_run(run_of(11))));
}

TEST_F(Manifests, TellNoStartOfARunThatNoClockShows)
{
  Manifest manifest = create();
  write(manifest, dated("/a", "x", 10));
  const std::string path = packed(manifest);
  {
    const Database db = must(open_database(path, SQLITE_OPEN_READWRITE, "test"));
    must(execute(db.get(), "UPDATE runs SET started = -9223372036854775808", "test"));
  }
  const Manifest opened = must(Manifest::open(path, "manifest"));
  EXPECT_EQ(must(opened.history("/a")).front().since.started, Timestamp{});
}

TEST_F(Manifests, KeepUnwantedContentBesideWhatIsRestored)
{
  Manifest manifest = create();
  write(manifest, dated("/a", "whole", 10));
  must(manifest.begin_run(run_of(20)));
  must(manifest.record_unwanted(stored_at(dated("/a", "rotten", 20, 7), "versions/a/x").record));
  const FileRecord row = must(manifest.find("/a")).value();
  EXPECT_EQ(row.content, content_of("whole"));
  EXPECT_TRUE(row.suspect);
  EXPECT_EQ(row.mtime_ns, 7);
  for (const std::int64_t time : {10, 19, 20, 21})
    EXPECT_THAT(files_at(manifest, time), ElementsAre("/a=library/a"));
  must(manifest.contents());
  EXPECT_EQ(must(must(manifest.contents())->find(content_of("rotten").sha256))->name.value,
            "versions/a/x");
  must(manifest.record_aside(stored_at(dated("/b", "also rotten"), "versions/b/x").record));
  EXPECT_TRUE(must(must(manifest.contents())->find(content_of("also rotten").sha256)))
      << "in the same run, too";
  must(manifest.update_mtime("/a", 8, false));
  EXPECT_FALSE(must(manifest.find("/a"))->suspect);
}

TEST_F(Manifests, RememberTheStorageClassOfEachObject)
{
  Manifest manifest = create();
  for (const StorageClass each : kStorageClasses) {
    FileRecord row = file_record("/" + std::string(to_string(each)), "x");
    row.storage_class = each;
    write(manifest, row);
  }
  for (const FileRecord& row : rows(manifest))
    EXPECT_EQ(to_string(row.storage_class.value()), row.path.substr(1));
}

TEST_F(Manifests, SayWhichRunRecordedAndWhichEndedEachState)
{
  Manifest manifest = create();
  write(manifest, dated("/a", "one", 10));
  write(manifest, stored_at(dated("/a", "two", 20), "versions/a/two"));
  const std::vector<PathState> states = must(manifest.history("/a"));
  ASSERT_EQ(states.size(), 2U);
  EXPECT_EQ(states[0].since, run_of(10));
  EXPECT_EQ(states[0].until, run_of(20));
  EXPECT_EQ(states[1].since, run_of(20));
  EXPECT_EQ(states[1].until, std::nullopt);
  EXPECT_EQ(must(manifest.committed_by()).generation, 20U);
  EXPECT_EQ(must(manifest.committed_by()).run, "") << "which was not committed";
  must(manifest.commit_run(21));
  EXPECT_EQ(must(manifest.committed_by()),
            (RecordingRun{.generation = 21, .run = "run-20", .started = at(20)}));
}

/// What the program wrote before states were named by generations.
class ManifestsOfVersion3 : public Manifests {
protected:
  std::string write_file(const std::string& name, const std::string& rows) const
  {
    const Database db =
        must(open_database(file(name), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "test"));
    must(execute(
        db.get(),
        "CREATE TABLE manifest_metadata(key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) "
        "WITHOUT ROWID; CREATE TABLE files(file_path TEXT PRIMARY KEY NOT NULL, checksum BLOB NOT "
        "NULL, size INTEGER NOT NULL, archived INTEGER NOT NULL DEFAULT 0, sha1 BLOB, crc32c "
        "INTEGER, mtime INTEGER, recheck INTEGER NOT NULL DEFAULT 0, since INTEGER NOT NULL, class "
        "INTEGER, object TEXT) WITHOUT ROWID; CREATE TABLE history(file_path TEXT NOT NULL, since "
        "INTEGER NOT NULL, until INTEGER NOT NULL, checksum BLOB NOT NULL, size INTEGER NOT NULL, "
        "archived INTEGER NOT NULL, sha1 BLOB, crc32c INTEGER, mtime INTEGER, class INTEGER, "
        "object TEXT, PRIMARY KEY(file_path, since, until, checksum)) WITHOUT ROWID; INSERT INTO "
        "manifest_metadata VALUES('version', '3.0');" +
            rows,
        "test"));
    return file(name);
  }
  static std::string digest(const char* letter)
  {
    return "x'" + std::string(letter, 1) + std::string(63, '0') + "'";
  }
};

TEST_F(ManifestsOfVersion3, AreCarriedOnWithTheirSecondsAsGenerations)
{
  const std::string name = write_file(
      "v3", "INSERT INTO files VALUES('/a', " + digest("2") +
                ", 1, 0, NULL, NULL, NULL, 0, 1700000020, NULL, 'versions/a/2');INSERT INTO files "
                "VALUES('/b', " +
                digest("3") +
                ", 1, 1, NULL, NULL, NULL, 0, 1700000030, NULL, NULL);INSERT INTO history "
                "VALUES('/a', 1700000010, 1700000020, " +
                digest("1") +
                ", 1, 0, NULL, NULL, NULL, NULL, NULL);INSERT INTO history VALUES('/b', "
                "1700000010, 1700000030, " +
                digest("3") + ", 1, 0, NULL, NULL, NULL, NULL, NULL);");
  Manifest manifest = must(Manifest::open(name, "v3"));
  EXPECT_FALSE(manifest.changed());
  EXPECT_EQ(must(manifest.committed_by()).generation, 1'700'000'030U);
  EXPECT_EQ(must(manifest.committed_by()).run, "");
  EXPECT_THAT(files_at(manifest, 1'700'000'009), IsEmpty());
  EXPECT_THAT(files_at(manifest, 1'700'000'010), ElementsAre("/a=library/a", "/b=library/b"));
  EXPECT_THAT(files_at(manifest, 1'700'000'029), ElementsAre("/a=versions/a/2", "/b=library/b"));
  EXPECT_THAT(files_at(manifest, 1'700'000'030), ElementsAre("/a=versions/a/2"));

  // The next run comes after all of them.
  must(manifest.begin_run({.generation = 1'700'000'031, .run = "new", .started = at(5)}));
  must(manifest.record(stored_at(dated("/b", "b", 0), "versions/b/1").record));
  must(manifest.commit_run(1'700'000'031));
  const Manifest reopened = must(Manifest::open(packed(manifest), "packed"));
  EXPECT_THAT(files_at(reopened, 1'700'000'030), ElementsAre("/a=versions/a/2"));
  EXPECT_THAT(files_at(reopened, 1'700'000'031), ElementsAre("/a=versions/a/2", "/b=versions/b/1"));
  EXPECT_EQ(must(reopened.metadata("version")), "5.0");
}

}  // namespace
}  // namespace ib::test
