// SPDX-License-Identifier: Apache-2.0
#include "app/backup/backup.hpp"

#include "app/backup/audit.hpp"
#include "app/backup/change_judge.hpp"
#include "app/backup/dump.hpp"
#include "app/backup/forecast.hpp"
#include "app/backup/takeover.hpp"
#include "app/prune.hpp"
#include "app/spending.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "core/planning/plan.hpp"
#include "core/planning/scan_item.hpp"
#include "core/records/file_record.hpp"
#include "immich/folders.hpp"
#include "immich/rebuildable.hpp"
#include "repository/catalog.hpp"
#include "repository/commit.hpp"
#include "repository/dumps.hpp"
#include "repository/leftovers.hpp"
#include "repository/listing.hpp"
#include "repository/proofs.hpp"
#include "repository/restore_points.hpp"
#include "repository/run_journal.hpp"
#include "repository/runs.hpp"
#include "scan/library.hpp"
#include "scan/library_scan.hpp"
#include "sys/hash.hpp"
#include "sys/system.hpp"
#include "transfer/upload.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace ib {
namespace {

/// Counts what a scan delivers, for the person who waits; of a part of the library, what belongs to
/// that.
class ShownScan final : public ScanCursor {
public:
  ShownScan(ScanCursor& scan, const std::optional<Shard>& shard, Progress& progress,
            std::stop_token stop)
      : scan_(scan), shard_(shard), progress_(progress), stop_(std::move(stop))
  {}
  Result<std::optional<ScanItem>> next() override
  {
    for (;;) {
      if (stop_.stop_requested()) return fail(Errc::cancelled, "interrupted");
      std::optional<ScanItem> item = TRY(scan_.next());
      const auto* file = item ? std::get_if<SourceFile>(&*item) : nullptr;
      if (file == nullptr) return item;
      progress_.advance(1, 0);
      if (!shard_ || shard_->holds(file->path)) return item;
    }
  }

private:
  ScanCursor& scan_;
  const std::optional<Shard>& shard_;
  Progress& progress_;
  std::stop_token stop_;
};

/// "thumbs/ and 4 files in encoded-video/ (Immich makes them again)", grouped by the reason.
std::vector<std::string> explain_left_out(const LeftOut& left_out)
{
  std::map<std::string_view, std::vector<std::string>> by_reason;
  for (const std::string& folder : left_out.top_folders)
    by_reason[why_left_out(folder)].push_back(printable(folder));
  for (const auto& [folder, files] : left_out.files) {
    const std::string what = count_of(files, "file", "files") +
                             (folder.empty() ? " beside the folders" : " in " + printable(folder));
    by_reason[why_files_left_out(folder)].push_back(what);
  }
  std::vector<std::string> lines;
  for (const auto& [reason, things] : by_reason) {
    std::string line;
    for (std::size_t i = 0; i < things.size(); ++i) {
      if (i > 0) line += i + 1 == things.size() ? " and " : ", ";
      line += things[i];
    }
    lines.push_back(line + " (" + std::string(reason) + ")");
  }
  return lines;
}

/// One run, step by step; run() is its story.
class BackupRun {
public:
  BackupRun(const Session& session, const BackupJob& job) : session_(session), job_(job)
  {
    report_.header.command = "backup";
    report_.header.store = session.store.url();
    report_.dry_run = job.dry_run;
    report_.files_covered = job.library.has_value();
    report_.shard = job.shard;
  }

