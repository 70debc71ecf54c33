// SPDX-License-Identifier: Apache-2.0
//
// Carries out the plan of a backup: several files at a time, each read, hashed, and stored if its
// content is not in the store yet.
#pragma once

#include "base/progress.hpp"
#include "base/result.hpp"
#include "core/planning/plan.hpp"
#include "store/object_store.hpp"
#include "sys/file.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

namespace ib {

/// A file as it was read: its content, and size and time from before and after the read, which
/// agreed.
struct HashedFile {
  Content content;
  std::int64_t mtime_ns = 0;
  bool recheck = false;  ///< the mtime is too young, or in the future: it may hide a later change
};

/// What shall become of a hashed file.
struct StoreUnder {
  std::vector<ObjectName>
      candidates;  ///< tried in order; the last is free for any content but this one
};
struct StoredAlready {
  ObjectName object;
  std::optional<StorageClass> storage_class = std::nullopt;
  bool left_behind = false;  ///< by an earlier run that did not end
};
/// Nothing: it was read to be looked at.
struct LeaveAsIs {};
using Placement = std::variant<StoreUnder, StoredAlready, LeaveAsIs>;

enum class UploadEnd : std::uint8_t {
  sent,   ///< our bytes made the object
  found,  ///< an earlier run that did not end had stored it
  held,   ///< the store held it already
  left,   ///< as LeaveAsIs asked: there is no object
};

/// How one file went.
struct UploadOutcome {
  FileToRead item;
  HashedFile file;
  ObjectName object;
  std::optional<StorageClass> storage_class = std::nullopt;  ///< absent where the store has none
  UploadEnd end = UploadEnd::left;
  /// Names that held other content and were left alone.
  std::vector<ObjectName> taken;
};

struct UploadResult {
  FileToRead item;
  Result<UploadOutcome> outcome;
  bool store_failed = false;  ///< the store refused or was out of reach: not this file's fault
};

/// What run_uploads asks of its caller. `open` is called by several threads at once; the rest by
/// one thread at a time, whichever of the workers it is, while the caller waits.
struct UploadCalls {
  /// The next file to read; nothing at the end.
  std::function<Result<std::optional<FileToRead>>()> next;
  std::function<Result<InputFile>(const std::string& path)> open;
  /// Decides where a file's content goes. Never asked while the same content is on its way already.
  std::function<Result<Placement>(const FileToRead&, const HashedFile&)> place;
  /// Takes each file's end, in the order of completion. An error ends the uploads.
  std::function<Result<>(UploadResult)> done;
};

struct UploadOptions {
  unsigned workers = 4;
  /// Files up to this size, and up to a worker's share of `memory`, are read once and kept while
  /// they are hashed and sent; larger ones are read twice, the second time from the page cache as a
  /// rule.
  std::size_t keep_in_memory = std::size_t{4} * 1024 * 1024;
  /// For all workers together. A store's own buffers come on top: over a bucket 640 KiB for each
  /// worker (HttpClient), so that 16 workers hold at most 74 MiB, and 64 workers 104 MiB.
  std::size_t memory = std::size_t{64} * 1024 * 1024;
};

/// Uploads what `calls.next` names. One file's failure does not stop the others, but a store that
/// fails does: what it confirmed until then has been given to `done`. The error is the store's, the
/// callbacks', or `cancelled` once `stop` is requested.
Result<> run_uploads(ObjectStore& store, const UploadOptions& options, const UploadCalls& calls,
                     Progress& progress, const std::stop_token& stop);

}  // namespace ib
