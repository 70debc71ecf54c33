// SPDX-License-Identifier: Apache-2.0
//
// A row of the manifest as a record. Private to this module.
#pragma once

#include "base/result.hpp"
#include "core/library_file.hpp"
#include "manifest/sqlite.hpp"

#include <string>
#include <string_view>

namespace ib {

/// The file at the path ?1 at the instant ?2, as Manifest::records_at() chooses it, out of the tables of
/// `schema`.
std::string record_at_sql(std::string_view schema);

/// Of the columns file_path, checksum, size, archived, sha1, crc32c, mtime, recheck, since, class, object, in
/// this order. corrupt where a checksum has the wrong length.
Result<FileRecord> read_record(const Statement& row);

}  // namespace ib
