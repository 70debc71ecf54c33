// SPDX-License-Identifier: Apache-2.0
//
// Lines of the log as JSON, for those who collect them.
#pragma once

#include "base/error.hpp"
#include "base/time.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ib {

/// {"time":"2026-01-15T03:00:00Z","level":"warning","message":"..."}; "warning: " at the beginning
/// of the line becomes the level.
std::string log_json(Timestamp now, std::string_view line);

/// Level "error", with `code` and, where there is one, `hint`.
std::string log_json(Timestamp now, const Error& error);

/// How far a step is.
struct StepLog {
  std::string_view step;
  bool done = false;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::optional<std::uint64_t> total_files = std::nullopt;
  std::optional<std::uint64_t> total_bytes = std::nullopt;
  std::chrono::milliseconds elapsed{};
};
std::string log_json(Timestamp now, const StepLog& step);

}  // namespace ib
