// SPDX-License-Identifier: Apache-2.0
#include "app/backup/uploads.hpp"

#include "app/backup/other_runs.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "core/planning/plan.hpp"
#include "core/records/file_record.hpp"
#include "repository/catalog.hpp"
#include "repository/encrypted_store.hpp"
#include "repository/leftovers.hpp"
#include "repository/own_uploads.hpp"
#include "repository/runs.hpp"
#include "repository/signed_store.hpp"
#include "sys/hash.hpp"
#include "sys/system.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace ib {
namespace {

constexpr std::size_t kRandomBytes = 16;  // of a name that nobody foresees

}  // namespace

Uploads::Uploads(const Session& session, const BackupJob& job, const Library& library,
                 Catalog& catalog, RunPlan& plan, RunJournal& journal, BackupReport& report,
                 Findings& findings)
    : session_(session),
      job_(job),
      library_(library),
      catalog_(catalog),
      plan_(plan),
      journal_(journal),
      report_(report),
      findings_(findings),
      judge_(session, job)
{}

Result<> Uploads::run(std::span<const UnfinishedRun> unfinished)
{
  unfinished_ = unfinished;
  const PlanCounts& planned = report_.plan;
  began_ = std::chrono::steady_clock::now();
  if (planned.to_read == 0 && planned.gone == 0 && unfinished.empty()) {
    finished_ = true;
    return {};
  }
  // The index is made here, where no cursor is open.
  if (planned.to_read > 0 || !unfinished.empty()) TRY(catalog_.manifest.contents());
  if (!unfinished.empty()) TRY(find_what_was_left(session_, catalog_, plan_));
  session_.progress.begin(kSendingFiles, planned.to_read, planned.to_read_bytes);
  TRY(send(RunPlan::Reads::new_files));
  if (out_of_time_) return {};
  TRY(watch_for_loss());
  if (tripped_) return {};
  TRY(send(RunPlan::Reads::known_files));
  finished_ = !out_of_time_;
  return {};
}

Result<> Uploads::send(RunPlan::Reads which)
{
  if (report_.plan.to_read == 0) return {};
  const std::unique_ptr<PlannedReads> reads = TRY(plan_.reads(which));
  return run_uploads(
      session_.store, {.workers = session_.workers},
      {.next = [&]() -> Result<std::optional<FileToRead>> {
         if (!may_begin_another()) return std::nullopt;
         return reads->next();
       },
       .open = [&](const std::string& path) { return library_.open_file(path); },
       .place = [&](const FileToRead& item, const HashedFile& file) { return place(item, file); },
       .done = [&](UploadResult result) -> Result<> {
         const std::uint64_t size = result.item.file.size;
         const bool sent = result.outcome && result.outcome->end == UploadEnd::sent;
         ++done_files_;
         done_bytes_ += size;
         TRY(take(std::move(result)));
         return journal_.stored(catalog_, sent ? size : 0);
       },
       .is_ours = [&](const ObjectInfo& object) { return is_ours(object); }},
      session_.progress, session_.stop);
}

/// So much lost at once looks like an accident, or like ransomware: then what is there already is
/// left alone. What only has another time is not lost, so before it trips, the files are read
/// without being stored.
Result<> Uploads::watch_for_loss()
{
  const std::uint64_t vanished = TRY(plan_.vanished());
  const auto trips = [&](std::uint64_t changed) {
    return !job_.accept_changes && job_.tripwire.trips(vanished + changed, report_.plan.known);
  };
  const std::uint64_t may_differ = report_.plan.look_changed + report_.plan.ctime_differs;
  if (!trips(may_differ)) return {};
  if (may_differ > 0) TRY(look_at_known_files());
  if (!trips(differing_)) return {};
  tripped_ = true;
  findings_.problem(
      {.path = "",
       .code = "tripwire",
       .message = format_count(vanished) + " files have vanished and " + format_count(differing_) +
                  " have changed since the last run, of " + format_count(report_.plan.known) +
                  ": nothing was marked as gone and no changed file was stored; new files were",
       .hint = "If it is an accident or ransomware, restore from an earlier restore point. If it "
               "was meant, run once with --accept-changes."});
  return {};
}

/// Reads the known files and stores none. A file whose content is as recorded gets its new time,
/// and is not read again.
Result<> Uploads::look_at_known_files()
{
  const std::unique_ptr<PlannedReads> reads = TRY(plan_.reads(RunPlan::Reads::known_files));
  return run_uploads(
      session_.store, {.workers = session_.workers},
      {.next = [&]() -> Result<std::optional<FileToRead>> {
         if (!may_begin_another()) return std::nullopt;
         return reads->next();
       },
       .open = [&](const std::string& path) { return library_.open_file(path); },
       .place = [&](const FileToRead& item, const HashedFile& file) -> Result<Placement> {
         if (std::optional<StoredAlready> there = TRY(as_recorded(item, file)))
           return *std::move(there);
         ++differing_;
         return LeaveAsIs{};
       },
       .done = [&](UploadResult result) -> Result<> {
         if (!result.outcome || result.outcome->end != UploadEnd::left) {
           TRY(plan_.drop_read(result.item.file.path));
           ++done_files_;
           done_bytes_ += result.item.file.size;
         }
         TRY(take(std::move(result)));
         return journal_.stored(catalog_, 0);
       }},
      session_.progress, session_.stop);
}

