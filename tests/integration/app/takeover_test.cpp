// SPDX-License-Identifier: Apache-2.0
//
// Stores that this program's predecessor wrote: manifest.db of version 2.0 and objects below
// library/, and nothing else.
#include "app/session.hpp"
#include "core/records/file_record.hpp"
#include "manifest/sqlite.hpp"
#include "support/builders.hpp"
#include "support/emulated_bucket.hpp"
#include "support/faulty_store.hpp"
#include "support/workplace.hpp"

#include <filesystem>
#include <fstream>

namespace ib::test {
namespace {

struct OldRow {
  std::string path;
  std::string bytes;
  bool archived = false;
};

/// One place of each kind, and what a predecessor would have left there.
class TakeOver : public testing::TestWithParam<bool> {
protected:
  TakeOver() { fs::remove_all(place.store_folder()); }  // the predecessor knew no marker

  Workplace place;
  EmulatedBucket bucket;
  OpenStore in_bucket = bucket.open();

  bool in_a_bucket() const { return GetParam(); }
  ObjectStore& store() { return in_a_bucket() ? *in_bucket.store : place.store(); }
  Session session(std::vector<std::string> mappings = {})
  {
    Session session = in_a_bucket() ? place.session(in_bucket) : place.session();
    for (const std::string& mapping : mappings)
      session.path_mappings.push_back(must(PathMapping::parse(mapping)));
    return session;
  }

  void put(const std::string& name, const std::string& bytes)
  {
    if (in_a_bucket()) {
      bucket.emulator().put("photos", name, bytes, "ARCHIVE");
    } else {
      put_file(place.store_folder() + "/" + name, bytes);
    }
  }
  void remove(const std::string& name)
  {
    if (in_a_bucket()) {
      EXPECT_TRUE(bucket.emulator().remove("photos", name));
    } else {
      EXPECT_TRUE(fs::remove(place.store_folder() + "/" + name));
    }
  }
  std::string stored(const std::string& name)
  {
    return must(get_small(store(), {name}, 1 << 20, {}));
  }

  std::vector<OldRow> rows_of_library()
  {
    std::vector<OldRow> rows;
    for (const auto& [path, file] : covered_files_below(place.library())) {
      // The predecessor knew no names that are not UTF-8, nor ones that no object can have.
      if (is_valid_object_name("library" + path))
        rows.push_back({.path = path, .bytes = file.bytes});
    }
    EXPECT_GT(rows.size(), 5U);
    return rows;
  }

  /// Objects and manifest of such rows, all recorded paths beginning with `prefix`.
  void make_old_store(const std::vector<OldRow>& rows, const std::string& prefix = "")
  {
    const std::string file = place.path("old.db");
    fs::remove(file);
    {
      const Database db =
          must(open_database(file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "old"));
      must(execute(
          db.get(),
          "CREATE TABLE files(file_path TEXT PRIMARY KEY, checksum TEXT, size INTEGER, archived "
          "INTEGER DEFAULT 0);CREATE INDEX idx_checksum ON files(checksum); CREATE INDEX "
          "idx_archived ON files(archived);CREATE TABLE manifest_metadata(key TEXT PRIMARY KEY, "
          "value TEXT);INSERT INTO manifest_metadata VALUES('version', '2.0'), ('last_backup', "
          "'2025-11-01T03:00:00.123456'), ('immich_version', 'v2.1.0')",
          "old"));
      for (const OldRow& row : rows) {
        Statement insert =
            must(Statement::prepare(db.get(), "INSERT INTO files VALUES(?1, ?2, ?3, ?4)"));
        insert.bind(1, prefix + row.path);
        insert.bind(2, "sha256:" + sha256(bytes_of(row.bytes)).hex());
        insert.bind(3, static_cast<std::int64_t>(row.bytes.size()));
        insert.bind(4, std::int64_t{row.archived});
        must(insert.run());
        put("library" + prefix + row.path, row.bytes);
      }
    }
    std::ifstream in(file, std::ios::binary);
    put("manifest.db", std::string(std::istreambuf_iterator<char>(in), {}));
  }

