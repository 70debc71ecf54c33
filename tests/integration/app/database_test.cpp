// SPDX-License-Identifier: Apache-2.0
#include "postgres/connection.hpp"
#include "postgres/database_settings.hpp"
#include "repository/runs.hpp"
#include "support/at_step.hpp"
#include "support/builders.hpp"
#include "support/fake_bin.hpp"
#include "support/gzip.hpp"
#include "support/immich_database.hpp"
#include "support/postgres_cluster.hpp"
#include "support/workplace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <filesystem>
#include <fstream>

namespace ib::test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

constexpr std::string_view kRows = "SELECT string_agg(t::text, ',' ORDER BY id) FROM asset t";

/// A database of its own for each test, with enough of Immich's tables to be known as one.
class DatabaseBackup : public ::testing::Test {
protected:
  DatabaseBackup()
  {
    static int number = 0;
    database_ = "immich_" + std::to_string(++number);
    immich_.emplace(cluster_, database_);
    immich_->add_files_of(place_.library());
    immich_->sql(R"(
      CREATE EXTENSION cube; CREATE EXTENSION earthdistance;
      CREATE TABLE place(id int PRIMARY KEY, lat float, lon float);
      CREATE INDEX ON place USING gist (ll_to_earth(lat, lon));
      INSERT INTO place SELECT i, 48, 11 FROM generate_series(1, 500) i)");
    assets_ = std::stoull(immich_->query("SELECT count(*) FROM asset"));
  }

  DatabaseSettings settings(const std::string& database) const
  {
    return {.address = cluster_.address(database), .client_folder = {}};
  }

  BackupJob job() const { return place_.job(cluster_.address(database_)); }

  /// Restores into a new database and returns its name.
  Result<std::string> restore(std::optional<std::string> dump = std::nullopt)
  {
    const std::string target = database_ + "_restored";
    if (cluster_.query("postgres", "SELECT count(*) FROM pg_database WHERE datname = '" + target +
                                       "'") == "0") {
      cluster_.create_database(target);
    }
    TRY(run_restore_database(place_.session(),
                             {.database = settings(target), .dump = std::move(dump)}));
    return target;
  }

