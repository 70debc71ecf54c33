// SPDX-License-Identifier: Apache-2.0
#include "manifest/older_manifest.hpp"

#include "core/records/file_record.hpp"
#include "manifest/sqlite.hpp"
#include "manifest_fixture.hpp"
#include "support/builders.hpp"
#include "support/temp_dir.hpp"

namespace ib::test {
namespace {

TEST(PathMappings, AreOldEqualsNew)
{
  const PathMapping mapping = must(PathMapping::parse("/data/=/"));
  EXPECT_EQ(mapping.from, "/data/");
  EXPECT_EQ(mapping.to, "/");
  EXPECT_EQ(must(PathMapping::parse("/a=/b=c")).to, "/b=c");
  for (const char* wrong : {"", "=", "=/", "/data/", "/data/=", "/data/=upload"})
    EXPECT_TRUE(fails_with(Errc::invalid, PathMapping::parse(wrong))) << wrong;
}

TEST(PathMappings, TakeTheFirstThatFits)
{
  const std::vector<PathMapping> mappings{{.from = "/data/library/", .to = "/library/"},
                                          {.from = "/data/", .to = "/upload/"}};
  EXPECT_EQ(mapped_path("/data/library/a", mappings), "/library/a");
  EXPECT_EQ(mapped_path("/data/a", mappings), "/upload/a");
  EXPECT_EQ(mapped_path("/upload/a", mappings), "/upload/a");
  EXPECT_EQ(mapped_path("upload/a", {}), "/upload/a");
}

TEST(Contents, AgreeAsFarAsTheyAreKnown)
{
  const Content read = content_of("x");
  Content recorded = read;
  EXPECT_TRUE(recorded.is_whole() && recorded.agrees_with(read));
  recorded.sha1 = {};
  EXPECT_FALSE(recorded.agrees_with(read));
  recorded.has_sha1 = false;
  EXPECT_TRUE(recorded.agrees_with(read));
  EXPECT_FALSE(recorded.is_whole());
  EXPECT_NE(recorded, read);
  recorded.crc32c.value ^= 1;
  EXPECT_FALSE(recorded.agrees_with(read));
  recorded.has_crc32c = false;
  EXPECT_TRUE(recorded.agrees_with(read));
  ++recorded.size;
  EXPECT_FALSE(recorded.agrees_with(read));
  EXPECT_FALSE(recorded.agrees_with(content_of("y")));
}

class OlderManifests : public testing::Test {
protected:
  TempDir dir;
  const std::string file = dir.file("old.db");
  const std::string sum = "sha256:" + content_of("x").sha256.hex();

  void make(const std::string& rows, const std::string& last_backup = "2025-11-01T03:00:00.123456")
  {
    const Database db =
        must(open_database(file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "test"));
    must(execute(db.get(),
                 "CREATE TABLE files(file_path TEXT PRIMARY KEY, checksum TEXT, size INTEGER, "
                 "archived INTEGER DEFAULT 0);CREATE INDEX a ON files(checksum); CREATE INDEX b ON "
                 "files(archived);CREATE TABLE manifest_metadata(key TEXT PRIMARY KEY, value "
                 "TEXT);INSERT INTO manifest_metadata VALUES('version', '2.0'), ('immich_version', "
                 "'v2.1.0'), ('last_backup', '" +
                     last_backup + "');" + (rows.empty() ? "" : "INSERT INTO files VALUES" + rows),
                 "test"));
  }
  std::string row(const std::string& path, int size = 1, int archived = 0) const
  {
    return "('" + path + "', '" + sum + "', " + std::to_string(size) + ", " +
           std::to_string(archived) + ")";
  }
};

TEST_F(OlderManifests, AreKnownByTheirVersion)
{
  make("");
  EXPECT_TRUE(must(OlderManifest::is_one(file)));
  must(Manifest::create(dir.file("new.db")));
  EXPECT_FALSE(must(OlderManifest::is_one(dir.file("new.db"))));
  dir.write_file("text", "hello, this is no database at all, not even a little");
  EXPECT_FALSE(must(OlderManifest::is_one(dir.file("text"))));
}

/// Full text and R*Tree read tables of their own, which may say anything.
TEST_F(OlderManifests, AreOfPlainTables)
{
  {
    const Database db =
        must(open_database(file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "test"));
    must(execute(db.get(),
                 "CREATE VIRTUAL TABLE manifest_metadata USING fts5(key, value);"
                 "INSERT INTO manifest_metadata VALUES('version', '2.0')",
                 "test"));
  }
  EXPECT_FALSE(must(OlderManifest::is_one(file)));
}

TEST_F(OlderManifests, GiveWhatTheStoreBearsOut)
{
  make(row("/a") + "," + row("/b") + "," + row("/gone", 1, 1) + "," + row("/large", 9) + "," +
       row("/missing") + ",('/no-sum', 'md5:00', 1, 0),('/no-size', '" + sum + "', NULL, 0)," +
       row("a"));
  const std::string before = dir.read_file("old.db");
  Manifest manifest = must(Manifest::create(dir.file("new.db")));
  OlderManifest older = must(OlderManifest::open(file, "manifest.db", {}));
  const Crc32c crc = content_of("x").crc32c;
  must(older.add_object({"library/a"}, 1, crc, StorageClass::archive));
  must(older.add_object({"library/b"}, 1, std::nullopt, std::nullopt));
  must(older.add_object({"library/gone"}, 1, crc, StorageClass::standard));
  must(older.add_object({"library/large"}, 1, crc, StorageClass::standard));
  must(older.add_object({"library/stranger"}, 1, crc, StorageClass::standard));
  const Timestamp now = must(parse_timestamp("2026-01-15T03:00:00"));
  const TakenOver taken = must(older.write_into(manifest, now));
  EXPECT_EQ(taken.rows, 8U);
  EXPECT_EQ(taken.dropped, 5U);
  std::vector<std::pair<std::string, TakenOver::Reason>> dropped;
  for (const TakenOver::Dropped& one : taken.examples) dropped.emplace_back(one.path, one.reason);
  using enum TakenOver::Reason;
  EXPECT_THAT(dropped,
              ElementsAre(std::pair("/large", other_size), std::pair("/missing", object_missing),
                          std::pair("/no-size", unreadable), std::pair("/no-sum", unreadable),
                          std::pair("a", same_path)));
  EXPECT_EQ(taken.a_path, "/a");

  const std::unique_ptr<RecordCursor> cursor = must(manifest.records());
  const std::vector<FileRecord> rows = drain(cursor);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].path, "/a");
  EXPECT_EQ(rows[0].content.sha256, content_of("x").sha256);
  EXPECT_TRUE(rows[0].content.has_crc32c);
  EXPECT_EQ(rows[0].content.crc32c, crc);
  EXPECT_FALSE(rows[0].content.has_sha1);
  EXPECT_TRUE(rows[0].recheck);
  EXPECT_EQ(must(manifest.history(rows[0].path)).back().since.started,
            must(parse_timestamp("2025-11-01T03:00:00")));
  EXPECT_EQ(rows[0].storage_class, StorageClass::archive);
  EXPECT_EQ(rows[0].object, std::nullopt) << "the derived name";
  EXPECT_FALSE(rows[1].content.has_crc32c);
  EXPECT_TRUE(rows[2].archived);
  EXPECT_EQ(must(manifest.metadata("immich_version")), "v2.1.0");
  EXPECT_TRUE(dir.read_file("old.db") == before);
}

