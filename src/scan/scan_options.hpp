// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/records/problem.hpp"
#include "core/selection/scope.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

namespace ib {

struct ScanOptions {
  /// Of the extra roots everything is covered that is not excluded.
  Scope scope;
  /// Top folders that Immich marks with a file of this name, rewritten at each start: where it is
  /// missing, a disk may not be mounted, and a file's absence proves nothing.
  std::vector<std::string> marked_folders;
  std::string marker;
  /// Names a file or folder that is in scope and cannot be backed up.
  std::function<void(Problem)> problem;
  /// Something worth knowing that costs nothing, such as a marker that is missing.
  std::function<void(std::string)> note;
  /// How many threads read folders ahead of next(). What changes meanwhile may be delivered as it
  /// was; whoever reads a file looks again. 0: none, and everything is read when next() comes to
  /// it.
  unsigned threads = 0;
  /// How many processors there are for next() and its threads; those beyond them read only where
  /// some have to wait for a disk or a network. 0: as many as this process may use.
  unsigned processors = 0;
  /// How many entries of one folder are held at a time; a larger folder is read again for those
  /// that follow.
  std::size_t entries_at_once = std::size_t{128} * 1024;
  /// Ends what next() waits for.
  std::stop_token stop = {};
};

/// What a scan passed over because the scope does not cover it.
struct LeftOut {
  std::vector<std::string> top_folders;  ///< not read at all ("thumbs/"), in byte order
  std::map<std::string, std::uint64_t>
      files;  ///< passed over in top folders that were read, and at the top ("")
};

/// How many threads read ahead, if nobody has reason to choose: enough to hide the latency of a
/// network file system, and no burden on a local one.
inline constexpr unsigned kScanThreads = 6;

}  // namespace ib
