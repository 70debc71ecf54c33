// SPDX-License-Identifier: Apache-2.0
//
// A row of the manifest as a record, and back. Private to this module.
#pragma once

#include "base/result.hpp"
#include "core/records/file_record.hpp"
#include "manifest/sqlite.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ib {

/// The column `recheck`.
inline constexpr std::int64_t kTrusted = 0, kRecheck = 1, kSuspect = 2;
std::int64_t trust_of(const FileRecord& record);

std::int64_t seconds_of(Timestamp time);

/// The column `class`. Absent for a code that a later version may have added.
std::optional<StorageClass> class_of(std::int64_t code);
void bind_class(Statement& statement, int index, std::optional<StorageClass> storage_class);

/// Binds the parameters 1 to 7: path, checksum, size, archived, sha1, crc32c and mtime.
void bind_content(Statement& statement, const FileRecord& record);

/// Of the columns checksum, size, sha1 and crc32c, which have these numbers.
struct ContentColumns {
  int checksum, size, sha1, crc32c;
};
/// corrupt where a checksum has the wrong length; `path` is what the message calls it.
Result<Content> content_of(const Statement& row, const ContentColumns& columns,
                           std::string_view path);

/// Of the columns of a record, in their order. corrupt where a checksum has the wrong length.
Result<FileRecord> read_record(const Statement& row);
/// The first row of a statement that has its parameters.
Result<std::optional<FileRecord>> read_first_record(Statement& statement);

}  // namespace ib
