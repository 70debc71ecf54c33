// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "core/pricing/usage.hpp"
#include "core/selection/shard.hpp"
#include "report/header.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace ib {

struct VerifyReport {
  ReportHeader header;
  std::optional<Timestamp> restore_point;
  std::uint64_t objects = 0;  ///< that the manifest names
  std::uint64_t object_bytes = 0;
  /// Listed with the recorded size, and with the recorded CRC32C where the store tells it.
  std::uint64_t present = 0;
  bool listing_has_checksums = false;
  std::uint64_t read_back = 0;  ///< read and compared byte for byte by their digests
  std::uint64_t read_back_bytes = 0;
  std::uint64_t damaged = 0;  ///< missing or not what was recorded
  /// In the store, but in no manifest: an unfinished run's, or a stranger's.
  std::uint64_t unknown_objects = 0;
  bool dump_checked = false;   ///< its bytes were read, to the trailer
  std::optional<Shard> shard;  ///< of which objects were read back; absent: of all
  bool budget_spent = false;   ///< --budget ended the reading before the last object
  Usage usage;
  std::optional<double> cost;  ///< dollars; absent where the store charges nothing
};

Outcome outcome_of(const VerifyReport& report);
/// Lines that end in a newline.
std::string to_text(const VerifyReport& report);
/// One JSON object on one line, with a newline (docs/formats/report-json.md).
std::string to_json(const VerifyReport& report);

}  // namespace ib
