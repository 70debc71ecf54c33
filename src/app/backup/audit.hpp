// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/backup/backup_job.hpp"
#include "app/findings.hpp"
#include "app/session.hpp"
#include "core/records/audit.hpp"
#include "core/selection/scope.hpp"
#include "immich/media_paths.hpp"
#include "immich/snapshot.hpp"
#include "manifest/manifest.hpp"
#include "manifest/named_files.hpp"
#include "sys/file.hpp"

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ib {

/// Compares what the database names, at the instant of its dump, with what a restore would bring:
/// and sees to it that this is as much as the store holds. One thread.
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

  /// Paths of the library where originals may lie that are not stored: new photos that Immich has
  /// moved behind the scan, and files that are not what Immich recorded, in case they were replaced
  /// unseen. The database is asked where the new ones are now; that changes no verdict. At most a
  /// few thousand, all within the scope.
  Result<std::vector<std::string>> worth_another_look(Manifest& manifest);

  /// Places what the database names and the library does not have there, as far as it is stored:
  /// for the dump of that name. What placed_for() then says.
  Result<std::string> place(Manifest& manifest, const ObjectName& dump);

  /// Counts what a restore of `manifest`, as it is now, would bring. A hole is a problem.
  /// `unfinished`: files are still to be uploaded, so that a file that is not stored is no news.
  /// Absent where no audit can be made, which is a problem as well.
  Result<std::optional<Audit>> judge(const Manifest& manifest, bool unfinished, Findings& findings);

  /// Which of these paths of the library the database names.
  Result<std::set<std::string>> named_among(const std::set<std::string>& paths);

  /// Where the server may see the media root, if its database does not record it.
  const std::vector<std::string>& media_roots() const { return media_roots_; }
  /// The job's, with what Immich calls them.
  const std::vector<ExtraRoot>& extra_roots() const { return extra_roots_; }

private:
  struct Examples {
    std::uint64_t count = 0;
    std::vector<std::string> few;
    void add(const std::string& path);
    std::string text() const;
  };

  std::string spool_name(std::string_view what)
  {
    return std::string(what) + "-" + std::to_string(++spools_) + ".db";
  }
  bool can_be_made() const { return named_ && read_any_; }
  Result<> read_kind(DatabaseSnapshot& snapshot, NamedFile::Kind kind);
  NamedFile mapped(NamedFile file) const;
  Result<> find_external(const Manifest& manifest);
  Result<> each_doubtful(const Manifest& manifest,
                         const std::function<Result<>(const NamedFile&)>& take);
  Result<std::optional<FileRecord>> content_for(Manifest& manifest, const NamedFile& file);
  Result<> ask_where(Connection& connection, std::vector<std::string>& ids,
                     std::set<std::string>& paths);
  bool is_in_scope(const NamedFile& file) const;
  bool is_excluded(const NamedFile& file) const;
  static bool is_away(const NamedFile& file);
  bool is_accepted(const NamedFile& file, const FileRecord* there);
  void weigh(const NamedFile& file, const FileRecord* there);
  void weigh_original(const NamedFile& file, const FileRecord* there);
  void hole(const NamedFile& file, std::string_view code, const std::string& what);
  void sum_up(bool unfinished, Findings& findings) const;

  const Session& session_;
  const BackupJob& job_;
  const ScratchFolder& scratch_;
  Scope scope_;  // of the scan
  ImmichFacts facts_;
  std::vector<std::string> media_roots_;
  std::vector<ExtraRoot> extra_roots_;
  std::optional<MediaPaths> paths_;
  std::optional<NamedFiles> named_;
  std::optional<NamedFiles> external_;  // not in named_ yet: where they lie is to be found out
  std::vector<std::string> unclear_;    // import paths that may be several folders
  std::string obstacle_;                // why there is no audit, or an incomplete one
  bool read_any_ = false;
  std::uint64_t placed_ = 0;             // originals
  std::vector<std::uint64_t> accepted_;  // how many each of the job's accepted losses matches
  Audit audit_;
  std::vector<Problem> holes_;
  std::uint64_t holes_found_ = 0;
  Examples displaced_, edited_, unknown_, odd_, avatars_, outside_;
  int spools_ = 0;
};

}  // namespace ib
