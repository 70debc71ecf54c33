// SPDX-License-Identifier: Apache-2.0
//
// What happened, for a person (text, on stdout) and for a script (one JSON object, whose fields
// only ever grow: docs/formats/report-json.md). Names from outside are escaped in text and made
// UTF-8 in JSON.
#pragma once

#include "core/records/file_record.hpp"
#include "core/records/path_history.hpp"
#include "core/report.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace ib {

/// How a command ended. In JSON, damage is "failed": a script that knows three words is not misled.
enum class Outcome : std::uint8_t { ok, incomplete, damaged, failed };

Outcome outcome_of(const BackupReport& report);
Outcome outcome_of(const VerifyReport& report);
Outcome outcome_of(const DrillReport& report);
Outcome outcome_of(const HealReport& report);
Outcome outcome_of(const RestoreReport& report);
Outcome outcome_of(const AlbumsReport& report);
Outcome outcome_of(const DatabaseRestoreReport& report);
/// Also less than ok where the backup is: no restore point, an incomplete one, a verification that
/// found damage.
Outcome outcome_of(const StatusReport& report);
Outcome outcome_of(const SnapshotsReport& report);
Outcome outcome_of(const FindReport& report);
Outcome outcome_of(const DiffReport& report);
Outcome outcome_of(const CostReport& report);
Outcome outcome_of(const RecoveryKitReport& report);
Outcome outcome_of(const PruneReport& report);
Outcome outcome_of(const RebuildReport& report);
Outcome outcome_of(const DoctorReport& report);

/// Lines ending in a newline.
std::string to_text(const BackupReport& report);
std::string to_text(const VerifyReport& report);
std::string to_text(const DrillReport& report);
std::string to_text(const HealReport& report);
std::string to_text(const RestoreReport& report);
std::string to_text(const AlbumsReport& report);
std::string to_text(const DatabaseRestoreReport& report);
std::string to_text(const StatusReport& report);
std::string to_text(const SnapshotsReport& report);
std::string to_text(const CostReport& report);
std::string to_text(const RecoveryKitReport& report);
std::string to_text(const PruneReport& report);
std::string to_text(const RebuildReport& report);
std::string to_text(const DoctorReport& report);

/// One JSON object on one line, with a newline.
std::string to_json(const BackupReport& report);
std::string to_json(const VerifyReport& report);
std::string to_json(const DrillReport& report);
std::string to_json(const HealReport& report);
std::string to_json(const RestoreReport& report);
std::string to_json(const AlbumsReport& report);
std::string to_json(const DatabaseRestoreReport& report);
std::string to_json(const StatusReport& report);
std::string to_json(const SnapshotsReport& report);
std::string to_json(const CostReport& report);
std::string to_json(const RecoveryKitReport& report);
std::string to_json(const PruneReport& report);
std::string to_json(const RebuildReport& report);
std::string to_json(const DoctorReport& report);

/// A command that failed as a whole, for --json.
std::string failure_to_json(const std::string& command, const std::string& store,
                            std::chrono::milliseconds elapsed, const Error& error);

/// One line of `ls`: size, time and path; and its JSON, an element of `files`.
std::string ls_line(const FileRecord& record);
std::string ls_json(const FileRecord& record);

/// The states of a path, one line each, with the command that restores it: `restore`
/// ("immich-backup restore --store ...") and what the state needs.
std::string history_text(const PathHistory& history, const std::string& restore);
std::string history_json(const PathHistory& history, const std::string& restore);

/// A path that `find` found. `file` is the one of this machine that has its content, or empty.
std::string found_line(const PathState& state, const std::string& file);
std::string found_json(const PathState& state, const std::string& file);
/// What was not found, and what the search says at its end.
std::string not_found_line(const Problem& problem);
std::string find_summary(const FindReport& report);

std::string difference_line(const Difference& difference);
std::string difference_json(const Difference& difference);
std::string diff_summary(const DiffReport& report);

/// What stands before and after the elements of a command whose results are printed as they come,
/// separated by commas. The three together are one JSON object with a newline.
std::string listing_json_begin(std::string_view command, const std::string& store,
                               std::string_view elements);
/// `error` is what ended the listing early, if anything did.
std::string listing_json_end(std::chrono::milliseconds elapsed, const Error* error);
std::string listing_json_end(const FindReport& report);
std::string listing_json_end(const DiffReport& report);

/// "seeding 38 %, 5 days left"
std::string describe(const Seeding& seeding);

/// A message that is safe to print as one line. Names within it may have been made printable
/// already, so backslashes stay as they are.
std::string printable_message(std::string_view message);

}  // namespace ib
