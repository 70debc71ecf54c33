// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "core/pricing/usage.hpp"
#include "report/header.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace ib {

struct RestoreReport {
  ReportHeader header;
  Timestamp restore_point{};
  bool dry_run = false;
  std::string target;
  std::uint64_t selected = 0;
  std::uint64_t selected_bytes = 0;
  std::uint64_t restored = 0;
  std::uint64_t restored_bytes = 0;
  std::uint64_t kept = 0;     ///< were there and were left alone
  std::uint64_t whole = 0;    ///< were there with the right content
  std::uint64_t damaged = 0;  ///< the store's bytes were not what was recorded: not written
  std::optional<std::uint64_t> assets;  ///< that were chosen, where they were chosen from the dump
  /// With a dry run, how fast the bytes are thought to come, and how long they take then.
  std::uint64_t bytes_per_second = 0;
  std::chrono::seconds duration{};
  bool rate_is_limited = false;     ///< the rate is --bwlimit's, and no more than a guess otherwise
  std::optional<std::string> dump;  ///< below the target, for Immich's own restore
  std::optional<std::string> album_json;  ///< the file that says what the albums held
  Usage usage;                            ///< with a dry run, what would be asked for
  std::optional<double> cost;             ///< dollars; absent where the store charges nothing
};

Outcome outcome_of(const RestoreReport& report);
/// Lines that end in a newline.
std::string to_text(const RestoreReport& report);
/// One JSON object on one line, with a newline (docs/formats/report-json.md).
std::string to_json(const RestoreReport& report);

}  // namespace ib
