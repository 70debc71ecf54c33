// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/digest.hpp"
#include "base/result.hpp"
#include "postgres/connection.hpp"
#include "postgres/dump_inventory.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ib {

/// What Immich's database tells about itself and about its library.
struct ImmichFacts {
  std::string version;       ///< of the last server that ran on it: "v2.3.1"; "" if unknown
  std::string schema_level;  ///< the newest migration; "" if unknown
  /// The media root as the server sees it ("/data"). "" if it has not recorded it.
  std::string media_location;
  bool in_maintenance = false;  ///< a server that starts on this database is in maintenance mode
  /// Whether this program knows the schema (1.132 to 3.x). If not, all numbers below are 0.
  bool known_schema = false;
  std::uint64_t assets = 0;     ///< all rows, including trashed and external ones
  std::uint64_t originals = 0;  ///< those whose files Immich itself keeps, so not the external ones
  std::uint64_t external = 0;
  std::uint64_t trashed = 0;  ///< their files stay for 30 more days
  std::uint64_t users = 0;
  std::uint64_t albums = 0;
  /// Which Immich it is: a digest of each user's id, the oldest users first, at most 16. A dump
  /// keeps them, and they tell no name. Empty before the first user.
  std::vector<std::string> identity = {};
  /// The folders of external libraries, as the server sees them.
  std::vector<std::string> import_paths = {};
};

/// Reads the facts. A database that is not Immich's, or has an unknown schema, is no error:
/// known_schema is false.
Result<ImmichFacts> read_immich_facts(Connection& connection);

/// Whether a dump with data of these tables is of Immich: it has assets and users, by either name.
bool has_immichs_tables(std::span<const TableRows> tables);

/// ImmichFacts::schema_level alone. Runs nothing that the database holds.
Result<std::string> read_schema_level(Connection& connection);

/// The SHA-1 that Immich recorded for the bytes of the original at `path`. `path` is below the
/// media root and begins with a slash. `media_roots`: names of the media root in addition to those
/// of MediaPaths. Absent if there is no such original, if Immich has no checksum of its bytes, or
/// if the schema is unknown.
Result<std::optional<Sha1>> read_recorded_checksum(Connection& connection, const std::string& path,
                                                   const std::vector<std::string>& media_roots);

}  // namespace ib
