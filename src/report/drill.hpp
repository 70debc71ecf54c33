// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/pricing/usage.hpp"
#include "core/records/restore_point.hpp"
#include "report/header.hpp"
#include "repository/documents.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ib {

/// What a drill (`verify-restore`) proved of a restore point.
struct DrillReport {
  ReportHeader header;
  Timestamp restore_point{};
  std::optional<DumpInfo> dump;  ///< absent where the restore point has none
  bool dump_read = false;  ///< its bytes are those that were stored, and whole to its last line
  bool restored = false;   ///< into a PostgreSQL, in which its rows were counted
  std::string server;      ///< that it was restored on
  std::uint64_t tables = 0, rows = 0;
  std::vector<std::string> left_out;  ///< "table public.smart_search": the server could not take it
  /// How many problems tell of what is more than Immich's own; absent: it could not be asked.
  std::optional<std::uint64_t> more_than_immichs;
  std::uint64_t originals = 0;  ///< that the restored database names
  std::uint64_t protected_originals =
      0;                    ///< of those, brought by a restore as Immich recorded them
  std::uint64_t files = 0;  ///< of the restore point
  std::uint64_t due = 0;    ///< of those, to be read back this time
  std::uint64_t read_back = 0, read_back_bytes = 0;
  std::uint64_t weeks = 0;  ///< within which each file is read back once, at this rate
  /// Each file of the library as of then has been read back since; absent: not each ever was.
  std::optional<Timestamp> proven_since;
  std::uint64_t damaged = 0;
  Proof::Verdict verdict = Proof::Verdict::not_proven;
  Usage usage;
  std::optional<double> cost;  ///< dollars; absent where the store charges nothing
};

Outcome outcome_of(const DrillReport& report);
/// Lines that end in a newline.
std::string to_text(const DrillReport& report);
/// One JSON object on one line, with a newline (docs/formats/report-json.md).
std::string to_json(const DrillReport& report);

}  // namespace ib
