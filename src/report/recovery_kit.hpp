// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/pricing/cost.hpp"
#include "core/pricing/usage.hpp"
#include "core/records/restore_point.hpp"
#include "report/header.hpp"

#include <optional>
#include <string>
#include <vector>

namespace ib {

/// What `recovery-kit` puts on paper.
struct RecoveryKitReport {
  ReportHeader header;
  Timestamp now{};
  std::string program_version;
  RestorePoint restore_point;  ///< what a restore takes where nobody names another
  std::optional<Timestamp> last_verified;
  bool last_verified_ok = false;
  std::string bucket;  ///< as GCS_BUCKET names it, "photos/home"; empty for a folder
  std::vector<std::string> trusted_keys;  ///< public; empty for a folder where nothing is signed
  Usage restore;                          ///< reading every file of the library and its dump once
  Prices prices;                          ///< all zero for a folder
};

Outcome outcome_of(const RecoveryKitReport& report);
/// Lines that end in a newline.
std::string to_text(const RecoveryKitReport& report);
/// One JSON object on one line, with a newline (docs/formats/report-json.md).
std::string to_json(const RecoveryKitReport& report);

}  // namespace ib