  Result<BackupReport> run()
  {
    // What is there, and what do we already have?
    const std::optional<Library> library = TRY(open_library());
    TRY(open_catalog());
    if (library)
      TRY(accept_taken_over(session_, *library, TRY(scope()), *catalog_, report_.header));

    // The database first: then the worst case is a file that the dump does not know, and not a row
    // without one.
    if (job_.database) TRY(dump());

    // Decide. Nothing is uploaded meanwhile, so --dry-run ends after this line.
    if (library) TRY(plan(*library));
    if (job_.dry_run) {
      report_.usage = forecast_->usage(session_.store.usage(), report_.database.has_value(),
                                       report_.plan.gone > 0);
      report_.cost = summarize_cost(
          report_.usage, forecast_->stored(all_stored(TRY(stored_totals(*catalog_)))), *forecast_);
      return std::move(report_);
    }

    // Upload. A file enters the manifest only once the store has confirmed it, so being killed here
    // costs repeated work and never a false claim.
    Result<> carried_out;
    if (library) carried_out = carry_out_plan(*library);

    // Also after a failure: what was confirmed is recorded, and what is missing is said.
    if (!carried_out) {
      // Not shown now: it is the error that the run ends with.
      report_.header.problems.push_back(
          problem_from(carried_out.error(), to_string(carried_out.error().code), ""));
    }
    tell_what_is_left(!carried_out);
    if (library && carried_out && report_.database && !job_.shard) TRY(audit());
    // Whoever interrupts does not want to wait for a manifest of a million files: a checkpoint will
    // do.
    const bool hurried =
        !carried_out && carried_out.error().code == Errc::cancelled && !catalog_->taken_over;
    const Result<> committed = job_.shard ? leave_part() : hurried ? commit_in_a_hurry() : commit();
    if (library && carried_out && committed && !job_.shard) {
      if (out_of_time_) unfinished_.clear();  // the next run will claim what they left
      journal_->end(unfinished_, report_.header.notes);
    }
    if (!carried_out) return std::unexpected(std::move(carried_out).error());
    TRY(Result<>(committed));
    report_.usage = session_.store.usage();
    report_.cost = summarize_cost(report_.usage, stored_, *forecast_);
    return std::move(report_);
  }

private:
  void problem(Problem problem)
  {
    session_.progress.note(problem.message);
    report_.header.problems.push_back(std::move(problem));
  }

  void note(std::string text) { report_.header.notes.push_back(std::move(text)); }

  Result<std::optional<Library>> open_library() const
  {
    if (!job_.library) return std::nullopt;
    Library library = TRY(Library::open(*job_.library, job_.extra_roots));
    constexpr std::string_view kFolderStore = "file://";
    const std::string url = session_.store.url();
    if (url.starts_with(kFolderStore))
      TRY(library.require_outside(url.substr(kFolderStore.size())));
    return library;
  }

  Result<> open_catalog()
  {
    session_.progress.begin("reading the manifest", std::nullopt, std::nullopt);
    std::optional<Catalog> loaded = TRY(load_catalog(session_));
    catalog_.emplace(loaded ? std::move(*loaded) : TRY(new_catalog(session_)));
    if (catalog_->taken_over && job_.shard) {
      return fail(
          Errc::invalid,
          session_.store.url() + ": holds a backup of version 2.0, which a part cannot take over",
          "Run one backup of the whole library first.");
    }
    unfinished_ = TRY(unfinished_runs(session_));
    for (const UnfinishedRun& run : unfinished_)
      note("run " + run.run + " did not end: what it stored is found and not sent again");
    TRY(fold_checkpoints(session_, *catalog_, unfinished_, report_.header.notes));
    started_ = catalog_->listing.next_time();
    journal_.emplace(session_, started_,
                     RunJournal::CheckpointRule{.interval = job_.checkpoint_interval,
                                                .bytes = job_.checkpoint_bytes});
    learn_from_earlier_runs();
    // A bucket never moves: it is asked once.
    if (!location_) location_ = find_location(session_);
    forecast_.emplace(session_.spending, prices_at(session_, location_));
    return {};
  }

  /// What the newest restore point tells; of the dumps, the newest that has it: it may be damaged,
  /// or made by rebuild-manifest, and what a dump is compared with must not be forgotten for that.
  void learn_from_earlier_runs()
  {
    const auto& points = catalog_->listing.restore_points;
    for (auto it = points.rbegin(); it != points.rend(); ++it) {
      const bool newest = it == points.rbegin();
      if (!newest && (!job_.database || good_assets_)) return;
      if (!newest && it->facts && !it->facts->dump_is_good) continue;
      const Result<RestorePoint> point = read_restore_point(session_, it->name);
      if (!point) continue;
      good_assets_ = point->good_assets;
      if (!good_assets_ && point->database && point->database->is_good())
        good_assets_ = point->database->assets;
      if (!newest) continue;
      take_totals(*catalog_, *point);
      if (point->database) report_.previous_assets = point->database->assets;
      was_told_ = point->may_not_prune;
      if (!session_.spending.location) location_ = point->location;
      rehash_ = point->rehash;
    }
  }

