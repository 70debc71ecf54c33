// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "emulator/gcs_emulator.hpp"
#include "emulator/json.hpp"

#include <chrono>
#include <mutex>

namespace ib::emulator {

/// The faults that shall happen and those that happened. Thread-safe.
class FaultScript {
public:
  void add(FaultRule rule);
  /// Returns "", or why the text is not a list of rules. In that case no rule is added.
  std::string add_json(std::string_view text);
  void clear();

  /// The rule that is due for this request. Counts it as hit.
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
