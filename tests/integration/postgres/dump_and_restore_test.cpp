// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump.hpp"
#include "postgres/restore.hpp"
#include "support/fake_bin.hpp"
#include "support/matchers.hpp"
#include "support/postgres_cluster.hpp"
#include "sys/file.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>

namespace ib::test {
namespace {

// An index over ll_to_earth, as Immich has it, and text that looks like everything we look for.
constexpr const char* kSource = R"(
CREATE EXTENSION cube;
CREATE EXTENSION earthdistance;
CREATE TABLE place (id int PRIMARY KEY, lat double precision, lon double precision, note text);
CREATE INDEX place_earth ON place USING gist (ll_to_earth(lat, lon));
INSERT INTO place SELECT i, i % 90, i % 180, 'note ' || i FROM generate_series(1, 3000) i;
INSERT INTO place VALUES (0, 1, 2, E'\\restrict X\n\\.\n-- PostgreSQL database dump complete\nCOMMIT;\nCOPY t FROM stdin;');
CREATE VIEW place_view AS SELECT id FROM place;
CREATE FUNCTION three() RETURNS int LANGUAGE sql AS $$
SELECT 3;
$$;
)";
constexpr const char* kDigest =
    "SELECT count(*), md5(string_agg(p::text, '/' ORDER BY id)) FROM place p";
constexpr const char* kRelations =
    "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace";

class DumpAndRestore : public testing::Test {
protected:
  static PostgresCluster& cluster() { return shared_cluster(); }
  static std::string pg_dump() { return cluster().program("pg_dump"); }
  static std::string psql() { return cluster().program("psql"); }

  static void SetUpTestSuite()
  {
    cluster().create_database("source");
    cluster().sql("source", kSource);
  }

  /// A new database for this test.
  static DatabaseAddress fresh(const std::string& suffix = "")
  {
    const std::string name =
        std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + suffix;
    cluster().create_database(name);
    return cluster().address(name);
  }

  static std::string dump()
  {
    static const std::string text = [] {
      std::string all;
      const auto outcome = dump_into(pg_dump(), all);
      EXPECT_TRUE(outcome) << outcome.error().message;
      EXPECT_EQ(outcome->bytes, all.size());
      EXPECT_THAT(outcome->extensions, ElementsAre("cube", "earthdistance"));
      return all;
    }();
    return text;
  }

  static Result<DumpOutcome> dump_into(const std::string& program, std::string& text,
                                       const DumpOptions& options = {})
  {
    return dump_database(
        program, cluster().address("source"),
        [&](ByteView bytes) -> Result<> {
          text += text_of(bytes);
          return {};
        },
        {}, options);
  }

  static Result<> restore(const DatabaseAddress& address, std::string_view text,
                          const std::string& program = psql())
  {
    DatabaseRestore restore = TRY(DatabaseRestore::start(program, address, {}));
    constexpr std::size_t kPiece = 777;  // borders fall anywhere
    for (; !text.empty(); text.remove_prefix(std::min(kPiece, text.size()))) {
      TRY(restore.write(bytes_of(text.substr(0, kPiece))));
    }
    return restore.commit();
  }

