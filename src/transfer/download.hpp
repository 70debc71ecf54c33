// SPDX-License-Identifier: Apache-2.0
// Carries out a restore, or the reading for a verification. Fetches several objects at a time. Each
// is compared with the manifest's record before it gets its own name.
#pragma once

#include "base/progress.hpp"
#include "base/result.hpp"
#include "store/object_store.hpp"
#include "sys/file.hpp"
#include "transfer/workers.hpp"

#include <functional>
#include <optional>
#include <stop_token>
#include <string>

namespace ib {

/// What to do if a file already has the name. A file whose name differs, and is taken for this one
/// (upper and lower case), is never replaced.
enum class Overwrite : std::uint8_t {
  never,         ///< leave it alone
  if_whole,      ///< leave it alone, but tell whether its content is right
  if_different,  ///< leave it alone if its content is right, else replace it
  always,
};

struct DownloadItem {
  ObjectName object;
  Content content;
  std::string path;  ///< for messages
  /// The path below the target folder. Absent: the object is only read and compared.
  std::optional<std::string> target = std::nullopt;
  std::int64_t mtime_ns = 0;  ///< kNoTime: the present time, for what is written
};

enum class DownloadEnd : std::uint8_t {
  verified,  ///< read and right; there was no target
  written,
  whole,  ///< the target existed with the right content
  kept,   ///< the target existed and was left alone
  other,  ///< the target existed with other content and was left alone
  alias,  ///< the target's file system takes another file's name for this one; it was left alone
};

struct DownloadResult {
  DownloadItem item;
  Result<DownloadEnd> end;
  /// The target's file system could not hold the item's time, and has another one.
  bool has_other_time = false;
  bool fatal =
      false;  ///< going on is useless: the store is out of reach, or the target's disk is full
};

/// The workers call these, one thread at a time, while the caller waits.
struct DownloadCalls {
  std::function<Result<std::optional<DownloadItem>>()> next;
  /// Called for each item when it is complete. An error ends the downloads.
  std::function<Result<>(DownloadResult)> done;
};

struct DownloadOptions {
  Workers workers = 4;
  /// The folder of the targets; needed if any item has a target. A file that is whole already is
  /// given to the owner of its new entries.
  const Folder* target = nullptr;
  Overwrite overwrite = Overwrite::never;
  /// A worker calls this when the new file is complete, just before it gets its name, whether or
  /// not that replaces a file. An error leaves everything as it is. May be null.
  std::function<Result<>(const DownloadItem&)> before_replacing = nullptr;
};

/// Fetches the items that `calls.next` returns. A damaged or missing object fails alone and leaves
/// nothing in the target. Files are not flushed one by one: the caller must flush the target's file
/// system at the end. Memory is only the store's buffers: over a bucket 640 KiB per worker, 10 MiB
/// for 16 workers.
Result<> run_downloads(ObjectStore& store, const DownloadOptions& options,
                       const DownloadCalls& calls, Progress& progress, const std::stop_token& stop);

}  // namespace ib
