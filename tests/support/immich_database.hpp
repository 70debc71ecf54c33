// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/digest.hpp"
#include "support/postgres_cluster.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ib::test {

/// The versions of Immich that changed tables which a backup reads.
enum class Generation { v1_132, v1_135, v1_136, v2_4, v2_6, v2_7, v3_1 };
inline constexpr std::array kGenerations{Generation::v1_132, Generation::v1_135, Generation::v1_136,
                                         Generation::v2_4,   Generation::v2_6,   Generation::v2_7,
                                         Generation::v3_1};

/// Such as "1.135.3".
std::string_view version_of(Generation generation);

/// A row of the asset table with its rows in other tables.
struct AssetRow {
  /// The path as Immich's server writes it. A path that begins with a slash is below the media
  /// root, unless `external` is set.
  std::string path;
  std::optional<Sha1> sha1 = std::nullopt;     ///< of its bytes; absent: `checksum` counts
  std::string checksum = {};                   ///< in hexadecimal, of any length
  std::string id = {};                         ///< a uuid; empty: the database makes one
  std::string file_name = {};                  ///< originalFileName; empty: the last part of path
  std::string type = "IMAGE";                  ///< or VIDEO
  std::string status = "active";               ///< trashed and deleted also set deletedAt
  std::string algorithm = "sha1";              ///< checksumAlgorithm, if the version has it
  std::string taken = "2021-07-04T12:00:00Z";  ///< fileCreatedAt
  std::string owner = {};                      ///< a user's id; empty: the first user's
  std::optional<std::string> sidecar = std::nullopt;  ///< below the media root
  std::string live_video = {};                        ///< livePhotoVideoId
  bool external = false;
  bool offline = false;
};

/// A database with tables like those of one version of Immich. It has only the tables and columns
/// that matter for a backup. It has one user.
class ImmichDatabase {
public:
  /// Creates the database `name`.
  ImmichDatabase(PostgresCluster& cluster, std::string name,
                 Generation generation = Generation::v3_1);

  const std::string& name() const { return name_; }
  Generation generation() const { return generation_; }
  DatabaseAddress address() const { return cluster_.address(name_); }
  /// The id of the first user.
  static std::string user_id() { return "3f2b8c1e-0000-4000-8000-000000000001"; }

  /// This version's name of a table that was renamed in 1.136: asset, user (quoted), album,
  /// asset_file, asset_exif, library, album_asset.
  std::string table(std::string_view since_1136) const;
  /// How this version writes the path of a file below the media root: "/data/upload/a.jpg",
  /// "upload/upload/a.jpg".
  std::string path_in_database(std::string_view below_media_root) const;

  void add(const AssetRow& asset) { add_all({asset}); }
  void add_all(const std::vector<AssetRow>& assets);
  /// Adds a row with the SHA-1 for each original in the media root `library` on disk, in path
  /// order. A sidecar beside its original belongs to it. Other sidecars belong to the first
  /// original. The avatar belongs to the first user. A name that is not UTF-8 gets no row, because
  /// no database could hold it.
  void add_files_of(const std::string& library);

  void sql(std::string_view text) { cluster_.sql(name_, text); }
  std::string query(const std::string& text) { return cluster_.query(name_, text); }

private:
  bool since(Generation generation) const { return generation_ >= generation; }
  std::string tables() const;
  std::string insert(const AssetRow& asset, std::size_t number) const;

  PostgresCluster& cluster_;
  std::string name_;
  Generation generation_;
};

}  // namespace ib::test
