// SPDX-License-Identifier: Apache-2.0
#include "support/immich_database.hpp"

#include "base/bytes.hpp"
#include "base/text.hpp"
#include "support/builders.hpp"
#include "support/sample_library.hpp"

#include <map>
#include <utility>

namespace ib::test {
namespace {

struct GenerationFacts {
  std::string_view version;
  std::string_view schema_level;
};

GenerationFacts facts_of(Generation generation)
{
  switch (generation) {
    case Generation::v1_132:
      return {"1.132.3", "1744910873969-InitialMigration"};
    case Generation::v1_135:
      return {"1.135.3", "1749067526135-UserOnboardingDefault"};
    case Generation::v1_136:
      return {"1.136.0", "1752759108283-ConvertToAbsolutePaths"};
    case Generation::v2_4:
      return {"2.4.1", "1764698859174-SidecarInAssetFile"};
    case Generation::v2_6:
      return {"2.6.0", "1771000000000-EncodedVideo"};
    case Generation::v2_7:
      return {"2.7.5", "1775000000000-ChecksumAlgorithm"};
    case Generation::v3_1:
      break;
  }
  return {"3.1.0", "1784836013770-MinFacePreferenceMigration"};
}

/// An SQL expression for any UTF-8 text.
std::string text_expression(std::string_view bytes)
{
  return "convert_from(decode('" + to_hex(bytes_of(bytes)) + "', 'hex'), 'UTF8')";
}

bool is_utf8(std::string_view text)
{
  return to_utf8(text) == text;
}

/// The statements that make the tables. Names in braces, such as {asset}, are those since 1.136.
constexpr std::string_view kTables = R"(
CREATE TYPE assets_status_enum AS ENUM ('active', 'trashed', 'deleted');
CREATE TABLE {user} (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email text NOT NULL UNIQUE, name text NOT NULL DEFAULT '',
  "isAdmin" boolean NOT NULL DEFAULT false, "storageLabel" text UNIQUE, "profileImagePath" text NOT NULL DEFAULT '',
  "createdAt" timestamptz NOT NULL DEFAULT now(), "deletedAt" timestamptz);
CREATE TABLE {library} (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL,
  "ownerId" uuid NOT NULL REFERENCES {user} ON DELETE CASCADE, "importPaths" text[] NOT NULL,
  "exclusionPatterns" text[] NOT NULL DEFAULT '{}', "deletedAt" timestamptz);
CREATE TABLE {asset} (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), "ownerId" uuid NOT NULL REFERENCES {user} ON DELETE CASCADE,
  "libraryId" uuid REFERENCES {library} ON DELETE CASCADE, type text NOT NULL, "originalPath" text NOT NULL,
  "originalFileName" text NOT NULL, checksum bytea NOT NULL, "isExternal" boolean NOT NULL DEFAULT false,
  "isOffline" boolean NOT NULL DEFAULT false, "livePhotoVideoId" uuid REFERENCES {asset} ON DELETE SET NULL,
  status assets_status_enum NOT NULL DEFAULT 'active', "deletedAt" timestamptz, "fileCreatedAt" timestamptz NOT NULL,
  "localDateTime" timestamptz NOT NULL, "createdAt" timestamptz NOT NULL DEFAULT now());
CREATE TABLE {asset_exif} ("assetId" uuid PRIMARY KEY REFERENCES {asset} ON DELETE CASCADE, "fileSizeInByte" bigint,
  "dateTimeOriginal" timestamptz, description text NOT NULL DEFAULT '');
CREATE TABLE {asset_file} (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  "assetId" uuid NOT NULL REFERENCES {asset} ON DELETE CASCADE, type text NOT NULL, path text NOT NULL);
CREATE TABLE person (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL DEFAULT '',
  "thumbnailPath" text NOT NULL DEFAULT '');
CREATE TABLE {album} (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), "ownerId" uuid NOT NULL REFERENCES {user} ON DELETE CASCADE,
  "albumName" text NOT NULL DEFAULT 'Untitled Album', description text NOT NULL DEFAULT '', "deletedAt" timestamptz);