Result<> Uploads::fetch(const std::vector<std::string>& paths)
{
  if (paths.empty()) return {};
  TRY(catalog_.manifest.contents());
  session_.progress.begin(kSendingFiles, paths.size(), std::nullopt);
  auto path = paths.begin();
  return run_uploads(
      session_.store, {.workers = session_.workers},
      {.next = [&]() -> Result<std::optional<FileToRead>> {
         while (path != paths.end() && may_begin_another()) {
           std::optional<FileToRead> file = TRY(file_at(*path++));
           if (file) return file;
         }
         return std::nullopt;
       },
       .open = [&](const std::string& name) { return library_.open_file(name); },
       .place = [&](const FileToRead& item, const HashedFile& file) { return place(item, file); },
       .done = [&](UploadResult result) -> Result<> {
         const bool sent = result.outcome && result.outcome->end == UploadEnd::sent;
         const std::uint64_t size = result.item.file.size;
         TRY(take(std::move(result)));
         return journal_.stored(catalog_, sent ? size : 0);
       },
       .is_ours = [&](const ObjectInfo& object) { return is_ours(object); }},
      session_.progress, session_.stop);
}

/// Absent where the library has no file there. What has changed since the scan is the next run's.
Result<std::optional<FileToRead>> Uploads::file_at(const std::string& path)
{
  const Result<InputFile> file = library_.open_file(path);
  const Result<FileStat> stat = file ? file->stat() : std::unexpected(file.error());
  if (!stat) return std::nullopt;
  std::optional<FileRecord> known = TRY(catalog_.manifest.find(path));
  const bool is_there = known && !known->archived;
  if (is_there && (stat->size != known->content.size || stat->mtime_ns != known->mtime_ns))
    return std::nullopt;
  if (!is_there) {
    ++report_.plan.scanned;
    report_.plan.scanned_bytes += stat->size;
  }
  return FileToRead{.file = {.path = path, .size = stat->size, .mtime_ns = stat->mtime_ns},
                    .reason = is_there ? ReadReason::doubted
                              : known  ? ReadReason::returned
                                       : ReadReason::unknown_path,
                    .known = std::move(known)};
}

bool Uploads::may_begin_another()
{
  if (out_of_time_) return false;
  if (!job_.time_limit || std::chrono::steady_clock::now() < *job_.time_limit) return true;
  out_of_time_ = true;
  findings_.problem({.path = "",
                     .code = "time_limit",
                     .message = "the time limit was reached before everything was stored; the next "
                                "run goes on from here",
                     .hint = ""});
  return false;
}

bool Uploads::is_ours(const ObjectInfo& object) const
{
  return is_own_upload(session_, object);
}

/// Content that the store holds already is not sent again, under whatever path it was stored.
Result<Placement> Uploads::place(const FileToRead& item, const HashedFile& file)
{
  if (std::optional<StoredAlready> there = TRY(as_recorded(item, file))) {
    if (item.known->archived) TRY(count_as_moved(item, file.content.sha256));
    return *std::move(there);
  }
  if (item.known && !item.known->archived) {
    const Change change = judge_.judge(item, file.content);
    if (change != Change::edited) odd_.insert_or_assign(item.file.path, change);
  }
  if (std::optional<StoredAlready> there = TRY(as_held(item, file))) return *std::move(there);
  const std::optional<FileRecord> left = TRY(plan_.find_unclaimed(file.content.sha256));
  if (left && TRY(holds(left->object_name(), left->content, file.content)))
    return StoredAlready{left->object_name(), left->storage_class, true, left->encrypted};
  if (!may_send_) {
    TRY(journal_.begin());
    TRY(require_to_be_first(session_, job_, journal_.run(), unfinished_));
    may_send_ = true;  // until then no worker sends anything
  }
  std::vector<ObjectName> names = TRY(free_names(item, file.content.sha256));
  return StoreUnder{std::move(names)};
}

/// Where the file's own row says, if that has the content.
Result<std::optional<StoredAlready>> Uploads::as_recorded(const FileToRead& item,
                                                          const HashedFile& file) const
{
  if (!item.known) return std::nullopt;
  const ObjectName object = item.known->object_name();
  if (!TRY(holds(object, item.known->content, file.content))) return std::nullopt;
  return StoredAlready{object, item.known->storage_class};
}

