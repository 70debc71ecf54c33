// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/records/file_record.hpp"

#include <string>

namespace ib {

/// One file: a line of size, time and path; and an element of the JSON's `files`.
std::string ls_line(const FileRecord& record);
std::string ls_json(const FileRecord& record);

}  // namespace ib