  /// A dump that fails is a problem of its own: the files are saved all the same.
  Result<> dump()
  {
    session_.progress.begin("dumping the database", std::nullopt, std::nullopt);
    dumps_ = TRY(list_dump_objects(session_));
    Result<DumpInfo> dumped =
        job_.dry_run ? planned_dump()
                     : dump_into_store(session_, *job_.database, started_, job_.immich_version,
                                       reader(), report_.header.notes);
    if (dumped) {
      report_.database = std::move(*dumped);
      judge_dump(*report_.database);
      return {};
    }
    if (dumped.error().code == Errc::cancelled) return std::unexpected(std::move(dumped).error());
    problem({.path = "",
             .code = "database",
             .message = "the database was not dumped: " + dumped.error().message,
             .hint = dumped.error().hint});
    return {};
  }

  /// The files' audit needs both: what the database names, and the files.
  SnapshotReader reader()
  {
    if (!job_.library) return nullptr;
    database_audit_.emplace(session_, job_, catalog_->scratch);
    return [this](DatabaseSnapshot& snapshot, const ImmichFacts& facts) {
      return database_audit_->read(snapshot, facts);
    };
  }

  /// A dump of an Immich that has lost most of its assets is no reason to give up an earlier one.
  void judge_dump(DumpInfo& dump)
  {
    if (good_assets_ && !job_.accept_changes && dump.assets * 2 < *good_assets_) {
      dump.suspect = true;
      problem({.path = "",
               .code = "suspect_dump",
               .message = "the database has " + count_of(dump.assets, "asset", "assets") +
                          ", under half of the " + format_count(*good_assets_) +
                          " of the last good dump: this dump is kept as suspect, and no earlier "
                          "one is given up for it",
               .hint = "Look at Immich: is it the right database, and are the photos there? If "
                       "they were meant to go, run once with --accept-changes."});
    }
    for (const std::string& table : dump.left_out) {
      problem({.path = "",
               .code = "dump_partial",
               .message = "the server cannot read the table " + table +
                          ", which is damaged: the dump has everything but its rows",
               .hint = "Look at the server's disk and log. Immich makes these rows again: " +
                       std::string(how_to_rebuild(table).value_or("see its documentation")) + "."});
    }
    if (dump.is_good()) good_assets_ = dump.assets;
  }

  /// Dumps beyond those to keep go where the credential may. `keep` of those that are named by
  /// restore points.
  void remove_old_dumps(std::uint64_t keep)
  {
    const Result<std::vector<RemovableName>> old =
        old_dumps(session_, catalog_->listing, dumps_, unfinished_, keep);
    if (!old) {
      note("old dumps were not removed: " + old.error().message);
      return;
    }
    std::uint64_t removed = 0;
    for (const RemovableName& name : *old) {
      const Result<> gone = session_.store.remove(name, session_.stop);
      if (!gone && gone.error().code == Errc::denied) {
        may_not_prune_ = true;
        break;
      }
      if (!gone) {
        note("an old dump was not removed: " + gone.error().message);
        break;
      }
      std::erase_if(dumps_, [&](const ObjectInfo& dump) { return dump.name == name.name(); });
      ++removed;
    }
    if (removed > 0) was_told_ = false;
    if (removed > 0) note(count_of(removed, "old dump", "old dumps") + " removed (--keep-last)");
    if (may_not_prune_ && !was_told_) {
      note(
          "dumps beyond --keep-last stay: this credential may not remove them, as it should be; "
          "`immich-backup prune` does it with one that may (this is said once)");
      was_told_ = true;
    }
  }

  Result<DumpInfo> planned_dump()
  {
    return TRY(plan_dump(session_, *job_.database, job_.immich_version, report_.header.notes)).info;
  }

