// SPDX-License-Identifier: Apache-2.0
#include "app/backup/backup.hpp"

#include "app/backup/audit.hpp"
#include "app/backup/dump.hpp"
#include "app/backup/dump_retention.hpp"
#include "app/backup/forecast.hpp"
#include "app/backup/other_runs.hpp"
#include "app/backup/planning.hpp"
#include "app/backup/store_guard.hpp"
#include "app/backup/takeover.hpp"
#include "app/backup/uploads.hpp"
#include "app/findings.hpp"
#include "app/spending.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "immich/media_root.hpp"
#include "postgres/connection.hpp"
#include "repository/ancestry.hpp"
#include "repository/catalog.hpp"
#include "repository/commit.hpp"
#include "repository/dumps.hpp"
#include "repository/leftovers.hpp"
#include "repository/listing.hpp"
#include "repository/proofs.hpp"
#include "repository/restore_points.hpp"
#include "repository/run_journal.hpp"
#include "repository/runs.hpp"
#include "sys/file_system.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace ib {
namespace {

/// What a run leaves in the store.
enum class Ending : std::uint8_t {
  whole,    ///< a manifest where a row has changed, and a restore point
  hurried,  ///< it was interrupted: a checkpoint, and a restore point that rests on it
  part,     ///< of a fleet: a checkpoint for the next backup of the whole
};

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
    if (library) {
      TRY(accept_taken_over(session_, *library, TRY(scope_of(job_)), *catalog_, report_.header));
    }

    // The database first: then the worst case is a file that the dump does not know, and not a row
    // without one.
    if (job_.database) TRY(dump());
    TRY(guard_.keep_marker());

    // Decide. Nothing is uploaded meanwhile, so --dry-run ends after this line.
    if (library) TRY(plan(*library));
    if (job_.dry_run) return foresee();

    // Upload. A file enters the manifest only once the store has confirmed it, so being killed here
    // costs repeated work and never a false claim.
    if (library) carried_out_ = carry_out_plan();
    if (uploads_) report_.seeding = uploads_->left_over(!carried_out_);

    // Does a restore bring every file that the dump names? What it can bring is placed for it.
    if (library && carried_out_ && report_.database && !job_.shard) carried_out_ = audit();

    // Also after a failure: what was confirmed is recorded, and what is missing is said.
    if (!carried_out_) {
      // Not shown now: it is the error that the run ends with.
      findings_.problem_told(
          problem_from(carried_out_.error(), to_string(carried_out_.error().code), ""));
    }
    const Ending ending = decide_ending();
    const Result<> committed = commit(ending);
    if (committed) end_journal(library && carried_out_ && ending == Ending::whole);
    if (!carried_out_) return std::unexpected(std::move(carried_out_).error());
    TRY(Result<>(committed));
    report_.usage = session_.usage_meter.usage();
    report_.cost = summarize_cost(report_.usage, stored_, *forecast_);
    return std::move(report_);
  }

