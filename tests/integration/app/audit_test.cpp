// SPDX-License-Identifier: Apache-2.0
//
// Whole backups of a library and a database that do not agree.
#include "app/backup/audit.hpp"

#include "app/session.hpp"
#include "postgres/database_settings.hpp"
#include "report/backup.hpp"
#include "repository/catalog.hpp"
#include "repository/proofs.hpp"
#include "support/builders.hpp"
#include "support/immich_database.hpp"
#include "support/workplace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <filesystem>

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
  EXPECT_EQ(report.audit->others_missing, 0U);
  EXPECT_TRUE(audited.newest().complete);
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
  store_proof(audited.place.session(), {.command = "verify-restore", .ok = true}, notes);
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
  EXPECT_FALSE(audited.newest().complete);

  for (const std::string& what : {id, std::string("/upload/lost.jpg")}) {
    BackupJob job = audited.job();
    job.accepted_losses = {{.what = what, .reason = "a disk died"}};
    const BackupReport accepted = audited.place.backup(job);
    EXPECT_THAT(codes(accepted.header), IsEmpty());
    EXPECT_EQ(accepted.audit->accepted, 1U) << "it stays counted";
    EXPECT_TRUE(audited.newest().complete);
  }
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

TEST(AuditTest, FindsARottenFileAlsoWhereAnotherUserHasTheSamePhoto)
{
  Audited audited("rotten_twin");
  put_file(audited.place.library() + "/upload/rot.jpg", "rottem");
  put_file(audited.place.library() + "/upload/twin.jpg", "rotten");
  audited.database.add({.path = "/upload/rot.jpg", .sha1 = content_of("rotten").sha1});
  audited.database.add({.path = "/upload/twin.jpg", .sha1 = content_of("rotten").sha1});
  const BackupReport report = audited.backup();
  EXPECT_THAT(codes(report.header), ElementsAre("differs_from_immich"));
  EXPECT_EQ(report.audit->differs, 1U);
  EXPECT_EQ(report.audit->moved, 0U);
}

TEST(AuditTest, CountsAsSafeWhatTheLibraryHasLostAndTheStoreHas)
{
  Audited audited("gone");
  put_file(audited.place.library() + "/upload/gone.jpg", "gone");
  audited.database.add({.path = "/upload/gone.jpg", .sha1 = content_of("gone").sha1});
  EXPECT_THAT(codes(audited.backup().header), IsEmpty());
  fs::remove(audited.place.library() + "/upload/gone.jpg");
  const BackupReport report = audited.backup();
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_EQ(report.audit->gone, 1U);
  EXPECT_THAT(report.header.notes, Contains(HasSubstr("/upload/gone.jpg")));
}

TEST(AuditTest, RecognizesByTheirChecksumsFilesThatAllMovedBetweenDumpAndScan)
{
  Audited audited("moved");
  fs::create_directories(audited.place.library() + "/library/all");
  fs::rename(audited.place.library() + "/upload", audited.place.library() + "/library/all/moved");
  fs::create_directories(audited.place.library() + "/upload");
  put_file(audited.place.library() + "/upload/.immich", "");
  const BackupReport report = audited.backup();
  EXPECT_GT(report.audit->moved, 0U);
  EXPECT_EQ(report.audit->missing, 0U);
  EXPECT_EQ(report.audit->protected_originals(), report.audit->originals);
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

TEST(AuditTest, ForgivesWhatWasDeletedSinceTheDump)
{
  Audited audited("deleted");
  audited.backup();
  audited.database.add({.path = "/upload/short.jpg", .sha1 = content_of("short").sha1});
  const Session session = audited.place.session();
  Catalog catalog = must(require_catalog(session));
  const BackupJob job = audited.job();
  const Scope everything({}, {});
  for (const bool deleted : {false, true}) {
    DatabaseAudit audit(session, job, catalog.scratch);
    fs::remove(catalog.scratch.file("named.db"));
    fs::remove(catalog.scratch.file("doubtful.db"));
    DatabaseSnapshot snapshot = must(DatabaseSnapshot::take(audited.database.address(), {}));
    must(audit.read(snapshot, must(snapshot.facts())));
    must(snapshot.end());
    if (deleted)
      audited.database.sql("DELETE FROM asset WHERE \"originalPath\" = '/data/upload/short.jpg'");
    ReportHeader header;
    const std::optional<Audit> sums = must(
        audit.judge(catalog.manifest, Scope(must(parse_patterns({"/**"})), {}), false, header));
    ASSERT_TRUE(sums);
    EXPECT_EQ(sums->missing, deleted ? 0U : 1U);
    EXPECT_EQ(sums->left, deleted ? 1U : 0U);
  }
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
  const std::optional<Audit> sums =
      must(audit.judge(catalog.manifest, Scope(must(parse_patterns({"/**"})), {}), false, header));
  ASSERT_TRUE(sums) << "the originals could be read";
  EXPECT_EQ(sums->proven, sums->originals);
  EXPECT_THAT(codes(header), ElementsAre("audit_not_made"));
  EXPECT_THAT(header.problems.at(0).message, HasSubstr("asset_file"));
}

}  // namespace
}  // namespace ib::test
