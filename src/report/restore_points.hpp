// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/records/restore_point.hpp"
#include "report/header.hpp"

#include <set>
#include <string>
#include <vector>

namespace ib {

struct RestorePointsReport {
  ReportHeader header;
  std::vector<RestorePoint> restore_points;  ///< oldest first
  std::set<Timestamp> without_their_dump;    ///< whose dump retention has removed
};

/// ", of the database alone": what follows "complete" where a run was not asked for both. Empty
/// where it was.
std::string coverage_note(const Coverage& covers);

Outcome outcome_of(const RestorePointsReport& report);
/// Lines that end in a newline.
std::string to_text(const RestorePointsReport& report);
/// One JSON object on one line, with a newline (docs/formats/report-json.md).
std::string to_json(const RestorePointsReport& report);

}  // namespace ib
