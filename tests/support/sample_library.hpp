// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <string_view>

namespace ib::test {

/// Makes a small media root in Immich's layout at `root`: both storage templates, sidecars, the
/// video of a motion photo, awkward names, an empty file, markers, and derived files that a backup
/// leaves out.
void make_sample_library(const std::string& root);

/// Writes a file, creates its folders and sets its time.
void put_file(const std::string& path, std::string_view bytes,
              std::int64_t mtime_ns = 1'600'000'000'123'456'789);

/// Flips one bit of a file's first byte and keeps its size and time.
void damage_file(const std::string& path);

/// The properties of a file that a restore must bring back.
struct FileState {
  std::string bytes;
  std::int64_t mtime_ns = 0;
  friend bool operator==(const FileState&, const FileState&) = default;
  friend std::ostream& operator<<(std::ostream& out, const FileState& file);
};

/// All regular files below `root` except Immich's markers, by their paths below it.
std::map<std::string, FileState> files_below(const std::string& root);

/// The files among them that a backup covers by default.
std::map<std::string, FileState> covered_files_below(const std::string& root);

}  // namespace ib::test
