// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/digest.hpp"
#include "base/result.hpp"
#include "postgres/connection.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace ib {

/// What Immich's database says of itself and of the library that belongs to it.
struct ImmichFacts {
  std::string version;       ///< of the server that last ran on it: "v2.3.1"; "" if unknown
  std::string schema_level;  ///< the newest migration; "" if unknown
  /// The media root as the server sees it ("/data"); "" if it has not recorded it.
  std::string media_location;
  /// Whether the tables are those of a schema that this program knows (1.132 to 3.x). If not, all
  /// that follows is 0.
  bool known_schema = false;
  std::uint64_t assets = 0;     ///< every row, also the trashed and the external ones
  std::uint64_t originals = 0;  ///< of these, the ones that Immich itself keeps: not external
  std::uint64_t external = 0;
  std::uint64_t trashed = 0;  ///< their files are there for 30 days more
  std::uint64_t users = 0;
  std::uint64_t albums = 0;
};

/// Reads them. A database that is not Immich's, or of a schema yet unknown, is no error:
/// known_schema is false.
Result<ImmichFacts> read_immich_facts(Connection& connection);

/// The SHA-1 that Immich recorded for the bytes of the original at `path`, below the media root
/// with a leading slash. Absent where it has no such original, or knows no checksum of its bytes,
/// or its schema is unknown.
Result<std::optional<Sha1>> read_recorded_checksum(Connection& connection, const std::string& path);

}  // namespace ib
