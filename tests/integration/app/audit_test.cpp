// SPDX-License-Identifier: Apache-2.0
//
// Whole backups of a library and a database that do not agree.
#include "app/backup/audit.hpp"

#include "app/session.hpp"
#include "core/names/extra_root.hpp"
#include "postgres/database_settings.hpp"
#include "report/backup.hpp"
#include "repository/catalog.hpp"
#include "repository/proofs.hpp"
#include "support/at_step.hpp"
#include "support/builders.hpp"
#include "support/immich_database.hpp"
#include "support/workplace.hpp"

#include <filesystem>
#include <sstream>

namespace ib::test {
namespace {

class Audited {
public:
  explicit Audited(const std::string& name, Generation generation = Generation::v3_1)
      : database(shared_cluster(), "audit_" + name, generation)
  {
    database.add_files_of(place.library());
  }

  BackupJob job() const { return place.job(database.address()); }
  BackupReport backup() { return place.backup(job()); }
  RestorePoint newest() { return must(run_restore_points(place.session())).restore_points.back(); }

  /// The bytes at a path after a restore of the newest restore point.
  std::optional<std::string> restored(const std::string& path, RestoreJob options = {})
  {
    fs::remove_all(place.target());
    options.target = place.target();
    must(run_restore(place.session(), options));
    const std::string file = place.target() + path;
    if (!fs::exists(file)) return std::nullopt;
    return must(read_file(file, 1 << 20));
  }
  /// Of the originals, below the media root.
  std::vector<std::string> database_paths()
  {
    std::istringstream lines(database.query(
        "SELECT encode(convert_to(substr(\"originalPath\", length('/data') + 1), 'UTF8'), 'hex') "
        "FROM asset"));
    std::vector<std::string> paths;
    for (std::string line; std::getline(lines, line);) {
      std::string path;
      for (std::size_t i = 0; i + 1 < line.size(); i += 2)
        path += static_cast<char>(std::stoi(line.substr(i, 2), nullptr, 16));
      if (!path.empty()) paths.push_back(path);
    }
    return paths;
  }

