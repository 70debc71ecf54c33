// SPDX-License-Identifier: Apache-2.0
#include "app/verify/drill.hpp"
#include "cli/price_file.hpp"
#include "support/builders.hpp"
#include "support/emulated_bucket.hpp"
#include "support/fake_bin.hpp"
#include "support/gzip.hpp"
#include "support/immich_database.hpp"
#include "support/small_disk.hpp"
#include "support/workplace.hpp"

#include "app/session.hpp"
#include "postgres/database_settings.hpp"
#include "sys/file.hpp"
#include "sys/hash.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <filesystem>
#include <fstream>
#include <functional>

namespace ib::test {
namespace {

constexpr std::string_view kFirstObject = "--\n-- Name: ";
constexpr std::string_view kDumpedFrom = "-- Dumped from database version ";

/// A server that holds no Immich's database, as a drill needs it.
PostgresCluster& drill_cluster()
{
  static const std::unique_ptr<PostgresCluster> cluster = PostgresCluster::start();
  return *cluster;
}

std::string drill_databases()
{
  return drill_cluster().query(
      "postgres", "SELECT count(*) FROM pg_database WHERE datname LIKE 'immich_backup_drill%'");
}

bool has_extension(const std::string& name)
{
  return drill_cluster().query(
             "postgres",
             "SELECT count(*) FROM pg_available_extensions WHERE name = '" + name + "'") == "1";
}

/// A drill on a server that is given.
class Drills : public ::testing::TestWithParam<Generation> {
protected:
  Drills() : database_(shared_cluster(), "drill_" + std::to_string(++number_), GetParam())
  {
    database_.add_files_of(place_.library());
  }

  BackupReport backup() { return place_.backup(place_.job(database_.address())); }
  DrillJob job()
  {
    return {.server = DatabaseSettings{.address = drill_cluster().address("postgres")},
            .sample = 1'000'000};
  }
  /// Stores the dump anew as `edit` has it, and what is recorded of it.
  void change_dump(const std::function<void(std::string&)>& edit)
  {
    const std::string file = place_.store_folder() + "/" + place_.objects("database/").front();
    const std::string stored = must(read_file(file, 1 << 24));
    std::string sql = gunzip(stored);
    edit(sql);
    const std::string other = gzip(sql);
    std::ofstream(file, std::ios::binary) << other;
    for (const std::string& document : place_.objects("manifest-")) {
      if (!document.ends_with(".json")) continue;
      std::string json = must(read_file(place_.store_folder() + "/" + document, 1 << 24));
      const std::string recorded = sha256(bytes_of(stored)).hex();
      const std::size_t at = json.find(recorded);
      ASSERT_NE(at, std::string::npos);
      json.replace(at, recorded.size(), sha256(bytes_of(other)).hex());
      std::ofstream(place_.store_folder() + "/" + document, std::ios::binary) << json;
    }
  }
  DrillReport drill() { return must(run_drill(place_.session(), job())); }

