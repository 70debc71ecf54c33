// SPDX-License-Identifier: Apache-2.0
//
// What a set of files is worth to a database: is each file that Immich names at its path, and is it
// the one whose checksum Immich recorded?
#pragma once

#include "core/records/audit.hpp"
#include "core/records/file_record.hpp"
#include "core/records/named_file.hpp"

#include <functional>

namespace ib {

/// What is not plainly right is for the caller to look at.
struct AuditSink {
  /// A named file, and what lies at its path, if anything does: nothing, another content, or one
  /// with a checksum that is none. It is counted as an original or another file only.
  std::function<Result<>(const NamedFile&, const FileRecord*)> doubtful;
  /// A file that the database does not name.
  std::function<Result<>(const FileRecord&)> unknown;
};

/// Merges the files that the database names, mapped, with `files`, both in the byte order of their
/// paths; holds neither in memory. Counts what is plainly right, and hands over the rest.
Result<Audit> compare_named_files(NamedFileCursor& named, RecordCursor& files,
                                  const AuditSink& sink);

}  // namespace ib