  Workplace place;
  ImmichDatabase database;
};

class AuditOf : public testing::TestWithParam<Generation> {};

TEST_P(AuditOf, AWholeLibraryProvesEachOriginal)
{
  Audited audited("whole_" + std::to_string(static_cast<int>(GetParam())), GetParam());
  const BackupReport report = audited.backup();
  ASSERT_TRUE(report.audit);
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_GT(report.audit->originals, 5U);
  EXPECT_EQ(report.audit->proven, report.audit->originals);
  EXPECT_GT(report.audit->others, 0U);
  const std::string count = std::to_string(report.audit->originals);
  EXPECT_THAT(to_text(report),
              HasSubstr("proof          " + count + " of " + count + " originals"));
  EXPECT_EQ(report.audit->unprotected(), 0U);
  EXPECT_TRUE(audited.newest().is_complete());
  EXPECT_EQ(audited.newest().audit, report.audit) << "the verdict is in the restore point";
}
TEST(AuditTest, SaysWhenTheStoreWasLastListedAgainstTheManifest)
{
  Audited audited("listed");
  const BackupReport first = audited.backup();
  EXPECT_EQ(first.store_listed, std::nullopt);
  EXPECT_THAT(to_text(first), HasSubstr("no listing of the store against the manifest is known"));
  audited.place.verify_all();
  const BackupReport second = audited.backup();
  ASSERT_TRUE(second.store_listed);
  EXPECT_THAT(to_text(second),
              HasSubstr("last listed against the manifest on " + format_iso(*second.store_listed)));
  EXPECT_EQ(audited.newest().store_listed, second.store_listed);

  // A drill reads objects, and lists none.
  std::vector<std::string> notes;
  store_proof(audited.place.session(),
              {.command = "verify-restore", .verdict = Proof::Verdict::proven}, notes);
  EXPECT_EQ(audited.backup().store_listed, second.store_listed);
}

INSTANTIATE_TEST_SUITE_P(Versions, AuditOf, testing::ValuesIn(kGenerations));

TEST(AuditTest, NamesAnOriginalThatIsNowhereUntilItIsAcceptedAsLost)
{
  Audited audited("hole");
  const std::string id = "11111111-2222-4333-8444-555555555555";
  audited.database.add({.path = "/upload/lost.jpg", .sha1 = content_of("lost").sha1, .id = id});
  const BackupReport report = audited.backup();
  EXPECT_THAT(codes(report.header), ElementsAre("not_protected"));
  EXPECT_EQ(report.header.problems.at(0).path, "/upload/lost.jpg");
  EXPECT_THAT(report.header.problems.at(0).hint, HasSubstr("--accept-lost '" + id + "="));
  EXPECT_EQ(report.audit->missing, 1U);
  EXPECT_EQ(report.audit->proven, report.audit->originals - 1);
  EXPECT_FALSE(audited.newest().is_complete());

  const auto accept = [&](const std::string& what) {
    BackupJob job = audited.job();
    job.accepted_losses = {{.what = what, .reason = "a disk died"}};
    if (Result<PathPattern> pattern = PathPattern::parse(what))
      job.accepted_losses[0].pattern = *pattern;
    return audited.place.backup(job);
  };
  for (const std::string& what :
       {id, std::string("/upload/lost.jpg"), std::string("upload/lost.jpg"),
        std::string("/upload/l*.jpg"), std::string("lost.jpg")}) {
    const BackupReport accepted = accept(what);
    EXPECT_THAT(codes(accepted.header), IsEmpty()) << what;
    EXPECT_EQ(accepted.audit->accepted, 1U) << "it stays counted";
    EXPECT_THAT(accepted.header.notes, Not(Contains(HasSubstr("--accept-lost"))));
    EXPECT_TRUE(audited.newest().is_complete());
  }
  const BackupReport other = accept("/library/lost.jpg");
  EXPECT_THAT(codes(other.header), ElementsAre("not_protected"));
  EXPECT_THAT(other.header.notes,
              Contains(HasSubstr("'/library/lost.jpg' matches nothing that is lost")));
}

TEST(AuditTest, AcceptsNoRottenFileByAPattern)
{
  Audited audited("rotten_pattern");
  put_file(audited.place.library() + "/upload/rot.jpg", "rottem");
  audited.database.add({.path = "/upload/rot.jpg", .sha1 = content_of("rotten").sha1});
  BackupJob job = audited.job();
  job.accepted_losses = {{.what = "/upload/*", .reason = "a disk died"}};
  job.accepted_losses[0].pattern = must(PathPattern::parse("/upload/*"));
  EXPECT_THAT(codes(audited.place.backup(job).header), ElementsAre("differs_from_immich"));
  job.accepted_losses[0].what = "/upload/rot.jpg";
  EXPECT_THAT(codes(audited.place.backup(job).header), IsEmpty()) << "by its name";
}

TEST(AuditTest, AcceptsALossWhoseNameIsLikeAPattern)
{
  Audited audited("bracket");
  audited.database.add({.path = "/upload/IMG[1].jpg", .sha1 = content_of("lost").sha1});
  BackupJob job = audited.job();
  job.accepted_losses = {{.what = "/upload/IMG[1].jpg", .reason = "a disk died"}};
  job.accepted_losses[0].pattern = must(PathPattern::parse(job.accepted_losses[0].what));
  EXPECT_THAT(codes(audited.place.backup(job).header), IsEmpty());
}

TEST(AuditTest, SoundsAnAlarmWhereTheDatabaseNamesNoneOfTheFiles)
{
  Audited audited("none");
  audited.database.sql("DELETE FROM asset");
  const BackupReport report = audited.backup();
  EXPECT_THAT(codes(report.header), ElementsAre("no_originals"));
  EXPECT_THAT(report.header.problems[0].message, HasSubstr("the library has"));
  EXPECT_FALSE(audited.newest().is_complete());
}

TEST(AuditTest, FindsAFileThatRottedBeforeItsFirstBackup)
{
  Audited audited("rotten");
  put_file(audited.place.library() + "/upload/rot.jpg", "rottem");
  audited.database.add({.path = "/upload/rot.jpg", .sha1 = content_of("rotten").sha1});
  const BackupReport report = audited.backup();
  EXPECT_THAT(codes(report.header), ElementsAre("differs_from_immich"));
  EXPECT_EQ(report.audit->differs, 1U);
}

TEST(AuditTest, ReadsAFileAgainThatImmichRecordedOtherwise)
{
  constexpr std::int64_t kTime = 1'500'000'000'000'000'000;
  Audited audited("read_again");
  const std::string file = audited.place.library() + "/upload/again.jpg";
  put_file(file, "first!", kTime);
  audited.database.add({.path = "/upload/again.jpg", .sha1 = content_of("first!").sha1});
  ASSERT_THAT(codes(audited.backup().header), IsEmpty());
  put_file(file, "second", kTime);
  audited.place.forget_ctimes();
  audited.database.sql("UPDATE asset SET checksum = '\\x" + content_of("second").sha1.hex() +
                       "' WHERE \"originalPath\" LIKE '%/upload/again.jpg'");
  const BackupReport report = audited.backup();
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_EQ(report.changed, 1U);
  EXPECT_EQ(report.plan.unchanged + 1, report.plan.scanned);
  EXPECT_EQ(report.audit->proven, report.audit->originals);
  EXPECT_EQ(audited.restored("/upload/again.jpg"), "second");
}

TEST(AuditTest, RestoresWhatAnotherUserHasInThePlaceOfARottenFile)
{
  Audited audited("rotten_twin");
  put_file(audited.place.library() + "/upload/rot.jpg", "rottem");
  put_file(audited.place.library() + "/upload/twin.jpg", "rotten");
  audited.database.add({.path = "/upload/rot.jpg", .sha1 = content_of("rotten").sha1});
  audited.database.add({.path = "/upload/twin.jpg", .sha1 = content_of("rotten").sha1});
  const BackupReport report = audited.backup();
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_EQ(report.audit->edited, 1U);
  EXPECT_EQ(report.audit->proven, report.audit->originals);
  EXPECT_THAT(report.header.notes,
              Contains(AllOf(HasSubstr("--as-in-library"), HasSubstr("/upload/rot.jpg"))));
  EXPECT_EQ(audited.restored("/upload/rot.jpg"), "rotten");
  EXPECT_EQ(audited.restored("/upload/twin.jpg"), "rotten");
  EXPECT_EQ(audited.restored("/upload/rot.jpg", {.as_in_library = true}), "rottem");
}

TEST(AuditTest, RestoresOnePhotoOfTwoUsersToBoth)
{
  Audited audited("two_users");
  put_file(audited.place.library() + "/upload/anna.jpg", "shared");
  audited.database.add({.path = "/upload/anna.jpg", .sha1 = content_of("shared").sha1});
  audited.database.add({.path = "/upload/ben.jpg", .sha1 = content_of("shared").sha1});
  const BackupReport report = audited.backup();
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_EQ(report.audit->placed, 1U);
  EXPECT_EQ(audited.restored("/upload/ben.jpg"), "shared");
}

TEST(AuditTest, RestoresWhatTheLibraryHasLostAndTheStoreHas)
{
  Audited audited("gone");
  put_file(audited.place.library() + "/upload/gone.jpg", "gone");
  audited.database.add({.path = "/upload/gone.jpg", .sha1 = content_of("gone").sha1});
  EXPECT_THAT(codes(audited.backup().header), IsEmpty());
  fs::remove(audited.place.library() + "/upload/gone.jpg");
  const BackupReport report = audited.backup();
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_EQ(report.audit->placed, 1U);
  EXPECT_THAT(report.header.notes, Contains(HasSubstr("/upload/gone.jpg")));
  EXPECT_EQ(audited.restored("/upload/gone.jpg"), "gone");
  EXPECT_EQ(audited.restored("/upload/gone.jpg", {.as_in_library = true}), std::nullopt);

  // Once the database forgets it, so does a restore; and a night without changes changes nothing.
  EXPECT_FALSE(audited.backup().manifest_written);
  audited.database.sql("DELETE FROM asset WHERE \"originalPath\" = '/data/upload/gone.jpg'");
  EXPECT_TRUE(audited.backup().manifest_written);
  EXPECT_EQ(audited.restored("/upload/gone.jpg"), std::nullopt);
}

TEST(AuditTest, PutsFilesThatAllMovedBetweenDumpAndScanWhereTheDumpNamesThem)
{
  Audited audited("moved");
  const std::map<std::string, FileState> before = files_below(audited.place.library());
  fs::create_directories(audited.place.library() + "/library/all");
  fs::rename(audited.place.library() + "/upload", audited.place.library() + "/library/all/moved");
  fs::create_directories(audited.place.library() + "/upload");
  put_file(audited.place.library() + "/upload/.immich", "");
  const BackupReport report = audited.backup();
  EXPECT_GT(report.audit->placed, 0U);
  EXPECT_EQ(report.audit->missing, 0U);
  EXPECT_EQ(report.audit->protected_originals(), report.audit->originals);
  for (const std::string& path : audited.database_paths()) {
    ASSERT_TRUE(before.contains(path)) << path;
    EXPECT_EQ(audited.restored(path), before.at(path).bytes) << path;
  }
}

/// A new photo that Immich moves once the scan has passed the folder where it comes to lie. The
/// dump names it where it was.
class MovedBehindTheScan {
public:
  explicit MovedBehindTheScan(const std::string& name) : audited("behind_" + name)
  {
    put_file(file(kUploaded), "a new photo");
    audited.database.add({.path = kUploaded, .sha1 = content_of("a new photo").sha1});
  }
  BackupReport backup(const std::function<void()>& before_it_moves = nullptr)
  {
    AtStep progress(kSendingFiles, [&] {
      if (!fs::exists(file(kUploaded))) return;  // it is no longer the first time
      if (before_it_moves) before_it_moves();
      fs::create_directories(fs::path(file(kMoved)).parent_path());
      fs::rename(file(kUploaded), file(kMoved));
      audited.database.sql("UPDATE asset SET \"originalPath\" = '/data" + std::string(kMoved) +
                           "' WHERE \"originalPath\" = '/data" + std::string(kUploaded) + "'");
    });
    return must(run_backup(audited.place.session(progress), audited.job()));
  }
  std::string file(const std::string& path) const { return audited.place.library() + path; }