  Result<Scope> scope() const
  {
    std::vector<std::string> include = default_include();
    include.insert(include.end(), job_.include.begin(), job_.include.end());
    std::vector<std::string> exclude = always_excluded();
    exclude.insert(exclude.end(), job_.exclude.begin(), job_.exclude.end());
    return Scope(TRY(parse_patterns(include)), TRY(parse_patterns(exclude)));
  }

  Result<> plan(const Library& library)
  {
    session_.progress.begin("comparing the library with the manifest", std::nullopt, std::nullopt);
    const Scope covered = TRY(scope());
    LibraryScan scan(library, {.scope = covered,
                               .marked_folders = immich_folders(),
                               .marker = std::string(kImmichMarker),
                               .problem = [&](Problem found) { problem(std::move(found)); },
                               .note = [&](std::string text) { note(std::move(text)); },
                               .threads = kScanThreads,
                               .stop = session_.stop});
    ShownScan shown(scan, job_.shard, session_.progress, session_.stop);
    TRY(catalog_->manifest.begin_plan());
    const std::unique_ptr<RecordCursor> rows = TRY(catalog_->manifest.records());
    report_.plan = TRY(plan_backup(
        shown, *rows,
        {.in_scope =
             [&](const std::string& path) {
               return (!job_.shard || job_.shard->holds(path)) && scan.covers(path);
             },
         .rehash = rehash_rule()},
        {.read =
             [&](const FileToRead& file) {
               // What was taken over is read, and as a rule found as it was recorded.
               if (!file.known || file.known->content.is_whole() ||
                   file.known->content.size != file.file.size)
                 forecast_->add_file(file.file.size);
               return catalog_->manifest.plan_read(file);
             },
         .gone =
             [&](const FileRecord& row) { return catalog_->manifest.plan_archive(row.path); }}));
    report_.left_out = explain_left_out(scan.left_out());
    if (!unfinished_.empty()) forecast_->add_listing(report_.plan.known + report_.plan.to_read);
    if (report_.plan.missing_but_kept > 0) {
      problem({.path = "",
               .code = "missing_but_kept",
               .message = count_of(report_.plan.missing_but_kept, "file is", "files are") +
                          " missing below folders that are absent, unreadable or without Immich's "
                          "marker: kept as they were, not marked as gone",
               .hint = "If a disk is not mounted, mount it. If the folder is meant to be as it is, "
                       "start Immich once, which makes its markers."});
    }
    return {};
  }

  /// What the store keeps: what the rows rely on, and what the listings tell that were made anyway.
  StoredTotals all_stored(StoredTotals totals) const
  {
    totals[StoredKind::manifests] = catalog_->listing.stored;
    totals[StoredKind::dumps] = amounts_of(dumps_);
    if (report_.database && !report_.dry_run)
      totals[StoredKind::dumps][session_.spending.classes.dumps] +=
          {.objects = 1, .bytes = report_.database->bytes};
    return totals;
  }

  /// Which files that look unchanged are read all the same: another part of the library each run,
  /// so that after as many runs as there are parts each has been read.
  std::function<bool(const std::string&)> rehash_rule()
  {
    if (job_.rehash) return [](const std::string&) { return true; };
    const std::uint32_t share = job_.rehash_share;
    if (share == 0 || job_.shard) return nullptr;
    const bool same_share = rehash_ && rehash_->share == share;
    const std::uint32_t part = same_share ? (rehash_->part + 1) % share : 0;
    next_rehash_ = RehashRound{.share = share, .part = part};
    return [share, part](const std::string& path) {
      return crc32c(bytes_of(path)).value % share == part;
    };
  }

  Result<> carry_out_plan(const Library& library)
  {
    TRY(upload(library));
    // What no row claims may be another part's, which goes on at this moment.
    if (out_of_time_ || job_.shard) return {};
    TRY(claim_left_behind());
    return archive();
  }

