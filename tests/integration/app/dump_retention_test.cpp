// SPDX-License-Identifier: Apache-2.0
//
// Dumps of a real database over some nights: which are good, which are kept, and which is restored.
#include "app/rebuild.hpp"
#include "postgres/database_settings.hpp"
#include "support/builders.hpp"
#include "support/emulated_bucket.hpp"
#include "support/postgres_cluster.hpp"
#include "support/workplace.hpp"

#include <filesystem>
#include <fstream>
#include <set>

namespace ib::test {
namespace {

class Dumps : public testing::Test {
protected:
  Dumps()
  {
    static int number = 0;
    database_ = "dumps_" + std::to_string(++number);
    cluster_.create_database(database_);
    cluster_.sql(database_, R"(
      CREATE TABLE "user"(id int PRIMARY KEY, email text);
      CREATE TABLE album(id int PRIMARY KEY);
      CREATE TABLE asset(id int PRIMARY KEY, "ownerId" int, "originalPath" text, checksum bytea, "isExternal" bool,
        "deletedAt" timestamptz, status text);
      CREATE TABLE version_history(id int, "createdAt" timestamptz, version text);
      INSERT INTO version_history VALUES (1, '2026-01-01', '2.3.1'))");
    assets(100);
  }

  void assets(int number)
  {
    cluster_.sql(database_, "TRUNCATE asset; INSERT INTO asset(id) SELECT generate_series(1, " +
                                std::to_string(number) + ")");
  }

  DatabaseSettings settings(const std::string& database) const
  {
    return {.address = cluster_.address(database), .client_folder = {}};
  }

  BackupJob job(std::uint64_t keep = 0)
  {
    BackupJob job = place_.job(cluster_.address(database_));
    job.library.reset();
    job.keep_dumps = keep;
    return job;
  }

  BackupReport night(std::uint64_t keep = 0) { return place_.backup(job(keep)); }

  Result<DatabaseRestoreReport> restore(std::optional<Timestamp> at = std::nullopt)
  {
    const std::string target = database_ + "_restored_" + std::to_string(++restored_);
    cluster_.create_database(target);
    return run_restore_database(place_.session(), {.database = settings(target), .at = at});
  }

