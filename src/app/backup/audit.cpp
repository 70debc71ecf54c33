// SPDX-License-Identifier: Apache-2.0
#include "app/backup/audit.hpp"

#include "app/backup/external_folders.hpp"
#include "app/backup/planning.hpp"
#include "base/text.hpp"
#include "core/names/extra_root.hpp"
#include "core/planning/audit.hpp"
#include "core/records/file_record.hpp"
#include "manifest/restore_set.hpp"
#include "postgres/connection.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

namespace ib {
namespace {

constexpr std::size_t kMostHoles = 100;  // named one by one
constexpr std::size_t kMostExamples = 3;
// New photos that moved while a backup ran are a few; where there are more, the next run has them.
constexpr std::size_t kMostMoved = 5000;
constexpr std::size_t kAskedAtOnce = 100;
// Each is read again in every run, as long as nobody has accepted it.
constexpr std::size_t kMostReadAgain = 200;

std::string_view word_for(NamedFile::Kind kind)
{
  switch (kind) {
    case NamedFile::Kind::original:
      return "original";
    case NamedFile::Kind::sidecar:
      return "sidecar";
    case NamedFile::Kind::avatar:
      return "avatar";
  }
  return "file";
}

}  // namespace

void DatabaseAudit::Examples::add(const std::string& path)
{
  ++count;
  if (few.size() < kMostExamples) few.push_back(path);
}

std::string DatabaseAudit::Examples::text() const
{
  std::string text;
  for (const std::string& path : few) text += (text.empty() ? ": " : ", ") + printable(path);
  return count > few.size() ? text + ", ..." : text;
}

Result<> DatabaseAudit::read(DatabaseSnapshot& snapshot, const ImmichFacts& facts)
{
  obstacle_.clear();
  read_any_ = false;
  scope_ = TRY(scope_of(job_));
  facts_ = facts;
  // Immich 1.132 to 1.136 did not record it. A server without a container sees the library where it
  // is.
  media_roots_ = facts.media_location.empty() ? names_of_library(job_) : std::vector<std::string>();
  extra_roots_ = job_.extra_roots;
  paths_.emplace(media_paths_of(job_, facts, extra_roots_));
  if (!facts.known_schema) {
    obstacle_ = "the tables are not those of an Immich that this program knows (1.132 to 3.x)";
    return {};
  }
  // Of an attempt before, which a lost connection has ended.
  named_.reset();
  external_.reset();
  named_.emplace(TRY(NamedFiles::create(scratch_.file(spool_name("named")))));
  external_.emplace(TRY(NamedFiles::create(scratch_.file(spool_name("external")))));
  for (const NamedFile::Kind kind :
       {NamedFile::Kind::original, NamedFile::Kind::sidecar, NamedFile::Kind::avatar})
    TRY(read_kind(snapshot, kind));
  return {};
}

Result<> DatabaseAudit::read_kind(DatabaseSnapshot& snapshot, NamedFile::Kind kind)
{
  bool disk_failed = false;
  Result<> read = snapshot.named_files(kind, [&](const NamedFile& file) {
    const NamedFile there = mapped(file);
    Result<> added = (there.outside && there.external ? external_ : named_)->add(there);
    disk_failed = !added;
    return added;
  });
  if (read) {
    read_any_ = read_any_ || kind == NamedFile::Kind::original;
    return {};
  }
  const Errc code = read.error().code;
  if (disk_failed || code == Errc::unavailable || code == Errc::cancelled) return read;
  if (obstacle_.empty())
    obstacle_ = "the " + std::string(word_for(kind)) +
                "s that the database names cannot be read: " + read.error().message;
  return {};
}

NamedFile DatabaseAudit::mapped(NamedFile file) const
{
  std::optional<std::string> path = paths_->in_backup(file.path);
  file.outside = !path;
  if (path) file.path = *std::move(path);
  return file;
}

/// What an external library's files are called in the backup shows in what is stored.
Result<> DatabaseAudit::find_external(const Manifest& manifest)
{
  if (!external_) return {};
  NamedFiles external = *std::exchange(external_, std::nullopt);
  ExternalFolders found =
      TRY(find_external_folders(external, facts_.import_paths, extra_roots_, manifest));
  extra_roots_ = std::move(found.roots);
  unclear_ = std::move(found.unclear);
  paths_.emplace(media_paths_of(job_, facts_, extra_roots_));
  outside_ = {};
  const std::unique_ptr<NamedFileCursor> each = TRY(external.in_order());
  while (const std::optional<NamedFile> file = TRY(each->next())) {
    const NamedFile there = mapped(*file);
    if (there.outside) outside_.add(there.path);
    TRY(named_->add(there));
  }
  return {};
}

Result<std::set<std::string>> DatabaseAudit::named_among(const std::set<std::string>& paths)
{
  std::set<std::string> found;
  const std::unique_ptr<NamedFileCursor> named = TRY(named_->in_order());
  while (const std::optional<NamedFile> file = TRY(named->next()))
    if (paths.contains(file->path)) found.insert(file->path);
  return found;
}

/// The named files that the library, as the manifest has it, does not have as Immich recorded them.
Result<> DatabaseAudit::each_doubtful(const Manifest& manifest,
                                      const std::function<Result<>(const NamedFile&)>& take)
{
  // Spooled, since an index may have to be made for what is looked up then.
  NamedFiles doubtful = TRY(NamedFiles::create(scratch_.file(spool_name("doubtful"))));
  {
    const std::unique_ptr<NamedFileCursor> named = TRY(named_->in_order());
    const RestoreSet library = TRY(RestoreSet::as_in_library(manifest));
    const std::unique_ptr<RecordCursor> files = TRY(library.records());
    TRY(compare_named_files(
        *named, *files,
        {.doubtful = [&](const NamedFile& file, const FileRecord*) { return doubtful.add(file); },
         .unknown = [](const FileRecord&) -> Result<> { return {}; }}));
  }
  const std::unique_ptr<NamedFileCursor> each = TRY(doubtful.in_order());
  while (const std::optional<NamedFile> file = TRY(each->next())) {
    if (session_.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
    TRY(take(*file));
  }
  return {};
}

/// What a restore has to put at the path of a file that the library does not have there. Absent
/// where nothing fits, or the library's own file is what is wanted.
Result<std::optional<FileRecord>> DatabaseAudit::content_for(Manifest& manifest,
                                                             const NamedFile& file)
{
  std::optional<FileRecord> row = TRY(manifest.find(file.path));
  const bool is_there = row && !row->archived;
  if (is_there && (!file.sha1 || accepts_edit(job_, file.path, row->content.sha256)))
    return std::nullopt;
  if (file.sha1) return manifest.find_sha1(*file.sha1);
  // Nothing says what it held: the last that it held is all there is.
  return row;
}

Result<std::vector<std::string>> DatabaseAudit::worth_another_look(Manifest& manifest)
{
  std::vector<std::string> ids;
  std::set<std::string> found;
  if (!can_be_made() || !job_.database) return std::vector<std::string>();
  accepted_.assign(job_.accepted_losses.size(), 0);
  TRY(find_external(manifest));
  TRY(each_doubtful(manifest, [&](const NamedFile& file) -> Result<> {
    const bool may_have_moved = file.kind == NamedFile::Kind::original && file.sha1 &&
                                !file.being_deleted && !file.outside && !is_excluded(file);
    if (!may_have_moved || ids.size() + found.size() >= kMostMoved ||
        TRY(manifest.find_sha1(*file.sha1)))
      return {};
    const std::optional<FileRecord> row = TRY(manifest.find(file.path));
    if (!row || row->archived) {
      ids.push_back(file.id);
    } else if (found.size() < kMostReadAgain && !is_accepted(file, &*row) &&
               !accepts_edit(job_, file.path, row->content.sha256)) {
      found.insert(file.path);
    }
    return {};
  }));
  const auto paths = [&] { return std::vector<std::string>(found.begin(), found.end()); };
  if (ids.empty()) return paths();
  Result<Connection> connection = Connection::open(job_.database->address, session_.stop);
  if (!connection && connection.error().code == Errc::cancelled)
    return std::unexpected(std::move(connection).error());
  if (!connection) return paths();  // then the next run finds them
  TRY(ask_where(*connection, ids, found));
  return paths();
}

Result<> DatabaseAudit::ask_where(Connection& connection, std::vector<std::string>& ids,
                                  std::set<std::string>& found)
{
  for (std::size_t begin = 0; begin < ids.size(); begin += kAskedAtOnce) {
    const std::span<const std::string> some =
        std::span(ids).subspan(begin, std::min(kAskedAtOnce, ids.size() - begin));
    const Result<> asked = named_files_of(connection, NamedFile::Kind::original, some,
                                          [&](const NamedFile& now) -> Result<> {
                                            const NamedFile file = mapped(now);
                                            if (is_in_scope(file)) found.insert(file.path);
                                            return {};
                                          });
    if (!asked && asked.error().code == Errc::cancelled) return asked;
    if (!asked) break;
  }
  return {};
}

Result<std::string> DatabaseAudit::place(Manifest& manifest, const ObjectName& dump)
{
  placed_ = 0;
  displaced_ = edited_ = {};
  if (can_be_made()) TRY(find_external(manifest));
  Placer placer = TRY(Placer::begin(manifest));
  if (can_be_made()) {
    TRY(each_doubtful(manifest, [&](const NamedFile& file) -> Result<> {
      if (file.outside) return {};
      const std::optional<FileRecord> content = TRY(content_for(manifest, file));
      if (!content) return {};
      TRY(placer.place(file.path, *content));
      if (file.kind != NamedFile::Kind::original) return {};
      ++placed_;
      const std::optional<FileRecord> row = TRY(manifest.find(file.path));
      (row && !row->archived ? edited_ : displaced_).add(file.path);
      return {};
    }));
  }
  return placer.finish(dump.value);
}

Result<std::optional<Audit>> DatabaseAudit::judge(const Manifest& manifest, bool unfinished,
                                                  Findings& findings)
{
  if (!obstacle_.empty()) {
    findings.problem(
        {.path = "",
         .code = "audit_not_made",
         .message = "whether a restore would bring every file that Immich names could not be found "
                    "out: " +
                    obstacle_,
         .hint = "Database and files are backed up all the same. The backup's database user needs "
                 "SELECT on all of Immich's tables."});
  }
  if (!can_be_made()) return std::nullopt;
  TRY(find_external(manifest));
  audit_ = {};
  holes_.clear();
  holes_found_ = 0;
  accepted_.assign(job_.accepted_losses.size(), 0);
  unknown_ = odd_ = avatars_ = {};
  Audit weighed;  // what weigh() counts goes into audit_, and is added to what is plainly right
  {
    const std::unique_ptr<NamedFileCursor> named = TRY(named_->in_order());
    const RestoreSet set = TRY(RestoreSet::of(manifest));
    const std::unique_ptr<RecordCursor> files = TRY(set.records());
    weighed = TRY(compare_named_files(
        *named, *files,
        {.doubtful = [&](const NamedFile& file, const FileRecord* there) -> Result<> {
           weigh(file, there);
           return {};
         },
         .unknown = [&](const FileRecord& file) -> Result<> {
           unknown_.add(file.path);
           return {};
         }}));
  }
  weighed.stored += audit_.stored;
  weighed.differs = audit_.differs;
  weighed.missing = audit_.missing;
  weighed.excluded = audit_.excluded;
  weighed.deleted = audit_.deleted;
  weighed.offline = audit_.offline;
  weighed.accepted = audit_.accepted;
  weighed.others_missing = audit_.others_missing;
  weighed.placed = placed_;
  weighed.edited = edited_.count;
  audit_ = weighed;
  sum_up(unfinished, findings);
  return audit_;
}

void DatabaseAudit::weigh(const NamedFile& file, const FileRecord* there)
{
  if (file.odd_checksum && file.kind == NamedFile::Kind::original) odd_.add(file.path);
  if (there != nullptr && !file.sha1) {
    if (file.kind == NamedFile::Kind::original) ++audit_.stored;
    return;
  }
  if (file.kind == NamedFile::Kind::original) return weigh_original(file, there);
  if (there != nullptr || file.being_deleted || is_excluded(file) || is_accepted(file, there) ||
      is_away(file))
    return;
  ++audit_.others_missing;
  // Immich shows initials then; nobody loses a photo for it.
  if (file.kind == NamedFile::Kind::avatar) return avatars_.add(file.path);
  hole(file, "sidecar_missing", "it is neither in the library nor in the backup");
}

void DatabaseAudit::weigh_original(const NamedFile& file, const FileRecord* there)
{
  const bool is_accepted_edit =
      there != nullptr && accepts_edit(job_, file.path, there->content.sha256);
  if (is_accepted_edit || is_accepted(file, there)) {
    ++audit_.accepted;
  } else if (there != nullptr) {
    ++audit_.differs;
    hole(file, "differs_from_immich",
         "its content is not what Immich recorded, and nothing in the backup is");
  } else if (file.being_deleted) {
    ++audit_.deleted;
  } else if (is_excluded(file)) {
    ++audit_.excluded;
  } else if (is_away(file)) {
    ++audit_.offline;
  } else {
    ++audit_.missing;
    if (file.outside) {
      hole(file, "not_protected",
           "it lies outside every folder that is backed up, at " + printable(file.path));
    } else if (!is_in_scope(file)) {
      hole(file, "not_protected",
           "Immich names it as an original, and it lies in a folder that is left out unless "
           "--include names it");
    } else {
      hole(file, "not_protected", "it is neither in the library nor in the backup");
    }
  }
}

bool DatabaseAudit::is_in_scope(const NamedFile& file) const
{
  if (file.outside) return false;
  return extra_root_of(file.path) ? !is_excluded(file) : scope_.covers(file.path);
}

/// By the owner's own patterns. What the program's rules leave out is another thing.
bool DatabaseAudit::is_excluded(const NamedFile& file) const
{
  const Result<std::vector<PathPattern>> patterns = parse_patterns(job_.exclude);
  return patterns && std::ranges::any_of(*patterns, [&](const PathPattern& pattern) {
           return pattern.matches_file(file.path);
         });
}

/// With the drive of its external library. Immich has it in its trash until the drive is back.
bool DatabaseAudit::is_away(const NamedFile& file)
{
  return file.external && file.offline;
}

/// A pattern accepts what is nowhere, and no file that has rotted: that would be accepted unseen.
bool DatabaseAudit::is_accepted(const NamedFile& file, const FileRecord* there)
{
  bool is_so = false;
  for (std::size_t i = 0; i < job_.accepted_losses.size(); ++i) {
    const AcceptedLoss& loss = job_.accepted_losses[i];
    const std::string& what = loss.what;
    // A name may hold what a pattern reads as its own.
    const bool names_it = what == file.id || what == file.path || "/" + what == file.path;
    const bool matches_it =
        there == nullptr && loss.pattern && loss.pattern->matches_file(file.path);
    if (!names_it && !matches_it) continue;
    ++accepted_[i];
    is_so = true;
  }
  return is_so;
}

void DatabaseAudit::hole(const NamedFile& file, std::string_view code, const std::string& what)
{
  if (++holes_found_ > kMostHoles) return;
  holes_.push_back({.path = file.path,
                    .code = std::string(code),
                    .message = printable(file.path) + ": " + std::string(word_for(file.kind)) +
                               " of asset " + file.id + ": " + what,
                    .hint = "If it is lost for good, and you know, say so: --accept-lost '" +
                            file.id + "=why' (or accept-lost in the configuration file)."});
}

void DatabaseAudit::sum_up(bool unfinished, Findings& findings) const
{
  const Audit& audit = audit_;
  if (displaced_.count > 0) {
    findings.note(count_of(displaced_.count, "original is", "originals are") +
                  " no longer where Immich names them in the library, and stored: a restore puts "
                  "them there" +
                  displaced_.text());
  }
  if (edited_.count > 0) {
    findings.note(
        "of " + count_of(edited_.count, "original", "originals") +
        " the library has other bytes than Immich recorded: a restore brings Immich's, and "
        "restore --as-in-library the library's" +
        edited_.text());
  }
  for (std::size_t i = 0; i < accepted_.size() && !unfinished; ++i) {
    if (accepted_[i] > 0) continue;
    findings.note("--accept-lost '" + printable(job_.accepted_losses[i].what) +
                  "' matches nothing that is lost, and is not needed");
  }
  if (audit.originals == 0 && unknown_.count > 0 && !unfinished && !job_.accept_changes) {
    findings.problem(
        {.path = "",
         .code = "no_originals",
         .message = "Immich's database names no photo, and the library has " +
                    count_of(unknown_.count, "file", "files") + unknown_.text(),
         .hint = "This may be another Immich's database, or a new one beside an old library: "
                 "compare DB_HOSTNAME and DB_DATABASE_NAME (or DB_URL) with Immich's own. The "
                 "files are saved. If it is meant to be so, run once with --accept-changes."});
  }
  if (avatars_.count > 0) {
    findings.note(count_of(avatars_.count, "avatar", "avatars") +
                  " that the database names: neither in the library nor in the backup" +
                  avatars_.text());
  }
  if (audit.excluded > 0) {
    findings.note(count_of(audit.excluded, "original is", "originals are") +
                  " not in the backup, since --exclude leaves them out");
  }
  if (unknown_.count > 0) {
    findings.note(count_of(unknown_.count, "stored file is", "stored files are") +
                  " unknown to Immich's database, such as uploads under way and left-overs" +
                  unknown_.text());
  }
  if (audit.offline > 0) {
    findings.note(count_of(audit.offline, "original", "originals") +
                  " of external libraries: offline in Immich, since it did not find the file, and "
                  "not in the backup");
  }
  if (audit.external > 0 && job_.extra_roots.empty()) {
    findings.note(count_of(audit.external, "file of an external library is",
                           "files of external libraries are") +
                  " not in the backup: --extra-root covers the folder");
  } else if (audit.external > 0) {
    findings.note(count_of(audit.external, "file of an external library is",
                           "files of external libraries are") +
                  " in no extra root by the path that Immich names, and not counted as stored: "
                  "--extra-root NAME=DIR=PATH says what Immich calls DIR" +
                  outside_.text());
  }
  for (const std::string& path : unclear_) {
    findings.note("Immich's external library " + printable(path) +
                  " may be one of several folders that are backed up: --extra-root NAME=DIR=" +
                  printable(path) + " says which");
  }
  if (odd_.count > 0) {
    findings.note("Immich's checksum of " + count_of(odd_.count, "original", "originals") +
                  " has not the length of a SHA-1, and proves nothing" + odd_.text());
  }
  if (unfinished) return;  // what is not stored yet is said in one sentence already
  for (const Problem& problem : holes_) findings.problem_told(problem);
  if (holes_found_ > holes_.size()) {
    findings.problem_told(
        {.path = "",
         .code = "not_protected",
         .message = format_count(holes_found_ - holes_.size()) +
                    " more files that Immich names would not be restored as it recorded them"});
  }
}

}  // namespace ib
