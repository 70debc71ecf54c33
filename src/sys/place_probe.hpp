// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "sys/file.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace ib {

/// What the file system of a folder can do, as it was tried.
struct PlaceFacts {
  bool keeps_names = false;          ///< a listing shows a name as it was written
  bool folds_names = false;          ///< takes two spellings for one name: see sys/folded_names.hpp
  bool renames_exclusively = false;  ///< RENAME_NOREPLACE
  bool links = false;                ///< hard links
  bool locks = false;                ///< flock
  bool flushes = false;              ///< fsync of a file
  bool attributes = false;           ///< extended attributes of 4 KiB
  bool permissions = false;          ///< 0600 keeps others out
  std::size_t longest_name = 0;      ///< bytes in one component, up to 255
  std::uint64_t largest_file = 0;    ///< bytes; 0: no limit that is known
};

/// Tries it in `folder`, with files that are gone afterwards. An error if not even a file can be
/// written and named.
Result<PlaceFacts> probe_place(const Folder& folder);
/// The same in nearest_existing(path).
Result<PlaceFacts> probe_place_at(const std::string& path);

}  // namespace ib