  /// New files first: among them is what has moved, and only then it is known what has vanished.
  Result<> upload(const Library& library)
  {
    if (report_.plan.to_read == 0 && report_.plan.gone == 0 && unfinished_.empty()) return {};
    upload_began_ = std::chrono::steady_clock::now();
    if (report_.plan.to_read > 0 || !unfinished_.empty()) TRY(catalog_->manifest.index_contents());
    if (!unfinished_.empty()) TRY(find_what_was_left(session_, *catalog_));
    session_.progress.begin(kSendingFiles, report_.plan.to_read, report_.plan.to_read_bytes);
    TRY(carry_out(library, Manifest::Planned::new_files));
    if (out_of_time_) return {};
    TRY(watch_for_loss(library));
    if (!tripped_) TRY(carry_out(library, Manifest::Planned::known_files));
    if (next_rehash_ && !tripped_ && !out_of_time_) rehash_ = next_rehash_;
    return {};
  }

  Result<> carry_out(const Library& library, Manifest::Planned which)
  {
    if (report_.plan.to_read == 0) return {};
    const auto reads = TRY(catalog_->manifest.planned_reads(which));
    return run_uploads(
        session_.store, {.workers = session_.workers},
        {.next = [&]() -> Result<std::optional<FileToRead>> {
           if (is_out_of_time()) return std::nullopt;
           return reads->next();
         },
         .open = [&](const std::string& path) { return library.open_file(path); },
         .place = [&](const FileToRead& item, const HashedFile& file) { return place(item, file); },
         .done = [&](UploadResult result) { return record(std::move(result)); }},
        session_.progress, session_.stop);
  }

  /// So much lost at once looks like an accident, or like ransomware: then what is there already is
  /// left alone. What only has another time is not lost, so before it trips, the files are read
  /// without being stored.
  Result<> watch_for_loss(const Library& library)
  {
    const std::uint64_t vanished = TRY(catalog_->manifest.vanished());
    const auto trips = [&](std::uint64_t changed) {
      return !job_.accept_changes && job_.tripwire.trips(vanished + changed, report_.plan.known);
    };
    if (!trips(report_.plan.look_changed)) return {};
    if (report_.plan.look_changed > 0) {
      only_looks_ = true;
      TRY(carry_out(library, Manifest::Planned::known_files));
      only_looks_ = false;
    }
    if (!trips(differing_)) return {};
    tripped_ = true;
    problem({.path = "",
             .code = "tripwire",
             .message =
                 format_count(vanished) + " files have vanished and " + format_count(differing_) +
                 " have changed since the last run, of " + format_count(report_.plan.known) +
                 ": nothing was marked as gone and no changed file was stored; new files were",
             .hint = "If it is an accident or ransomware, restore from an earlier restore point. "
                     "If it was meant, run once with --accept-changes."});
    return {};
  }

  /// Content that the store holds already is not sent again, under whatever path it was stored.
  Result<Placement> place(const FileToRead& item, const HashedFile& file)
  {
    if (item.known && TRY(holds(item.known->object_name(), item.known->content, file.content)))
      return StoredAlready{item.known->object_name(), item.known->storage_class};
    if (item.known && !item.known->archived) {
      ++differing_;
      if (only_looks_) return LeaveAsIs{};
      const Change change = judge_.judge(item, file.content);
      if (change != Change::edited) unwanted_.insert_or_assign(item.file.path, change);
    }
    const std::optional<HeldObject> held =
        TRY(catalog_->manifest.find_content(file.content.sha256));
    const bool is_new = !item.known || item.known->archived;
    if (held && is_new) TRY(catalog_->manifest.found_again(file.content.sha256));
    if (held && TRY(holds(held->name, held->content, file.content))) {
      if (!item.known) (held->leaving ? moved_ : copied_).insert(item.file.path);
      return StoredAlready{held->name, held->storage_class};
    }
    const std::optional<FileRecord> left =
        TRY(catalog_->manifest.find_unclaimed(file.content.sha256));
    if (left && TRY(holds(left->object_name(), left->content, file.content)))
      return StoredAlready{left->object_name(), left->storage_class, true};
    TRY(journal_->begin());
    std::vector<ObjectName> names = TRY(free_names(item, file.content.sha256));
    return StoreUnder{std::move(names)};
  }

