// SPDX-License-Identifier: Apache-2.0
//
// A photo or video as people know it: an asset of Immich's, with the files that hold it.
#pragma once

#include "base/time.hpp"
#include "core/names/uuid.hpp"
#include "core/records/file_record.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

enum class PhotoPart : std::uint8_t {
  original,
  video,  ///< the moving half of a live photo
  sidecar,
};

/// What a restore does with a file that the database names.
enum class PhotoState : std::uint8_t {
  stored,   ///< brings it back
  differs,  ///< brings something, and not what the database says
  missing,  ///< has neither the path nor the content
  outside,  ///< does not know its folder, which is in no backup
};

/// "original", "stored" and so on: as JSON has them.
std::string_view to_string(PhotoPart part);
std::string_view to_string(PhotoState state);

struct PhotoFile {
  PhotoPart part = PhotoPart::original;
  std::string path;  ///< in the backup; where it is in none, as the database has it
  PhotoState state = PhotoState::missing;
  /// What a restore brings; absent where it is missing or outside.
  std::optional<FileRecord> record = std::nullopt;
};

struct Photo {
  Uuid id;
  Uuid owner;
  std::string file_name;  ///< of the uploaded file
  /// By the clock of the place. Absent if the database does not tell.
  std::optional<Timestamp> taken = std::nullopt;
  bool trashed = false;
  std::string path;      ///< of its original
  bool is_whole = true;  ///< all of its files are `stored`
};

struct PhotoUser {
  Uuid id;
  std::string email;
  std::string name;
};

}  // namespace ib
