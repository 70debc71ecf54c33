// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/pricing/usage.hpp"
#include "report/header.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ib {

/// What `heal` found of each file that was named, and did.
struct HealReport {
  ReportHeader header;
  bool dry_run = false;
  enum class State : std::uint8_t { whole, missing, different };
  struct File {
    std::string path;
    State state = State::whole;
    bool healed = false;
  };
  std::vector<File> files;  ///< but for those that are problems
  std::uint64_t healed = 0;
  /// Objects that were not what was recorded. Nothing was written of them.
  std::uint64_t damaged = 0;
  Usage usage;
  std::optional<double> cost;  ///< dollars; absent where the store charges nothing
};

Outcome outcome_of(const HealReport& report);
/// Lines that end in a newline.
std::string to_text(const HealReport& report);
/// One JSON object on one line, with a newline (docs/formats/report-json.md).
std::string to_json(const HealReport& report);

}  // namespace ib
