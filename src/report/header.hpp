// SPDX-License-Identifier: Apache-2.0
//
// What the reports of all commands begin with, and how a command can end.
#pragma once

#include "core/records/problem.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace ib {

struct ReportHeader {
  std::string command;  ///< as the formats name it
  std::string store;
  std::chrono::milliseconds elapsed{};
  std::vector<Problem> problems;   ///< each makes the result something less than ok
  std::vector<std::string> notes;  ///< worth knowing, but nothing is missing for it
};

/// How a command ended. In JSON, damage is "failed" and retryable is "incomplete": a script that
/// knows three words is not misled.
enum class Outcome : std::uint8_t {
  ok,
  retryable,  ///< a part is missing that another try may bring
  incomplete,
  damaged,
  failed
};

/// Incomplete where there is a problem; retryable where one of them may pass, since another try
/// then tells of the others.
Outcome outcome_by_problems(const ReportHeader& header);

}  // namespace ib