  PostgresCluster& cluster_ = shared_cluster();
  Workplace place_;
  std::string database_;
  int restored_ = 0;
};

TEST_F(Dumps, WithUnderHalfOfTheAssetsAreSuspectUntilThatIsAccepted)
{
  EXPECT_THAT(codes(night().header), IsEmpty());
  assets(50);
  EXPECT_THAT(codes(night().header), IsEmpty()) << "half of them is no reason";
  assets(100);
  night();
  assets(49);
  for (int i = 0; i < 2; ++i) {
    const BackupReport report = night();
    EXPECT_THAT(codes(report.header), ElementsAre("suspect_dump"))
        << "beside the last good one, not the last one";
    EXPECT_TRUE(report.database->suspect);
    EXPECT_THAT(place_.objects("database/"), Contains(report.database->object.value))
        << "it is kept";
  }
  BackupJob accepted = job();
  accepted.accept_changes = true;
  EXPECT_THAT(codes(place_.backup(accepted).header), IsEmpty());
  EXPECT_THAT(codes(night().header), IsEmpty());
  assets(10);
  EXPECT_THAT(codes(night().header), ElementsAre("suspect_dump"));
}

TEST_F(Dumps, AreComparedWithTheLastGoodOneAlsoAfterANightWithout)
{
  night();
  BackupJob files = place_.job();
  place_.backup(files);
  assets(3);
  EXPECT_THAT(codes(night().header), ElementsAre("suspect_dump"));
}

TEST_F(Dumps, AreComparedWithTheLastGoodOneAlsoAfterTheManifestWasRebuilt)
{
  night();
  assets(30);
  EXPECT_THAT(codes(night().header), ElementsAre("suspect_dump"));
  const std::string document = restore_point_name(*night().restore_point).value;
  std::ofstream(place_.store_folder() + "/" + document) << "no JSON";
  const auto unreadable = restore(restore_point_time({document}));
  ASSERT_TRUE(fails_with(Errc::corrupt, unreadable));
  EXPECT_THAT(unreadable.error().hint, HasSubstr("restore-points"));
  must(run_rebuild_manifest(place_.session()));
  EXPECT_THAT(codes(night().header), ElementsAre("suspect_dump"));
}

TEST_F(Dumps, ThatWereRemovedAreNoDamage)
{
  const std::string removed = night(1).database->object.value;
  night(1);
  ASSERT_THAT(place_.objects("database/"), Not(Contains(removed)));
  for (const std::string& name : {removed, std::string("database/never-was.sql.gz")}) {
    const auto run = run_restore_database(
        place_.session(),
        {.database = settings(database_ + "_removed"), .dump = name, .create = true});
    EXPECT_TRUE(fails_with(Errc::invalid, run)) << name;
  }
}

TEST_F(Dumps, AskWhichOneIsMeantWhereTheNewestIsSuspect)
{
  const Timestamp good = *night().restore_point;
  assets(3);
  const Timestamp suspect = *night().restore_point;
  const auto asks = restore();
  ASSERT_TRUE(fails_with(Errc::invalid, asks));
  EXPECT_THAT(asks.error().message, HasSubstr("suspect dump"));
  EXPECT_THAT(asks.error().hint, HasSubstr("--at " + format_iso(good)));
  const DatabaseRestoreReport report = must(restore(good));
  EXPECT_EQ(report.assets, 100U);
  const DatabaseRestoreReport told = must(restore(suspect));
  EXPECT_EQ(told.assets, 3U);
  EXPECT_THAT(told.header.notes, Not(Contains(HasSubstr("--at"))));
}

TEST_F(Dumps, AreKeptAsManyAsAskedForAndTheirRestorePointsAll)
{
  std::vector<Timestamp> points;
  for (int i = 0; i < 5; ++i) points.push_back(*night(2).restore_point);
  EXPECT_THAT(place_.objects("database/"), SizeIs(2));
  EXPECT_THAT(run_restore_points(place_.session())->restore_points, SizeIs(5));
  EXPECT_EQ(run_restore_points(place_.session())->without_their_dump,
            std::set(points.begin(), points.begin() + 3));
  EXPECT_EQ(must(restore()).restore_point, points[4]);
  const auto gone = restore(points[1]);
  ASSERT_TRUE(fails_with(Errc::invalid, gone));
  EXPECT_THAT(gone.error().message, HasSubstr("removed"));
  night(1);
  EXPECT_THAT(place_.objects("database/"), SizeIs(1));
}

TEST_F(Dumps, ThatAreSuspectTakeNoGoodOnesPlace)
{
  const BackupReport good = night(2);
  night(2);
  assets(3);
  for (int i = 0; i < 4; ++i) night(2);
  EXPECT_THAT(place_.objects("database/"), SizeIs(6));
  EXPECT_THAT(place_.objects("database/"), Contains(good.database->object.value));
  assets(100);
  for (int i = 0; i < 2; ++i) night(2);
  EXPECT_THAT(place_.objects("database/"), SizeIs(2)) << "and go with what they are older than";
}

/// Damages a table's file on the disk, none of which the server has in memory: VACUUM FULL writes
/// past it, and no index is made of what was written.
void damage_table(PostgresCluster& cluster, const std::string& database, const std::string& table)
{
  cluster.sql(database,
              "DO $$ DECLARE c record; BEGIN FOR c IN SELECT conname FROM pg_constraint WHERE "
              "conrelid = '" +
                  table + "'::regclass LOOP EXECUTE format('ALTER TABLE " + table +
                  " DROP CONSTRAINT IF EXISTS %I CASCADE', c.conname); END LOOP; FOR c IN SELECT "
                  "indexrelid::regclass AS name FROM pg_index WHERE indrelid = '" +
                  table + "'::regclass LOOP EXECUTE 'DROP INDEX ' || c.name; END LOOP; END $$");
  cluster.sql(database, "VACUUM FULL " + table);
  const std::string file = cluster.query(
      database,
      "SELECT current_setting('data_directory') || '/' || pg_relation_filepath('" + table + "')");
  cluster.sql(database, "CHECKPOINT");
  std::fstream heap(file, std::ios::binary | std::ios::in | std::ios::out);
  heap << std::string(8192, '\xa5');
  heap.close();
  ASSERT_TRUE(heap);
}

TEST_F(Dumps, AreTakenWithoutTheRowsOfADamagedTableThatImmichMakesAgain)
{
  const BackupReport before = night(1);
  for (const char* table : {"face_search", "smart_search"}) {
    cluster_.sql(database_, "CREATE TABLE " + std::string(table) +
                                "(id int PRIMARY KEY, embedding text); INSERT INTO " + table +
                                " SELECT i, repeat('x', 500) FROM generate_series(1, 500) i");
  }
  damage_table(cluster_, database_, "face_search");
  const BackupReport report = night(1);
  EXPECT_THAT(codes(report.header), ElementsAre("dump_partial"));
  EXPECT_THAT(report.header.problems.front().hint, HasSubstr("Face Detection"));
  EXPECT_THAT(report.database->left_out, ElementsAre("public.face_search"));
  EXPECT_THAT(place_.objects("database/"), SizeIs(2)) << "it takes no good dump's place";
  EXPECT_EQ(must(restore()).restore_point, before.restore_point);

  damage_table(cluster_, database_, "smart_search");
  const BackupReport both = night(1);
  EXPECT_THAT(codes(both.header), ElementsAre("dump_partial", "dump_partial"));
  const DatabaseRestoreReport restored = must(restore(both.restore_point));
  EXPECT_EQ(restored.assets, 100U);
  EXPECT_THAT(restored.header.notes, Contains(HasSubstr("smart_search is empty")));
  const std::string target = database_ + "_restored_" + std::to_string(restored_);
  EXPECT_EQ(cluster_.query(target, "SELECT count(*) FROM face_search"), "0");
}

TEST_F(Dumps, FailWhereATableIsDamagedThatNothingMakesAgain)
{
  damage_table(cluster_, database_, "asset");
  const BackupReport report = night();
  EXPECT_THAT(codes(report.header), ElementsAre("database"));
  EXPECT_THAT(place_.objects("database/"), IsEmpty());
}

TEST_F(Dumps, StayWhereTheCredentialMayNotRemoveThemAndTheRunSaysSoOnce)
{
  EmulatedBucket bucket({.credentials = kLeastPrivilege});
  const OpenStore opened = bucket.open("", "backup");
  bucket.begin();
  int told = 0;
  for (int i = 0; i < 5; ++i) {
    const BackupReport report = must(run_backup(place_.session(opened), job(2)));
    EXPECT_THAT(codes(report.header), IsEmpty());
    for (const std::string& note : report.header.notes)
      told += note.contains("may not remove") ? 1 : 0;
  }
  EXPECT_EQ(told, 1);
  EXPECT_THAT(drain(must(opened.store->list("database/", "", {}))), SizeIs(5));
}

}  // namespace
}  // namespace ib::test