/// A file that is back at a path where it was before, as after a storage template was changed and
/// changed back.
Result<> Uploads::count_as_moved(const FileToRead& item, const Sha256& content)
{
  ContentIndex& contents = *TRY(catalog_.manifest.contents());
  const std::uint64_t before = contents.archives_found_again();
  TRY(contents.found_again(content));
  if (contents.archives_found_again() > before) moved_.insert(item.file.path);
  return {};
}

/// Where another row has the content: the file has moved, or is a copy.
Result<std::optional<StoredAlready>> Uploads::as_held(const FileToRead& item,
                                                      const HashedFile& file)
{
  ContentIndex& contents = *TRY(catalog_.manifest.contents());
  const std::optional<HeldObject> held = TRY(contents.find(file.content.sha256));
  if (!held) return std::nullopt;
  const bool is_new = !item.known || item.known->archived;
  if (is_new) TRY(contents.found_again(file.content.sha256));
  if (!TRY(holds(held->name, held->content, file.content))) return std::nullopt;
  if (!item.known) (held->leaving ? moved_ : copied_).insert(item.file.path);
  return StoredAlready{held->name, held->storage_class};
}

/// Whether `object`, of which the manifest has `known`, holds `content`, which was just read. Where
/// the manifest does not know the object's CRC32C, the store is asked.
Result<bool> Uploads::holds(const ObjectName& object, const Content& known,
                            const Content& content) const
{
  if (!known.agrees_with(content)) return false;
  if (known.has_crc32c) return true;
  const Result<ObjectInfo> there = session_.store.stat(object, session_.stop);
  if (!there && there.error().code == Errc::not_found) return false;
  const ObjectInfo& info = TRY(there);
  return info.content_size() == content.size && info.content_crc32c() == content.crc32c;
}

/// The names to try for new content. library/ holds what was there first; a name that an unfinished
/// run has given to other content is taken too.
Result<std::vector<ObjectName>> Uploads::free_names(const FileToRead& item, const Sha256& content)
{
  const std::string& path = item.file.path;
  if (session_.store.features().encrypts)
    return session_.encryption->names_for(path, content, session_.stop);
  const bool is_free = !TRY(TRY(catalog_.manifest.contents())->is_own_name_taken(path));
  std::vector<ObjectName> names =
      candidate_names(path, content, sha256(bytes_of(path)), is_free, random_hex(kRandomBytes));
  while (names.size() > 1 && TRY(plan_.is_unclaimed(names.front()))) names.erase(names.begin());
  return names;
}

std::optional<Seeding> Uploads::left_over(bool failed) const
{
  const PlanCounts& plan = report_.plan;
  if (!(failed || out_of_time_) || done_files_ >= plan.to_read) return std::nullopt;
  const auto seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  const double a_day = seconds > 0 ? static_cast<double>(done_bytes_) / seconds * 86400 : 0;
  return Seeding{.files_left = plan.to_read - done_files_,
                 .bytes_left = plan.to_read_bytes - std::min(plan.to_read_bytes, done_bytes_),
                 .bytes = plan.scanned_bytes,
                 .bytes_per_day = static_cast<std::uint64_t>(a_day)};
}

Result<> Uploads::take(UploadResult result)
{
  if (!result.outcome) {
    add_problem(result.outcome.error(), result.item.file.path);
    return {};
  }
  const UploadOutcome& outcome = *result.outcome;
  if (outcome.end == UploadEnd::left) return {};
  if (outcome.item.reason == ReadReason::rehash) ++report_.rehashed;
  if (outcome.item.reason == ReadReason::doubted) {
    // The scan has counted it.
    if (outcome.file.content == outcome.item.known->content) return {};
    report_.plan.unchanged -= std::min<std::uint64_t>(report_.plan.unchanged, 1);
  }
  if (const auto odd = odd_.extract(outcome.item.file.path)) {
    if (odd.mapped() != Change::edited_in_place) return record_unwanted(outcome, odd.mapped());
    report_edit(outcome);
  }
  count(outcome);
  for (const ObjectName& taken : outcome.taken) {
    findings_.note(printable(taken.value) + " was left alone: it holds other content" +
                   (outcome.encrypted ? ", or nothing shows that it arrived whole" : "") + "; " +
                   printable(outcome.item.file.path) + " is stored as " + outcome.object.value);
  }
  return record(outcome);
}

void Uploads::add_problem(const Error& error, const std::string& path)
{
  if (error.code == Errc::not_found) {
    Problem vanished = problem_from(error, "vanished", path);
    vanished.hint = "It was moved or deleted during the run; the next run finds where it went.";
    vanished_.push_back(std::move(vanished));
    return;
  }
  if (error.code == Errc::changed) {
    // It may be read twice: where it was planned, and where the database says that it is now.
    changed_.insert_or_assign(path, problem_from(error, "changed_while_read", path));
    return;
  }
  ++report_.failed;
  const std::string_view code = error.code == Errc::precondition_failed ? "object_untold"
                                : error.code == Errc::too_large         ? "too_large"
                                                                        : "unreadable";
  findings_.problem(problem_from(error, code, path));
}

