// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/records/restore_point.hpp"
#include "report/header.hpp"
#include "repository/redating.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ib {

struct RebuildReport {
  ReportHeader header;
  std::optional<ObjectName> based_on;  ///< the newest manifest that could be read
  std::uint64_t objects = 0;           ///< that hold files, in the store
  std::uint64_t read_back = 0;
  std::uint64_t added = 0;    ///< contents that no readable manifest knew
  std::uint64_t dropped = 0;  ///< rows whose object is missing or damaged
  FileCounts totals;
  std::optional<ManifestInfo> manifest;
  std::optional<Timestamp> restore_point;
  /// With --redate, which does this alone: what has another name now.
  std::optional<std::vector<Redated>> redated;
};

Outcome outcome_of(const RebuildReport& report);
/// Lines that end in a newline.
std::string to_text(const RebuildReport& report);
/// One JSON object on one line, with a newline (docs/formats/report-json.md).
std::string to_json(const RebuildReport& report);

}  // namespace ib
