// SPDX-License-Identifier: Apache-2.0
//
// A row of the manifest as a record, and back. Private to this module.
#pragma once

#include "base/result.hpp"
#include "core/records/file_record.hpp"
#include "core/records/recording_run.hpp"
#include "manifest/sqlite.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace ib {

/// The column `recheck`.
inline constexpr std::int64_t kTrusted = 0, kRecheck = 1, kSuspect = 2;
std::int64_t trust_of(const FileRecord& record);

/// The column `class`. Absent for a code that a later version may have added.
std::optional<StorageClass> class_of(std::int64_t code);
/// NULL for kNoTime.
void bind_mtime(Statement& statement, int index, std::int64_t mtime_ns);
/// The same of a record: NULL, too, where the SHA-1 is not known.
void bind_mtime_of(Statement& statement, int index, const FileRecord& record);
void bind_class(Statement& statement, int index, std::optional<StorageClass> storage_class);
/// The column `crc32c`.
Crc32c crc_of(std::int64_t value);
/// The two parameters from `index` on: size and crc32c.
void bind_encrypted(Statement& statement, int index, const EncryptedObject& object);

/// Binds the parameters 1 to 7: path, checksum, size, archived, sha1, crc32c and mtime.
void bind_content(Statement& statement, const FileRecord& record);

/// Of the columns checksum, size, sha1 and crc32c, which have these numbers.
struct ContentColumns {
  int checksum, size, sha1, crc32c;
};
/// corrupt where a checksum has the wrong length or the size is negative; `path` is what the
/// message calls it.
Result<Content> content_of(const Statement& row, const ContentColumns& columns,
                           std::string_view path);

/// The object's name for the column `object`: NULL where it is the derived one.
void bind_object(Statement& statement, int index, const FileRecord& record);

/// The generation, the run and its start that stand from `column` on. A start that no clock shows,
/// which is for people alone, is 1970.
RecordingRun run_of(const Statement& row, int column);

/// Of the columns of a record, in their order. corrupt where a checksum has the wrong length, a
/// size is negative, a name is no text, or it is neither archived nor not: SQLite lets a column
/// hold any kind of value, and orders texts before blobs.
Result<FileRecord> read_record(const Statement& row);
/// The first row of a statement that has its parameters.
Result<std::optional<FileRecord>> read_first_record(Statement& statement);

}  // namespace ib
