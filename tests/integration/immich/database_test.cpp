// SPDX-License-Identifier: Apache-2.0
#include "immich/database.hpp"
#include "support/immich_database.hpp"
#include "support/postgres_cluster.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ib::test {
namespace {

ImmichFacts facts_of(const std::string& database, const std::string& sql)
{
  shared_cluster().create_database(database);
  shared_cluster().sql(database, sql);
  Connection connection = Connection::open(shared_cluster().address(database), {}).value();
  const auto facts = read_immich_facts(connection);
  EXPECT_TRUE(facts) << facts.error().message;
  return facts.value_or(ImmichFacts{});
}

class ImmichFactsOf : public ::testing::TestWithParam<Generation> {};

TEST_P(ImmichFactsOf, AreReadFromTheTablesOfEachVersion)
{
  ImmichDatabase database(shared_cluster(), "facts_" + std::to_string(static_cast<int>(GetParam())),
                          GetParam());
  database.add_all({{.path = "/upload/a.jpg", .checksum = "00"},
                    {.path = "/upload/b.jpg", .checksum = "01", .status = "trashed"},
                    {.path = "/library/c.jpg", .checksum = "02", .sidecar = "/library/c.jpg.xmp"},
                    {.path = "/mnt/photos/d.jpg", .checksum = "03", .external = true}});
  database.sql("INSERT INTO " + database.table("album") + " (\"ownerId\") VALUES ('" +
               ImmichDatabase::user_id() + "');");
  Connection connection = Connection::open(database.address(), {}).value();
  const ImmichFacts facts = read_immich_facts(connection).value();
  EXPECT_TRUE(facts.known_schema);
  EXPECT_EQ(facts.version, "v" + std::string(version_of(GetParam())));
  EXPECT_GT(facts.schema_level, "1744");
  EXPECT_EQ(facts.assets, 4U);
  EXPECT_EQ(facts.originals, 3U);
  EXPECT_EQ(facts.external, 1U);
  EXPECT_EQ(facts.trashed, 1U);
  EXPECT_EQ(facts.users, 1U);
  EXPECT_EQ(facts.albums, 1U);
  EXPECT_EQ(facts.media_location, GetParam() < Generation::v1_136 ? "" : "/data");
}
INSTANTIATE_TEST_SUITE_P(Versions, ImmichFactsOf, ::testing::ValuesIn(kGenerations));

TEST(ImmichFacts, AskNoViewForTheSchemaLevel)
{
  EXPECT_EQ(facts_of("level_in_a_view", "CREATE VIEW kysely_migrations AS SELECT '9' AS name")
                .schema_level,
            "");
}

TEST(ImmichFacts, AreOfNoKnownSchemaInAStrangersDatabase)
{
  EXPECT_FALSE(facts_of("nothing", "SELECT 1;").known_schema);
  // Tables of the same names, with nothing of ours in them.
  const ImmichFacts facts = facts_of("stranger", R"(
    CREATE TABLE asset (id int, price numeric); CREATE TABLE "user" (id int); CREATE TABLE album (id int);
    CREATE TABLE version_history (id int, release text); CREATE TABLE kysely_migrations (step int);
    CREATE TABLE system_metadata (key text, value text);
    INSERT INTO version_history VALUES (1, 'x'); INSERT INTO kysely_migrations VALUES (1);
    INSERT INTO system_metadata VALUES ('MediaLocation', 'x');)");
  EXPECT_FALSE(facts.known_schema);
  EXPECT_EQ(facts.version, "");
  EXPECT_EQ(facts.schema_level, "");
  EXPECT_EQ(facts.assets, 0U);
  EXPECT_EQ(facts.media_location, "");
}

TEST(ImmichFacts, TellTheVersionEvenOfAnUnknownSchema)
{
  const ImmichFacts facts = facts_of("future", R"(
    CREATE TABLE picture (id int);
    CREATE TABLE version_history ("createdAt" timestamptz, version text);
    INSERT INTO version_history VALUES ('2030-01-01', '9.0.0');)");
  EXPECT_FALSE(facts.known_schema);
  EXPECT_EQ(facts.version, "v9.0.0");
}

}  // namespace
}  // namespace ib::test
