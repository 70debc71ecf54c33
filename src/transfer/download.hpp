// SPDX-License-Identifier: Apache-2.0
//
// Carries out a restore, or the reading back of a verification: several objects at a time, each
// compared with what the manifest recorded before anybody sees a byte of it under its own name.
#pragma once

#include "base/progress.hpp"
#include "base/result.hpp"
#include "store/object_store.hpp"
#include "sys/file.hpp"

#include <functional>
#include <optional>
#include <stop_token>
#include <string>

namespace ib {

/// What to do with a file that has the name already.
enum class Overwrite : std::uint8_t {
  never,         ///< leave it
  if_whole,      ///< leave it as well, but tell whether it has the right content
  if_different,  ///< leave it if its content is right, replace it otherwise
  always,
};

struct DownloadItem {
  ObjectName object;
  Content content;
  std::string path;  ///< what messages call it
  /// Where it goes, below the target folder; absent: it is only read and compared.
  std::optional<std::string> target = std::nullopt;
  std::int64_t mtime_ns = 0;
};

enum class DownloadEnd : std::uint8_t {
  verified,  ///< read and right; without a target
  written,
  whole,  ///< the target was there with the right content
  kept,   ///< the target was there and was left alone
  other,  ///< the target was there with other content, and was left alone
};

struct DownloadResult {
  DownloadItem item;
  Result<DownloadEnd> end;
  bool fatal =
      false;  ///< the store is out of reach, or the target's disk is full: no use in going on
};

/// Called by one thread at a time, whichever of the workers it is, while the caller waits.
struct DownloadCalls {
  std::function<Result<std::optional<DownloadItem>>()> next;
  /// In the order of completion. An error ends the downloads.
  std::function<Result<>(DownloadResult)> done;
};

struct DownloadOptions {
  unsigned workers = 4;
  const Folder* target = nullptr;  ///< where targets lie; needed if any item has one
  Overwrite overwrite = Overwrite::never;
  /// Asked on a worker's thread when the new file is whole, right before it takes the place of what
  /// is there, or of nothing; its error leaves all as it is. Null: no question.
  std::function<Result<>(const DownloadItem&)> before_replacing = nullptr;
};

/// Fetches what `calls.next` names. A damaged or missing object fails alone; nothing of it is left
/// in the target. Files are not flushed one by one: the caller flushes the target's file system at
/// the end. Holds no more than the store's buffers: over a bucket 640 KiB for each worker, 10 MiB
/// for 16.
Result<> run_downloads(ObjectStore& store, const DownloadOptions& options,
                       const DownloadCalls& calls, Progress& progress, const std::stop_token& stop);

}  // namespace ib
