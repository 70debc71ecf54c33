// SPDX-License-Identifier: Apache-2.0
// What a folder of the library holds, in the order of the walk. Private to this module.
#pragma once

#include "base/result.hpp"
#include "sys/file.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// The entries of a folder in byte order, with "/" appended to the names of folders. This gives the
/// order of whole paths. A large folder is listed in parts.
class Listing {
public:
  struct Entry {
    std::uint64_t size = 0;  ///< valid if `is_known`
    std::int64_t mtime_ns = 0;
    std::int64_t ctime_ns = 0;
    std::uint32_t name_begin = 0;
    std::uint16_t key_size = 0;
    FileKind kind = FileKind::file;
    bool is_covered =
        false;              ///< the scope covers the file, or may cover something below the folder
    bool is_known = false;  ///< whether size and time were read ahead
    bool is_missing = false;  ///< a folder that should exist but does not
  };

  std::size_t size() const { return entries_.size(); }
  Entry& operator[](std::size_t i) { return entries_[i]; }
  const Entry& operator[](std::size_t i) const { return entries_[i]; }
  std::string_view key(const Entry& entry) const
  {
    return std::string_view(names_).substr(entry.name_begin, entry.key_size);
  }
  /// Whether the folder has entries after the last of these.
  bool has_more() const { return has_more_; }

  void add(std::string_view name, bool as_folder, FileKind kind, bool is_missing = false);
  void sort();

  /// Reads the first `most` entries of `folder` after the key `after`, sorted. Fails as
  /// Folder::read_entries does; then it may hold some entries.
  Result<> read(const Folder& folder, std::string_view after, std::size_t most);

  /// Removes all entries, but keeps the memory.
  void clear();

private:
  void keep_first(std::size_t count);

  std::string names_;
  std::vector<Entry> entries_;
  bool has_more_ = false;
};

}  // namespace ib
