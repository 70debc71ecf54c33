// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "core/records/named_file.hpp"

#include <memory>
#include <string>

namespace ib {

/// Files that a database names, kept on disk in the order of their paths, since a database tells
/// them in none. One thread at a time.
class NamedFiles {
public:
  /// `file` must not exist.
  static Result<NamedFiles> create(const std::string& file);
  NamedFiles(NamedFiles&&) noexcept;
  ~NamedFiles();

  Result<> add(const NamedFile& file);
  /// All of them, in the byte order of their paths. Nothing may be added any more; it must outlive
  /// the cursor.
  Result<std::unique_ptr<NamedFileCursor>> in_order();

private:
  struct State;
  explicit NamedFiles(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ib