  std::string count_tables(const std::string& database)
  {
    return cluster_.query(database, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'");
  }

  std::string restore_roles()
  {
    return cluster_.query("postgres",
                          "SELECT count(*) FROM pg_roles WHERE rolname LIKE "
                          "'immich_backup_restore%'");
  }

  std::string dump_file(const BackupReport& report) const
  {
    return place_.store_folder() + "/" + report.database->object.value;
  }

  PostgresCluster& cluster_ = shared_cluster();
  Workplace place_;
  std::string database_;
  std::optional<ImmichDatabase> immich_;
  std::uint64_t assets_ = 0;
};

TEST_F(DatabaseBackup, BringsBackEveryRow)
{
  const BackupReport report = place_.backup(job());
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_THAT(report.database->object.value,
              MatchesRegex("database/....-..-..T..-..-..-immich-v3\\.1\\.0\\.sql\\.gz"));
  EXPECT_EQ(report.database->assets, assets_);
  const std::string before = cluster_.query(database_, std::string(kRows));

  const Result<std::string> restored = restore();
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(cluster_.query(*restored, std::string(kRows)), before);
}

TEST_F(DatabaseBackup, WritesADumpThatPlainGunzipReads)
{
  const BackupReport report = place_.backup(job());
  const std::string command = "gunzip -c '" + dump_file(report) +
                              "' | tail -n 5 | grep -q 'PostgreSQL database dump complete'";
  EXPECT_EQ(std::system(command.c_str()), 0);
}

TEST_F(DatabaseBackup, SavesTheFilesWhenTheDatabaseIsDown)
{
  BackupJob broken = job();
  broken.database->address.port = "1";
  broken.database->wait = {};
  const BackupReport report = place_.backup(broken);
  EXPECT_THAT(codes(report.header), ElementsAre("database"));
  EXPECT_FALSE(report.database);
  EXPECT_EQ(place_.restore(), covered_files_below(place_.library()));
  EXPECT_FALSE(run_status(place_.session())->newest->is_complete());
}

TEST_F(DatabaseBackup, SaysThatThePasswordIsWrongAndKeepsItToItself)
{
  BackupJob broken = job();
  broken.database->address.password = "open sesame";
  const BackupReport report = place_.backup(broken);
  ASSERT_THAT(codes(report.header), ElementsAre("database"));
  EXPECT_THAT(report.header.problems[0].hint, HasSubstr("DB_PASSWORD"));
  for (const std::string& name : place_.objects("manifest")) {
    EXPECT_EQ(read_file(place_.store_folder() + "/" + name, 1 << 20)->find("open sesame"),
              std::string::npos);
  }
}

TEST_F(DatabaseBackup, NamesAFileThatIsNoLongerWhatImmichRecordedAndRestoresThat)
{
  const auto put = [&](std::string_view bytes, std::int64_t mtime) {
    put_file(place_.library() + "/upload/photo.jpg", bytes, mtime);
  };
  put("whole", 1);
  immich_->add({.path = "/upload/photo.jpg", .sha1 = content_of("whole").sha1});
  place_.backup(job());
  put("cut", 2);  // another size and time, as a failing disk or a careless program leaves them
  const BackupReport report = place_.backup(job());
  EXPECT_THAT(codes(report.header), ElementsAre("edited_in_place"));
  EXPECT_EQ(report.changed, 1U);
  EXPECT_EQ(place_.restore().at("/upload/photo.jpg").bytes, "whole");
  const BackupReport again = place_.backup(job());
  EXPECT_THAT(codes(again.header), IsEmpty()) << "it is a problem once";
  EXPECT_EQ(again.audit->edited, 1U) << "and counted as long as it is so";
  EXPECT_EQ(place_.restore().at("/upload/photo.jpg").bytes, "whole");

  // Not Immich's word alone: what it recorded may be what the file holds now.
  cluster_.sql(database_, "UPDATE asset SET checksum = decode('" + content_of("edited").sha1.hex() +
                              "', 'hex') WHERE \"originalPath\" LIKE '%photo.jpg'");
  put("edited", 3);
  const BackupReport edited = place_.backup(job());
  EXPECT_THAT(codes(edited.header), IsEmpty());
  EXPECT_EQ(edited.changed, 1U);
  EXPECT_EQ(place_.restore().at("/upload/photo.jpg").bytes, "edited");
}

TEST_F(DatabaseBackup, ArchivesNothingWhileTheDatabaseIsDown)
{
  place_.backup(job());
  fs::remove(place_.library() + "/library/admin/2021/empty.jpg");
  BackupJob broken = job();
  broken.database->address.port = "1";
  broken.database->wait = {};
  EXPECT_EQ(place_.backup(broken).archived, 0U);
  EXPECT_EQ(place_.backup(job()).archived, 1U);
}

TEST_F(DatabaseBackup, LeavesNoDumpBehindWhenPgDumpDiesHalfWay)
{
  for (const char* ending : {"exit 1", "exit 0", "kill -9 $$"}) {
    const FakeBin bin;
    const std::string real = cluster_.program("pg_dump");
    static_cast<void>(bin.script("pg_dump", "if [ \"$1\" = --version ]; then exec " + real +
                                                " --version; fi\n" + real +
                                                " \"$@\" | head -c 3000\n" + ending));
    BackupJob broken = job();
    broken.database->client_folder = bin.folder().path();
    const BackupReport report = place_.backup(broken);
    EXPECT_THAT(codes(report.header), ElementsAre("database")) << ending;
    EXPECT_THAT(place_.objects("database/"), IsEmpty()) << ending;
  }
}

TEST_F(DatabaseBackup, NamesThePgDumpThatIsNeededWhereItIsTooOld)
{
  const FakeBin bin;
  static_cast<void>(bin.script("pg_dump", "echo 'pg_dump (PostgreSQL) 9.6.24'"));
  BackupJob broken = job();
  broken.database->client_folder = bin.folder().path();
  const BackupReport report = place_.backup(broken);
  ASSERT_THAT(codes(report.header), ElementsAre("database"));
  EXPECT_THAT(report.header.problems[0].message, HasSubstr("found 9.6 at"));
  EXPECT_THAT(report.header.problems[0].hint, HasSubstr("postgresql-client-"));
}

TEST_F(DatabaseBackup, NotesAVersionThatDiffersFromTheDatabases)
{
  BackupJob told = job();
  told.immich_version = "2.2.0";
  const BackupReport report = place_.backup(told);
  EXPECT_THAT(report.header.notes,
              Contains(HasSubstr("IMMICH_VERSION says v2.2.0, the database v3.1.0")));
  EXPECT_EQ(report.database->immich_version, "v3.1.0");
}

TEST_F(DatabaseBackup, TakesTheVersionItWasToldWhereTheDatabaseHasNone)
{
  cluster_.sql(database_, "DROP TABLE version_history");
  BackupJob told = job();
  told.immich_version = "2.2.0";
  EXPECT_EQ(place_.backup(told).database->immich_version, "v2.2.0");
}

TEST_F(DatabaseBackup, RefusesADatabaseThatIsNotEmpty)
{
  place_.backup(job());
  const std::string before = cluster_.query(database_, std::string(kRows));
  const auto run = run_restore_database(place_.session(), {.database = settings(database_)});
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().code, Errc::invalid);
  EXPECT_EQ(cluster_.query(database_, std::string(kRows)), before);
}

