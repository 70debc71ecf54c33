// SPDX-License-Identifier: Apache-2.0
//
// What a restore point is worth to the database that lies beside it: is each file that Immich names
// stored, and is it the one whose checksum Immich recorded?
#pragma once

#include "core/records/audit.hpp"
#include "core/records/file_record.hpp"
#include "core/records/named_file.hpp"

#include <cstdint>
#include <functional>
#include <optional>

namespace ib {

/// A named file and the manifest's row for its path, if there is one.
struct AuditSink {
  /// A named file whose row is not plainly right: absent, archived, of another content, or with a
  /// checksum that is none. It is counted as an original or another file only: what became of it is
  /// for the caller to find.
  std::function<Result<>(const NamedFile&, const FileRecord*)> doubtful;
  /// A file of the library that the database does not name.
  std::function<Result<>(const FileRecord&)> unknown;
};

/// Merges the files that the database names, mapped, with the rows of the manifest, both in the
/// byte order of their paths; holds neither in memory. Counts what is plainly right, and hands over
/// the rest.
Result<Audit> compare_named_files(NamedFileCursor& named, RecordCursor& records,
                                  const AuditSink& sink);

}  // namespace ib