CREATE TABLE {album_asset} ({albumId} uuid NOT NULL REFERENCES {album} ON DELETE CASCADE,
  {assetId} uuid NOT NULL REFERENCES {asset} ON DELETE CASCADE, PRIMARY KEY ({albumId}, {assetId}));
CREATE TABLE version_history (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), "createdAt" timestamptz NOT NULL DEFAULT now(),
  version text NOT NULL);
CREATE TABLE system_metadata (key text PRIMARY KEY, value jsonb NOT NULL);
CREATE TABLE kysely_migrations (name varchar(255) PRIMARY KEY, timestamp varchar(255) NOT NULL);
INSERT INTO system_metadata VALUES ('version-check-state', '{"checkedAt": "2025-06-20"}');
INSERT INTO version_history ("createdAt", version) VALUES ('2025-03-01', '1.131.0');
)";

}  // namespace

std::string_view version_of(Generation generation)
{
  return facts_of(generation).version;
}

ImmichDatabase::ImmichDatabase(PostgresCluster& cluster, std::string name, Generation generation)
    : cluster_(cluster), name_(std::move(name)), generation_(generation)
{
  cluster_.create_database(name_);
  sql(tables());
}

std::string ImmichDatabase::table(std::string_view since_1136) const
{
  const std::map<std::string_view, std::pair<std::string_view, std::string_view>> names{
      {"asset", {"asset", "assets"}},
      {"user", {"\"user\"", "users"}},
      {"album", {"album", "albums"}},
      {"asset_file", {"asset_file", "asset_files"}},
      {"asset_exif", {"asset_exif", "exif"}},
      {"library", {"library", "libraries"}},
      {"album_asset", {"album_asset", "albums_assets_assets"}}};
  const auto& [now, before] = names.at(since_1136);
  return std::string(since(Generation::v1_136) ? now : before);
}

std::string ImmichDatabase::tables() const
{
  std::string text(kTables);
  const auto replace = [&](const std::string& placeholder, const std::string& name) {
    for (std::size_t at = text.find(placeholder); at != std::string::npos;
         at = text.find(placeholder, at))
      text.replace(at, placeholder.size(), name);
  };
  for (const char* name :
       {"asset", "user", "album", "asset_file", "asset_exif", "library", "album_asset"})
    replace("{" + std::string(name) + "}", table(name));
  // These two were renamed in 2.3.
  replace("{albumId}", since(Generation::v2_4) ? "\"albumId\"" : "\"albumsId\"");
  replace("{assetId}", since(Generation::v2_4) ? "\"assetId\"" : "\"assetsId\"");

  const std::string alter = "ALTER TABLE " + table("asset") + " ADD ";
  text += since(Generation::v1_135)
              ? "CREATE TYPE asset_visibility_enum AS ENUM ('archive', 'timeline', 'hidden', "
                "'locked');\n" +
                    alter + "visibility asset_visibility_enum NOT NULL DEFAULT 'timeline';\n"
              : alter + "\"isVisible\" boolean NOT NULL DEFAULT true;\n";
  if (!since(Generation::v2_4)) text += alter + "\"sidecarPath\" text;\n";
  if (!since(Generation::v2_6)) text += alter + "\"encodedVideoPath\" text DEFAULT '';\n";
  if (since(Generation::v2_6))
    text += "ALTER TABLE asset_file ADD \"isEdited\" boolean NOT NULL DEFAULT false;\n";
  if (since(Generation::v2_7))
    text += "CREATE TYPE asset_checksum_algorithm_enum AS ENUM ('sha1', 'sha1-path');\n" + alter +
            "\"checksumAlgorithm\" asset_checksum_algorithm_enum NOT NULL DEFAULT 'sha1';\n";
  if (since(Generation::v1_136))
    text += "INSERT INTO system_metadata VALUES ('MediaLocation', '{\"location\": \"/data\"}');\n";

  const GenerationFacts facts = facts_of(generation_);
  text += "INSERT INTO version_history (version) VALUES ('" + std::string(facts.version) + "');\n";
  text += "INSERT INTO kysely_migrations VALUES ('1700000000000-Earlier', ''), ('" +
          std::string(facts.schema_level) + "', '');\n";
  text += "INSERT INTO " + table("user") + " (id, email, name, \"isAdmin\") VALUES ('" + user_id() +
          "', 'owner@example.org', 'Owner', true);\n";
  return text;
}

