// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/planning/scan_item.hpp"
#include "scan/library.hpp"
#include "scan/scan_options.hpp"

#include <memory>
#include <optional>
#include <string>

namespace ib {

class Walk;

/// Walks a library and its extra roots in the byte order of whole paths. The memory is bounded,
/// however wide and deep the tree is. It holds the folders on the way down, some folders that are
/// read ahead, and the first entries of a large folder (ScanOptions::entries_at_once). Such a
/// folder is read again for its other entries. If that fails, the scan fails: it has delivered too
/// much of the folder to call it uncertain.
class LibraryScan final : public ScanCursor {
public:
  /// `library` must outlive the scan.
  LibraryScan(const Library& library, ScanOptions options);
  LibraryScan(const LibraryScan&) = delete;
  LibraryScan& operator=(const LibraryScan&) = delete;
  ~LibraryScan() override;
  /// cancelled if it has to wait and `stop` is requested.
  Result<std::optional<ScanItem>> next() override;
  const LeftOut& left_out() const { return left_out_; }
  /// Whether this scan covers a path. False for a path below /@external/NAME/ if there is no such
  /// root; the backup then keeps the root's records unchanged.
  bool covers(const std::string& path) const;

private:
  const Library& library_;
  const ScanOptions options_;
  Scope media_scope_, extra_scope_;
  LeftOut left_out_;
  std::optional<ScanItem> media_item_;  // waits until the extra roots are delivered
  std::unique_ptr<Walk> media_, extra_;
};

}  // namespace ib