TEST_F(DatabaseBackup, CreatesTheDatabaseOnlyIfAskedAndCountsItsRows)
{
  place_.backup(job());
  const std::string target = database_ + "_made's";
  DatabaseRestoreJob restore_job{.database = settings(target)};
  const auto refused = run_restore_database(place_.session(), restore_job);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().hint, HasSubstr("--create"));
  restore_job.create = true;
  const auto made = run_restore_database(place_.session(), restore_job);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_TRUE(made->created && made->counted);
  EXPECT_EQ(
      std::to_string(made->tables) + "|" + std::to_string(made->rows),
      cluster_.query(database_,
                     "SELECT count(*), sum((xpath('/row/n/text()', query_to_xml(format('SELECT "
                     "count(*) AS n FROM %I.%I', schemaname, tablename), false, true, "
                     "'')))[1]::text::int) FROM pg_tables WHERE schemaname = 'public'"));
  EXPECT_THAT(codes(made->header), IsEmpty());
  EXPECT_EQ(cluster_.query(target, std::string(kRows)),
            cluster_.query(database_, std::string(kRows)));
}

TEST_F(DatabaseBackup, LeavesNoDatabaseOfItsOwnWhereTheRestoreFailed)
{
  const BackupReport report = place_.backup(job());
  std::string text = gunzip(must(read_file(dump_file(report), 1 << 24)));
  const std::size_t end = text.rfind("--\n-- PostgreSQL database dump complete");
  const std::string name = "database/2020-01-01T00-00-00-immich-v1.sql.gz";
  const std::string target = database_ + "_failed";
  const auto count_of_both = [&] {
    return cluster_.query("postgres",
                          "SELECT (SELECT count(*) FROM pg_database WHERE datname = '" + target +
                              "') || ' ' || (SELECT count(*) FROM pg_roles WHERE rolname LIKE "
                              "'immich_backup_restore%')");
  };
  cluster_.sql("postgres", "CREATE ROLE " + target + " LOGIN CREATEDB PASSWORD 'p'");
  DatabaseSettings owner = settings(target);
  owner.address.user = target;
  owner.address.password = "p";
  // In one transaction, and where a part of the dump is committed before the fault.
  for (const std::string fault : {"SELECT 1/0;\n", "COMMIT;\nSELECT 1/0;\n"}) {
    std::string broken = text;
    broken.insert(end, fault);
    put_file(place_.store_folder() + "/" + name, gzip(broken));
    for (const DatabaseSettings& as : {settings(target), owner}) {
      const auto run =
          run_restore_database(place_.session(), {.database = as, .dump = name, .create = true});
      ASSERT_FALSE(run) << fault;
      EXPECT_THAT(run.error().hint,
                  HasSubstr("The database that --create had made was removed again."));
      EXPECT_EQ(count_of_both(), "0 0") << fault;
    }
  }
  cluster_.create_database(target);
  const auto not_ours = run_restore_database(
      place_.session(), {.database = settings(target), .dump = name, .create = true});
  ASSERT_FALSE(not_ours);
  EXPECT_THAT(not_ours.error().hint, Not(HasSubstr("removed again")));
  EXPECT_THAT(count_of_both(), HasSubstr("1 ")) << "it was there before";
  cluster_.sql("postgres", "DROP DATABASE " + target);
  const std::string role = cluster_.query(
      "postgres", "SELECT rolname FROM pg_roles WHERE rolname LIKE 'immich_backup_restore%'");
  cluster_.sql("postgres", "DROP ROLE \"" + role + "\"; DROP ROLE " + target);
}

TEST_F(DatabaseBackup, NamesWhoIsConnectedToTheDatabase)
{
  place_.backup(job());
  const std::string target = database_ + "_restored";
  cluster_.create_database(target);
  {
    DatabaseAddress other = cluster_.address(target);
    other.parameters = {{"application_name", "somebody"}};
    const Connection connection = Connection::open(other, {}).value();
    const auto run = run_restore_database(place_.session(), {.database = settings(target)});
    ASSERT_FALSE(run);
    EXPECT_EQ(run.error().code, Errc::invalid);
    EXPECT_THAT(run.error().message, HasSubstr("somebody from 127.0.0.1 as postgres"));
    EXPECT_THAT(run.error().hint, HasSubstr("pg_terminate_backend"));
  }
  EXPECT_TRUE(restore());
}

