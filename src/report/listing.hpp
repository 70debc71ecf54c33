// SPDX-License-Identifier: Apache-2.0
//
// What commands share whose results are printed as they are found.
#pragma once

#include "base/error.hpp"
#include "core/records/file_record.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace ib {

/// What stands before and after the elements of such a command, which commas separate. The three
/// together are one JSON object with a newline.
std::string listing_json_begin(std::string_view command, const std::string& store,
                               std::string_view elements);
/// `error` is what ended the listing early, if anything did.
std::string listing_json_end(std::chrono::milliseconds elapsed, const Error* error);

/// " 2.0 KiB  2026-01-15T03:00:00Z  /upload/a.jpg"
std::string size_time_path(const FileRecord& record);

}  // namespace ib
