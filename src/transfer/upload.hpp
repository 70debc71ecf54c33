// SPDX-License-Identifier: Apache-2.0
// Carries out the plan of a backup. Reads and hashes several files at a time, and stores those
// whose content the store does not have yet.
#pragma once

#include "base/progress.hpp"
#include "base/result.hpp"
#include "core/planning/plan.hpp"
#include "store/object_store.hpp"
#include "sys/file.hpp"
#include "transfer/workers.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

namespace ib {

/// A file that was read. Its size and time were the same before and after.
struct HashedFile {
  Content content;
  std::int64_t mtime_ns = 0;  ///< or kNoTime
  /// The mtime is very recent, in the future or none that can be kept: it may hide a later change.
  bool recheck = false;
};

/// What to do with a hashed file.
struct StoreUnder {
  /// Tried in order. Nobody can foresee the last one, which comes next where a stranger's object
  /// has a name.
  std::vector<ObjectName> candidates;
};
struct StoredAlready {
  ObjectName object;
  std::optional<StorageClass> storage_class = std::nullopt;
  bool left_behind = false;  ///< an earlier run that did not end had stored it
  /// Of an encrypted object that the manifest does not have yet.
  std::optional<EncryptedObject> encrypted = std::nullopt;
};
/// Do nothing: the file was only read for a check.
struct LeaveAsIs {};
using Placement = std::variant<StoreUnder, StoredAlready, LeaveAsIs>;

enum class UploadEnd : std::uint8_t {
  sent,   ///< our bytes made the object
  found,  ///< an earlier run that did not end had stored it
  held,   ///< the store already held it
  left,   ///< there is no object, because of LeaveAsIs
};

/// How one file ended.
struct UploadOutcome {
  FileToRead item;
  HashedFile file;
  ObjectName object;
  std::optional<StorageClass> storage_class = std::nullopt;  ///< absent if the store has none
  std::optional<EncryptedObject> encrypted = std::nullopt;   ///< absent if it is not encrypted
  UploadEnd end = UploadEnd::left;
  /// The names that other content had. Those objects were left alone.
  std::vector<ObjectName> taken;
};

struct UploadResult {
  FileToRead item;
  Result<UploadOutcome> outcome;
  bool store_failed =
      false;  ///< the store refused or was out of reach, so the file is not at fault
};

/// The caller's part of run_uploads. Several threads call `open` at once. The workers call the
/// other members, one thread at a time, while the caller waits.
struct UploadCalls {
  /// The next file to read. Empty at the end.
  std::function<Result<std::optional<FileToRead>>()> next;
  std::function<Result<InputFile>(const std::string& path)> open;
  /// Decides where a file's content goes. Not called while the same content is being uploaded.
  std::function<Result<Placement>(const FileToRead&, const HashedFile&)> place;
  /// Takes each file's end, when it is complete. An error ends the uploads.
  std::function<Result<>(UploadResult)> done;
  /// Whether an object that already has the name was stored by us: what a stranger says it holds
  /// counts for nothing. Several threads call it at once. Empty: whoever stored it is believed.
  std::function<bool(const ObjectInfo&)> is_ours = {};
};

struct UploadOptions {
  Workers workers = 4;
  /// Files up to this size are read once and kept in memory while they are hashed and sent, as long
  /// as all of `memory` is not taken. Other files are read twice, the second time usually from the
  /// page cache.
  std::size_t keep_in_memory = std::size_t{4} * 1024 * 1024;
  /// Of the files that are kept, for all workers together. What else a worker holds is extra: 256
  /// KiB of a file that is not kept, and a store's buffers, over a bucket 640 KiB (HttpClient). So
  /// 16 workers hold at most 78 MiB, and 64 workers 120 MiB.
  std::size_t memory = std::size_t{64} * 1024 * 1024;
};

/// Uploads the files that `calls.next` returns. A file's failure does not stop the others. A
/// store's failure does; `done` has then received everything that the store confirmed. The error is
/// from the store or from a callback, or `cancelled` if `stop` is requested.
Result<> run_uploads(ObjectStore& store, const UploadOptions& options, const UploadCalls& calls,
                     Progress& progress, const std::stop_token& stop);

}  // namespace ib