TEST_F(OlderManifests, BeginInThePastWhateverTheyClaim)
{
  const Timestamp now = must(parse_timestamp("2026-01-15T03:00:00"));
  for (const char* last : {"2031-01-01T00:00:00", "yesterday", ""}) {
    dir.remove("old.db");
    make(row("/a"), last);
    Manifest manifest = must(Manifest::create(dir.file("new" + std::string(last))));
    OlderManifest older = must(OlderManifest::open(file, "manifest.db", {}));
    must(older.add_object({"library/a"}, 1, std::nullopt, std::nullopt));
    must(older.write_into(manifest, now));
    EXPECT_LT(must(manifest.history("/a")).back().since.started, now) << last;
    dir.remove("old.db.objects");
  }
}

TEST_F(OlderManifests, FindObjectsUnderTheRecordedPathAndTheMappedOne)
{
  make(row("/data/a") + "," + row("/data/b"));
  Manifest manifest = must(Manifest::create(dir.file("new.db")));
  OlderManifest older =
      must(OlderManifest::open(file, "manifest.db", {{.from = "/data/", .to = "/upload/"}}));
  must(older.add_object({"library/data/a"}, 1, std::nullopt, std::nullopt));
  must(older.add_object({"library/upload/b"}, 1, std::nullopt, std::nullopt));
  EXPECT_EQ(must(older.write_into(manifest, at(2'000'000'000))).dropped, 0U);
  EXPECT_EQ(must(manifest.find("/upload/a"))->object_name().value, "library/data/a");
  EXPECT_EQ(must(manifest.find("/upload/b"))->object_name().value, "library/upload/b");
}

TEST_F(OlderManifests, ThatAreDamagedAreNotTaken)
{
  std::string rows;
  for (int i = 0; i < 2000; ++i) rows += (i > 0 ? "," : "") + row("/upload/" + std::to_string(i));
  make(rows);
  std::string bytes = dir.read_file("old.db");
  std::ranges::fill(bytes.end() - 8192, bytes.end() - 4096, '\xAA');
  dir.write_file("old.db", bytes);
  EXPECT_TRUE(fails_with(Errc::corrupt, OlderManifest::open(file, "manifest.db", {})));
}

TEST_F(OlderManifests, BecomeWholeWithoutHistoryAndChangedWithIt)
{
  Manifest manifest = must(Manifest::create(dir.file("new.db")));
  FileRecord taken = file_record("/a", "x", 0);
  taken.recheck = true;
  taken.content.sha1 = {};
  taken.content.crc32c = {};
  taken.content.has_sha1 = taken.content.has_crc32c = false;
  FileRecord other = taken;
  other.path = "/b";
  must(manifest.begin_run(run_of(10)));
  must(manifest.record(taken));
  must(manifest.record(other));
  EXPECT_EQ(must(manifest.find("/a"))->content, taken.content);
  write(manifest, dated("/a", "x", 20, 7));
  write(manifest, dated("/b", "y", 20, 7));
  const FileRecord whole = *must(manifest.find("/a"));
  EXPECT_EQ(whole.content, content_of("x"));
  EXPECT_EQ(since_of(manifest, "/a"), 10U) << "it was so all the time";
  EXPECT_EQ(whole.mtime_ns, 7);
  const RestoreSet set = must(RestoreSet::of_generation(manifest, 15));
  const std::vector<FileRecord> then = drain(must(set.records()));
  ASSERT_EQ(then.size(), 2U);
  EXPECT_EQ(then[0].content, content_of("x"));
  EXPECT_EQ(then[1].content, other.content) << "what it was is kept, with what was not known of it";
}

}  // namespace
}  // namespace ib::test
