// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/pricing/usage.hpp"
#include "report/header.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace ib {

/// What a check of `doctor` came to. unknown: it could not be found out, or the setting that it
/// needs is not there.
enum class Verdict : std::uint8_t { ok, warning, problem, unknown };

/// One thing that `doctor` looked at. Area and name are stable words (docs/formats/report-json.md).
struct Check {
  std::string area;
  std::string name;  ///< each once
  Verdict verdict = Verdict::unknown;
  std::string message;
  /// The command or the setting that mends it; empty where nothing is to be mended.
  std::string fix = {};
};

struct DoctorReport {
  ReportHeader header;  ///< its problems are the checks with that verdict
  std::vector<Check> checks;
  Usage usage;
};

Outcome outcome_of(const DoctorReport& report);
/// Lines that end in a newline.
std::string to_text(const DoctorReport& report);
/// One JSON object on one line, with a newline (docs/formats/report-json.md).
std::string to_json(const DoctorReport& report);

}  // namespace ib