TEST_F(DatabaseBackup, ReplacesAnImmichWithoutPhotosOnlyIfAsked)
{
  place_.backup(job());
  const std::string target = database_ + "_fresh";
  cluster_.create_database(target);
  cluster_.sql(target, R"(
    CREATE SCHEMA vectors; CREATE EXTENSION cube SCHEMA vectors;
    CREATE TABLE "user"(id int PRIMARY KEY); INSERT INTO "user" VALUES (1);
    CREATE TABLE album(id int PRIMARY KEY);
    CREATE TABLE asset(id int PRIMARY KEY, "ownerId" int, "originalPath" text, checksum bytea,
      "isExternal" bool, "deletedAt" timestamptz, status text);
    CREATE TABLE audit(id serial PRIMARY KEY))");
  DatabaseRestoreJob restore_job{.database = settings(target)};
  const auto refused = run_restore_database(place_.session(), restore_job);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().hint, HasSubstr("--replace-empty-immich"));

  restore_job.replace_empty_immich = true;
  cluster_.sql(target, "INSERT INTO asset(id) VALUES (1)");
  const auto in_use = run_restore_database(place_.session(), restore_job);
  ASSERT_FALSE(in_use);
  EXPECT_THAT(in_use.error().message, HasSubstr("1 asset"));
  cluster_.sql(target, "DELETE FROM asset");
  // Whatever somebody else keeps there: all of it would go with Immich's.
  for (const auto& [make, named, remove] : std::vector<std::array<std::string, 3>>{
           {"CREATE SCHEMA mine; CREATE TABLE mine.letters(id int)", "the table mine.letters",
            "DROP SCHEMA mine CASCADE"},
           {"CREATE SCHEMA mine; CREATE TABLE mine.asset(id int)", "the table mine.asset",
            "DROP SCHEMA mine CASCADE"},
           {"CREATE TABLE recipes(id serial)", "the table public.recipes, and 1 more",
            "DROP TABLE recipes"},
           {"CREATE VIEW mails AS SELECT 1", "the view public.mails", "DROP VIEW mails"},
           {"CREATE MATERIALIZED VIEW mails AS SELECT 1", "the materialized view public.mails",
            "DROP MATERIALIZED VIEW mails"},
           {"CREATE SEQUENCE invoices", "the sequence public.invoices",
            "DROP SEQUENCE invoices"}}) {
    cluster_.sql(target, make);
    const auto not_only_immich = run_restore_database(place_.session(), restore_job);
    ASSERT_FALSE(not_only_immich) << make;
    EXPECT_THAT(not_only_immich.error().message, HasSubstr(named));
    cluster_.sql(target, remove);  // it is there
  }

  const auto replaced = run_restore_database(place_.session(), restore_job);
  ASSERT_TRUE(replaced) << replaced.error().message;
  EXPECT_TRUE(replaced->replaced);
  EXPECT_EQ(cluster_.query(target, std::string(kRows)),
            cluster_.query(database_, std::string(kRows)));
  EXPECT_EQ(cluster_.query(target, "SELECT to_regclass('something_newer') IS NULL"), "t");
}

TEST_F(DatabaseBackup, SaysWhatIsLeftOfAnImmichWithoutPhotosWhereItsReplacementFails)
{
  const BackupReport report = place_.backup(job());
  const std::string target = database_ + "_fresh";
  cluster_.create_database(target);
  cluster_.sql(target, R"(
    CREATE TABLE "user"(id int PRIMARY KEY); CREATE TABLE album(id int PRIMARY KEY);
    CREATE TABLE asset(id int PRIMARY KEY, "ownerId" int, "originalPath" text, checksum bytea,
      "isExternal" bool, "deletedAt" timestamptz, status text))");
  std::string plain = gunzip(must(read_file(dump_file(report), 1 << 24)));
  const std::size_t version = plain.find("database version ") + 17;
  plain.replace(version, plain.find_first_of(" \n", version) - version, "99.1");
  plain.insert(plain.rfind("--\n-- PostgreSQL database dump complete"),
               "SELECT no_such_function();\n");
  const std::string name = "database/2020-01-01T00-00-00-immich-v1.sql.gz";
  put_file(place_.store_folder() + "/" + name, gzip(plain));
  const auto run = run_restore_database(
      place_.session(), {.database = settings(target), .dump = name, .replace_empty_immich = true});
  ASSERT_FALSE(run);
  EXPECT_THAT(run.error().message,
              HasSubstr("the dump is of PostgreSQL 99.1, and the server is older"));
  EXPECT_THAT(run.error().message, HasSubstr("no_such_function"));
  EXPECT_EQ(count_tables(target), "0");
  EXPECT_THAT(run.error().hint, HasSubstr("What the new Immich had made in the database is gone"));
  EXPECT_EQ(restore_roles(), "0");
  // A role that is no superuser has all of it in one transaction.
  const std::string role = target + "_owner";
  cluster_.sql("postgres", "CREATE ROLE " + role + " LOGIN PASSWORD 'p'; ALTER DATABASE " + target +
                               " OWNER TO " + role);
  cluster_.sql(target, "ALTER SCHEMA public OWNER TO " + role + "; SET ROLE " + role + R"(;
    CREATE TABLE "user"(id int PRIMARY KEY); CREATE TABLE album(id int PRIMARY KEY);
    CREATE TABLE asset(id int PRIMARY KEY, "ownerId" int, "originalPath" text, checksum bytea,
      "isExternal" bool, "deletedAt" timestamptz, status text))");
  DatabaseSettings owner = settings(target);
  owner.address.user = role;
  owner.address.password = "p";
  const auto by_owner = run_restore_database(
      place_.session(), {.database = owner, .dump = name, .replace_empty_immich = true});
  ASSERT_FALSE(by_owner);
  EXPECT_THAT(by_owner.error().hint, HasSubstr("Nothing was changed in the database."));
  EXPECT_EQ(count_tables(target), "3");
}

