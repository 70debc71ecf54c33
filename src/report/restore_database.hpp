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
  DumpInfo dump;          ///< without a name where it was a file
  std::string dump_file;  ///< its path; empty where it was an object of the store
  std::optional<Timestamp> restore_point;
  std::string database;  ///< where it went, for a person
  std::uint64_t assets = 0;
  bool created = false;      ///< there was no such database
  bool replaced = false;     ///< what a new Immich had made is gone
  bool counted = false;      ///< whether the rows were counted afterwards
  std::uint64_t tables = 0;  ///< with data in the dump
  std::uint64_t rows = 0;    ///< of all of them, in the dump
  /// How many problems tell of what is more than Immich's own; absent: it could not be asked.
  std::optional<std::uint64_t> more_than_immichs;
  /// The role that all of it belongs to for now, since there was such a problem; else empty.
  std::string held_by;
  std::vector<std::string> settings;  ///< of the database itself, that were set again
};

Outcome outcome_of(const DatabaseRestoreReport& report);
/// Lines that end in a newline.
std::string to_text(const DatabaseRestoreReport& report);
/// One JSON object on one line, with a newline (docs/formats/report-json.md).
std::string to_json(const DatabaseRestoreReport& report);

}  // namespace ib