  static inline int number_ = 0;
  Workplace place_;
  ImmichDatabase database_;
};

TEST_P(Drills, ProveWhatABackupHasStored)
{
  const BackupReport backed_up = backup();
  const DrillReport report = drill();
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_EQ(report.restore_point, backed_up.restore_point);
  EXPECT_TRUE(report.restored && report.dump_read);
  EXPECT_EQ(report.originals, backed_up.audit->originals);
  EXPECT_EQ(report.protected_originals, report.originals);
  EXPECT_GT(report.originals, 0U);
  EXPECT_EQ(report.read_back, report.files);
  EXPECT_EQ(report.verdict, Proof::Verdict::proven);
  EXPECT_EQ(drill_databases(), "0");
}

INSTANTIATE_TEST_SUITE_P(Generations, Drills, ::testing::ValuesIn(kGenerations));

class Drill31 : public Drills {};
INSTANTIATE_TEST_SUITE_P(Newest, Drill31, ::testing::Values(Generation::v3_1));

TEST_P(Drill31, SayNothingOfWhatTheRestorePointItselfHasNamed)
{
  database_.add({.path = "/upload/never/was.jpg", .sha1 = Sha1{}});
  const BackupReport backed_up = backup();
  EXPECT_THAT(codes(backed_up.header), ElementsAre("not_protected"));
  const DrillReport report = drill();
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_EQ(report.protected_originals, report.originals - 1);
  EXPECT_EQ(report.verdict, Proof::Verdict::proven);
  EXPECT_THAT(report.header.notes, Contains(HasSubstr("named 1 original that a restore")));
  EXPECT_THAT(to_text(report), HasSubstr("it can be restored, but for 1 original"));
}

TEST_P(Drill31, ClearAwayWhatAKilledOneHasLeft)
{
  backup();
  drill_cluster().sql("postgres", "CREATE DATABASE immich_backup_drill_20200101T000000Z");
  drill();
  EXPECT_EQ(drill_databases(), "0");
}

TEST_P(Drill31, RunNothingThatAPlantedDumpHolds)
{
  const ScratchFolder folder = must(ScratchFolder::create(""));
  std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
  const std::string proof = folder.file("proof");
  const std::string program = "COPY (SELECT 1) TO PROGRAM 'touch " + proof + "'";
  backup();
  std::string planted;
  const auto drill_planted = [&](const std::string& text) {
    change_dump([&](std::string& sql) {
      if (!planted.empty()) sql.erase(sql.find(planted), planted.size());
      planted = text;
      sql.insert(sql.rfind("--\n-- PostgreSQL database dump complete"), planted);
    });
    DrillReport report = drill();
    EXPECT_FALSE(path_exists(proof)) << text;
    EXPECT_NE(report.verdict, Proof::Verdict::proven) << text;
    EXPECT_EQ(drill_databases(), "0");
    EXPECT_EQ(drill_cluster().query("postgres",
                                    "SELECT count(*) FROM pg_roles WHERE rolname LIKE "
                                    "'immich_backup_drill%'"),
              "0");
    return report;
  };
  const auto message = [](const DrillReport& report) {
    return report.header.problems.empty() ? "" : report.header.problems.back().message;
  };
  EXPECT_THAT(message(drill_planted("\\! touch " + proof + "\n")),
              HasSubstr("holds a command for psql"));
  EXPECT_THAT(message(drill_planted("SELECT $a$\n$a$; \\copy (SELECT 1) TO PROGRAM 'touch " +
                                    proof + "'\n")),
              HasSubstr("holds a command for psql"));
  EXPECT_THAT(message(drill_planted(program + ";\n")), HasSubstr("pg_execute_server_program"));
  EXPECT_THAT(
      message(drill_planted("RESET SESSION AUTHORIZATION;\nRESET ROLE;\n" + program + ";\n")),
      HasSubstr("pg_execute_server_program"));
  EXPECT_THAT(message(drill_planted("COMMIT;\n")), HasSubstr("ended the transaction itself"));
  EXPECT_THAT(
      message(drill_planted(
          "CREATE FUNCTION public.touch() RETURNS bool LANGUAGE plpgsql AS $$BEGIN " + program +
          "; RETURN true; END$$;\nALTER TABLE public.asset RENAME TO asset_as_it_was;\nCREATE VIEW "
          "public.asset AS SELECT * FROM public.asset_as_it_was WHERE public.touch();\n")),
      HasSubstr("could not be asked"));
}

TEST_P(Drill31, NameWhatIsMoreThanImmichs)
{
  backup();
  change_dump([&](std::string& sql) {
    sql.insert(sql.rfind("--\n-- PostgreSQL database dump complete"),
               "CREATE FUNCTION public.thief() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN "
               "NEW; END$$;\nCREATE TRIGGER steal BEFORE INSERT ON public.asset FOR EACH ROW "
               "EXECUTE FUNCTION public.thief();\n");
  });
  const DrillReport report = drill();
  ASSERT_THAT(codes(report.header), ElementsAre("more_than_immichs", "more_than_immichs"));
  EXPECT_THAT(report.header.problems[0].message, HasSubstr("trigger steal on public.asset"));
  EXPECT_THAT(report.header.problems[0].hint, HasSubstr("DROP TRIGGER steal on public.asset;"));
  EXPECT_EQ(report.more_than_immichs, 2U);
  EXPECT_EQ(report.verdict, Proof::Verdict::not_proven);
  EXPECT_EQ(report.protected_originals, report.originals) << "the rest is still looked at";
  EXPECT_EQ(drill_databases(), "0");
}

TEST_P(Drill31, RefuseTheServerThatImmichUses)
{
  backup();
  DrillJob there = job();
  for (const std::string& database : {database_.name(), std::string("postgres")}) {
    there.server->address = shared_cluster().address(database);
    const auto refused = run_drill(place_.session(), there);
    ASSERT_TRUE(fails_with(Errc::invalid, refused)) << "whichever database is named";
    EXPECT_THAT(refused.error().message, HasSubstr("holds the database of an Immich"));
  }
  there.server->address = drill_cluster().address("no_such_database");
  EXPECT_TRUE(must(run_drill(place_.session(), there)).restored);
}

TEST_P(Drill31, LeaveOutWhatTheServerLacksAnExtensionForAndProveTheRest)
{
  // What only the dump has to say: its SQL is as a server with the extensions writes it. A machine
  // may have the one or the other.
  backup();
  const std::string vector =
      "--\n-- Name: vector; Type: EXTENSION; Schema: -; Owner: -\n--\n\nCREATE EXTENSION IF NOT "
      "EXISTS vector WITH SCHEMA public;\n\n"
      "--\n-- Name: smart_search; Type: TABLE; Schema: public; Owner: postgres\n--\n\n"
      "CREATE TABLE public.smart_search (\n    \"assetId\" uuid,\n    embedding "
      "public.vector(2)\n);\n\n"
      "--\n-- Data for Name: smart_search; Type: TABLE DATA; Schema: public; Owner: "
      "postgres\n--\n\n"
      "COPY public.smart_search (\"assetId\", embedding) FROM stdin;\n\\N\t[1,2]\n\\.\n\n\n";
  const std::string vchord =
      "--\n-- Name: vchord; Type: EXTENSION; Schema: -; Owner: -\n--\n\nCREATE EXTENSION IF NOT "
      "EXISTS vchord WITH SCHEMA public;\n\n"
      "--\n-- Name: clip_index; Type: INDEX; Schema: public; Owner: postgres\n--\n\n"
      "CREATE INDEX clip_index ON public.smart_search USING vchordrq (embedding "
      "public.vector_cosine_ops);\n\n";
  const bool adds_vchord = !has_extension("vchord");  // where it is, it may want a setting
  change_dump([&](std::string& sql) {
    sql.insert(sql.find(kFirstObject), vector + (adds_vchord ? vchord : ""));
  });
  std::vector<std::string> expected;
  if (!has_extension("vector")) expected = {"extension vector", "table public.smart_search"};
  if (adds_vchord) expected.emplace_back("extension vchord");
  if (adds_vchord && has_extension("vector")) expected.emplace_back("index public.clip_index");
  const DrillReport report = drill();
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_EQ(report.left_out, expected);
  EXPECT_EQ(report.verdict, Proof::Verdict::proven) << "Immich makes these tables again";
  EXPECT_EQ(report.protected_originals, report.originals);
}

TEST_P(Drill31, DoNotProveRowsThatNothingMakesAgain)
{
  if (has_extension("vectors")) GTEST_SKIP() << "the server has all that a dump may need";
  backup();
  change_dump([&](std::string& sql) {
    sql.insert(sql.find(kFirstObject),
               "--\n-- Name: vectors; Type: EXTENSION; Schema: -; Owner: -\n--\n\nCREATE "
               "EXTENSION IF NOT EXISTS vectors WITH SCHEMA vectors;\n\n"
               "--\n-- Name: diary; Type: TABLE; Schema: public; Owner: postgres\n--\n\n"
               "CREATE TABLE public.diary (\n    place vectors.vector(2)\n);\n\n"
               "--\n-- Data for Name: diary; Type: TABLE DATA; Schema: public; Owner: "
               "postgres\n--\n\nCOPY public.diary (place) FROM stdin;\n\\N\n\\.\n\n\n");
  });
  const DrillReport report = drill();
  EXPECT_THAT(codes(report.header), ElementsAre("not_proven"));
  EXPECT_THAT(report.header.problems.at(0).message, HasSubstr("public.diary"));
  EXPECT_EQ(report.verdict, Proof::Verdict::not_proven);
}

TEST_P(Drill31, BlameTheServerAndNotTheDumpWhereItIsOlder)
{
  backup();
  change_dump([](std::string& sql) {
    const std::size_t version = sql.find(kDumpedFrom);
    ASSERT_NE(version, std::string::npos);
    sql.replace(version + kDumpedFrom.size(), 2, "99");
    sql.insert(sql.find(kFirstObject), "SET of_version_99 = 0;\n\n");
  });
  const DrillReport report = drill();
  EXPECT_THAT(codes(report.header), ElementsAre("not_proven"));
  EXPECT_THAT(report.header.problems.at(0).message, HasSubstr("the drill's server is older"));
  EXPECT_TRUE(report.dump_read);
  EXPECT_FALSE(report.restored);
  EXPECT_EQ(report.damaged, 0U);
  EXPECT_EQ(report.read_back, report.files) << "the files are proven all the same";
}

TEST_P(Drill31, CallADumpDamagedWhoseRowsNoServerTakes)
{
  backup();
  change_dump([](std::string& sql) {
    const std::size_t copy = sql.find("COPY public.asset (");
    ASSERT_NE(copy, std::string::npos);
    sql[sql.find('\n', copy) + 1] = 'z';  // in a uuid
  });
  const DrillReport report = drill();
  EXPECT_THAT(codes(report.header), ElementsAre("dump_not_restored"));
  EXPECT_EQ(report.damaged, 1U);
  EXPECT_EQ(report.verdict, Proof::Verdict::damaged);
  EXPECT_EQ(drill_databases(), "0");
}

TEST_P(Drill31, BlameTheServerForWhatItLacks)
{
  backup();
  std::string before;
  for (const std::string& statement :
       {std::string("SELECT no_such_function();\n\n"), std::string("SET no_such_setting = 0;\n\n"),
        std::string("GRANT SELECT ON ALL TABLES IN SCHEMA public TO no_such_role;\n\n")}) {
    SCOPED_TRACE(statement);
    change_dump([&](std::string& sql) {
      const std::size_t place = before.empty() ? sql.find(kFirstObject) : sql.find(before);
      sql.replace(place, before.size(), statement);
    });
    before = statement;
    const DrillReport report = drill();
    EXPECT_THAT(codes(report.header), ElementsAre("not_proven"));
    EXPECT_EQ(report.damaged, 0U);
    EXPECT_EQ(drill_databases(), "0");
  }
}

TEST_P(Drill31, ProveNothingWithoutAServerAndSaySo)
{
  backup();
  place_.verify_all();
  const std::optional<Timestamp> verified = must(run_status(place_.session())).last_verified;
  ASSERT_TRUE(verified);
  DrillJob nowhere = job();
  nowhere.server.reset();
  nowhere.client_folder = place_.path("nothing_here");
  nowhere.is_told_of_immichs_database = true;
  const DrillReport report = must(run_drill(place_.session(), nowhere));
  EXPECT_THAT(codes(report.header), ElementsAre("not_proven"));
  EXPECT_THAT(report.header.problems.at(0).hint, HasSubstr("DRILL_DB_HOSTNAME"));
  EXPECT_THAT(report.header.notes, Contains(HasSubstr("(DB_*) was left alone")));
  EXPECT_EQ(outcome_of(report), Outcome::incomplete);
  EXPECT_EQ(report.verdict, Proof::Verdict::not_proven);
  EXPECT_TRUE(report.dump_read);
  EXPECT_EQ(report.read_back, report.files) << "the files are proven all the same";
  const StatusReport status = must(run_status(place_.session()));
  EXPECT_EQ(status.last_verified, verified) << "it neither counts nor raises an alarm";
  EXPECT_EQ(status.damage_found, std::nullopt);
}

TEST_P(Drill31, SayBeforeTheyBeginThatTheScratchFolderIsTooSmall)
{
  const std::string folder = place_.path("small");
  const auto disk = SmallDisk::mount(folder, "16m");
  if (!disk) GTEST_SKIP() << "this user may not mount a file system";
  backup();
  DrillJob own = job();
  own.server.reset();
  Session session = place_.session();
  session.scratch_parent = folder;
  const DrillReport report = must(run_drill(session, own));
  EXPECT_THAT(codes(report.header), ElementsAre("not_proven"));
  EXPECT_THAT(report.header.problems.at(0).message,
              AllOf(HasSubstr(folder + " is too small"), HasSubstr("takes about 64 MiB"),
                    HasSubstr("16 MiB is free")));
  EXPECT_THAT(report.header.problems.at(0).hint,
              AllOf(HasSubstr("--scratch or TMPDIR"), HasSubstr("mount a volume")));
  EXPECT_EQ(report.verdict, Proof::Verdict::not_proven);
  EXPECT_TRUE(report.dump_read);
  EXPECT_FALSE(report.restored);
  EXPECT_EQ(report.damaged, 0U);
  EXPECT_EQ(report.read_back, report.files) << "the files are proven all the same";
  // A server that is given has its own room.
  EXPECT_TRUE(must(run_drill(session, job())).restored);
  // With room, it proves the point. Root's server is another user, who has to get there.
  disk->grow("400m");
  std::filesystem::permissions(std::filesystem::path(folder).parent_path(),
                               std::filesystem::perms(0755));
  const DrillReport proven = must(run_drill(session, own));
  EXPECT_EQ(proven.verdict, Proof::Verdict::proven) << to_text(proven);
}

TEST_P(Drill31, SayWhyTheirOwnServerCannotBeMade)
{
  backup();
  const FakeBin bin;
  std::filesystem::permissions(bin.folder().path(), std::filesystem::perms(0755));
  bin.script("postgres", "echo 'postgres (PostgreSQL) 15.18'");
  bin.script("initdb", "echo 'initdb: error: no luck' >&2; exit 1");
  DrillJob own = job();
  own.server.reset();
  own.client_folder = bin.folder().path();
  const DrillReport report = must(run_drill(place_.session(), own));
  EXPECT_THAT(codes(report.header), ElementsAre("not_proven"));
  EXPECT_THAT(report.header.problems.at(0).message, HasSubstr("initdb: error: no luck"));
  EXPECT_TRUE(report.dump_read);
  EXPECT_EQ(report.verdict, Proof::Verdict::not_proven);
}

TEST_P(Drill31, DoNotProveAPointThatHasLostItsOwnManifest)
{
  backup();
  put_file(place_.library() + "/upload/own.jpg", "of the manifest that is lost");
  const BackupReport first = backup();
  put_file(place_.library() + "/upload/later.jpg", "later");
  backup();
  std::filesystem::remove(place_.store_folder() + "/" + first.manifest->object.value);
  DrillJob older = job();
  older.at = first.restore_point;
  const DrillReport report = must(run_drill(place_.session(), older));
  EXPECT_THAT(codes(report.header), ElementsAre("not_proven"));
  EXPECT_EQ(report.verdict, Proof::Verdict::not_proven);
}

TEST_P(Drill31, RefuseADatabaseThatTheyMayNotLookIntoIfItIsCalledImmich)
{
  backup();
  drill_cluster().sql("postgres",
                      "CREATE ROLE driller LOGIN CREATEDB PASSWORD 'd'; CREATE DATABASE "
                      "immich_of_others; REVOKE CONNECT ON DATABASE immich_of_others FROM PUBLIC");
  DrillJob there = job();
  there.server->address.user = "driller";
  there.server->address.password = "d";
  const auto refused = run_drill(place_.session(), there);
  drill_cluster().sql("postgres", "DROP DATABASE immich_of_others; DROP ROLE driller");
  ASSERT_TRUE(fails_with(Errc::invalid, refused));
  EXPECT_THAT(refused.error().message, HasSubstr("immich_of_others"));
}

TEST_P(Drill31, ProveAndVerifyAStoreOfDumpsAlone)
{
  BackupJob dumps = place_.job(database_.address());
  dumps.library.reset();
  must(run_backup(place_.session(), dumps));
  const DrillReport report = drill();
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_TRUE(report.restored);
  EXPECT_EQ(report.verdict, Proof::Verdict::proven);
  EXPECT_TRUE(place_.verify_all().dump_checked);
}

TEST_P(Drill31, RestoreAStrangersDumpAndSayThatItsTablesAreNoImmichs)
{
  const std::string name = "drill_stranger";
  shared_cluster().create_database(name);
  shared_cluster().sql(name,
                       "CREATE TABLE recipe (id int PRIMARY KEY, title text); INSERT INTO recipe "
                       "VALUES (1, 'soup');");
  BackupJob stranger = place_.job();
  stranger.database = DatabaseSettings{.address = shared_cluster().address(name)};
  EXPECT_THAT(codes(must(run_backup(place_.session(), stranger)).header),
              ElementsAre("audit_not_made"));
  const DrillReport report = drill();
  EXPECT_THAT(codes(report.header), ElementsAre("not_proven"));
  EXPECT_THAT(report.header.problems.at(0).message, HasSubstr("not those of an Immich"));
  EXPECT_TRUE(report.restored);
  EXPECT_EQ(report.rows, 1U);
  EXPECT_EQ(report.originals, 0U);
}

TEST_P(Drill31, ReadWithinTheBudgetAndSayHowFarItReaches)
{
  EmulatedBucket bucket;
  const OpenStore opened = bucket.open();
  bucket.begin();
  Session session = place_.session(opened);
  BackupJob backup_job = place_.job();
  must(run_backup(session, backup_job));
  session.spending.prices = built_in_prices();
  session.spending.location = "EUROPE-WEST3";
  session.spending.budget = 0.0001;
  DrillJob within = job();
  within.sample.reset();
  within.months = 1;
  const DrillReport report = must(run_drill(session, within));
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_LT(report.read_back, report.due);
  EXPECT_THAT(report.header.notes, Contains(HasSubstr("the budget of")));
}

}  // namespace
}  // namespace ib::test
