// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/records/path_history.hpp"
#include "report/header.hpp"

#include <cstdint>
#include <string>

namespace ib {

/// How many were found. What was found was shown when it was found.
struct FindReport {
  ReportHeader header;
  std::uint64_t found = 0;        ///< paths
  std::uint64_t files = 0;        ///< files of this machine whose content was looked for
  std::uint64_t files_found = 0;  ///< those of them that are in the backup
};

Outcome outcome_of(const FindReport& report);

/// A path that was found. `file` is the one of this machine that has its content, or empty.
std::string found_line(const PathState& state, const std::string& file);
/// The same as an element of the JSON's `found`.
std::string found_json(const PathState& state, const std::string& file);
std::string not_found_line(const Problem& problem);

/// What the text says at its end; empty where that says nothing new.
std::string find_summary(const FindReport& report);
/// What follows the elements in JSON.
std::string listing_json_end(const FindReport& report);

}  // namespace ib
