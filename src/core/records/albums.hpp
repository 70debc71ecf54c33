// SPDX-License-Identifier: Apache-2.0
//
// Albums as a restore point's dump has them.
#pragma once

#include "base/digest.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ib {

struct AlbumSummary {
  std::string id;
  std::string name;
  std::string description;
  std::string owner;  ///< an e-mail address; empty where the dump does not know its owner
  std::uint64_t assets = 0;
  std::uint64_t trashed = 0;  ///< of these
  /// When the first and the last of them were taken, by the clock of the place.
  std::optional<Timestamp> first = std::nullopt;
  std::optional<Timestamp> last = std::nullopt;
  bool deleted = false;
};

struct AlbumUser {
  std::string email;
  std::string name;
  std::string role;  ///< "editor" or "viewer"
};

struct AlbumEntry {
  std::string asset;  ///< its id
  std::string file_name;
  std::string path;  ///< as the backup has it; as the database has it where that is in no backup
  std::optional<Sha1> sha1;  ///< absent where Immich knows none
  std::optional<Timestamp> taken;
  bool trashed = false;
};

/// All that an album held, in the order in which Immich shows it.
struct AlbumContents {
  AlbumSummary album;
  std::string owner_name;
  std::string order;  ///< "asc" or "desc", by the date taken
  std::vector<AlbumUser> shared_with;
  std::vector<AlbumEntry> entries;
};

}  // namespace ib
