// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/records/restore_point.hpp"
#include "report/header.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace ib {

struct DatabaseRestoreReport {
  ReportHeader header;
  DumpInfo dump;
  std::optional<Timestamp> restore_point;
  std::string database;  ///< where it went, for a person
  std::uint64_t assets = 0;
  bool created = false;      ///< there was no such database
  bool replaced = false;     ///< what a new Immich had made is gone
  bool counted = false;      ///< whether the rows were counted afterwards
  std::uint64_t tables = 0;  ///< with data in the dump
  std::uint64_t rows = 0;    ///< of all of them, in the dump
};

Outcome outcome_of(const DatabaseRestoreReport& report);
/// Lines that end in a newline.
std::string to_text(const DatabaseRestoreReport& report);
/// One JSON object on one line, with a newline (docs/formats/report-json.md).
std::string to_json(const DatabaseRestoreReport& report);

}  // namespace ib