  static constexpr const char* kUploaded = "/upload/new/photo.jpg";
  static constexpr const char* kMoved = "/library/admin/new/photo.jpg";
  Audited audited;
};

TEST(AuditTest, StoresANewPhotoThatMovesBehindTheScan)
{
  MovedBehindTheScan night("scan");
  const BackupReport report = night.backup();
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_EQ(report.audit->missing, 0U);
  EXPECT_EQ(night.audited.restored(night.kUploaded), "a new photo") << "where the dump names it";
  EXPECT_EQ(night.audited.restored(night.kMoved, {.as_in_library = true}), "a new photo");
}

TEST(AuditTest, FollowsNoLinkToWhereAPhotoHasMoved)
{
  MovedBehindTheScan night("link");
  const BackupReport report = night.backup([&] {
    fs::create_directories(night.audited.place.path("elsewhere"));
    fs::create_directory_symlink(night.audited.place.path("elsewhere"),
                                 night.file("/library/admin/new"));
  });
  EXPECT_THAT(codes(report.header), ElementsAre("not_protected"));
  EXPECT_EQ(report.header.problems.at(0).path, night.kUploaded);
  EXPECT_EQ(night.audited.restored(night.kUploaded), std::nullopt);
}

TEST(AuditTest, RestoresAnEditThatTheOwnerAcceptsAndNoOther)
{
  Audited audited("edited");
  const std::string file = audited.place.library() + "/upload/edit.jpg";
  put_file(file, "as it was uploaded");
  audited.database.add({.path = "/upload/edit.jpg", .sha1 = content_of("as it was uploaded").sha1});
  audited.backup();
  put_file(file, "edited in place", 1'700'000'000'000'000'000);
  const BackupReport edited = audited.backup();
  EXPECT_THAT(codes(edited.header), ElementsAre("edited_in_place"));
  EXPECT_EQ(edited.audit->edited, 1U);
  EXPECT_TRUE(audited.newest().is_complete()) << "a restore brings what Immich recorded";
  EXPECT_EQ(audited.restored("/upload/edit.jpg", {.as_in_library = true}), "edited in place");
  EXPECT_THAT(codes(audited.backup().header), IsEmpty()) << "it is said once";
  EXPECT_EQ(audited.restored("/upload/edit.jpg"), "as it was uploaded");

  BackupJob job = audited.job();
  job.accepted_edits = {
      {.path = "/upload/edit.jpg", .sha256 = content_of("edited in place").sha256}};
  const BackupReport accepted = audited.place.backup(job);
  EXPECT_THAT(codes(accepted.header), IsEmpty());
  EXPECT_EQ(accepted.audit->accepted, 1U);
  EXPECT_TRUE(audited.newest().is_complete());
  EXPECT_EQ(audited.restored("/upload/edit.jpg"), "edited in place");

  put_file(file, "edited once again", 1'700'000'001'000'000'000);
  const BackupReport again = audited.place.backup(job);
  EXPECT_EQ(again.audit->accepted, 0U) << "other bytes were accepted";
  EXPECT_EQ(audited.restored("/upload/edit.jpg"), "as it was uploaded");
}

TEST(AuditTest, CountsWhatTheOwnerExcludesAndNamesWhatTheDefaultRulesLeaveOut)
{
  Audited audited("excluded");
  put_file(audited.place.library() + "/upload/big.mkv", "big");
  audited.database.add({.path = "/upload/big.mkv", .sha1 = content_of("big").sha1});
  put_file(audited.place.library() + "/thumbs/odd.jpg", "at an odd place");
  audited.database.add({.path = "/thumbs/odd.jpg", .sha1 = content_of("at an odd place").sha1});
  BackupJob job = audited.job();
  job.exclude = {"*.mkv"};
  const BackupReport report = audited.place.backup(job);
  EXPECT_EQ(report.audit->excluded, 1U);
  EXPECT_EQ(report.audit->missing, 1U);
  EXPECT_THAT(codes(report.header), ElementsAre("not_protected"));
  EXPECT_EQ(report.header.problems.at(0).path, "/thumbs/odd.jpg");
  EXPECT_THAT(report.header.problems.at(0).message, HasSubstr("--include"));
}

TEST(AuditTest, TellsWhatLiesElsewhereApart)
{
  Audited audited("elsewhere");
  audited.database.add_all({{.path = "/mnt/photos/e.jpg",
                             .sha1 = content_of("path:/mnt/photos/e.jpg").sha1,
                             .algorithm = "sha1-path",
                             .external = true},
                            {.path = "/upload/odd.jpg", .checksum = "0102"}});
  put_file(audited.place.library() + "/upload/odd.jpg", "odd");
  audited.database.sql("INSERT INTO asset SELECT * FROM asset WHERE false");
  BackupReport report = audited.backup();
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_EQ(report.audit->external, 1U);
  EXPECT_EQ(report.audit->stored, 1U) << "a checksum of two bytes proves nothing";
  EXPECT_THAT(report.header.notes, Contains(HasSubstr("--extra-root")));
  EXPECT_THAT(report.header.notes, Contains(HasSubstr("/upload/odd.jpg")));

  audited.database.sql(
      "UPDATE asset SET \"originalPath\" = '/elsewhere/odd.jpg' WHERE \"originalPath\" = "
      "'/data/upload/odd.jpg'");
  report = audited.backup();
  EXPECT_THAT(codes(report.header), ElementsAre("not_protected"));
  EXPECT_THAT(report.header.problems.at(0).message, HasSubstr("lies outside"));
}

TEST(AuditTest, CoversAnExternalLibraryThatIsAnExtraRoot)
{
  Audited audited("extra_root");
  const std::string folder = audited.place.path("photos");
  put_file(folder + "/e.jpg", "external");
  audited.database.add({.path = folder + "/e.jpg",
                        .sha1 = content_of("path").sha1,
                        .algorithm = "sha1-path",
                        .external = true});
  BackupJob job = audited.job();
  job.extra_roots = {{.name = "photos", .folder = folder}};
  const BackupReport report = audited.place.backup(job);
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_EQ(report.audit->external, 0U);
  EXPECT_EQ(report.audit->stored, 1U);
}

/// Extra roots whose files the database names by other folders, as a server in a container does.
class Container {
public:
  explicit Container(const std::string& name) : audited("container_" + name) {}