private:
  Result<std::optional<Library>> open_library() const
  {
    if (!job_.library) return std::nullopt;
    TRY(require_media_root(*job_.library));
    Library library = TRY(Library::open(*job_.library, job_.extra_roots));
    if (const FolderAddress* store = session_.store.address().folder())
      TRY(library.require_outside(store->path));
    return library;
  }

  Result<> open_catalog()
  {
    unfinished_ = TRY(runs_to_take_in(session_, job_, findings_));
    session_.progress.begin("reading the manifest", std::nullopt, std::nullopt);
    std::optional<Catalog> loaded = TRY(load_catalog(session_));
    const bool had_manifest = loaded.has_value();
    catalog_.emplace(loaded ? std::move(*loaded) : TRY(new_catalog(session_)));
    TRY(look_at_others());
    if (catalog_->taken_over && job_.shard) {
      return fail(
          Errc::invalid,
          session_.store.url() + ": holds a backup of version 2.0, which a part cannot take over",
          "Run one backup of the whole library first.");
    }
    for (const UnfinishedRun& run : unfinished_)
      findings_.note("run " + run.run + " did not end: what it stored is found and not sent again");
    TRY(fold_checkpoints(session_, *catalog_, unfinished_, findings_.notes()));
    journal_.emplace(session_, catalog_->listing.next_time(),
                     RunJournal::Rules{.checkpoint_interval = job_.checkpoint_interval,
                                       .checkpoint_bytes = job_.checkpoint_bytes,
                                       .heartbeat_interval = job_.heartbeat_interval,
                                       .is_part = job_.shard.has_value()});
    TRY(catalog_->manifest.begin_run({.generation = catalog_->generation + 1,
                                      .run = journal_->run(),
                                      .started = journal_->started()}));
    const std::optional<RestorePoint> newest = learn_from_earlier_runs();
    TRY(guard_.require_store(catalog_->listing, had_manifest || newest,
                             newest ? &*newest : nullptr));
    // A bucket never moves: it is asked once.
    if (!location_) location_ = find_location(session_);
    forecast_.emplace(session_.spending, prices_at(session_, location_));
    return {};
  }

  /// What another machine has committed is taken in, and compared with what it builds on.
  Result<> look_at_others()
  {
    if (catalog_->taken_over || !builds_on_others(session_, *catalog_)) return {};
    for (Problem& problem : TRY(contradictions_of(session_, *catalog_)))
      findings_.problem(std::move(problem));
    return {};
  }

  /// What the newest restore point tells; of the dumps, the newest that has it: it may be damaged,
  /// or made by rebuild-manifest, and what a dump is compared with must not be forgotten for that.
  /// Returns the newest that could be read.
  std::optional<RestorePoint> learn_from_earlier_runs()
  {
    std::optional<RestorePoint> newest_read;
    std::optional<RehashRound> rehashed;
    bool is_told = false;  // of a run; rebuild-manifest knows nothing of the library
    const auto& points = catalog_->listing.restore_points;
    for (auto it = points.rbegin(); it != points.rend(); ++it) {
      const bool newest = it == points.rbegin();
      if (is_told && (!job_.database || good_assets_)) break;
      if (is_told && it->facts && !it->facts->dump_is_good) continue;
      const Result<RestorePoint> point = read_restore_point(session_, it->name);
      if (!point) continue;
      if (!newest_read) newest_read = *point;
      if (!good_assets_) good_assets_ = point->good_assets;
      if (!good_assets_ && point->database && point->database->is_good())
        good_assets_ = point->database->assets;
      if (newest) take_totals(*catalog_, *point);
      if (is_told || point->rebuilt) continue;
      is_told = true;
      if (point->database) report_.previous_assets = point->database->assets;
      retention_.set_told(point->may_not_prune);
      if (!session_.spending.location) location_ = point->location;
      rehashed = point->rehash;
      looked_at_ns_ = point->looked_at_ns;
      not_covered_before_ = point->not_covered;
      if (!job_.library || job_.shard) not_covered_ = not_covered_before_;
    }
    rehash_.emplace(job_, rehashed);
    return newest_read;
  }

  /// A dump that fails is a problem of its own: the files are saved all the same.
  Result<> dump()
  {
    session_.progress.begin("dumping the database", std::nullopt, std::nullopt);
    TRY(retention_.list());
    const SnapshotReader audit = TRY(reader());
    Result<> own = {};
    const SnapshotReader read = [&](DatabaseSnapshot& snapshot,
                                    const ImmichFacts& facts) -> Result<> {
      own = guard_.require_own_immich(facts);
      TRY(Result<>(own));
      cover_external_folders(facts);
      in_maintenance_ = facts.in_maintenance;
      return audit ? audit(snapshot, facts) : Result<>();
    };
    Result<DumpInfo> dumped = job_.dry_run
                                  ? planned_dump(own)
                                  : dump_into_store(session_, *job_.database, journal_->started(),
                                                    job_.immich_version, read, findings_.notes());
    if (dumped) {
      report_.database = std::move(*dumped);
      judge_dump(*report_.database, job_.accept_changes ? std::nullopt : good_assets_, findings_);
      if (report_.database->is_good()) good_assets_ = report_.database->assets;
      if (in_maintenance_) {
        findings_.note(
            "Immich is in maintenance mode: a server that starts on this dump is in it as well, "
            "and the link to end it is in its log alone");
      }
      return {};
    }
    TRY(std::move(own));
    if (dumped.error().code == Errc::cancelled || is_from_a_pooler(dumped.error()))
      return std::unexpected(std::move(dumped).error());
    findings_.problem({.path = "",
                       .code = "database",
                       .message = "the database was not dumped: " + dumped.error().message,
                       .hint = dumped.error().hint,
                       .may_pass = dumped.error().code == Errc::unavailable});
    return {};
  }

  /// An external library that lies in the media root is backed up without being named.
  void cover_external_folders(const ImmichFacts& facts)
  {
    if (!job_.library) return;
    for (std::string& pattern : external_folders_in_library(job_, facts)) {
      const bool is_new = std::ranges::find(job_.include, pattern) == job_.include.end();
      if (is_new) job_.include.push_back(std::move(pattern));
    }
  }

  Result<DumpInfo> planned_dump(Result<>& own)
  {
    DumpPlan planned =
        TRY(plan_dump(session_, *job_.database, job_.immich_version, findings_.notes()));
    own = guard_.require_own_immich(planned.facts);
    TRY(Result<>(own));
    cover_external_folders(planned.facts);
    in_maintenance_ = planned.facts.in_maintenance;
    return std::move(planned.info);
  }

  /// The audit needs both: what the database names, and the files.
  Result<SnapshotReader> reader()
  {
    if (!job_.library || job_.shard) return nullptr;
    database_audit_.emplace(session_, job_, catalog_->scratch);
    return [this](DatabaseSnapshot& snapshot, const ImmichFacts& facts) {
      return database_audit_->read(snapshot, facts);
    };
  }

  Result<> plan(const Library& library)
  {
    plan_.emplace(TRY(RunPlan::begin(catalog_->manifest)));
    LibraryPlan planned = TRY(plan_library(session_, job_, library, catalog_->manifest, *plan_,
                                           *rehash_, looked_at_ns_, *forecast_, findings_));
    scan_began_ns_ = planned.began_ns;
    report_.plan = planned.counts;
    tell_not_covered();
    tell_lack_of_room();
    report_.left_out = std::move(planned.left_out);
    unseen_ = planned.unseen;
    if (!unfinished_.empty()) forecast_->add_listing(report_.plan.known + report_.plan.to_read);
    uploads_.emplace(session_, job_, library, *catalog_, *plan_, *journal_, report_, findings_);
    return {};
  }

  /// What the owner does not cover any more stays, and looks like any other file of the backup.
  void tell_not_covered()
  {
    const std::uint64_t files = report_.plan.not_covered;
    if (files == 0 || job_.shard) return;
    not_covered_ = {
        .files = files,
        .since = not_covered_before_ ? not_covered_before_->since : journal_->started()};
    findings_.note(count_of(files, "file that an earlier run has stored is",
                            "files that earlier runs have stored are") +
                   " not covered any more, such as " + printable(report_.plan.first_not_covered) +
                   ": kept as before, and not looked at since " + format_iso(not_covered_->since) +
                   ". --extra-root and --include cover them again");
  }

  /// What is read and stored already needs no room, so this is not a fault yet.
  void tell_lack_of_room()
  {
    const FolderAddress* store = session_.store.address().folder();
    if (store == nullptr) return;
    const Result<FileSystem> disk = file_system_of(store->path);
    if (!disk || disk->free_bytes >= report_.plan.to_read_bytes) return;
    findings_.note("the disk of the store has " + format_bytes(disk->free_bytes) +
                   " free, and up to " + format_bytes(report_.plan.to_read_bytes) +
                   " have to be stored");
  }

  Result<BackupReport> foresee()
  {
    report_.usage = forecast_->usage(session_.usage_meter.usage(), report_.database.has_value(),
                                     report_.plan.gone > 0, renews_copy(session_, *catalog_));
    report_.cost = summarize_cost(
        report_.usage, forecast_->stored(all_stored(TRY(stored_totals(*catalog_)))), *forecast_);
    return std::move(report_);
  }

  Result<> carry_out_plan()
  {
    TRY(uploads_->run(unfinished_));
    // What no row claims may be another part's, which goes on at this moment.
    if (uploads_->is_out_of_time() || job_.shard) return {};
    TRY(claim_left_behind());
    TRY(archive());
    return fetch_unseen();
  }

  /// What unfinished runs had stored of files that have changed or gone since can be restored all
  /// the same.
  Result<> claim_left_behind()
  {
    if (unfinished_.empty()) return {};
    const std::uint64_t claimed = TRY(claim_what_was_left(session_, *catalog_, *plan_));
    if (claimed > 0) {
      findings_.note(count_of(claimed, "object", "objects") +
                     " that an unfinished run had stored of files which have changed or gone "
                     "since: kept as versions of these files (`immich-backup history PATH`)");
    }
    return {};
  }

  /// Files that are gone are kept in the store and marked. Where the dump failed, nothing is called
  /// gone: something is wrong with this installation, and the marks can wait.
  Result<> archive()
  {
    if (job_.database && !report_.database) {
      if (report_.plan.gone > 0) {
        findings_.note(
            count_of(report_.plan.gone, "file that is gone is", "files that are gone are") +
            " not marked so before the database can be dumped again");
      }
      return {};
    }
    if (uploads_->has_tripped()) return {};
    report_.archived = TRY(plan_->archive());
    return {};
  }

  /// The scan does not see a new photo that Immich moves from a folder that comes late in it to one
  /// that comes early, nor one that was replaced by another of the same size and time.
  Result<> fetch_unseen()
  {
    if (!report_.database || !database_audit_) return {};
    return uploads_->fetch(TRY(database_audit_->worth_another_look(catalog_->manifest)));
  }

  Ending decide_ending() const
  {
    if (job_.shard) return Ending::part;
    // Whoever interrupts does not want to wait for a manifest of a million files: a checkpoint will
    // do. Where several runs' manifests have to be merged, it will not: a restore point names one.
    const bool interrupted = !carried_out_ && carried_out_.error().code == Errc::cancelled;
    const bool can_rest = !catalog_->taken_over && catalog_->heads.size() <= 1;
    return interrupted && can_rest ? Ending::hurried : Ending::whole;
  }

  Result<> audit()
  {
    session_.progress.begin("comparing the database with what is stored", std::nullopt,
                            std::nullopt);
    TRY(place_and_judge());
    if (!report_.audit) return {};
    const Result<ProofHistory> proofs = proof_history(session_);
    if (proofs) {
      report_.store_listed = proofs->listed;
    } else {
      findings_.note("when the store was last verified could not be found out: " +
                     proofs.error().message);
    }
    return {};
  }

  Result<> place_and_judge()
  {
    audit_findings_ = {};
    Findings findings(session_.progress, audit_findings_);
    placed_for_ = TRY(database_audit_->place(catalog_->manifest, report_.database->object));
    const bool unfinished = uploads_->is_out_of_time() || uploads_->has_tripped();
    report_.audit = TRY(database_audit_->judge(catalog_->manifest, unfinished, findings));
    if (!report_.audit) placed_for_.reset();
    return {};
  }

  Result<> commit(Ending ending)
  {
    if (ending == Ending::whole) return commit_whole();
    session_.progress.begin("keeping what was stored", std::nullopt, std::nullopt);
    report_of_what_moved();
    report_of_times();
    if (catalog_->manifest.changed()) TRY(journal_->checkpoint(*catalog_));
    // Where a part took the dump, a restore point names it.
    if (ending == Ending::part && !report_.database) return {};
    RestorePoint point = TRY(restore_point());
    TRY(commit_restore_point(session_, *catalog_, point, findings_.notes()));
    take(point);
    return {};
  }

  Result<> commit_whole()
  {
    session_.progress.begin("committing the manifest", std::nullopt, std::nullopt);
    report_of_what_moved();
    report_of_times();
    Manifest& manifest = catalog_->manifest;
    if (manifest.changed()) {
      TRY(manifest.set_metadata("last_backup", format_iso(journal_->started())));
      TRY(manifest.set_metadata("run", journal_->run()));
      if (report_.database)
        TRY(manifest.set_metadata("immich_version", report_.database->immich_version));
    }
    // With the new dump as many as are to be kept; but never all of those that a restore point
    // names.
    const bool prunes = job_.keep_dumps > 0 && report_.database && report_.database->is_good();
    if (prunes) {
      retention_.remove_old(catalog_->listing, unfinished_,
                            std::max<std::uint64_t>(job_.keep_dumps, 2) - 1);
    }
    RestorePoint point = TRY(restore_point());
    report_.manifest_written = manifest.changed();
    // What other runs have recorded meanwhile changes what a restore brings.
    const auto after_merge = [&](RestorePoint& merged) -> Result<> {
      TRY(look_at_others());
      if (!report_.audit) return {};
      TRY(place_and_judge());
      tell(merged);
      return {};
    };
    TRY(commit_catalog(session_, *catalog_, point, after_merge, findings_.notes()));
    if (prunes && job_.keep_dumps == 1 && !retention_.is_denied()) {
      catalog_->listing = TRY(list_manifests(session_));
      retention_.add({.name = report_.database->object, .size = report_.database->bytes});
      retention_.remove_old(catalog_->listing, unfinished_, 1);
    }
    take(point);
    return {};
  }

  void end_journal(bool is_whole)
  {
    if (!is_whole) return journal_->stop();
    if (uploads_->is_out_of_time()) unfinished_.clear();  // the next run will claim what they left
    journal_->end(unfinished_, findings_.notes());
  }

  void report_of_what_moved()
  {
    report_of_vanished();
    report_of_changed();
  }

  /// Immich writes an upload under its final name, and its row last: a file that the dump does not
  /// name is of the next night.
  void report_of_changed()
  {
    if (!uploads_ || uploads_->changed().empty()) return;
    std::set<std::string> paths;
    for (const auto& [path, problem] : uploads_->changed()) paths.insert(path);
    if (report_.audit) {
      Result<std::set<std::string>> named = database_audit_->named_among(paths);
      if (named) paths = std::move(*named);
    }
    std::uint64_t unnamed = 0;
    std::string example;
    for (const auto& [path, problem] : uploads_->changed()) {
      if (paths.contains(path)) {
        ++report_.failed;
        findings_.problem(problem);
      } else if (unnamed++ == 0) {
        example = path;
      }
    }
    unnamed_changed_ = unnamed;
    if (unnamed == 0) return;
    findings_.note(count_of(unnamed, "file", "files") +
                   " that the database does not name changed while being read, such as " +
                   printable(example) +
                   ": an upload under way, as a rule, which the next run takes");
  }

  /// Where an audit was made, it says what matters of them.
  void report_of_vanished()
  {
    if (!uploads_ || uploads_->vanished().empty()) return;
    const std::vector<Problem>& vanished = uploads_->vanished();
    if (!report_.audit) {
      for (const Problem& problem : vanished) findings_.problem(problem);
      return;
    }
    findings_.note(count_of(vanished.size(), "file was", "files were") +
                   " moved or deleted while the backup ran, such as " +
                   printable(vanished.front().path) +
                   ": the audit tells whether an original is missing for it");
  }

  void report_of_times()
  {
    if (!uploads_ || uploads_->times_not_kept() == 0) return;
    const std::uint64_t count = uploads_->times_not_kept();
    findings_.note(count_of(count, "file has", "files have") +
                   " a time before 1677-09-22 or after 2262-04-11, which cannot be kept: first " +
                   printable(uploads_->first_time_not_kept()) +
                   ". A restore gives such a file the time at which it is restored, and every run "
                   "reads it. `touch` gives it a time that can be kept");
  }

  void take(const RestorePoint& point)
  {
    std::ranges::move(audit_findings_.problems, std::back_inserter(report_.header.problems));
    std::ranges::move(audit_findings_.notes, std::back_inserter(report_.header.notes));
    report_.complete = point.is_complete();
    report_.manifest = point.manifest;
    report_.totals = point.counts;
    report_.restore_point = point.time;
  }

  /// What is known of it before it has its time and its manifest.
  Result<RestorePoint> restore_point()
  {
    RestorePoint point{.started = journal_->started(),
                       .run = journal_->run(),
                       .program_version = std::string(kVersion),
                       .store = guard_.store_id(),
                       .covers = {.files = job_.library.has_value(),
                                  .database = job_.database.has_value(),
                                  .part = job_.shard || !carried_out_},
                       .database = report_.database,
                       .extra_roots = job_.extra_roots,
                       .missed = missed(),
                       .accepts_changes = job_.accept_changes,
                       .store_listed = report_.store_listed,
                       .location = location_,
                       .seeding = report_.seeding,
                       .not_covered = not_covered_,
                       .rehash = rehash_->round(uploads_ && uploads_->has_finished()),
                       .looked_at_ns = has_looked_at_all() ? scan_began_ns_ : looked_at_ns_,
                       .good_assets = good_assets_,
                       .may_not_prune = retention_.may_not_prune()};
    if (database_audit_) point.media_roots = database_audit_->media_roots();
    if (report_.audit) point.extra_roots = database_audit_->extra_roots();
    tell(point);
    // Reading all rows: once a run, and only where it is worth money.
    if (!forecast_->prices().free_of_charge()) {
      point.stored = TRY(stored_totals(*catalog_));
      stored_ = all_stored(*point.stored);
    }
    if (const auto cost = summarize_cost(session_.usage_meter.usage(), stored_, *forecast_)) {
      point.cost = cost->once;
      point.monthly_cost = cost->monthly;
    }
    return point;
  }

  /// What the audit says, and all problems.
  void tell(RestorePoint& point) const
  {
    point.audit = report_.audit;
    point.placed_for = placed_for_;
    point.problems = report_.header.problems;
    std::ranges::copy(audit_findings_.problems, std::back_inserter(point.problems));
    point.problem_count = point.problems.size();
  }

  /// Whether every file was read that may have changed. One on a disk that is away may have.
  bool has_looked_at_all() const
  {
    return uploads_ && uploads_->has_finished() && missed() == 0 &&
           report_.plan.missing_but_kept == 0 && !job_.shard;
  }

  std::uint64_t missed() const
  {
    if (!uploads_) return 0;
    const std::uint64_t left = report_.seeding ? report_.seeding->files_left : 0;
    return report_.failed + unnamed_changed_ + uploads_->vanished().size() + uploads_->held_back() +
           unseen_ + left;
  }

  /// What the store keeps: what the rows rely on, and what the listings tell that were made anyway.
  StoredTotals all_stored(StoredTotals totals) const
  {
    totals[StoredKind::manifests] = catalog_->listing.stored;
    totals[StoredKind::dumps] = amounts_of(retention_.dumps());
    if (report_.database && !report_.dry_run)
      totals[StoredKind::dumps][session_.spending.classes.dumps] +=
          {.objects = 1, .bytes = report_.database->bytes};
    return totals;
  }

  const Session& session_;
  BackupJob job_;  // it learns from the database
  BackupReport report_;
  Findings findings_{session_.progress, report_.header};
  std::optional<std::string> location_;
  std::optional<BackupForecast> forecast_;
  StoredTotals stored_;  // after the run, but for its manifest
  std::optional<Catalog> catalog_;
  std::vector<UnfinishedRun> unfinished_;
  std::optional<RunJournal> journal_;
  StoreGuard guard_{session_, job_, findings_};
  DumpRetention retention_{session_, findings_};
  std::optional<std::uint64_t> good_assets_;  // in the newest good dump
  std::optional<DatabaseAudit> database_audit_;
  std::optional<Rehash> rehash_;
  std::optional<std::int64_t> looked_at_ns_, scan_began_ns_;
  std::optional<RunPlan> plan_;
  std::optional<Uploads> uploads_;
  std::uint64_t unseen_ = 0;  // folders and files that the scan could not look at
  Result<> carried_out_;
  ReportHeader audit_findings_;  // problems and notes: made anew by each audit
  std::optional<std::string> placed_for_;
  bool in_maintenance_ = false;
  std::optional<NotCovered> not_covered_before_, not_covered_;
  std::uint64_t unnamed_changed_ = 0;  // files that changed while they were read
};

}  // namespace

Result<BackupReport> run_backup(const Session& session, const BackupJob& job)
{
  return BackupRun(session, job).run();
}

}  // namespace ib
