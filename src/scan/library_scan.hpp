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

/// Walks a library, extra roots included, in the byte order of whole paths. Memory is bounded,
/// however wide and deep the tree is: that of the folders on the way down, of some that are read
/// ahead, and of the first entries of a large folder (ScanOptions::entries_at_once), which is then
/// read again for those that follow. If that second reading fails, so does the scan, since too much
/// was said already to call the folder uncertain.
class LibraryScan final : public ScanCursor {
public:
  /// `library` must outlive the scan.
  LibraryScan(const Library& library, ScanOptions options);
  LibraryScan(const LibraryScan&) = delete;
  LibraryScan& operator=(const LibraryScan&) = delete;
  ~LibraryScan() override;
  /// cancelled where it has to wait and the stop is requested.
  Result<std::optional<ScanItem>> next() override;
  const LeftOut& left_out() const { return left_out_; }
  /// Whether a path lies in the scope of this scan. False below /@external/NAME/ where there is no
  /// such root: what it had is left as it is.
  bool covers(const std::string& path) const;

private:
  const Library& library_;
  const ScanOptions options_;
  Scope media_scope_, extra_scope_;
  LeftOut left_out_;
  std::optional<ScanItem> media_item_;  // waits until the extra roots were delivered
  std::unique_ptr<Walk> media_, extra_;
};

}  // namespace ib