  /// A file below an extra root's folder, or wherever it lies.
  void file(const std::string& below, const std::string& text)
  {
    put_file(audited.place.path(below), text);
  }
  /// An asset of an external library.
  void names(const std::string& path, bool offline = false)
  {
    audited.database.add({.path = path,
                          .sha1 = content_of("path:" + path).sha1,
                          .status = offline ? "trashed" : "active",
                          .algorithm = "sha1-path",
                          .external = true,
                          .offline = offline});
  }
  void import(const std::string& path)
  {
    audited.database.sql("INSERT INTO library (name, \"ownerId\", \"importPaths\") VALUES ('x', '" +
                         ImmichDatabase::user_id() + "', '{" + path + "}')");
  }
  BackupReport backup(const std::vector<std::string>& roots)
  {
    BackupJob job = audited.job();
    for (const std::string& root : roots) {
      const std::string folder = audited.place.path(root);
      job.extra_roots.push_back({.name = root.substr(root.rfind('/') + 1), .folder = folder});
    }
    return audited.place.backup(job);
  }
  /// What a restore of the user's assets brings of extra roots, without /@external/.
  std::map<std::string, std::string> restored()
  {
    const std::string target = audited.place.path("of_user");
    fs::remove_all(target);
    RestoreJob job{.target = target};
    job.assets.users = {"owner@example.org"};
    must(run_restore(audited.place.session(), job));
    std::map<std::string, std::string> files;
    for (const auto& [path, file] : files_below(target)) {
      if (path.starts_with(kExtraRootsPrefix))
        files[path.substr(kExtraRootsPrefix.size())] = file.bytes;
    }
    return files;
  }