TEST_F(DatabaseBackup, RestoresAsARoleThatMayDoNothingElseAndGivesAllToTheDatabasesOwner)
{
  const BackupReport report = place_.backup(job());
  const std::string target = database_ + "_of_owner";
  cluster_.create_database(target);
  cluster_.sql("postgres",
               "CREATE ROLE " + target + "; ALTER DATABASE " + target + " OWNER TO " + target);
  // One that was killed before its first step has left its role.
  cluster_.sql(target, "CREATE ROLE immich_backup_restore_20991231t000000z_00");
  must(run_restore_database(place_.session(), {.database = settings(target)}));
  EXPECT_EQ(cluster_.query(target, std::string(kRows)),
            cluster_.query(database_, std::string(kRows)));
  EXPECT_EQ(cluster_.query(target,
                           "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = "
                           "'public'"),
            target);
  EXPECT_EQ(restore_roles(), "1") << "that of the killed one is young, and owns nothing here";
  cluster_.sql(target, "DROP ROLE immich_backup_restore_20991231t000000z_00");
}

TEST_F(DatabaseBackup, SaysWhatIsGoneWhereTheServerLetsNoNewRoleIn)
{
  place_.backup(job());
  const std::string target = database_ + "_closed";
  cluster_.create_database(target);
  cluster_.sql(target, R"(
    CREATE TABLE "user"(id int PRIMARY KEY); CREATE TABLE album(id int PRIMARY KEY);
    CREATE TABLE asset(id int PRIMARY KEY, "ownerId" int, "originalPath" text, checksum bytea,
      "isExternal" bool, "deletedAt" timestamptz, status text))");
  cluster_.sql("postgres", "ALTER DATABASE " + target + " CONNECTION LIMIT 0");  // superusers may
  const auto refused = run_restore_database(
      place_.session(), {.database = settings(target), .replace_empty_immich = true});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("a dump is restored as a role of its own"));
  EXPECT_THAT(refused.error().hint,
              HasSubstr("What the new Immich had made in the database is gone"));
  EXPECT_EQ(count_tables(target), "0");
  EXPECT_EQ(restore_roles(), "0");
}

TEST_F(DatabaseBackup, LeavesWhatAKilledRestoreHasLeftToItsRoleAndSaysSo)
{
  place_.backup(job());
  const std::string target = database_ + "_killed";
  cluster_.create_database(target);
  cluster_.sql("postgres",
               "CREATE ROLE " + target + "; ALTER DATABASE " + target + " OWNER TO " + target);
  cluster_.sql(target,
               "CREATE ROLE immich_backup_restore_20991231t000000z_01; GRANT CREATE ON SCHEMA "
               "public TO immich_backup_restore_20991231t000000z_01; SET ROLE "
               "immich_backup_restore_20991231t000000z_01; CREATE TABLE asset(id int)");
  const auto refused = run_restore_database(place_.session(), {.database = settings(target)});
  ASSERT_TRUE(fails_with(Errc::invalid, refused));
  EXPECT_THAT(refused.error().message, HasSubstr("what an earlier restore has left"));
  EXPECT_THAT(refused.error().hint,
              HasSubstr("to the role immich_backup_restore_20991231t000000z_01"));
  EXPECT_EQ(cluster_.query(target, "SELECT tableowner FROM pg_tables WHERE tablename = 'asset'"),
            "immich_backup_restore_20991231t000000z_01");
  cluster_.sql("postgres", "DROP DATABASE " + target);
  cluster_.sql("postgres", "DROP ROLE immich_backup_restore_20991231t000000z_01");
}

TEST_F(DatabaseBackup, RestoresAsTheDatabasesOwnerWhoIsNoSuperuser)
{
  place_.backup(job());
  const std::string target = database_ + "_of_nobody_special";
  const std::string role = target + "_owner";
  cluster_.create_database(target);
  cluster_.sql("postgres", "CREATE ROLE " + role + " LOGIN PASSWORD 'p'; ALTER DATABASE " + target +
                               " OWNER TO " + role);
  // Only a superuser may create earthdistance, and it stays the superuser's.
  cluster_.sql(target,
               "CREATE EXTENSION cube; CREATE EXTENSION earthdistance; "
               "ALTER SCHEMA public OWNER TO " +
                   role);
  DatabaseSettings owner = settings(target);
  owner.address.user = role;
  owner.address.password = "p";
  must(run_restore_database(place_.session(), {.database = owner}));
  EXPECT_EQ(cluster_.query(target, std::string(kRows)),
            cluster_.query(database_, std::string(kRows)));

  // What he has made himself he may also replace.
  cluster_.sql(target, "DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION " + role);
  cluster_.sql(target, "SET ROLE " + role + R"(; CREATE EXTENSION cube;
    CREATE TABLE "user"(id int PRIMARY KEY); CREATE TABLE album(id int PRIMARY KEY);
    CREATE TABLE asset(id int PRIMARY KEY, "ownerId" int, "originalPath" text, checksum bytea,
      "isExternal" bool, "deletedAt" timestamptz, status text))");
  immich_->sql("DROP EXTENSION earthdistance CASCADE");
  place_.backup(job());
  const DatabaseRestoreReport replaced = must(
      run_restore_database(place_.session(), {.database = owner, .replace_empty_immich = true}));
  EXPECT_TRUE(replaced.replaced);
  EXPECT_EQ(cluster_.query(target, std::string(kRows)),
            cluster_.query(database_, std::string(kRows)));
  EXPECT_EQ(cluster_.query(target, "SELECT extname FROM pg_extension WHERE extname = 'cube'"),
            "cube");
}

