// SPDX-License-Identifier: Apache-2.0
#include "app/verify/drill.hpp"
#include "cli/price_file.hpp"
#include "support/builders.hpp"
#include "support/emulated_bucket.hpp"
#include "support/gzip.hpp"
#include "support/immich_database.hpp"
#include "support/workplace.hpp"

#include "app/session.hpp"
#include "postgres/database_settings.hpp"
#include "sys/file.hpp"
#include "sys/hash.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <fstream>
#include <functional>

namespace ib::test {
namespace {

constexpr std::string_view kFirstObject = "--\n-- Name: ";
constexpr std::string_view kDumpedFrom = "-- Dumped from database version ";

/// A drill on a server that is given: the one that all tests share.
class Drills : public ::testing::TestWithParam<Generation> {
protected:
  Drills() : database_(shared_cluster(), "drill_" + std::to_string(++number_), GetParam())
  {
    database_.add_files_of(place_.library());
  }

  BackupReport backup() { return place_.backup(place_.job(database_.address())); }
  DrillJob job()
  {
    return {.server = DatabaseSettings{.address = shared_cluster().address("postgres")},
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
  EXPECT_THAT(shared_cluster().query("postgres", "SELECT datname FROM pg_database"),
              Not(HasSubstr("immich_backup_drill")));
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
  EXPECT_THAT(report.header.notes, Contains(HasSubstr("is incomplete")));
}

TEST_P(Drill31, ClearAwayWhatAKilledOneHasLeft)
{
  backup();
  shared_cluster().sql("postgres", "CREATE DATABASE immich_backup_drill_20200101T000000Z");
  drill();
  EXPECT_EQ(
      shared_cluster().query(
          "postgres", "SELECT count(*) FROM pg_database WHERE datname LIKE 'immich_backup_drill%'"),
      "0");
}

TEST_P(Drill31, RefuseTheServerThatImmichUses)
{
  backup();
  DrillJob there = job();
  there.server->address = database_.address();
  const auto refused = run_drill(place_.session(), there);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::invalid);
  there.server->address = shared_cluster().address("no_such_database");
  EXPECT_TRUE(must(run_drill(place_.session(), there)).restored);
}

TEST_P(Drill31, LeaveOutWhatTheServerLacksAnExtensionForAndProveTheRest)
{
  // What only the dump has to say: its SQL is as a server with the extension writes it.
  backup();
  const std::string extension =
      "--\n-- Name: vchord; Type: EXTENSION; Schema: -; Owner: -\n--\n\nCREATE EXTENSION IF NOT "
      "EXISTS vchord WITH SCHEMA public;\n\n"
      "--\n-- Name: vector; Type: EXTENSION; Schema: -; Owner: -\n--\n\nCREATE EXTENSION IF NOT "
      "EXISTS vector WITH SCHEMA public;\n\n"
      "--\n-- Name: smart_search; Type: TABLE; Schema: public; Owner: postgres\n--\n\n"
      "CREATE TABLE public.smart_search (\n    \"assetId\" uuid,\n    embedding "
      "public.vector(512)\n);\n\n"
      "--\n-- Data for Name: smart_search; Type: TABLE DATA; Schema: public; Owner: "
      "postgres\n--\n\n"
      "COPY public.smart_search (\"assetId\", embedding) FROM stdin;\n\\N\t[1,2]\n\\.\n\n\n";
  change_dump([&](std::string& sql) { sql.insert(sql.find(kFirstObject), extension); });
  const DrillReport report = drill();
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_THAT(report.left_out,
              ElementsAre("extension vchord", "extension vector", "table public.smart_search"));
  EXPECT_EQ(report.protected_originals, report.originals);
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

TEST_P(Drill31, CallADumpDamagedThatItsOwnServerDoesNotTake)
{
  backup();
  change_dump([](std::string& sql) {
    sql.insert(sql.find(kFirstObject), "SELECT no_such_function();\n\n");
  });
  const DrillReport report = drill();
  EXPECT_THAT(codes(report.header), ElementsAre("dump_not_restored"));
  EXPECT_EQ(report.damaged, 1U);
  EXPECT_THAT(shared_cluster().query("postgres", "SELECT datname FROM pg_database"),
              Not(HasSubstr("immich_backup_drill")));
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
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_TRUE(report.restored);
  EXPECT_EQ(report.rows, 1U);
  EXPECT_EQ(report.originals, 0U);
  EXPECT_THAT(report.header.notes, Contains(HasSubstr("not those of an Immich")));
}

TEST_P(Drill31, ReadWithinTheBudgetAndSayHowFarItReaches)
{
  EmulatedBucket bucket;
  const OpenStore opened = bucket.open();
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