std::string ImmichDatabase::path_in_database(std::string_view below_media_root) const
{
  return (since(Generation::v1_136) ? "/data" : "upload") + std::string(below_media_root);
}

std::string ImmichDatabase::insert(const AssetRow& asset, std::size_t number) const
{
  const std::string name =
      asset.file_name.empty() ? asset.path.substr(asset.path.rfind('/') + 1) : asset.file_name;
  const std::string path =
      asset.path.starts_with('/') && !asset.external ? path_in_database(asset.path) : asset.path;
  std::vector<std::pair<std::string, std::string>> columns{
      {"id", asset.id.empty() ? "gen_random_uuid()" : "'" + asset.id + "'"},
      {"\"ownerId\"", "'" + (asset.owner.empty() ? user_id() : asset.owner) + "'"},
      {"type", "'" + asset.type + "'"},
      {"\"originalPath\"", text_expression(path)},
      {"\"originalFileName\"", text_expression(name)},
      {"checksum", "decode('" + (asset.sha1 ? asset.sha1->hex() : asset.checksum) + "', 'hex')"},
      {"\"isExternal\"", asset.external ? "true" : "false"},
      {"\"isOffline\"", asset.offline ? "true" : "false"},
      {"status", "'" + asset.status + "'"},
      {"\"deletedAt\"", asset.status == "active" ? "NULL" : "now()"},
      {"\"fileCreatedAt\"", "'" + asset.taken + "'"},
      {"\"localDateTime\"", "'" + asset.taken + "'"},
  };
  if (!asset.live_video.empty())
    columns.emplace_back("\"livePhotoVideoId\"", "'" + asset.live_video + "'");
  if (since(Generation::v2_7))
    columns.emplace_back("\"checksumAlgorithm\"", "'" + asset.algorithm + "'");
  if (asset.sidecar && !since(Generation::v2_4))
    columns.emplace_back("\"sidecarPath\"", text_expression(path_in_database(*asset.sidecar)));
  std::string names;
  std::string values;
  for (const auto& [column, value] : columns) {
    names += (names.empty() ? "" : ", ") + column;
    values += (values.empty() ? "" : ", ") + value;
  }
  const std::string row =
      "INSERT INTO " + table("asset") + " (" + names + ") VALUES (" + values + ")";
  if (!asset.sidecar || !since(Generation::v2_4)) return row + ";\n";
  return "WITH row" + std::to_string(number) + " AS (" + row +
         " RETURNING id) INSERT INTO asset_file " +
         "(\"assetId\", type, path) SELECT id, 'sidecar', " +
         text_expression(path_in_database(*asset.sidecar)) + " FROM row" + std::to_string(number) +
         ";\n";
}

void ImmichDatabase::add_all(const std::vector<AssetRow>& assets)
{
  std::string text = "BEGIN;\n";
  for (std::size_t i = 0; i < assets.size(); ++i) text += insert(assets[i], i);
  sql(text + "COMMIT;\n");
}

void ImmichDatabase::add_files_of(const std::string& library)
{
  const std::map<std::string, FileState> files = covered_files_below(library);
  std::vector<AssetRow> assets;
  std::vector<std::string> sidecars;
  for (const auto& [path, file] : files) {
    if (!is_utf8(path)) continue;
    if (path.starts_with("/profile/")) {
      sql("UPDATE " + table("user") + " SET \"profileImagePath\" = " +
          text_expression(path_in_database(path)) + " WHERE id = '" + user_id() + "';");
    } else if (path.ends_with(".xmp")) {
      sidecars.push_back(path);
    } else {
      const bool video = path.ends_with(".mp4") || path.ends_with(".mov");
      assets.push_back({.path = path,
                        .sha1 = content_of(file.bytes).sha1,
                        .type = video ? "VIDEO" : "IMAGE",
                        .sidecar = std::nullopt});
    }
  }
  for (const std::string& sidecar : sidecars) {
    AssetRow* owner = &assets.at(0);
    for (AssetRow& asset : assets) {
      if (sidecar == asset.path + ".xmp") owner = &asset;
    }
    owner->sidecar = sidecar;
  }
  add_all(assets);
}

}  // namespace ib::test
