// SPDX-License-Identifier: Apache-2.0
#include "immich/database.hpp"
#include "support/postgres_cluster.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ib {
namespace {

using test::shared_cluster;

// What Immich 1.135 and 3.1 have of what is read.
constexpr const char* kImmich1135 = R"(
CREATE TYPE assets_status_enum AS ENUM ('active', 'trashed', 'deleted');
CREATE TABLE users (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email text, name text, "storageLabel" text,
  "profileImagePath" text, "deletedAt" timestamptz);
CREATE TABLE assets (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), "ownerId" uuid, type text, "originalPath" text,
  "originalFileName" text, checksum bytea, "isExternal" boolean NOT NULL DEFAULT false, "isOffline" boolean DEFAULT false,
  "deletedAt" timestamptz, status assets_status_enum NOT NULL DEFAULT 'active', "sidecarPath" text, "encodedVideoPath" text);
CREATE TABLE exif ("assetId" uuid PRIMARY KEY, "fileSizeInByte" bigint);
CREATE TABLE albums (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), "albumName" text);
CREATE TABLE system_metadata (key text PRIMARY KEY, value jsonb NOT NULL);
CREATE TABLE version_history (id uuid DEFAULT gen_random_uuid(), "createdAt" timestamptz DEFAULT now(), version text);
CREATE TABLE kysely_migrations (name varchar(255) PRIMARY KEY, timestamp varchar(255));
INSERT INTO users (email) VALUES ('a@example.com');
INSERT INTO assets ("originalPath") VALUES ('upload/upload/a.jpg'), ('upload/upload/b.jpg');
INSERT INTO version_history ("createdAt", version) VALUES ('2025-06-20', '1.135.3'), ('2025-03-01', '1.134.0');
INSERT INTO kysely_migrations VALUES ('1744910873969-InitialMigration', ''), ('1749067526135-UserOnboardingDefault', '');
INSERT INTO system_metadata VALUES ('version-check-state', '{"checkedAt": "2025-06-20"}');
)";
constexpr const char* kImmich31 = R"(
CREATE TYPE assets_status_enum AS ENUM ('active', 'trashed', 'deleted');
CREATE TABLE "user" (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email text, name text);
CREATE TABLE asset (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), "ownerId" uuid, type text, "originalPath" text,
  "originalFileName" text, checksum bytea, "checksumAlgorithm" text, "isExternal" boolean NOT NULL DEFAULT false,
  "isOffline" boolean DEFAULT false, "deletedAt" timestamptz, status assets_status_enum NOT NULL DEFAULT 'active');
CREATE TABLE asset_exif ("assetId" uuid PRIMARY KEY, "fileSizeInByte" bigint);
CREATE TABLE asset_file (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), "assetId" uuid, type text, path text);
CREATE TABLE album (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), "albumName" text);
CREATE TABLE system_metadata (key text PRIMARY KEY, value jsonb NOT NULL);
CREATE TABLE version_history (id uuid DEFAULT gen_random_uuid(), "createdAt" timestamptz DEFAULT now(), version text);
CREATE TABLE kysely_migrations (name varchar(255) PRIMARY KEY, timestamp varchar(255));
INSERT INTO "user" (email) VALUES ('a@example.com'), ('b@example.com');
INSERT INTO asset ("originalPath", "isExternal", "deletedAt", status) VALUES
  ('/data/upload/a.jpg', false, NULL, 'active'), ('/data/upload/b.jpg', false, now(), 'trashed'),
  ('/data/upload/c.jpg', false, NULL, 'active'), ('/mnt/photos/d.jpg', true, NULL, 'active');
INSERT INTO album ("albumName") VALUES ('x'), ('y'), ('z');
INSERT INTO version_history ("createdAt", version) VALUES ('2026-10-01', 'v3.1.0'), ('2026-01-01', '2.4.1');
INSERT INTO kysely_migrations VALUES ('1744910873969-InitialMigration', ''), ('1790000000000-Newest', '');
INSERT INTO system_metadata VALUES ('MediaLocation', '{"location": "/data"}');
)";

ImmichFacts facts_of(const std::string& database, const std::string& sql)
{
  shared_cluster().create_database(database);
  shared_cluster().sql(database, sql);
  Connection connection = Connection::open(shared_cluster().address(database), {}).value();
  const auto facts = read_immich_facts(connection);
  EXPECT_TRUE(facts) << facts.error().message;
  return facts.value_or(ImmichFacts{});
}

TEST(ImmichFacts, AreReadFromTheTablesBefore1136)
{
  const ImmichFacts facts = facts_of("immich_1135", kImmich1135);
  EXPECT_TRUE(facts.known_schema);
  EXPECT_EQ(facts.version, "v1.135.3");
  EXPECT_EQ(facts.schema_level, "1749067526135-UserOnboardingDefault");
  EXPECT_EQ(facts.assets, 2U);
  EXPECT_EQ(facts.originals, 2U);
  EXPECT_EQ(facts.trashed, 0U);
  EXPECT_EQ(facts.users, 1U);
  EXPECT_EQ(facts.albums, 0U);
  EXPECT_EQ(facts.media_location, "");
}

TEST(ImmichFacts, AreReadFromTheTablesOf31)
{
  const ImmichFacts facts = facts_of("immich_31", kImmich31);
  EXPECT_TRUE(facts.known_schema);
  EXPECT_EQ(facts.version, "v3.1.0");
  EXPECT_EQ(facts.schema_level, "1790000000000-Newest");
  EXPECT_EQ(facts.assets, 4U);
  EXPECT_EQ(facts.originals, 3U);
  EXPECT_EQ(facts.external, 1U);
  EXPECT_EQ(facts.trashed, 1U);
  EXPECT_EQ(facts.users, 2U);
  EXPECT_EQ(facts.albums, 3U);
  EXPECT_EQ(facts.media_location, "/data");
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
}  // namespace ib
