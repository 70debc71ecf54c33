// SPDX-License-Identifier: Apache-2.0
//
// From settings to what each command is asked to do. Errors are `invalid`, and say what to set.
#pragma once

#include "app/backup/backup.hpp"
#include "app/doctor/doctor.hpp"
#include "app/prune.hpp"
#include "app/query/diff.hpp"
#include "app/query/find.hpp"
#include "app/query/history.hpp"
#include "app/query/inspect.hpp"
#include "app/restore/dumped.hpp"
#include "app/restore/heal.hpp"
#include "app/restore/restore.hpp"
#include "app/restore/restore_database.hpp"
#include "app/session.hpp"
#include "app/verify/drill.hpp"
#include "app/verify/verify.hpp"
#include "cli/settings.hpp"
#include "net/bandwidth_timetable.hpp"
#include "postgres/database_settings.hpp"

#include <optional>
#include <string>
#include <vector>

namespace ib {

/// Where the database is; absent where nobody names one.
Result<std::optional<DatabaseSettings>> database_settings(const Settings& settings);

Result<BackupJob> backup_job(const Settings& settings);
Result<VerifyJob> verify_job(const Settings& settings);
Result<HealJob> heal_job(const Settings& settings, std::vector<std::string> files);
Result<DrillJob> drill_job(const Settings& settings, Timestamp now);
Result<RestoreJob> restore_job(const Settings& settings, std::vector<std::string> patterns,
                               Timestamp now);
Result<DatabaseRestoreJob> database_restore_job(const Settings& settings, Timestamp now);
Result<LsJob> ls_job(const Settings& settings, std::vector<std::string> patterns, Timestamp now);
Result<AlbumsJob> albums_job(const Settings& settings, Timestamp now);
Result<HistoryJob> history_job(std::vector<std::string> paths);
Result<FindJob> find_job(const Settings& settings, std::vector<std::string> arguments);
Result<PruneJob> prune_job(const Settings& settings);
/// `times` are A and B of `diff A B`.
Result<DiffJob> diff_job(const std::vector<std::string>& times, Timestamp now);
Result<std::vector<PathMapping>> path_mappings(const Settings& settings);
/// What is not set, or cannot be understood, is for the doctor to say.
DoctorJob doctor_job(const Settings& settings, const EnvironmentLookup& environment);

/// What may be spent on this store, whom to ask (`ask` is left empty), and the classes of new
/// objects. A folder charges nothing.
Result<Spending> spending_of(const Settings& settings, bool charges);

/// What limits transfers; absent where nobody says anything.
Result<std::optional<BandwidthTimetable>> bandwidth_timetable(const Settings& settings);
/// The time zone to use, null for the system's. TZ alone, which containers often set, counts only
/// where the time of the day matters: `needed`.
const Setting* time_zone(const Settings& settings, bool needed);

/// How a command line begins that restores from the same store: "immich-backup restore", with what
/// the command line at hand says of the store.
std::string restore_command_of(const CommandLine& line);

/// What a person should know about how the settings were given: a password that other users can
/// read.
std::vector<std::string> warnings_about(const CommandLine& line);

}  // namespace ib
