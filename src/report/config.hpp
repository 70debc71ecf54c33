// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "report/header.hpp"

#include <string>
#include <vector>

namespace ib {

struct ShownSetting {
  std::string name;                 ///< of the option
  std::vector<std::string> values;  ///< without passwords
  std::string from;                 ///< "DB_USERNAME in the environment"
};

/// What `config` found.
struct ConfigReport {
  ReportHeader header;
  std::vector<std::string> files;  ///< that were read, the first that decides first
  std::vector<ShownSetting> settings;
};

Outcome outcome_of(const ConfigReport& report);
/// Lines that end in a newline.
std::string to_text(const ConfigReport& report);
/// One JSON object on one line, with a newline (docs/formats/report-json.md).
std::string to_json(const ConfigReport& report);

}  // namespace ib
