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
  /// Covers everything in the extra roots that is not excluded.
  Scope scope;
  /// Top folders in which Immich writes a file of this name at each start. If it is missing, a disk
  /// may not be mounted, so a missing file proves nothing.
  std::vector<std::string> marked_folders;
  std::string marker;
  /// Reports a file or folder that is in scope but cannot be backed up.
  std::function<void(Problem)> problem;
  /// Reports something worth knowing that loses nothing, such as a missing marker.
  std::function<void(std::string)> note;
  /// How many threads read folders ahead of next(). A file that changes meanwhile may be delivered
  /// as it was; the code that reads the file checks again. 0: none; next() reads everything itself.
  unsigned threads = 0;
  /// How many processors next() and its threads have. More threads than that read only if some wait
  /// for a disk or a network. 0: as many as this process may use.
  unsigned processors = 0;
  /// How many entries of a folder are held at once. A larger folder is read again for its other
  /// entries.
  std::size_t entries_at_once = std::size_t{128} * 1024;
  /// Ends the waits of next().
  std::stop_token stop = {};
};

/// What a scan skipped because the scope does not cover it.
struct LeftOut {
  std::vector<std::string> top_folders;  ///< not read at all ("thumbs/"), in byte order
  std::map<std::string, std::uint64_t>
      files;  ///< counted by the top folder in which they were skipped; "" is the media root itself
};

/// The default number of threads that read ahead. They hide the latency of a network file system
/// and are no burden on a local one.
inline constexpr unsigned kScanThreads = 6;

}  // namespace ib