  static void expect_empty(const DatabaseAddress& address)
  {
    EXPECT_EQ(cluster().query(address.database, kRelations), "0");
    Connection connection = Connection::open(address, {}).value();
    EXPECT_TRUE(require_empty_database(connection));
  }
};

TEST_F(DumpAndRestore, BringsEverythingBack)
{
  const DatabaseAddress address = fresh();
  const Result<> restored = restore(address, dump());
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(cluster().query(address.database, kDigest), cluster().query("source", kDigest));
  EXPECT_EQ(cluster().query(address.database,
                            "SELECT count(*) FROM pg_indexes WHERE indexname = 'place_earth'"),
            "1");
  EXPECT_EQ(cluster().query(address.database, "SELECT three()"), "3");
}

TEST_F(DumpAndRestore, LeavesTheDatabaseEmptyIfTheDumpIsCutBetweenTwoStatements)
{
  const DatabaseAddress address = fresh();
  const std::string whole = dump();
  for (const std::string_view border : {"\nCREATE TABLE", "\nALTER TABLE ONLY public.place\n",
                                        "\n-- PostgreSQL database dump complete"}) {
    const std::size_t cut = whole.rfind(border);
    ASSERT_NE(cut, std::string::npos) << border;
    const Result<> restored = restore(address, whole.substr(0, cut + 1));
    ASSERT_FALSE(restored);
    EXPECT_EQ(restored.error().code, Errc::corrupt);
    EXPECT_THAT(restored.error().message, HasSubstr("cut"));
    expect_empty(address);
  }
}

TEST_F(DumpAndRestore, LeavesTheDatabaseEmptyIfItIsKilledHalfWay)
{
  const DatabaseAddress address = fresh();
  for (const std::size_t part : {0UZ, 1UZ, 2UZ, 3UZ, 4UZ}) {
    {
      DatabaseRestore restore = DatabaseRestore::start(psql(), address, {}).value();
      ASSERT_TRUE(restore.write(bytes_of(dump()).first(dump().size() * part / 4)));
    }
    expect_empty(address);
  }
}

TEST_F(DumpAndRestore, LeavesTheDatabaseEmptyIfAStatementFails)
{
  const DatabaseAddress address = fresh();
  std::string broken = dump();
  broken.insert(broken.rfind("--\n-- PostgreSQL database dump complete"),
                "CREATE INDEX ON public.nowhere (id);\n");
  const Result<> restored = restore(address, broken);
  ASSERT_FALSE(restored);
  EXPECT_THAT(restored.error().message, HasSubstr("relation \"public.nowhere\" does not exist"));
  expect_empty(address);
}

TEST_F(DumpAndRestore, LeavesTheDatabaseEmptyIfTheDumpEndsInsideAString)
{
  const DatabaseAddress address = fresh();
  const Result<> restored =
      restore(address, "CREATE TABLE t ();\nSELECT '\n-- PostgreSQL database dump complete\n");
  ASSERT_FALSE(restored);
  expect_empty(address);
}

TEST_F(DumpAndRestore, DoesNotBelieveAPsqlThatSaysNothingOfTheCommit)
{
  const FakeBin bin;
  const std::string deaf = bin.script("psql",
                                      "if [ \"$1\" = --version ]; then echo 'psql (PostgreSQL) "
                                      "16.10'; else exec cat >/dev/null; fi");
  const Result<> restored = restore(fresh(), dump(), deaf);
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().code, Errc::corrupt);
}

TEST_F(DumpAndRestore, StopsAtAnErrorWithoutReadingTheRest)
{
  const DatabaseAddress address = fresh();
  DatabaseRestore restore = DatabaseRestore::start(psql(), address, {}).value();
  const std::string nonsense = "NONSENSE;\n" + std::string(1000, '-') + "\n";
  Result<> written;
  for (int i = 0; i < 100'000 && written; ++i) written = restore.write(bytes_of(nonsense));
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message, HasSubstr("syntax error at or near \"NONSENSE\""));
}

TEST_F(DumpAndRestore, RefusesAPsqlThatLetsADumpRunCommands)
{
  const FakeBin bin;
  const std::string old_psql = bin.script("psql", "echo 'psql (PostgreSQL) 15.13'");
  const Result<> refused = restore(fresh(), dump(), old_psql);
  ASSERT_TRUE(fails_with(Errc::invalid, refused));
  EXPECT_THAT(refused.error().message, HasSubstr("of version 15.13"));
  EXPECT_THAT(refused.error().hint, HasSubstr("15.14"));
}

TEST_F(DumpAndRestore, RunsNoCommandOfADump)
{
  const FakeBin bin;
  const std::string proof = bin.folder().file("proof");
  const std::string touch = "touch " + proof;
  const DatabaseAddress address = fresh();
  for (const std::string& planted : std::vector<std::string>{
           "\\! " + touch + "\n",
           "\\copy (SELECT 1) TO PROGRAM '" + touch + "'\n",
           "\\set x `" + touch + "`\n",
           "SELECT 1 \\g |" + touch + "\n",
           "/*\nCOPY x FROM stdin;\n*/ SELECT 1; \\! " + touch + "\n",
           "\\unrestrict TOKEN\n\\! " + touch + "\n",
           "SELECT 1; \\! " + touch + "\n",
       }) {
    std::string text = dump();
    text.insert(text.find("SET statement_timeout"), planted);
    const Result<> restored = restore(address, text);
    ASSERT_TRUE(fails_with(Errc::corrupt, restored)) << planted;
    EXPECT_THAT(restored.error().message, HasSubstr("holds a command for psql")) << planted;
    EXPECT_FALSE(path_exists(proof)) << planted;
    expect_empty(address);
  }
}