  /// Whether `object`, of which the manifest has `known`, holds `content`, which was just read.
  /// Where the manifest does not know the object's CRC32C, the store is asked.
  Result<bool> holds(const ObjectName& object, const Content& known, const Content& content) const
  {
    if (!known.agrees_with(content)) return false;
    if (known.has_crc32c) return true;
    const Result<ObjectInfo> there = session_.store.stat(object, session_.stop);
    if (!there && there.error().code == Errc::not_found) return false;
    const ObjectInfo& info = TRY(there);
    return info.size == content.size && info.crc32c == content.crc32c;
  }

  /// The names to try for new content. library/ holds what was there first; what an unfinished run
  /// has given to other content is taken too.
  Result<std::vector<ObjectName>> free_names(const FileToRead& item, const Sha256& content)
  {
    const std::string& path = item.file.path;
    const bool is_free = !TRY(catalog_->manifest.is_own_name_taken(path));
    std::vector<ObjectName> names = candidate_names(path, content, sha256(bytes_of(path)), is_free);
    while (names.size() > 1 && TRY(catalog_->manifest.is_unclaimed(names.front())))
      names.erase(names.begin());
    return names;
  }

  bool is_out_of_time()
  {
    if (out_of_time_ || !job_.time_limit || std::chrono::steady_clock::now() < *job_.time_limit)
      return out_of_time_;
    out_of_time_ = true;
    problem({.path = "",
             .code = "time_limit",
             .message = "the time limit was reached before everything was stored; the next run "
                        "goes on from here",
             .hint = ""});
    return true;
  }

  void tell_what_is_left(bool failed)
  {
    const PlanCounts& plan = report_.plan;
    if (!(failed || out_of_time_) || done_files_ >= plan.to_read) return;
    const auto seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - upload_began_).count();
    const double a_day = seconds > 0 ? static_cast<double>(done_bytes_) / seconds * 86400 : 0;
    report_.seeding =
        Seeding{.files_left = plan.to_read - done_files_,
                .bytes_left = plan.to_read_bytes - std::min(plan.to_read_bytes, done_bytes_),
                .bytes = plan.scanned_bytes,
                .bytes_per_day = static_cast<std::uint64_t>(a_day)};
  }

  Result<> record(UploadResult result)
  {
    if (!only_looks_) {
      ++done_files_;
      done_bytes_ += result.item.file.size;
    }
    const bool sent = result.outcome && result.outcome->sent;
    const std::uint64_t size = result.item.file.size;
    TRY(record_one(std::move(result)));
    return journal_->stored(*catalog_, sent ? size : 0);
  }

  Result<> record_one(UploadResult result)
  {
    if (!result.outcome) {
      ++report_.failed;
      const Error& error = result.outcome.error();
      const std::string_view code = error.code == Errc::changed     ? "changed_while_read"
                                    : error.code == Errc::not_found ? "vanished"
                                                                    : "unreadable";
      Error told = error;
      if (error.code == Errc::not_found)
        told.hint = "It was moved or deleted during the run; the next run finds where it went.";
      problem(problem_from(told, code, result.item.file.path));
      return {};
    }
    const UploadOutcome& outcome = *result.outcome;
    if (outcome.left) return {};
    if (outcome.item.reason == ReadReason::rehash) ++report_.rehashed;
    if (const auto unwanted = unwanted_.extract(outcome.item.file.path)) {
      return record_unwanted(outcome, unwanted.mapped());
    }
    count(outcome);
    for (const ObjectName& taken : outcome.taken) {
      note(printable(taken.value) + " holds other content and was left alone; " +
           printable(outcome.item.file.path) + " is stored as " + outcome.object.value);
    }
    const std::optional<FileRecord>& known = outcome.item.known;
    if (known && !known->archived && known->content == outcome.file.content) {
      if (known->mtime_ns == outcome.file.mtime_ns && known->recheck == outcome.file.recheck &&
          !known->suspect)
        return {};
      return catalog_->manifest.touch(known->path, outcome.file.mtime_ns, outcome.file.recheck);
    }
    return catalog_->manifest.record({.path = outcome.item.file.path,
                                      .content = outcome.file.content,
                                      .mtime_ns = outcome.file.mtime_ns,
                                      .archived = false,
                                      .recheck = outcome.file.recheck,
                                      .since = started_,
                                      .storage_class = outcome.storage_class,
                                      .object = outcome.object});
  }

