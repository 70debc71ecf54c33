// SPDX-License-Identifier: Apache-2.0
// What a dump tells about Immich's assets, users and albums. Needs no server.
#pragma once

#include "base/digest.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "core/names/uuid.hpp"
#include "core/records/photo.hpp"
#include "postgres/dump_rows.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ib {

struct DumpedAlbum {
  Uuid id;
  std::optional<Uuid> owner;  ///< absent if the version keeps the owner among the DumpedAlbumUsers
  std::string name;
  std::string description;
  std::string order;  ///< "asc" or "desc": how Immich sorts the album by date
  bool deleted = false;
};

/// A user with whom an album is shared.
struct DumpedAlbumUser {
  Uuid album;
  Uuid user;
  std::string role;  ///< "editor", "viewer", or "owner" in newer versions
};

struct DumpedAlbumAsset {
  Uuid album;
  Uuid asset;
};

/// Where Immich shows an asset.
enum class Visibility : std::uint8_t {
  shown,   ///< in the timeline, the archive or the trash
  hidden,  ///< as a part of another one: the moving half of a live photo
  locked,  ///< only in the locked folder, behind a PIN; or in a way that this version does not know
};

struct DumpedAsset {
  Uuid id;
  Uuid owner;
  std::string original_path;  ///< as in the database: "/data/upload/...", "upload/upload/..."
  std::string file_name;      ///< the name of the uploaded file
  std::optional<Sha1> sha1;   ///< of its bytes; absent if Immich has none, as for an external file
  std::optional<Uuid> live_video;
  /// When it was taken, in the local time of the place, as Immich's timeline shows it. Absent if
  /// the database does not tell.
  std::optional<Timestamp> taken;
  Visibility visibility = Visibility::shown;
  bool external = false;
  bool trashed = false;  ///< also if Immich was deleting it at the time of the dump
};

struct DumpedSidecar {
  Uuid asset;
  std::string path;  ///< as in the database
};

/// Reads Immich's tables from a plain dump of any version from 1.132 to 3.x. The header of each
/// table's data tells the names and the order of its columns.
///
/// Feed it a dump with write(), then call finish(). It spools the needed rows to files meanwhile,
/// because a dump has albums before their assets, and users last. Memory does not grow with the
/// number of rows. Each table can then be read any number of times. One thread at a time.
class DumpedAssets {
public:
  /// `folder` takes the spool, which is at most as large as these tables in the dump. It must
  /// outlive this object.
  static Result<DumpedAssets> create(const std::string& folder);
  DumpedAssets(DumpedAssets&&) noexcept;
  ~DumpedAssets();

  Result<> write(ByteView plain_sql);
  /// invalid if the dump lacks tables or columns of a known schema. Does not check whether the dump
  /// is whole.
  Result<> finish();

  /// Where the server saw the media root ("/data"). Empty if it had not recorded it.
  const std::string& media_location() const;

  // The rows after finish(), in the order of the dump. An error of `take` ends the reading.
  template <class Row>
  using Take = std::function<Result<>(const Row&)>;
  Result<> each_user(const Take<PhotoUser>& take) const;
  Result<> each_album(const Take<DumpedAlbum>& take) const;
  Result<> each_album_user(const Take<DumpedAlbumUser>& take) const;
  Result<> each_album_asset(const Take<DumpedAlbumAsset>& take) const;
  Result<> each_asset(const Take<DumpedAsset>& take) const;
  Result<> each_sidecar(const Take<DumpedSidecar>& take) const;

private:
  struct State;
  explicit DumpedAssets(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ib