Result<> Uploads::record(const UploadOutcome& outcome)
{
  const std::optional<FileRecord>& known = outcome.item.known;
  const HashedFile& file = outcome.file;
  if (file.mtime_ns == kNoTime && times_not_kept_++ == 0)
    first_time_not_kept_ = outcome.item.file.path;
  if (known && !known->archived && known->content == file.content) {
    const bool is_as_recorded =
        known->mtime_ns == file.mtime_ns && known->recheck == file.recheck && !known->suspect;
    if (is_as_recorded) return {};
    return catalog_.manifest.update_mtime(known->path, file.mtime_ns, file.recheck);
  }
  return catalog_.manifest.record({.path = outcome.item.file.path,
                                   .content = file.content,
                                   .mtime_ns = file.mtime_ns,
                                   .archived = false,
                                   .recheck = file.recheck,
                                   .storage_class = outcome.storage_class,
                                   .object = outcome.object,
                                   .encrypted = outcome.encrypted});
}

/// Once, when it is found; after that the audit counts it.
void Uploads::report_edit(const UploadOutcome& outcome)
{
  const std::string& path = outcome.item.file.path;
  findings_.problem(
      {.path = path,
       .code = "edited_in_place",
       .message = printable(path) +
                  ": no longer holds what Immich recorded. A restore brings what Immich recorded, "
                  "and `restore --as-in-library` these bytes",
       .hint = "If somebody has edited the file on purpose, --accept-edit " +
               shell_quoted(path + "=" + outcome.file.content.sha256.hex()) +
               " makes a restore bring the edit. If nobody has, look at the disk; `immich-backup "
               "heal` puts back what Immich recorded."});
}

/// The bytes are kept as a version, and what is stored stays what the path is restored to.
Result<> Uploads::record_unwanted(const UploadOutcome& outcome, Change change)
{
  const FileRecord& known = *outcome.item.known;
  ++report_.suspect;
  count_sent(outcome);
  const bool damaged = change == Change::damaged;
  findings_.problem(
      {.path = known.path,
       .code = damaged ? "damaged_at_source" : "changed_silently",
       .message =
           printable(known.path) +
           (damaged ? ": no longer holds what Immich recorded; what is stored does"
                    : ": holds other bytes than before under the same size and time") +
           ". The stored content stays the one to restore, the new bytes are kept as a version",
       .hint = damaged
                   ? "Restore the file from the backup, and look at the disk: it may be failing."
                   : "Look at the file: it may be damaged. If the new bytes are right, run once "
                     "with --accept-changes."});
  if (known.suspect && outcome.end != UploadEnd::sent) return {};  // kept by an earlier run
  return catalog_.manifest.record_unwanted({.path = known.path,
                                            .content = outcome.file.content,
                                            .mtime_ns = outcome.file.mtime_ns,
                                            .storage_class = outcome.storage_class,
                                            .object = outcome.object,
                                            .encrypted = outcome.encrypted});
}

void Uploads::count(const UploadOutcome& outcome)
{
  const std::optional<FileRecord>& known = outcome.item.known;
  const std::string& path = outcome.item.file.path;
  if (known && known->archived) {
    ++(moved_.erase(path) > 0 ? report_.moved : report_.returned);
  } else if (known && known->content.agrees_with(outcome.file.content)) {
    const bool as_it_was = known->mtime_ns == outcome.file.mtime_ns || known->mtime_ns == kNoTime;
    ++(as_it_was ? report_.plan.unchanged : report_.touched);
  } else if (known) {
    ++report_.changed;
    if (!known->content.has_sha1)
      findings_.note(
          printable(path) +
          (known->content.sha256 == outcome.file.content.sha256
               ? ": the object that was recorded for it holds something else; it is stored anew"
               : " is not the recorded one (its SHA-256 differs): it is stored as a new "
                 "version, and the recorded one is kept"));
  } else if (moved_.erase(path) > 0) {
    ++report_.moved;
  } else if (copied_.erase(path) > 0) {
    ++report_.copied;
  } else {
    ++report_.added;
    report_.added_bytes += outcome.file.content.size;
  }
  if (outcome.end == UploadEnd::found) ++report_.found_stored;
  count_sent(outcome);
}

void Uploads::count_sent(const UploadOutcome& outcome)
{
  if (outcome.end != UploadEnd::sent) return;
  ++report_.uploaded_objects;
  report_.uploaded_bytes += outcome.file.content.size;
}

}  // namespace ib