TEST_F(DumpAndRestore, CallsNoDumpRestoredThatEndsTheTransactionItself)
{
  int number = 0;
  for (const std::string planted : {"COMMIT;\n", "COMMIT;\nBEGIN;\n", "ROLLBACK AND CHAIN;\n",
                                    "COMMIT; SELECT 'committed';\n"}) {
    const DatabaseAddress address = fresh(std::to_string(++number));
    std::string text = dump();
    text.insert(text.rfind("--\n-- PostgreSQL database dump complete"), planted);
    const Result<> restored = restore(address, text);
    ASSERT_TRUE(fails_with(Errc::corrupt, restored)) << planted;
    EXPECT_THAT(restored.error().message, HasSubstr("ended the transaction itself")) << planted;
  }
}

TEST_F(DumpAndRestore, TakesADumpOfANewerPgDump)
{
  const DatabaseAddress address = fresh();
  std::string text = dump();
  text.insert(text.find("SET statement_timeout"), "SET transaction_timeout = 0;\n");
  const Result<> restored = restore(address, text);
  EXPECT_TRUE(restored) << restored.error().message;
}

TEST_F(DumpAndRestore, RestoresLargeObjectsInTheSameTransaction)
{
  cluster().create_database("large");
  cluster().sql(
      "large",
      "SELECT lo_from_bytea(4242, 'abc'); CREATE TABLE t (id int); INSERT INTO t VALUES (1);\n");
  std::string text;
  const ByteSink sink = [&](ByteView bytes) -> Result<> {
    text += text_of(bytes);
    return {};
  };
  ASSERT_TRUE(dump_database(pg_dump(), cluster().address("large"), sink, {}));
  ASSERT_THAT(text, HasSubstr("\nCOMMIT;\n"));

  std::string broken = text;
  broken.insert(broken.rfind("--\n-- PostgreSQL database dump complete"), "SELECT nonsense;\n");
  const DatabaseAddress empty = fresh("_empty");
  EXPECT_FALSE(restore(empty, broken));
  expect_empty(empty);

  const DatabaseAddress address = fresh();
  const Result<> restored = restore(address, text);
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(cluster().query(address.database,
                            "SELECT encode(lo_get(4242), 'escape'), (SELECT count(*) FROM t)"),
            "abc|1");
}

TEST_F(DumpAndRestore, RefusesADatabaseThatIsNotEmpty)
{
  const std::pair<const char*, const char*> table[] = {
      {"CREATE TABLE a (id serial); CREATE TABLE b (); CREATE VIEW v AS SELECT 1;",
       "2 tables and 2 other objects"},
      {"CREATE SCHEMA s; CREATE TABLE s.a ();", "1 table"},
      {"CREATE TYPE mood AS ENUM ('ok');", "0 tables and 1 other object"},
      {"CREATE DOMAIN d AS int;", "0 tables and 1 other object"},
      {"CREATE TYPE pair AS (a int, b int);", "0 tables and 1 other object"},
      {"CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';",
       "0 tables and 1 other object"},
      {"CREATE SEQUENCE s;", "0 tables and 1 other object"},
      {"CREATE MATERIALIZED VIEW m AS SELECT 1 AS x;", "0 tables and 1 other object"},
  };
  int i = 0;
  for (const auto& [sql, found] : table) {
    SCOPED_TRACE(sql);
    const DatabaseAddress address = fresh("_" + std::to_string(i++));
    cluster().sql(address.database, sql);
    Connection connection = Connection::open(address, {}).value();
    const Result<> empty = require_empty_database(connection);
    ASSERT_FALSE(empty);
    EXPECT_EQ(empty.error().code, Errc::invalid);
    EXPECT_TRUE(empty.error().message.ends_with(found)) << empty.error().message;
    EXPECT_THAT(empty.error().hint, HasSubstr("createdb"));
  }
}

TEST_F(DumpAndRestore, CallsADatabaseEmptyThatHasOnlyExtensionsAndEmptySchemas)
{
  const DatabaseAddress address = fresh();
  cluster().sql(address.database,
                "CREATE SCHEMA s; CREATE EXTENSION cube; CREATE EXTENSION earthdistance SCHEMA "
                "public; CREATE EXTENSION pg_stat_statements;");
  Connection connection = Connection::open(address, {}).value();
  const Result<> empty = require_empty_database(connection);
  EXPECT_TRUE(empty) << empty.error().message;
  const Result<> restored = restore(address, dump());
  EXPECT_TRUE(restored) << restored.error().message;
}

TEST_F(DumpAndRestore, NamesTheExtensionsThatTheServerLacks)
{
  Connection connection = Connection::open(cluster().address(), {}).value();
  const std::vector<std::string> wanted{"cube", "vchord", "plpgsql", "it's"};
  const auto missing = missing_extensions(connection, wanted);
  ASSERT_TRUE(missing);
  EXPECT_THAT(*missing, ElementsAre("vchord", "it's"));
}

