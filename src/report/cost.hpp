// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "core/pricing/cost.hpp"
#include "core/pricing/usage.hpp"
#include "report/header.hpp"

#include <optional>
#include <string>

namespace ib {

/// What a backup costs: all in US dollars, all zero for a folder.
struct CostReport {
  ReportHeader header;
  StoredTotals stored;
  Prices prices;
  Timestamp now{};
  /// Bytes, over the restore points; absent where they are too few.
  std::optional<double> growth_per_day;
  std::optional<Timestamp> growth_since;
  double monthly_at_year_end = 0;
  Usage restore;  ///< reading every file of the library and its dump once
  Usage usage;
};

Outcome outcome_of(const CostReport& report);
/// Lines that end in a newline.
std::string to_text(const CostReport& report);
/// One JSON object on one line, with a newline (docs/formats/report-json.md).
std::string to_json(const CostReport& report);

}  // namespace ib