  /// The bytes are kept as a version, and what is stored stays what the path is restored to.
  Result<> record_unwanted(const UploadOutcome& outcome, Change change)
  {
    const FileRecord& known = *outcome.item.known;
    ++report_.suspect;
    if (outcome.sent) {
      ++report_.uploaded_objects;
      report_.uploaded_bytes += outcome.file.content.size;
    }
    const bool damaged = change == Change::damaged;
    problem(
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
    if (known.suspect && !outcome.sent) return {};  // kept by an earlier run
    return catalog_->manifest.record_unwanted({.path = known.path,
                                               .content = outcome.file.content,
                                               .mtime_ns = outcome.file.mtime_ns,
                                               .since = started_,
                                               .storage_class = outcome.storage_class,
                                               .object = outcome.object});
  }

  void count(const UploadOutcome& outcome)
  {
    const std::optional<FileRecord>& known = outcome.item.known;
    const std::string& path = outcome.item.file.path;
    if (known && known->archived) {
      ++report_.returned;
    } else if (known && known->content.agrees_with(outcome.file.content)) {
      const bool as_it_was = known->mtime_ns == outcome.file.mtime_ns || !known->content.has_sha1;
      ++(as_it_was ? report_.plan.unchanged : report_.touched);
    } else if (known) {
      ++report_.changed;
      if (!known->content.has_sha1)
        note(printable(path) +
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
    if (outcome.found) ++report_.found_stored;
    if (outcome.sent) {
      ++report_.uploaded_objects;
      report_.uploaded_bytes += outcome.file.content.size;
    }
  }

  /// What unfinished runs had stored of files that have changed or gone since can be restored all
  /// the same.
  Result<> claim_left_behind()
  {
    if (unfinished_.empty()) return {};
    const std::uint64_t claimed = TRY(claim_what_was_left(session_, *catalog_, started_));
    if (claimed > 0) {
      note(count_of(claimed, "object", "objects") +
           " that an unfinished run had stored of files which have changed or gone since: kept as "
           "versions of these files (`immich-backup history PATH`)");
    }
    return {};
  }

  /// Files that are gone are kept in the store and marked. Where the dump failed, nothing is called
  /// gone: something is wrong with this installation, and the marks can wait.
  Result<> archive()
  {
    if (job_.database && !report_.database) {
      if (report_.plan.gone > 0) {
        note(count_of(report_.plan.gone, "file that is gone is", "files that are gone are") +
             " not marked so before the database can be dumped again");
      }
      return {};
    }
    if (tripped_) return {};
    report_.archived = TRY(catalog_->manifest.archive_planned(started_));
    return {};
  }

  /// Is each file that the dump names stored, and as Immich recorded it?
  Result<> audit()
  {
    session_.progress.begin("comparing the database with what is stored", std::nullopt,
                            std::nullopt);
    report_.audit = TRY(database_audit_->judge(catalog_->manifest, TRY(scope()),
                                               out_of_time_ || tripped_, report_.header));
    if (!report_.audit) return {};
    const Result<ProofHistory> proofs = proof_history(session_);
    if (proofs) {
      report_.store_listed = proofs->listed;
    } else {
      note("when the store was last verified could not be found out: " + proofs.error().message);
    }
    return {};
  }

  Result<> commit_in_a_hurry()
  {
    session_.progress.begin("keeping what was stored", std::nullopt, std::nullopt);
    if (catalog_->manifest.changed()) TRY(journal_->checkpoint(*catalog_));
    RestorePoint point = TRY(restore_point());
    TRY(commit_restore_point(session_, *catalog_, point, report_.header.notes));
    return take(point);
  }

  /// For the next backup of the whole, like what an interrupted run leaves. Where this part took
  /// the dump, a restore point names it.
  Result<> leave_part()
  {
    session_.progress.begin("keeping what was stored", std::nullopt, std::nullopt);
    if (catalog_->manifest.changed()) TRY(journal_->checkpoint(*catalog_));
    if (!report_.database) return {};
    RestorePoint point = TRY(restore_point());
    TRY(commit_restore_point(session_, *catalog_, point, report_.header.notes));
    return take(point);
  }

  Result<> commit()
  {
    session_.progress.begin("committing the manifest", std::nullopt, std::nullopt);
    Manifest& manifest = catalog_->manifest;
    if (manifest.changed()) {
      TRY(manifest.set_metadata("last_backup", format_iso(started_)));
      TRY(manifest.set_metadata("run", journal_->run()));
      if (report_.database)
        TRY(manifest.set_metadata("immich_version", report_.database->immich_version));
    }
    // With the new dump as many as are to be kept; but never all of those that a restore point
    // names.
    const bool prunes = job_.keep_dumps > 0 && report_.database && report_.database->is_good();
    if (prunes) remove_old_dumps(std::max<std::uint64_t>(job_.keep_dumps, 2) - 1);
    RestorePoint point = TRY(restore_point());
    report_.manifest_written = manifest.changed();
    TRY(commit_catalog(session_, *catalog_, point, report_.header.notes));
    if (prunes && job_.keep_dumps == 1 && !may_not_prune_) {
      catalog_->listing = TRY(list_manifests(session_));
      dumps_.push_back({.name = report_.database->object, .size = report_.database->bytes});
      remove_old_dumps(1);
    }
    return take(point);
  }

  Result<> take(const RestorePoint& point)
  {
    report_.manifest = point.manifest;
    report_.totals = point.counts;
    report_.restore_point = point.time;
    return {};
  }

  /// What is known of it before it has its time and its manifest.
  Result<RestorePoint> restore_point()
  {
    RestorePoint point{.started = started_,
                       .run = journal_->run(),
                       .program_version = std::string(kVersion),
                       .complete = report_.header.problems.empty() && !job_.shard,
                       .database = report_.database,
                       .audit = report_.audit,
                       .store_listed = report_.store_listed,
                       .location = location_,
                       .seeding = report_.seeding,
                       .rehash = rehash_,
                       .good_assets = good_assets_,
                       .may_not_prune = may_not_prune_ || was_told_,
                       .problem_count = report_.header.problems.size(),
                       .problems = report_.header.problems};
    // Reading all rows: once a run, and only where it is worth money.
    if (!forecast_->prices().free_of_charge()) {
      point.stored = TRY(stored_totals(*catalog_));
      stored_ = all_stored(*point.stored);
    }
    if (const auto cost = summarize_cost(session_.store.usage(), stored_, *forecast_)) {
      point.cost = cost->once;
      point.monthly_cost = cost->monthly;
    }
    return point;
  }

  const Session& session_;
  const BackupJob& job_;
  BackupReport report_;
  std::optional<std::string> location_;
  std::optional<BackupForecast> forecast_;
  std::vector<ObjectInfo> dumps_;  // before this run
  std::optional<std::uint64_t> good_assets_;
  bool may_not_prune_ = false, was_told_ = false;
  StoredTotals stored_;  // after it, but for its manifest
  std::optional<Catalog> catalog_;
  std::vector<UnfinishedRun> unfinished_;
  Timestamp started_{};
  std::optional<RunJournal> journal_;
  std::chrono::steady_clock::time_point upload_began_{};
  std::uint64_t done_files_ = 0, done_bytes_ = 0;  // of what was planned to be read
  bool out_of_time_ = false;
  std::optional<RehashRound> rehash_, next_rehash_;
  ChangeJudge judge_{session_, job_};
  std::optional<DatabaseAudit> database_audit_;
  std::map<std::string, Change>
      unwanted_;                 // the files under way that are not to become what is restored
  std::uint64_t differing_ = 0;  // known files that were read and hold other bytes
  bool only_looks_ = false;      // files are read, and nothing is stored
  bool tripped_ = false;
  // The files under way whose content was found under another path; a handful at a time.
  std::set<std::string> moved_, copied_;
};

}  // namespace

Result<BackupReport> run_backup(const Session& session, const BackupJob& job)
{
  return BackupRun(session, job).run();
}

}  // namespace ib