  /// What is in the store below library/, versions/ and hashed/.
  std::vector<std::string> contents()
  {
    std::vector<std::string> names;
    for (const char* prefix : {"hashed/", "library/", "versions/"}) {
      const auto cursor = must(store().list(prefix, "", {}));
      while (const auto info = must(cursor->next())) names.push_back(info->name.value);
    }
    return names;
  }

  std::map<std::string, FileState> restored()
  {
    fs::remove_all(place.target());
    const RestoreReport report = must(run_restore(session(), {.target = place.target()}));
    EXPECT_THAT(codes(report.header), IsEmpty());
    return files_below(place.target());
  }
  static std::map<std::string, std::string> bytes_in(const std::map<std::string, FileState>& files)
  {
    std::map<std::string, std::string> bytes;
    for (const auto& [path, file] : files) bytes[path] = file.bytes;
    return bytes;
  }
};

INSTANTIATE_TEST_SUITE_P(Stores, TakeOver, testing::Values(false, true),
                         [](const auto& bucket) { return bucket.param ? "Bucket" : "Folder"; });

TEST_P(TakeOver, UploadsNoFileAgain)
{
  std::vector<OldRow> rows = rows_of_library();
  rows.push_back({.path = "/upload/u/gone.jpg", .bytes = "gone", .archived = true});
  make_old_store(rows);
  const auto before = contents();
  FaultyStore watched(store());
  Session session = place.session(watched);
  const BackupReport report = must(run_backup(session, place.job()));
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_THAT(report.header.notes, Contains(HasSubstr("manifest of version 2.0 was taken over")));
  const std::uint64_t known = rows.size() - 1;
  EXPECT_EQ(report.plan.unchanged + report.touched, known);
  EXPECT_EQ(report.changed, 0U);
  for (const OldRow& row : rows)
    EXPECT_EQ(watched.times_stored({"library" + row.path}), 0U) << row.path;
  for (const std::string& name : before) EXPECT_THAT(contents(), Contains(name));

  // From now on it is a manifest like any other.
  const BackupReport again = must(run_backup(this->session(), place.job()));
  EXPECT_EQ(again.plan.to_read, 0U);
  EXPECT_FALSE(again.manifest_written);
  EXPECT_EQ(must(run_verify(this->session(), {.all = true})).damaged, 0U);
  EXPECT_EQ(restored(), covered_files_below(place.library()));
  must(run_ls(this->session(), {}, [&](const FileRecord& record) -> Result<> {
    EXPECT_TRUE(record.content.is_whole()) << record.path;
    return {};
  }));
  EXPECT_EQ(again.totals.archived, 1U);
}

TEST_P(TakeOver, CanBeVerifiedAndRestoredBeforeAFileIsRead)
{
  make_old_store(rows_of_library());
  BackupJob nothing = place.job();
  nothing.exclude = {"/upload/*", "/library/*", "/profile/*", "/encoded-video/*"};
  EXPECT_TRUE(must(run_backup(session(), nothing)).manifest_written);
  must(run_ls(session(), {}, [&](const FileRecord& record) -> Result<> {
    EXPECT_FALSE(record.content.has_sha1) << record.path;
    EXPECT_EQ(record.content.has_crc32c, GetParam()) << record.path;
    return {};
  }));
  EXPECT_THAT(must(run_verify(session(), {})).header.problems, IsEmpty());
  EXPECT_EQ(must(run_verify(session(), {.all = true})).damaged, 0U);
  auto expected = bytes_in(covered_files_below(place.library()));
  for (const auto& [path, bytes] : bytes_in(restored())) EXPECT_EQ(bytes, expected[path]) << path;

  const BackupReport report = must(run_backup(session(), place.job()));
  EXPECT_EQ(report.changed, 0U);
  EXPECT_EQ(restored(), covered_files_below(place.library()));
}

TEST_P(TakeOver, DropsAndReportsWhatTheStoreDoesNotHold)
{
  const std::vector<OldRow> rows = rows_of_library();
  make_old_store(rows);
  const std::string missing = rows.at(0).path;
  const std::string cut = rows.at(1).path;
  remove("library" + missing);
  put("library" + cut, rows.at(1).bytes + "?");
  const BackupReport report = must(run_backup(session(), place.job()));
  EXPECT_THAT(codes(report.header), ElementsAre("not_taken_over", "not_taken_over"));
  EXPECT_THAT(report.header.problems.at(0).message, HasSubstr("the store does not hold it"));
  EXPECT_EQ(report.header.problems.at(1).path, cut);
  // The library has both: they are stored, and what lay there is left alone.
  EXPECT_EQ(stored("library" + missing), rows.at(0).bytes);
  EXPECT_EQ(stored("library" + cut), rows.at(1).bytes + "?");
  EXPECT_EQ(must(run_verify(session(), {.all = true})).damaged, 0U);
  EXPECT_EQ(restored(), covered_files_below(place.library()));
  EXPECT_THAT(codes(must(run_backup(session(), place.job())).header), IsEmpty());
}

TEST_P(TakeOver, KeepsBothContentsOfAFileThatIsNotWhatWasRecorded)
{
  const std::vector<OldRow> rows = rows_of_library();
  make_old_store(rows);
  const OldRow& row = rows.at(2);
  std::string other = row.bytes;
  other.at(0) = static_cast<char>(other.at(0) ^ 1);
  put_file(place.library() + row.path, other);  // of the same size
  const BackupReport report = must(run_backup(session(), place.job()));
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_EQ(report.changed, 1U);
  EXPECT_THAT(report.header.notes,
              Contains(AllOf(HasSubstr(row.path), HasSubstr("not the recorded one"))));
  EXPECT_EQ(stored("library" + row.path), row.bytes);
  EXPECT_EQ(stored("versions" + row.path + "/" + sha256(bytes_of(other)).hex()), other);
  EXPECT_EQ(restored(), covered_files_below(place.library()));
  EXPECT_EQ(must(run_verify(session(), {.all = true})).damaged, 0U)
      << "the older content is in the history";
}

TEST_P(TakeOver, DoesNotBelieveAnObjectOfTheRightSizeAlone)
{
  const std::vector<OldRow> rows = rows_of_library();
  make_old_store(rows);
  const OldRow& row = rows.at(2);
  std::string damaged = row.bytes;
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  put("library" + row.path, damaged);
  const BackupReport report = must(run_backup(session(), place.job()));
  EXPECT_EQ(report.uploaded_objects, covered_files_below(place.library()).size() - rows.size() + 1);
  EXPECT_EQ(stored("versions" + row.path + "/" + sha256(bytes_of(row.bytes)).hex()), row.bytes);
  EXPECT_EQ(restored(), covered_files_below(place.library()));
}

TEST_P(TakeOver, StopsWhereTheLibraryIsAnotherOne)
{
  make_old_store(rows_of_library());
  fs::remove_all(place.library());
  fs::create_directories(place.library() + "/upload");
  const Result<BackupReport> report = run_backup(session(), place.job());
  ASSERT_TRUE(fails_with(Errc::invalid, report));
  EXPECT_THAT(report.error().message,
              AllOf(HasSubstr("none is in the library"), HasSubstr("no file")));
  EXPECT_THAT(report.error().hint, HasSubstr("--map-prefix OLD=NEW"));

  // A library with files, but others.
  for (int i = 0; i < 10; ++i)
    put_file(place.library() + "/upload/x" + std::to_string(i) + ".jpg", "x");
  const Result<BackupReport> other = run_backup(session(), place.job());
  ASSERT_TRUE(fails_with(Errc::invalid, other));
  EXPECT_THAT(other.error().message, HasSubstr("in the library is /upload/x0.jpg"));
  const auto cursor = must(store().list("manifest", "", {}));
  EXPECT_EQ(must(cursor->next())->name.value, "manifest.db");
  EXPECT_FALSE(must(cursor->next())) << "nothing was written";
}

TEST_P(TakeOver, TakesPathsThatBeganOtherwiseAsTheyAreToldTo)
{
  const std::vector<OldRow> rows = rows_of_library();
  make_old_store(rows, "/data");
  const Result<BackupReport> refused = run_backup(session(), place.job());
  ASSERT_TRUE(fails_with(Errc::invalid, refused));
  EXPECT_THAT(refused.error().message, HasSubstr("Recorded is /data" + rows.at(0).path));
  EXPECT_THAT(refused.error().hint, HasSubstr("--map-prefix /data/=/"));

  const BackupReport report = must(run_backup(session({"/data/=/"}), place.job()));
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_EQ(report.plan.unchanged + report.touched, rows.size());
  EXPECT_EQ(report.uploaded_objects, covered_files_below(place.library()).size() - rows.size());
  EXPECT_EQ(restored(), covered_files_below(place.library()));
  EXPECT_EQ(must(run_backup(session(), place.job())).plan.to_read, 0U) << "once is enough";
}

TEST_P(TakeOver, FindsAMovedFileAndOneThatIsGone)
{
  const std::vector<OldRow> rows = rows_of_library();
  make_old_store(rows);
  fs::create_directories(place.library() + "/upload/moved");
  fs::rename(place.library() + rows.at(0).path, place.library() + "/upload/moved/x.jpg");
  const BackupReport report = must(run_backup(session(), place.job()));
  EXPECT_EQ(report.archived, 1U);
  EXPECT_EQ(report.moved, 1U);
  EXPECT_EQ(restored(), covered_files_below(place.library()));
}

TEST_P(TakeOver, StartsAgainAfterItWasInterrupted)
{
  const std::vector<OldRow> rows = rows_of_library();
  for (std::size_t step = 1; step <= 40; ++step) {
    Workplace fresh;
    const auto expected = covered_files_below(fresh.library());
    make_old_store(rows);
    fs::remove_all(fresh.store_folder());
    if (!in_a_bucket())
      fs::copy(place.store_folder(), fresh.store_folder(), fs::copy_options::recursive);
    if (in_a_bucket()) return;  // the same code; a folder shows it
    put_file(fresh.library() + "/upload/new.jpg", "new");
    FaultyStore broken(
        fresh.store(),
        {{.step = step, .when = Fault::When::after, .kind = Fault::Kind::fail, .code = Errc::io}});
    const Result<BackupReport> first = run_backup(fresh.session(broken), fresh.job());
    const bool hit = broken.all_faults_hit();
    FaultyStore watched(fresh.store());
    const BackupReport second = must(run_backup(fresh.session(watched), fresh.job()));
    EXPECT_THAT(codes(second.header), IsEmpty()) << step;
    for (const OldRow& row : rows) {
      EXPECT_EQ(broken.times_stored({"library" + row.path}), 0U) << step << row.path;
      EXPECT_EQ(watched.times_stored({"library" + row.path}), 0U) << step << row.path;
    }
    EXPECT_LE(broken.bytes_sent({"library/upload/new.jpg"}) +
                  watched.bytes_sent({"library/upload/new.jpg"}),
              3U)
        << step;
    EXPECT_EQ(fresh.restore(), covered_files_below(fresh.library())) << step;
    if (!hit) return;  // no step is left
  }
  FAIL() << "a run has fewer steps";
}

TEST_P(TakeOver, WithoutTheLibraryDecidesNothing)
{
  make_old_store(rows_of_library(), "/data");
  const BackupReport report = must(run_backup(session(), {.library = std::nullopt}));
  EXPECT_FALSE(report.manifest_written);
  const BackupReport files = must(run_backup(session({"/data/=/"}), place.job()));
  EXPECT_THAT(codes(files.header), IsEmpty());
  EXPECT_EQ(restored(), covered_files_below(place.library()));
}

}  // namespace
}  // namespace ib::test
