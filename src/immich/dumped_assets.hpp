// SPDX-License-Identifier: Apache-2.0
//
// What a dump says of Immich's assets, users and albums, without a server to restore it into.
#pragma once

#include "base/digest.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "postgres/dump_rows.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ib {

using Uuid = Digest<struct UuidTag, 16>;

/// "3f2b8c1e-0000-4000-8000-000000000001", in either case; absent for anything else.
std::optional<Uuid> parse_uuid(std::string_view text);
std::string to_text(const Uuid& id);

struct DumpedUser {
  Uuid id;
  std::string email;
  std::string name;
};

struct DumpedAlbum {
  Uuid id;
  std::optional<Uuid> owner;  ///< absent since the owner is one of the DumpedAlbumUsers
  std::string name;
  std::string description;
  std::string order;  ///< "asc" or "desc": by which date Immich shows it
  bool deleted = false;
};

/// Who an album is shared with.
struct DumpedAlbumUser {
  Uuid album;
  Uuid user;
  std::string role;  ///< "editor", "viewer", or of newer versions "owner"
};

struct DumpedAlbumAsset {
  Uuid album;
  Uuid asset;
};

struct DumpedAsset {
  Uuid id;
  Uuid owner;
  std::string original_path;  ///< as the database has it: "/data/upload/...", "upload/upload/..."
  std::string file_name;      ///< of the file that was uploaded
  std::optional<Sha1>
      sha1;  ///< of its bytes; absent where Immich knows none, as of an external file
  std::optional<Uuid> live_video;
  /// When it was taken, by the clock of the place, as Immich's timeline has it. Absent where
  /// nothing is said.
  std::optional<Timestamp> taken;
  bool external = false;
  bool trashed = false;  ///< or being deleted at the moment of the dump
};

struct DumpedSidecar {
  Uuid asset;
  std::string path;  ///< as the database has it
};

/// Immich's tables out of a plain dump, of any version from 1.132 to 3.x: its names of tables and
/// columns, and the order of the columns, are those of each table's own header.
///
/// Feed it a dump with write(), then finish(). The rows that matter are spooled to files meanwhile,
/// since a dump has albums before the assets that are in them, and users last; memory does not grow
/// with their number. Each table can then be read as often as wanted. One thread at a time.
class DumpedAssets {
public:
  /// `folder` takes the spool, at most as large as these tables in the dump. It must outlive the
  /// object.
  static Result<DumpedAssets> create(const std::string& folder);
  DumpedAssets(DumpedAssets&&) noexcept;
  DumpedAssets& operator=(DumpedAssets&&) noexcept;
  ~DumpedAssets();

  Result<> write(ByteView plain_sql);
  /// invalid where the dump has not the tables and columns of a schema that this program knows.
  /// Whether the dump itself is whole is for others to check.
  Result<> finish();

  /// Where the server saw the media root ("/data"); empty where it had not recorded it.
  const std::string& media_location() const;

  // What finish() has completed, in the dump's order. An error of `take` ends the reading.
  template <class Row>
  using Take = std::function<Result<>(const Row&)>;
  Result<> each_user(const Take<DumpedUser>& take) const;
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
