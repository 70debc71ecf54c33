// SPDX-License-Identifier: Apache-2.0
#include "postgres/connection.hpp"

#include "support/matchers.hpp"
#include "support/postgres_cluster.hpp"

#include <array>

namespace ib::test {
namespace {

Connection open(const DatabaseAddress& address,
                Connection::Access access = Connection::Access::read_only)
{
  auto connection = Connection::open(address, {}, access);
  EXPECT_TRUE(connection) << connection.error().message;
  return std::move(connection).value();
}

TEST(Connection, AnswersOverTcpAndOverAUnixSocket)
{
  for (const DatabaseAddress& address :
       {shared_cluster().address(), shared_cluster().socket_address()}) {
    Connection connection = open(address);
    EXPECT_GE(connection.server_major(), 14);
    EXPECT_TRUE(connection.server_version().starts_with(std::to_string(connection.server_major())));
    EXPECT_FALSE(connection.server_version().contains(' '));
    const std::array<std::string, 2> params{"it's", "2"};
    const auto rows =
        connection.query("SELECT $1::text, NULL, $2::int + 1 UNION ALL SELECT '', 'x', 0", params);
    ASSERT_TRUE(rows) << rows.error().message;
    EXPECT_EQ(*rows, (Connection::Rows{{"it's", std::nullopt, "3"}, {"", "x", "0"}}));
  }
}

TEST(Connection, IsRefusedWithAWrongPassword)
{
  DatabaseAddress address = shared_cluster().address();
  for (const std::string password : {"wrong-secret", ""}) {
    address.password = password;
    const auto connection = Connection::open(address, {});
    ASSERT_FALSE(connection);
    EXPECT_EQ(connection.error().code, Errc::denied) << connection.error().message;
    EXPECT_THAT(connection.error().hint, HasSubstr("DB_PASSWORD"));
    EXPECT_THAT(connection.error().message, HasSubstr("postgres on 127.0.0.1:"));
    EXPECT_THAT(connection.error().message, Not(HasSubstr("wrong-secret")));
    EXPECT_THAT(connection.error().message, Not(HasSubstr("28P01")));
  }
}

TEST(Connection, IsRefusedToAUserWhoDoesNotExist)
{
  DatabaseAddress address = shared_cluster().address();
  address.user = "nobody-here";
  const auto connection = Connection::open(address, {});
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().code, Errc::denied);
  EXPECT_THAT(connection.error().hint, HasSubstr("DB_USERNAME"));
}

TEST(Connection, SaysThatTheDatabaseIsMissing)
{
  const auto connection = Connection::open(shared_cluster().address("no_such_database"), {});
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().code, Errc::invalid);
  EXPECT_THAT(connection.error().hint, HasSubstr("DB_DATABASE_NAME"));
  EXPECT_THAT(connection.error().message, HasSubstr("\"no_such_database\" does not exist"));
}

TEST(Connection, SaysThatNobodyListens)
{
  DatabaseAddress nobody = shared_cluster().address();
  nobody.port = "1";
  DatabaseAddress no_socket = shared_cluster().address();
  no_socket.host = "/nonexistent";
  DatabaseAddress no_name = shared_cluster().address();
  no_name.host = "no-such-host.invalid";
  for (const DatabaseAddress& address : {nobody, no_socket, no_name}) {
    const auto connection = Connection::open(address, {});
    ASSERT_FALSE(connection);
    EXPECT_EQ(connection.error().code, Errc::unavailable) << connection.error().message;
    EXPECT_THAT(connection.error().hint, HasSubstr("DB_HOSTNAME and DB_PORT"));
    EXPECT_THAT(connection.error().message, Not(HasSubstr("\n")));
  }
}

TEST(Connection, SaysThatTheServerHasNoTls)
{
  DatabaseAddress address = shared_cluster().address();
  address.parameters = {{"sslmode", "require"}};
  const auto connection = Connection::open(address, {});
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().code, Errc::invalid);
  EXPECT_THAT(connection.error().hint, HasSubstr("sslmode"));
}

TEST(Connection, IsReadOnlyUnlessAskedOtherwise)
{
  PostgresCluster& cluster = shared_cluster();
  cluster.create_database("read_only");
  const auto refused = open(cluster.address("read_only")).query("CREATE TABLE t ()");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("read-only"));
  Connection writer = open(cluster.address("read_only"), Connection::Access::read_write);
  EXPECT_TRUE(writer.query("CREATE TABLE t ()"));
}

