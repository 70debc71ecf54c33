// SPDX-License-Identifier: Apache-2.0
//
// The JSON of files, for the sources of commands whose results are printed as they are found.
#pragma once

#include "core/records/file_record.hpp"
#include "core/records/path_history.hpp"
#include "report/json.hpp"

#include <string>

namespace ib {

/// "path", and "path_hex" where the name is not UTF-8: JSON cannot say every name.
Json path_object(const std::string& path);

/// Adds size, time, digests and object.
void add_record(Json& json, const FileRecord& record);
/// Adds since when, and until when.
void add_interval(Json& json, const PathState& state);

/// What follows the elements: the header but for what was said before them, and `more`.
std::string listing_end(const ReportHeader& header, Outcome outcome,
                        const Json& more = Json::object());

}  // namespace ib