TEST_F(DatabaseBackup, RestoresNothingOfADumpThatChangesMeanwhile)
{
  const BackupReport report = place_.backup(job());
  const std::string plain = gunzip(must(read_file(dump_file(report), 1 << 24)));
  const std::string file = place_.path("immich.sql");
  std::string other = plain;
  other.replace(other.find("CREATE TABLE public.place"), 0, "CREATE TABLE public.planted ();\n");
  put_file(file, plain);
  const std::string target = database_ + "_changing";
  cluster_.create_database(target);
  AtStep progress("restoring the database", [&] { put_file(file, other); });
  const auto run = run_restore_database(file, {.database = settings(target)}, progress, {});
  ASSERT_FALSE(run);
  EXPECT_THAT(run.error().message, HasSubstr("has changed while it was restored"));
  EXPECT_EQ(count_tables(target), "0");
  SilentProgress quiet;
  must(run_restore_database(file, {.database = settings(target)}, quiet, {}));
  EXPECT_EQ(cluster_.query(target, std::string(kRows)),
            cluster_.query(database_, std::string(kRows)));
}

TEST_F(DatabaseBackup, RunsNothingThatAPlantedDumpHolds)
{
  const BackupReport report = place_.backup(job());
  const ScratchFolder folder = must(ScratchFolder::create(""));
  std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
  const std::string proof = folder.file("proof");
  const std::string plain = gunzip(must(read_file(dump_file(report), 1 << 24)));
  const std::string name = "database/2020-01-01T00-00-00-immich-v1.sql.gz";
  int number = 0;
  const auto restore_planted = [&](const std::string& planted) {
    std::string text = plain;
    text.insert(text.rfind("--\n-- PostgreSQL database dump complete"), planted);
    const std::string object = place_.store_folder() + "/" + name;
    std::filesystem::remove(object);
    put_file(object, gzip(text));
    const std::string target = database_ + "_planted_" + std::to_string(++number);
    cluster_.create_database(target);
    auto run = run_restore_database(place_.session(), {.database = settings(target), .dump = name});
    EXPECT_FALSE(path_exists(proof)) << planted;
    // It keeps what is there all the same.
    const std::string role = cluster_.query(
        "postgres", "SELECT rolname FROM pg_roles WHERE rolname LIKE 'immich_backup_restore%'");
    EXPECT_EQ(role.empty(), count_tables(target) == "0") << planted;
    cluster_.sql("postgres", "DROP DATABASE " + target);
    if (!role.empty()) cluster_.sql("postgres", "DROP ROLE \"" + role + "\"");
    return run;
  };
  const std::string program = "COPY (SELECT 1) TO PROGRAM 'touch " + proof + "'";
  const auto by_server = restore_planted(program + ";\n");
  ASSERT_FALSE(by_server);
  EXPECT_THAT(by_server.error().hint,
              HasSubstr("The database is as it was, but it has extension cube, extension "
                        "earthdistance now."));
  EXPECT_FALSE(restore_planted("\\! touch " + proof + "\n"));
  EXPECT_FALSE(restore_planted("SET SESSION AUTHORIZATION postgres;\n" + program + ";\n"));

  // The system's own schemas are nobody's to fill.
  EXPECT_FALSE(restore_planted(
      "--\n-- Name: pg_catalog; Type: SCHEMA; Schema: -; Owner: -\n--\n\nSELECT 1;\n\n\n"
      "--\n-- Name: f(); Type: FUNCTION; Schema: pg_catalog; Owner: -\n--\n\n"
      "CREATE FUNCTION pg_catalog.f() RETURNS int LANGUAGE sql AS 'SELECT 1';\n\n\n"));

  const auto committed = restore_planted("COMMIT;\nSELECT 1;\n");
  ASSERT_FALSE(committed);
  EXPECT_THAT(committed.error().hint, HasSubstr("holds a part of the dump now"));

  // What is counted afterwards is counted as the same role.
  const auto view = restore_planted(
      "CREATE FUNCTION public.touch() RETURNS bool LANGUAGE plpgsql AS $$BEGIN " + program +
      "; RETURN true; END$$;\nALTER TABLE public.asset RENAME TO asset_as_it_was;\n"
      "CREATE VIEW public.asset AS SELECT * FROM public.asset_as_it_was WHERE public.touch();\n");
  ASSERT_TRUE(view) << view.error().message;
  EXPECT_THAT(view->header.notes, Contains(HasSubstr("rows could not be counted")));
  EXPECT_THAT(codes(view->header), ElementsAre("more_than_immichs", "more_than_immichs"));
}