TEST(Connection, SetsNothingForTheSession)
{
  PostgresCluster& cluster = shared_cluster();
  Connection connection = open(cluster.address());
  const std::string session_settings =
      "SELECT pg_catalog.string_agg(name || '=' || setting, ' ' ORDER BY name) FROM "
      "pg_catalog.pg_settings WHERE source = 'session' AND name <> 'transaction_read_only'";
  const auto before = must(connection.query(session_settings));
  must(connection.begin("REPEATABLE READ"));
  must(connection.query("SELECT 1"));
  must(connection.end());
  must(connection.query("SELECT 1"));
  EXPECT_EQ(must(connection.query(session_settings)), before);
  EXPECT_EQ(must(connection.query("SHOW default_transaction_read_only")).at(0).at(0), "off");
  EXPECT_EQ(must(connection.query("SHOW statement_timeout")).at(0).at(0), "0");
}

TEST(Connection, OutlastsTheTimeoutsOfARole)
{
  PostgresCluster& cluster = shared_cluster();
  cluster.sql("postgres",
              "CREATE ROLE hasty LOGIN PASSWORD 'hasty'; ALTER ROLE hasty SET statement_timeout = "
              "100; ALTER ROLE hasty SET idle_in_transaction_session_timeout = 100; ALTER ROLE "
              "hasty SET bytea_output = escape; ALTER ROLE hasty SET client_encoding = LATIN1;");
  DatabaseAddress address = cluster.address();
  address.user = address.password = "hasty";
  Connection connection = open(address);
  EXPECT_TRUE(ok(connection.query("SELECT pg_sleep(0.3)")));
  Connection writer = must(Connection::open(address, {}, Connection::Access::read_write));
  EXPECT_TRUE(ok(writer.query("SELECT pg_sleep(0.3)")));
  must(connection.begin("REPEATABLE READ"));
  EXPECT_TRUE(ok(connection.query("SELECT pg_sleep(0.3)")));
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_TRUE(ok(connection.query("SELECT 1")));
  EXPECT_EQ(must(connection.query("SELECT U&'\\00FC'")).at(0).at(0), "\xc3\xbc");
}

TEST(Connection, IsUsableAfterAFailedStatement)
{
  Connection connection = open(shared_cluster().address());
  const auto failed = connection.query("SELECT nonsense");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::io);
  EXPECT_THAT(failed.error().message, HasSubstr("column \"nonsense\" does not exist"));
  // The failure comes after the first rows.
  EXPECT_FALSE(connection.query("SELECT 1 / (3 - i) FROM generate_series(1, 5) i"));
  EXPECT_TRUE(connection.query("SELECT 1"));
}

TEST(Connection, StopsWhenItIsTold)
{
  std::stop_source stop;
  auto connection = Connection::open(shared_cluster().address(), stop.get_token());
  ASSERT_TRUE(connection);
  stop.request_stop();
  const auto rows = connection->query("SELECT pg_sleep(60)");
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, Errc::cancelled);
  EXPECT_EQ(connection->query("SELECT 1").error().code, Errc::unavailable);
  const auto another = Connection::open(shared_cluster().address(), stop.get_token());
  ASSERT_FALSE(another);
  EXPECT_EQ(another.error().code, Errc::cancelled);
}

TEST(Connection, SaysThatItWasLost)
{
  PostgresCluster& cluster = shared_cluster();
  cluster.create_database("lost");
  Connection connection = open(cluster.address("lost"));
  cluster.sql("postgres",
              "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'lost';\n");
  const auto rows = connection.query("SELECT 1");
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, Errc::unavailable) << rows.error().message;
}

TEST(Connection, HandsOverRowsAsTheyComeUntilTheSinkFails)
{
  Connection connection = open(shared_cluster().address());
  int seen = 0;
  const Result<> done = connection.each_row("SELECT generate_series(1, 1000000)", {},
                                            [&](const Connection::Row&) -> Result<> {
                                              if (++seen == 3) return fail(Errc::io, "enough");
                                              return {};
                                            });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "enough");
  EXPECT_EQ(seen, 3);
  EXPECT_FALSE(connection.query("SELECT 1"));
}

}  // namespace
}  // namespace ib::test
