// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/backup/backup_job.hpp"
#include "app/session.hpp"
#include "core/planning/audit.hpp"
#include "core/selection/scope.hpp"
#include "immich/snapshot.hpp"
#include "manifest/manifest.hpp"
#include "manifest/named_files.hpp"
#include "report/header.hpp"
#include "sys/file.hpp"

#include <optional>
#include <set>
#include <string>

namespace ib {

/// Compares what the database names, at the instant of its dump, with what is stored at the end of
/// the run. One thread.
class DatabaseAudit {
public:
  /// All must outlive it. Keeps its files in `scratch`.
  DatabaseAudit(const Session& session, const BackupJob& job, const ScratchFolder& scratch)
      : session_(session), job_(job), scratch_(scratch)
  {}

  /// Keeps every path that the database names. Begins anew each time. An error ends the dump (the
  /// connection is lost, the disk full); that the database cannot be read, or not all of it, is
  /// said by judge().
  Result<> read(DatabaseSnapshot& snapshot, const ImmichFacts& facts);

  /// Holds what was read against `manifest`, of which no cursor is open. What is not as it should
  /// be goes into `header`: a hole is a problem, which makes the restore point incomplete.
  /// `unfinished`: files are still to be uploaded, so that a file that is not stored is no news.
  /// Absent where no audit could be made.
  Result<std::optional<Audit>> judge(Manifest& manifest, const Scope& scope, bool unfinished,
                                     ReportHeader& header);

private:
  Result<> read_kind(DatabaseSnapshot& snapshot, NamedFile::Kind kind);
  NamedFile mapped(NamedFile file) const;
  Result<> look_closer(Manifest& manifest, const Scope& scope, const NamedFile& file);
  Result<bool> is_still_named(const NamedFile& file);
  bool is_accepted(const NamedFile& file);
  void hole(const NamedFile& file, std::uint64_t& kind, std::string_view code,
            const std::string& what);
  void gone(const NamedFile& file);
  void sum_up(bool unfinished, ReportHeader& header) const;

  const Session& session_;
  const BackupJob& job_;
  const ScratchFolder& scratch_;
  std::optional<NamedFiles> named_;
  std::string media_location_;
  std::string obstacle_;  // why there is no audit, or an incomplete one
  bool read_any_ = false;
  Audit audit_;
  std::vector<Problem> holes_;
  std::uint64_t holes_found_ = 0;
  std::uint64_t odd_ = 0;
  std::vector<std::string> gone_, unknown_, odd_names_;  // the first few
  std::optional<Connection> database_;
  bool asked_ = false;
};

}  // namespace ib
