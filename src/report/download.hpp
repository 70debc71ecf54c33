// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "report/header.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace ib {

struct DownloadReport {
  ReportHeader header;
  Timestamp restore_point{};
  std::uint64_t photos = 0;
  std::uint64_t files = 0, bytes = 0;  ///< to be fetched
  std::uint64_t cold_files = 0;        ///< of these: reading them back costs more than the transfer
  std::uint64_t missing = 0;           ///< files that a restore does not bring either
  std::uint64_t damaged = 0;
  std::optional<double> cost;  ///< dollars; absent where the store charges nothing
};

Outcome outcome_of(const DownloadReport& report);
/// What a download would fetch and cost.
std::string to_text(const DownloadReport& report);
std::string to_json(const DownloadReport& report);

}  // namespace ib