  Audited audited;
};

using Restored = std::map<std::string, std::string>;

TEST(ExternalLibrary, IsFoundWhereItsFilesAre)
{
  Container container("found");
  container.import("/libraries/field-case/");
  for (const std::string name : {"1.jpg", "2.jpg"}) {
    container.file("photos/2019/" + name, "photo " + name);
    container.names("/libraries/field-case/2019/" + name);
  }
  container.file("scans/2019/letter.jpg", "a letter");
  const BackupReport report = container.backup({"photos", "scans"});
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_EQ(report.audit->external, 0U);
  EXPECT_EQ(report.audit->stored, 2U);
  EXPECT_THAT(report.header.notes, Not(Contains(HasSubstr("external librar"))));
  const Restored all{{"photos/2019/1.jpg", "photo 1.jpg"}, {"photos/2019/2.jpg", "photo 2.jpg"}};
  EXPECT_EQ(container.restored(), all);

  // A photo that the library loses, and the backup has.
  fs::remove(container.audited.place.path("photos/2019/1.jpg"));
  const BackupReport lost = container.backup({"photos", "scans"});
  EXPECT_THAT(codes(lost.header), IsEmpty());
  EXPECT_EQ(lost.audit->placed, 1U);
  EXPECT_EQ(container.restored(), all);

  // And one that nobody has.
  container.names("/libraries/field-case/2019/3.jpg");
  const BackupReport missing = container.backup({"photos", "scans"});
  EXPECT_THAT(codes(missing.header), ElementsAre("not_protected"));
  EXPECT_EQ(missing.header.problems.at(0).path, "/@external/photos/2019/3.jpg");
}

TEST(ExternalLibrary, IsFoundBelowARootAndAboveOne)
{
  Container container("below");
  container.import("/holiday");
  container.import("/libraries");
  container.file("nas/family/holiday/1.jpg", "below by two names");
  container.file("nas/holiday/1.jpg", "below");
  container.names("/holiday/1.jpg");
  container.file("raw/2020/1.dng", "raw");
  container.names("/libraries/raw/2020/1.dng");
  container.file("scans/2021/1.jpg", "scan");
  container.names("/libraries/scans/2021/1.jpg");
  const BackupReport report = container.backup({"nas", "raw", "scans"});
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_EQ(report.audit->external, 0U);
  EXPECT_EQ(container.restored(), (Restored{{"nas/holiday/1.jpg", "below"},
                                            {"raw/2020/1.dng", "raw"},
                                            {"scans/2021/1.jpg", "scan"}}));
}

TEST(ExternalLibrary, IsNotGuessedWhereTwoFoldersFit)
{
  Container container("two_roots");
  container.import("/libraries/a");
  container.names("/libraries/a/1.jpg");
  container.file("one/1.jpg", "one");
  container.file("two/1.jpg", "two");
  const BackupReport report = container.backup({"one", "two"});
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_EQ(report.audit->external, 1U);
  EXPECT_THAT(report.header.notes,
              Contains(HasSubstr("/libraries/a may be one of several folders")));
  EXPECT_THAT(report.header.notes, Contains(HasSubstr("NAME=DIR=/libraries/a")));
  EXPECT_THAT(container.restored(), IsEmpty());

  // The owner knows.
  BackupJob job = container.audited.job();
  job.extra_roots = {{.name = "one",
                      .folder = container.audited.place.path("one"),
                      .in_immich = {{.path = "/libraries/a", .below = ""}}},
                     {.name = "two", .folder = container.audited.place.path("two")}};
  EXPECT_EQ(container.audited.place.backup(job).audit->external, 0U);
  EXPECT_EQ(container.restored(), (Restored{{"one/1.jpg", "one"}}));
}

TEST(ExternalLibrary, IsNotGuessedWhereTwoLibrariesFitOneFolder)
{
  Container container("two_libraries");
  for (const std::string library : {"/libraries/a", "/libraries/b"}) {
    container.import(library);
    container.names(library + "/1.jpg");
  }
  container.file("photos/1.jpg", "of one of them");
  const BackupReport report = container.backup({"photos"});
  EXPECT_EQ(report.audit->external, 2U);
  EXPECT_EQ(report.audit->stored, 0U);
  EXPECT_THAT(container.restored(), IsEmpty());
}

TEST(ExternalLibrary, IsNotGuessedWhereTheFolderIsAnothersAlready)
{
  Container container("taken");
  const std::string photos = container.audited.place.path("photos");
  container.import(photos);
  container.names(photos + "/1.jpg");
  container.import("/libraries/b");
  container.names("/libraries/b/1.jpg");
  container.file("photos/1.jpg", "not that of b");
  const BackupReport report = container.backup({"photos"});
  EXPECT_EQ(report.audit->external, 1U);
  EXPECT_EQ(report.audit->stored, 1U);
}

TEST(ExternalLibrary, IsNotFoundByAFewFilesThatAreAlike)
{
  Container container("alike");
  container.import("/libraries/a");
  for (int i = 1; i <= 20; ++i) container.names("/libraries/a/" + std::to_string(i) + ".jpg");
  for (int i = 1; i <= 9; ++i)
    container.file("photos/" + std::to_string(i) + ".jpg", std::to_string(i));
  const BackupReport report = container.backup({"photos"});
  EXPECT_EQ(report.audit->external, 20U);
  EXPECT_THAT(report.header.notes,
              Contains(AllOf(HasSubstr("NAME=DIR=PATH"), HasSubstr("/libraries/a/1.jpg"))));
}

TEST(ExternalLibrary, IsNoAlarmWhereItIsOffline)
{
  Container container("offline");
  container.import("/libraries/a");
  container.names("/libraries/a/1.jpg");
  container.names("/libraries/a/never.jpg", true);
  container.file("photos/1.jpg", "one");
  const BackupReport report = container.backup({"photos"});
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_EQ(report.audit->offline, 1U);
  EXPECT_EQ(report.audit->missing, 0U);
  EXPECT_THAT(report.header.notes,
              Contains(HasSubstr("1 original of external libraries: offline")));
  EXPECT_TRUE(container.audited.newest().is_complete());

  // The drive goes: what the backup has of it stays what a restore brings.
  container.audited.database.sql(
      "UPDATE asset SET \"isOffline\" = true, status = 'trashed', \"deletedAt\" = now() WHERE "
      "\"isExternal\"");
  fs::remove(container.audited.place.path("photos/1.jpg"));
  container.file("photos/readme.txt", "the mount point");
  const BackupReport away = container.backup({"photos"});
  EXPECT_THAT(codes(away.header), IsEmpty());
  EXPECT_EQ(away.audit->offline, 1U);
  EXPECT_EQ(away.audit->stored, 1U);
  EXPECT_EQ(container.restored(), (Restored{{"photos/1.jpg", "one"}}));
}

TEST(ExternalLibrary, IsBackedUpWithoutBeingNamedWhereItLiesInTheMediaRoot)
{
  Container container("inside");
  container.import("/data/external/[a] b/");
  container.import("/data/upload/odd");
  container.import("/data/thumbs");
  container.import("/data");
  container.file("library/external/[a] b/1.jpg", "inside");
  container.names("/data/external/[a] b/1.jpg");
  container.file("library/external/other/2.jpg", "no library's");
  container.file("library/thumbs/3.jpg", "a thumbnail");
  const BackupReport report = container.backup({});
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_EQ(report.audit->stored, 1U);
  EXPECT_EQ(report.audit->external, 0U);
  EXPECT_EQ(container.audited.restored("/external/[a] b/1.jpg"), "inside");
  EXPECT_EQ(container.audited.restored("/external/other/2.jpg"), std::nullopt);
  EXPECT_EQ(container.audited.restored("/thumbs/3.jpg"), std::nullopt);
  EXPECT_EQ(container.backup({}).uploaded_objects, 0U);

  // A night without the database does not take it for gone.
  const BackupReport files_alone = container.audited.place.backup(container.audited.place.job());
  EXPECT_EQ(files_alone.archived, 0U);
}

/// What Immich 1.132 to 1.136 keeps without a container: nothing says where the media root is.
TEST(AuditTest, KnowsALibraryWhoseDatabaseDoesNotRecordWhereItLies)
{
  Audited audited("unrecorded");
  const std::string& library = audited.place.library();
  audited.database.sql(
      "DELETE FROM system_metadata WHERE key = 'MediaLocation'; "
      "UPDATE asset SET \"originalPath\" = replace(\"originalPath\", '/data/', '" +
      library +
      "/'); "
      "UPDATE asset_file SET path = replace(path, '/data/', '" +
      library +
      "/'); "
      "UPDATE \"user\" SET \"profileImagePath\" = replace(\"profileImagePath\", '/data/', '" +
      library + "/')");
  fs::create_directory_symlink(library, audited.place.path("linked"));
  for (const std::string& named : {library, audited.place.path("linked"), library + "/"}) {
    BackupJob job = audited.job();
    job.library = named;
    const BackupReport report = audited.place.backup(job);
    EXPECT_THAT(codes(report.header), IsEmpty()) << named;
    ASSERT_TRUE(report.audit);
    EXPECT_EQ(report.audit->proven, report.audit->originals);
    EXPECT_EQ(report.audit->others_missing, 0U);
    EXPECT_EQ(report.audit->unknown, 1U) << "the one whose name no database holds";
  }
  const std::map<std::string, FileState> all = audited.place.restore();
  RestoreJob owners{.target = audited.place.path("owners")};
  owners.assets.users = {"owner@example.org"};
  const RestoreReport restored = must(run_restore(audited.place.session(), owners));
  EXPECT_THAT(codes(restored.header), IsEmpty());
  for (const auto& [path, file] : files_below(owners.target)) EXPECT_EQ(file, all.at(path)) << path;
  EXPECT_GT(files_below(owners.target).size(), 5U);
}

TEST(AuditTest, SaysOfWhatImmichWasDeletingThatItIsDeleted)
{
  Audited audited("deleted");
  audited.database.add(
      {.path = "/upload/short.jpg", .sha1 = content_of("short").sha1, .status = "deleted"});
  const BackupReport report = audited.backup();
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_EQ(report.audit->deleted, 1U);
  EXPECT_EQ(report.audit->missing, 0U);
  EXPECT_TRUE(audited.newest().is_complete());
}

TEST(AuditTest, IsNotMadeOfTablesThatNobodyKnows)
{
  Workplace place;
  shared_cluster().sql("postgres", "CREATE DATABASE audit_stranger");
  BackupJob job = place.job();
  job.database =
      DatabaseSettings{.address = shared_cluster().address("audit_stranger"), .client_folder = {}};
  const BackupReport report = place.backup(job);
  EXPECT_THAT(codes(report.header), ElementsAre("audit_not_made"));
  EXPECT_FALSE(report.audit);
  EXPECT_TRUE(report.database) << "the dump is there all the same";
  EXPECT_GT(report.added, 0U);
}

TEST(AuditTest, SaysWhichTableItMayNotRead)
{
  Audited audited("rights");
  const BackupJob job = audited.job();
  audited.database.sql(
      "CREATE ROLE audit_reader; GRANT SELECT ON ALL TABLES IN SCHEMA public TO audit_reader; "
      "REVOKE ALL ON asset_file FROM audit_reader; ALTER ROLE audit_reader LOGIN PASSWORD 'x'");
  DatabaseAddress address = audited.database.address();
  address.user = "audit_reader";
  address.password = "x";
  const Session session = audited.place.session();
  audited.place.backup();
  Catalog catalog = must(require_catalog(session));
  DatabaseAudit audit(session, job, catalog.scratch);
  DatabaseSnapshot snapshot = must(DatabaseSnapshot::take(address, {}));
  must(audit.read(snapshot, must(snapshot.facts())));
  ReportHeader header;
  SilentProgress progress;
  Findings findings(progress, header);
  const std::optional<Audit> sums = must(audit.judge(catalog.manifest, false, findings));
  ASSERT_TRUE(sums) << "the originals could be read";
  EXPECT_EQ(sums->proven, sums->originals);
  EXPECT_THAT(codes(header), ElementsAre("audit_not_made"));
  EXPECT_THAT(header.problems.at(0).message, HasSubstr("asset_file"));
}

}  // namespace
}  // namespace ib::test
