// SPDX-License-Identifier: Apache-2.0
//
// The half of a drill that is about the database: its dump is restored, and asked for its files.
#pragma once

#include "app/findings.hpp"
#include "app/session.hpp"
#include "app/stored_dump.hpp"
#include "app/verify/drill_job.hpp"
#include "core/records/restore_point.hpp"
#include "manifest/restore_set.hpp"
#include "postgres/dump_filter.hpp"
#include "postgres/restore.hpp"
#include "postgres/scratch_database.hpp"
#include "report/drill.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace ib {

/// invalid where the server holds the database of an Immich: a drill takes room and work, and is no
/// neighbour for what people use.
Result<> refuse_a_server_of_immichs(const Session& session, const DatabaseAddress& server);

/// Restores the dump of a restore point into a scratch database, counts its rows, and looks for
/// each original that it names at its place in the point's restore set. All that it finds goes into
/// the report. One thread.
class DatabaseDrill {
public:
  /// All must outlive it.
  DatabaseDrill(const Session& session, const DrillJob& job, DrillReport& report,
                Findings& findings)
      : session_(session), job_(job), report_(report), findings_(findings)
  {}

  /// `files` is what a restore of `point` brings; null where it has no files. `own`: it comes from
  /// the point's own manifest. The point has a dump. Without a server the dump is read to its end.
  Result<> prove(const RestorePoint& point, const RestoreSet* files, bool own);

private:
  Result<> prove_on_server_of_our_own(const RestorePoint& point, const RestoreSet* files, bool own);
  Result<> prove_on(const DatabaseAddress& server, const RestorePoint& point,
                    const RestoreSet* files, bool own);
  Result<> prove_in(ScratchDatabase& scratch, const RestorePoint& point, const RestoreSet* files,
                    bool own);
  Result<std::optional<std::vector<TableRows>>> restore(const DatabaseAddress& database,
                                                        int server_major, const DumpInfo& dump,
                                                        DumpFilter& filter);
  bool lacks_room(const DumpInfo& dump);
  Result<> read_only(const DumpInfo& dump, const std::optional<Error>& why);
  Result<> judge_refusal(const Error& error, const std::optional<Refusal>& refusal,
                         const DumpInfo& dump, int server_major, bool all_of_it);
  Result<bool> judge(const Result<CheckedDump>& read);
  Result<> compare(const DatabaseAddress& database, const std::vector<TableRows>& tables);
  void judge_left_out(const DumpFilter& filter, const std::vector<TableRows>& tables);
  Result<> look_for_originals(const DatabaseAddress& database, const RestorePoint& point,
                              const RestoreSet& files, bool own);
  void judge_lost(const RestorePoint& point, std::uint64_t lost,
                  const std::vector<std::string>& named, bool own);
  void damage(std::string code, const std::string& path, std::string message);
  void not_proven(std::string message, std::string hint);

  const Session& session_;
  const DrillJob& job_;
  DrillReport& report_;
  Findings& findings_;
};

}  // namespace ib
