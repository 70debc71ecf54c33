// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "core/records/difference.hpp"
#include "report/header.hpp"

#include <string>

namespace ib {

/// The sums. The differences were shown when they were found.
struct DiffReport {
  ReportHeader header;
  Timestamp from{}, to{};
  DifferenceTotals totals;
};

Outcome outcome_of(const DiffReport& report);

std::string difference_line(const Difference& difference);
/// The same as an element of the JSON's `differences`.
std::string difference_json(const Difference& difference);

/// What the text says at its end.
std::string diff_summary(const DiffReport& report);
/// What follows the elements in JSON.
std::string listing_json_end(const DiffReport& report);

}  // namespace ib