TEST_F(DumpAndRestore, DumpsWithoutTheDataOfATable)
{
  std::string text;
  const std::vector<std::string> tables{"public.place"};
  ASSERT_TRUE(dump_into(pg_dump(), text, {.without_data_of = tables}));
  EXPECT_THAT(text, HasSubstr("CREATE TABLE public.place"));
  EXPECT_THAT(text, Not(HasSubstr("COPY public.place")));
}

TEST_F(DumpAndRestore, IsNoDumpIfPgDumpDiesHalfWay)
{
  const FakeBin bin;
  const std::string half = bin.folder().file("half.sql");
  std::ofstream(half) << dump().substr(0, dump().size() / 2);
  std::string text;
  const auto failed = dump_into(
      bin.script("failing", "cat " + half + "; echo 'pg_dump: error: no space' >&2; exit 1"), text);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::io);
  EXPECT_EQ(failed.error().message, "pg_dump: exit status 1: pg_dump: error: no space");

  const auto cut = dump_into(bin.script("cutting", "cat " + half), text);
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, Errc::corrupt);
  EXPECT_THAT(cut.error().message, HasSubstr("cut"));

  const auto empty = dump_into(bin.script("empty", "exit 0"), text);
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().code, Errc::corrupt);

  // The whole text counts for nothing if the exit status says otherwise.
  std::ofstream(half) << dump();
  EXPECT_FALSE(dump_into(bin.script("late", "cat " + half + "; exit 1"), text));
  EXPECT_FALSE(dump_into(bin.script("killed", "cat " + half + "; kill -9 $$"), text));
}

TEST_F(DumpAndRestore, FailsAsADumpWithWhatTheServerSays)
{
  DatabaseAddress address = cluster().address("source");
  const ByteSink sink = [](ByteView) -> Result<> { return {}; };
  address.password = "wrong-secret";
  const auto denied = dump_database(pg_dump(), address, sink, {});
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().code, Errc::denied);
  EXPECT_THAT(denied.error().message, Not(HasSubstr("wrong-secret")));
  address.port = "1";
  EXPECT_EQ(dump_database(pg_dump(), address, sink, {}).error().code, Errc::unavailable);
  EXPECT_EQ(dump_database("/nonexistent/pg_dump", address, sink, {}).error().code, Errc::not_found);
}

TEST_F(DumpAndRestore, ReturnsTheErrorOfTheDumpsSink)
{
  const auto outcome =
      dump_database(pg_dump(), cluster().address("source"),
                    [](ByteView) -> Result<> { return fail(Errc::io, "full"); }, {});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().message, "full");
}

TEST_F(DumpAndRestore, NeverPutsThePasswordIntoArguments)
{
  const FakeBin bin;
  const std::string seen = bin.folder().file("seen");
  const std::string body =
      "if [ \"$1\" = --version ]; then echo 'psql (PostgreSQL) 16.10'; exit; fi\n"
      "tr '\\0' '\\n' < /proc/$$/cmdline > " +
      seen + "\nprintf %s \"$PGPASSWORD\" > " + seen + ".password\n";
  const std::string password = cluster().address().password;
  for (const bool dumping : {true, false}) {
    std::string text;
    if (dumping) {
      EXPECT_TRUE(dump_into(
          bin.script("pg_dump", body + "echo '-- PostgreSQL database dump complete'"), text));
    } else {
      EXPECT_FALSE(restore(cluster().address("source"), "-- PostgreSQL database dump complete\n",
                           bin.script("psql", body + "cat")));
    }
    const auto argv = read_file(seen, 10'000);
    ASSERT_TRUE(argv);
    EXPECT_THAT(*argv, HasSubstr("--no-password"));
    EXPECT_THAT(*argv, Not(HasSubstr(password)));
    EXPECT_THAT(*argv, Not(HasSubstr("127.0.0.1")));
    EXPECT_EQ(read_file(seen + ".password", 10'000).value_or(""), password);
    ASSERT_TRUE(path_exists(seen));
    ASSERT_EQ(std::remove(seen.c_str()), 0);
  }
}

TEST_F(DumpAndRestore, StopsWhenItIsTold)
{
  std::stop_source stop;
  const auto outcome = dump_database(
      pg_dump(), cluster().address("source"),
      [&](ByteView) -> Result<> {
        stop.request_stop();
        return {};
      },
      stop.get_token());
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::cancelled);
}

}  // namespace
}  // namespace ib::test