TEST_F(DatabaseBackup, NamesWhatIsMoreThanImmichsAndKeepsItFromTheDatabasesOwner)
{
  immich_->sql(R"(
    CREATE FUNCTION spy(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1';
    CREATE INDEX seen ON asset (spy("originalPath"));
    CREATE FUNCTION "thief"() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$;
    CREATE TRIGGER steal BEFORE INSERT ON asset FOR EACH ROW EXECUTE FUNCTION "thief"();)");
  place_.backup(job());
  const std::string target = database_ + "_kept";
  const DatabaseRestoreReport report =
      must(run_restore_database(place_.session(), {.database = settings(target), .create = true}));
  ASSERT_THAT(codes(report.header), ElementsAre("more_than_immichs", "more_than_immichs",
                                                "more_than_immichs", "more_than_immichs"));
  EXPECT_EQ(report.more_than_immichs, 4U);
  EXPECT_EQ(outcome_of(report), Outcome::incomplete);
  const Problem& trigger = report.header.problems[1];
  EXPECT_THAT(trigger.message, HasSubstr("trigger steal on public.asset is more than Immich's own: "
                                         "CREATE TRIGGER"));
  EXPECT_THAT(trigger.hint, HasSubstr("DROP TRIGGER steal on public.asset;"));
  for (const Problem& problem : report.header.problems)
    EXPECT_FALSE((problem.message + problem.hint).contains('\x1b'));
  EXPECT_THAT(to_text(report), HasSubstr("each table as many as the dump"));

  // The server would run spy() as the table's owner, whenever it gathers statistics.
  EXPECT_EQ(cluster_.query(target,
                           "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = "
                           "'public'"),
            report.held_by);
  EXPECT_EQ(cluster_.query(target, "SELECT rolcanlogin FROM pg_roles WHERE rolname = '" +
                                       report.held_by + "'"),
            "f");
  const auto again = run_restore_database(place_.session(), {.database = settings(target)});
  ASSERT_TRUE(fails_with(Errc::invalid, again));
  EXPECT_THAT(again.error().hint, HasSubstr(report.held_by));

  ASSERT_FALSE(report.header.notes.empty());
  const std::string& note = report.header.notes.back();
  cluster_.sql(target, note.substr(note.find("REASSIGN")));
  EXPECT_EQ(restore_roles(), "0");
  EXPECT_EQ(cluster_.query(target, std::string(kRows)),
            cluster_.query(database_, std::string(kRows)));
}

TEST_F(DatabaseBackup, SaysInANoteWhatANewerImmichMayHaveMade)
{
  immich_->sql(R"(
    CREATE FUNCTION newer() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END$$;
    CREATE TRIGGER newer AFTER DELETE ON asset EXECUTE FUNCTION newer();
    INSERT INTO kysely_migrations VALUES ('1790000000000-Newer', '');)");
  place_.backup(job());
  const std::string target = database_ + "_newer";
  const DatabaseRestoreReport newer =
      must(run_restore_database(place_.session(), {.database = settings(target), .create = true}));
  EXPECT_THAT(codes(newer.header), IsEmpty());
  EXPECT_THAT(newer.header.notes,
              Contains(HasSubstr("trigger newer on public.asset, function public.newer()")));
  EXPECT_EQ(newer.held_by, "");

  // No Immich has made such a thing, however new it is.
  immich_->sql("CREATE VIEW seen AS SELECT id FROM asset");
  place_.backup(job());
  const DatabaseRestoreReport view = must(run_restore_database(
      place_.session(), {.database = settings(target + "_view"), .create = true}));
  ASSERT_THAT(codes(view.header), ElementsAre("more_than_immichs"));
  EXPECT_THAT(view.header.problems[0].hint, HasSubstr("DROP VIEW public.seen;"));
  cluster_.sql("postgres", "DROP DATABASE " + target + "_view");
  cluster_.sql("postgres", "DROP ROLE \"" + view.held_by + "\"");
}

TEST_F(DatabaseBackup, NamesWhatIsMoreThanImmichsToAnOwnerWhoIsNoSuperuser)
{
  immich_->sql("DROP TABLE place; DROP EXTENSION earthdistance; DROP EXTENSION cube");
  immich_->sql("CREATE VIEW seen AS SELECT id FROM asset");
  place_.backup(job());
  const std::string target = database_ + "_of_owner_with_view";
  cluster_.create_database(target);
  cluster_.sql(target, "CREATE ROLE " + target + " LOGIN PASSWORD 'p'; ALTER DATABASE " + target +
                           " OWNER TO " + target + "; ALTER SCHEMA public OWNER TO " + target);
  DatabaseSettings owner = settings(target);
  owner.address.user = target;
  owner.address.password = "p";
  const DatabaseRestoreReport report =
      must(run_restore_database(place_.session(), {.database = owner}));
  EXPECT_THAT(codes(report.header), ElementsAre("more_than_immichs"));
  EXPECT_EQ(report.held_by, "");
}

TEST_F(DatabaseBackup, SaysThatItCouldNotAskForMoreThanImmichs)
{
  const BackupReport report = place_.backup(job());
  std::string text = gunzip(must(read_file(dump_file(report), 1 << 24)));
  text.insert(text.rfind("--\n-- PostgreSQL database dump complete"),
              "ALTER ROLE CURRENT_USER PASSWORD 'another';\n");
  const std::string name = "database/2020-01-01T00-00-00-immich-v1.sql.gz";
  put_file(place_.store_folder() + "/" + name, gzip(text));
  const std::string target = database_ + "_locked_out";
  const DatabaseRestoreReport restored = must(run_restore_database(
      place_.session(), {.database = settings(target), .dump = name, .create = true}));
  ASSERT_THAT(codes(restored.header), ElementsAre("more_than_immichs"));
  EXPECT_THAT(restored.header.problems[0].message, HasSubstr("could not be asked"));
  EXPECT_EQ(restored.more_than_immichs, std::nullopt);
  EXPECT_NE(restored.held_by, "");
  cluster_.sql("postgres", "DROP DATABASE " + target);
  cluster_.sql("postgres", "DROP ROLE \"" + restored.held_by + "\"");
}

TEST_F(DatabaseBackup, RefusesACutDumpWhereverItIsCut)
{
  const BackupReport report = place_.backup(job());
  const std::string whole = read_file(dump_file(report), 1 << 24).value();
  const std::string target = database_ + "_restored";
  cluster_.create_database(target);
  for (const std::size_t size : {std::size_t{0}, std::size_t{5}, whole.size() / 3, whole.size() / 2,
                                 whole.size() - 9, whole.size() - 1}) {
    fs::resize_file(dump_file(report), 0);
    std::ofstream(dump_file(report), std::ios::binary) << whole.substr(0, size);
    const auto run = run_restore_database(place_.session(), {.database = settings(target)});
    ASSERT_FALSE(run) << size;
    EXPECT_EQ(run.error().code, Errc::corrupt) << size;
    EXPECT_EQ(count_tables(target), "0") << size;
  }
}

TEST_F(DatabaseBackup, RefusesADumpThatWasCutBetweenStatementsBeforeItWasCompressed)
{
  const BackupReport report = place_.backup(job());
  std::string plain = gunzip(must(read_file(dump_file(report), 1 << 24)));
  const std::size_t cut = plain.find("\n--\n", plain.size() / 2);
  put_file(place_.store_folder() + "/database/2020-01-01T00-00-00-immich-v1.sql.gz",
           gzip(plain.substr(0, cut + 1)));

  const std::string target = database_ + "_restored";
  cluster_.create_database(target);
  const auto run = restore("database/2020-01-01T00-00-00-immich-v1.sql.gz");
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().code, Errc::corrupt);
  EXPECT_EQ(count_tables(target), "0");
}

