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

/// The versions of Immich whose tables differ in what a backup reads.
enum class Generation { v1_132, v1_135, v1_136, v2_4, v2_6, v2_7, v3_1 };
inline constexpr std::array kGenerations{Generation::v1_132, Generation::v1_135, Generation::v1_136,
                                         Generation::v2_4,   Generation::v2_6,   Generation::v2_7,
                                         Generation::v3_1};

/// "1.135.3"
std::string_view version_of(Generation generation);

/// A row of the asset table, and what belongs to it.
struct AssetRow {
  /// As Immich's server writes it. One that begins with a slash is below the media root, unless
  /// `external`.
  std::string path;
  std::optional<Sha1> sha1 = std::nullopt;     ///< of its bytes; absent: what `checksum` says
  std::string checksum = {};                   ///< in hexadecimal, of any length
  std::string id = {};                         ///< a uuid; empty: the database makes one
  std::string file_name = {};                  ///< originalFileName; empty: the path's last part
  std::string type = "IMAGE";                  ///< or VIDEO
  std::string status = "active";               ///< trashed and deleted also set deletedAt
  std::string algorithm = "sha1";              ///< checksumAlgorithm, where there is one
  std::string taken = "2021-07-04T12:00:00Z";  ///< fileCreatedAt
  std::string owner = {};                      ///< a user's id; empty: the first one's
  std::optional<std::string> sidecar = std::nullopt;  ///< below the media root
  std::string live_video = {};                        ///< livePhotoVideoId
  bool external = false;
  bool offline = false;
};

/// A database with the tables of one of Immich's versions, in our own words: those, and the
/// columns, that a backup may meet. It has one user.
class ImmichDatabase {
public:
  /// Makes the database `name`.
  ImmichDatabase(PostgresCluster& cluster, std::string name,
                 Generation generation = Generation::v3_1);

  const std::string& name() const { return name_; }
  Generation generation() const { return generation_; }
  DatabaseAddress address() const { return cluster_.address(name_); }
  /// The first user's.
  static std::string user_id() { return "3f2b8c1e-0000-4000-8000-000000000001"; }

  /// The names of the tables and columns that were renamed: asset, user (quoted), album,
  /// asset_file, exif, library, album_asset.
  std::string table(std::string_view since_1136) const;
  /// How this version writes the path of a file below the media root: "/data/upload/a.jpg",
  /// "upload/upload/a.jpg".
  std::string path_in_database(std::string_view below_media_root) const;

  void add(const AssetRow& asset) { add_all({asset}); }
  void add_all(const std::vector<AssetRow>& assets);
  /// A row for each original in the media root `library` on disk, with its SHA-1, in path order;
  /// sidecars beside their originals belong to them, other sidecars to the first; the avatar is the
  /// first user's. A name that is not UTF-8 has no row, since no database could hold it.
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
