// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "sys/file.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// A file of lines that only grows, such as a log.
class LineFile {
public:
  /// Opens `name` in the folder to add to it. Creates it, for its owner alone, where it is not
  /// there. If a crash or a full disk has cut a line off, the next one begins on a line of its own.
  static Result<LineFile> open(const Folder& folder, const std::string& name);

  /// Adds `line` and a newline in one write.
  Result<> add(std::string_view line);
  /// As add(), and returns when the line is on the disk.
  Result<> add_now(std::string_view line);

private:
  LineFile(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Fd fd_;
  std::string path_;
  bool is_cut_ = false;  // the last line, since the disk was full
};

/// The whole lines of a file. One that a crash has cut off at the end is left out. too_large if it
/// has more than `limit` bytes.
Result<std::vector<std::string>> read_lines(const Folder& folder, const std::string& name,
                                            std::uint64_t limit);

}  // namespace ib