TEST_F(DatabaseBackup, BacksUpTheDatabaseAlone)
{
  BackupJob alone = job();
  alone.library.reset();
  const BackupReport report = place_.backup(alone);
  EXPECT_TRUE(report.restore_point);
  EXPECT_THAT(place_.objects("library/"), IsEmpty());
  ASSERT_TRUE(restore());
  // And the files later, into the same store.
  EXPECT_THAT(codes(place_.backup(job()).header), IsEmpty());
}

TEST_F(DatabaseBackup, DryRunAsksTheDatabaseAndDumpsNothing)
{
  BackupJob dry = job();
  dry.dry_run = true;
  const BackupReport report = place_.backup(dry);
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_EQ(report.database->assets, assets_);
  EXPECT_TRUE(place_.store_is_empty());
  dry.database->address.port = "1";
  dry.database->wait = {};
  EXPECT_THAT(codes(place_.backup(dry).header), ElementsAre("database"));
}

TEST_F(DatabaseBackup, KnowsThatOnlyTheDatabaseWasBackedUpAfterAFirstRunThatWasKilled)
{
  // A first run that began and stored a file, and no more.
  put_file(place_.store_folder() + "/runs/20260101T000000Z-00000000/begin.json", "{}");
  put_file(place_.store_folder() + "/library/library/admin/2021/empty.jpg", "");
  BackupJob alone = job();
  alone.library.reset();
  place_.backup(alone);
  EXPECT_THAT(codes(place_.backup(job()).header), IsEmpty());
  EXPECT_EQ(place_.restore(), covered_files_below(place_.library()));
  EXPECT_TRUE(run_status(place_.session())->unfinished_runs.empty());
}

TEST_F(DatabaseBackup, ChecksTheDumpWhenEverythingIsReadBack)
{
  const BackupReport report = place_.backup(job());
  EXPECT_TRUE(place_.verify_all().dump_checked);
  fs::resize_file(dump_file(report), fs::file_size(dump_file(report)) - 3);
  EXPECT_THAT(codes(run_verify(place_.session(), {})->header), ElementsAre("dump_damaged"));
  fs::remove(dump_file(report));
  EXPECT_THAT(codes(run_verify(place_.session(), {})->header), ElementsAre("dump_missing"));
}

}  // namespace
}  // namespace ib::test
