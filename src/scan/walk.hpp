// SPDX-License-Identifier: Apache-2.0
// Walks through one tree of a library. Private to this module.
#pragma once

#include "core/planning/scan_item.hpp"
#include "scan/library.hpp"
#include "scan/read_ahead.hpp"
#include "scan/scan_options.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ib {

/// Delivers one tree in the byte order of whole paths.
class Walk final : public ScanCursor {
public:
  enum class Tree : std::uint8_t {
    media_root,
    extra_roots,  ///< all of them; one that is empty or cannot be opened is uncertain, and a
                  ///< problem
  };

  /// The references must outlive the walk. `scope` replaces the scope in `options`.
  Walk(const Library& library, Tree tree, const ScanOptions& options, Scope scope,
       LeftOut& left_out);
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;
  ~Walk() override;
  Result<std::optional<ScanItem>> next() override;

private:
  struct Level;

  void make_read_ahead();
  Result<> start_in_media_root();
  void start_in_extra_roots();
  Result<std::optional<ScanItem>> visit(std::size_t index);
  Result<std::optional<ScanItem>> enter_folder(std::size_t index, const std::string& key);
  Result<std::optional<ScanItem>> visit_file(std::size_t index, const std::string& key);
  std::optional<ScanItem> unreadable(const Error& error, std::string_view code, std::string path);
  std::optional<ScanItem> unavailable_root(const std::string& message, const std::string& path);

  const Library& library_;
  const Tree tree_;
  const ScanOptions& options_;
  const Scope scope_;
  LeftOut& left_out_;
  std::vector<Level> levels_;
  std::unique_ptr<ReadAhead> read_ahead_;  // after the levels, which its threads read
};

}  // namespace ib
