// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "emulator/gcs_emulator.hpp"
#include "emulator/json.hpp"

#include <chrono>
#include <mutex>

namespace ib::emulator {

/// What is to go wrong, and what did. Any thread.
class FaultScript {
public:
  void add(FaultRule rule);
  /// Nothing, or why the text is no list of rules; then none of them is added.
  std::string add_json(std::string_view text);
  void clear();

  /// The rule that is due for this request, now counted as hit.
  std::optional<FaultRule> next(std::string_view kind, std::string_view method,
                                std::string_view target, std::string_view object);
  std::vector<FaultReport> report() const;
  std::string report_json() const;

private:
  struct Entry {
    FaultRule rule;
    std::uint64_t matched = 0;
    std::uint64_t hits = 0;
    std::chrono::steady_clock::time_point first_hit{};
  };
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
};

}  // namespace ib::emulator
