// SPDX-License-Identifier: Apache-2.0
#include "app/verify/drill.hpp"

#include "app/findings.hpp"
#include "app/spending.hpp"
#include "app/verify/drill_database.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "core/names/restore_path.hpp"
#include "core/records/file_record.hpp"
#include "core/selection/rotation.hpp"
#include "repository/ancestry.hpp"
#include "repository/catalog.hpp"
#include "repository/documents.hpp"
#include "repository/point_choice.hpp"
#include "repository/point_files.hpp"
#include "repository/proofs.hpp"
#include "sys/file.hpp"
#include "transfer/download.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <memory>
#include <utility>

namespace ib {
namespace {

constexpr double kWeeksPerMonth = 365.25 / 12 / 7;

class Drill {
public:
  Drill(const Session& session, const DrillJob& job) : session_(session), job_(job)
  {
    report_.header.command = "verify-restore";
    report_.header.store = session.store.url();
  }

  Result<DrillReport> run()
  {
    if (!job_.server && job_.is_told_of_immichs_database)
      findings_.note(
          "Immich's own server (DB_*) was left alone: the drill starts one for itself. DRILL_DB_* "
          "names another one for it");
    if (job_.server) TRY(refuse_a_server_of_immichs(session_, job_.server->address));
    session_.progress.begin("reading the manifest", std::nullopt, std::nullopt);
    Catalog catalog = TRY(require_catalog(session_));
    PointChoice choice = TRY(choose_point(session_, catalog.listing, job_.at));
    const RestorePoint& point = choice.point;
    report_.restore_point = point.time;
    note(choice);
    prices_ = prices_at(session_, find_location(session_));
    for (Problem& problem : TRY(contradictions_of(session_, catalog)))
      findings_.problem(std::move(problem));

    // What would a restore bring? The database is compared with it, and a part of it restored.
    std::optional<PointFiles> files;
    if (point.covers.files) {
      files.emplace(TRY(PointFiles::open(session_, catalog, point)));
      if (!files->is_own()) not_proven(files->obstacle_text(), "docs/damage.md says what to do.");
    }
    TRY(prove_database(choice, files ? &*files : nullptr));
    if (files) TRY(prove_files(files->set()));
    return conclude();
  }

private:
  /// Of newer points, and of what a restore would ask about first.
  void note(PointChoice& choice)
  {
    std::ranges::move(choice.notes, std::back_inserter(report_.header.notes));
    for (const std::string& doubt : choice.doubts)
      findings_.note("a restore of it asks first: " + doubt);
  }

  Result<DrillReport> conclude()
  {
    report_.usage = session_.usage_meter.usage();
    if (!prices_.free_of_charge()) report_.cost = cost_of(report_.usage, prices_);
    report_.verdict = report_.damaged > 0            ? Proof::Verdict::damaged
                      : findings_.problems().empty() ? Proof::Verdict::proven
                                                     : Proof::Verdict::not_proven;
    store_proof(session_,
                {.command = "verify-restore",
                 .program_version = std::string(kVersion),
                 .verdict = report_.verdict,
                 .restore_point = report_.restore_point,
                 .objects = looked_at_,
                 .present = report_.read_back,
                 .read_back = report_.read_back,
                 .read_back_bytes = report_.read_back_bytes,
                 .damaged = report_.damaged,
                 .damaged_read_back = damaged_read_back_,
                 .proven = proven_,
                 .drill = Proof::Drill{.restored = report_.restored,
                                       .tables = report_.tables,
                                       .rows = report_.rows,
                                       .originals = report_.originals,
                                       .protected_originals = report_.protected_originals}},
                report_.header.notes);
    // That it cannot be told does not undo what was proven.
    if (const Result<ProofHistory> history = proof_history(session_))
      report_.proven_since = history->proven_since;
    return std::move(report_);
  }

  void not_proven(std::string message, std::string hint)
  {
    findings_.problem(
        {.path = "", .code = "not_proven", .message = std::move(message), .hint = std::move(hint)});
  }

  void damage(std::string code, const std::string& path, std::string message)
  {
    ++report_.damaged;
    findings_.problem({.path = path,
                       .code = std::move(code),
                       .message = std::move(message),
                       .hint = "docs/damage.md says what to do."});
  }

  Result<> prove_database(const PointChoice& choice, const PointFiles* files)
  {
    const RestorePoint& point = choice.point;
    if (!point.database) {
      findings_.note("the restore point has no database dump: its files alone were looked at");
      return {};
    }
    report_.dump = point.database;
    if (!choice.has_its_dump) {
      not_proven(point.database->object.value +
                     ": the dump of the restore point is not in the store any more",
                 "`immich-backup restore-points` shows which restore points have theirs.");
      return {};
    }
    TRY(approve_spending(session_,
                         cost_of(reading({.objects = 1, .bytes = point.database->bytes},
                                         session_.spending.classes.dumps),
                                 prices_),
                         "reading the dump"));
    return DatabaseDrill(session_, job_, report_, findings_)
        .prove(point, files != nullptr ? &files->set() : nullptr,
               files != nullptr && files->is_own());
  }

  // ---- the files

  Result<> prove_files(const RestoreSet& files)
  {
    Rotation rotation = TRY(choose_rotation(files));
    std::uint64_t bytes = 0;
    Usage expected;
    TRY(each_file(files, [&](const FileRecord& record) -> Result<> {
      if (!rotation.is_due(record.path)) return {};
      ++report_.due;
      bytes += record.content.size;
      expected += reading({.objects = 1, .bytes = record.content.size},
                          record.storage_class.value_or(StorageClass::archive));
      return {};
    }));
    const double cost = cost_of(expected, prices_);
    report_.weeks = rotation.parts;
    if (job_.sample) {
      TRY(approve_spending(session_, cost,
                           "reading " + count_of(report_.due, "file", "files") + " back"));
    } else if (!prices_.free_of_charge()) {
      afford(rotation, cost);
    }
    session_.progress.begin("restoring a part of the files", report_.due, bytes);
    TRY(read_back(files, rotation));
    // A part of which each file was whole; not one that the budget did not reach for.
    if (report_.read_back == report_.due)
      proven_ = Shard{.parts = rotation.parts, .part = rotation.part};
    return {};
  }

  /// As much of what is due as the budget pays for, and the person is told how long all of it takes
  /// then.
  void afford(Rotation& rotation, double cost)
  {
    const double budget = std::max(0.0, session_.spending.budget.value_or(kDrillBudget) -
                                            cost_of(session_.usage_meter.usage(), prices_));
    if (cost <= budget) return;
    rotation.affordable = budget / cost;
    report_.header.notes.push_back(
        "reading back what is due costs about " + format_dollars(cost) + ": the budget of " +
        format_dollars(session_.spending.budget.value_or(kDrillBudget)) + " pays for " +
        std::to_string(static_cast<int>(rotation.affordable * 100)) +
        " % of it, chosen anew each time");
    report_.weeks = 0;
  }

  Result<Rotation> choose_rotation(const RestoreSet& files)
  {
    TRY(each_file(files, [&](const FileRecord&) -> Result<> {
      ++report_.files;
      return {};
    }));
    const auto by_time = static_cast<std::uint64_t>(std::max(1.0, job_.months * kWeeksPerMonth));
    const std::uint64_t parts =
        job_.sample ? (report_.files + *job_.sample - 1) / *job_.sample : by_time;
    return Rotation::at(TRY(session_.store.now(session_.stop)), parts);
  }

  Result<> each_file(const RestoreSet& files,
                     const std::function<Result<>(const FileRecord&)>& take)
  {
    const std::unique_ptr<RecordCursor> records = TRY(files.records());
    while (const std::optional<FileRecord> record = TRY(records->next())) {
      if (session_.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
      TRY(take(*record));
    }
    return {};
  }

  Result<> read_back(const RestoreSet& files, const Rotation& rotation)
  {
    const ScratchFolder scratch = TRY(ScratchFolder::create(session_.scratch_parent));
    const Folder target = TRY(Folder::open(scratch.path()));
    const std::unique_ptr<RecordCursor> records = TRY(files.records());
    return run_downloads(
        session_.store,
        {.workers = session_.workers, .target = &target, .overwrite = Overwrite::always},
        {.next = [&]() -> Result<std::optional<DownloadItem>> {
           while (std::optional<FileRecord> record = TRY(records->next())) {
             if (!rotation.chooses(record->path)) continue;
             const Result<std::string> path = restore_path(record->path);
             if (!path) {
               damage("unsafe_path", record->path, path.error().message);
               continue;
             }
             return DownloadItem{.object = record->object_name(),
                                 .content = record->content,
                                 .path = record->path,
                                 .target = *path,
                                 .mtime_ns = record->mtime_ns};
           }
           return std::nullopt;
         },
         .done = [&](const DownloadResult& result) -> Result<> {
           ++looked_at_;
           if (result.end) {
             ++report_.read_back;
             report_.read_back_bytes += result.item.content.size;
             // No more than what is on its way has to fit into the scratch folder.
             return target.remove_file(*result.item.target);
           }
           const Error& error = result.end.error();
           const std::string message = printable(result.item.path) + ": " + error.message;
           if (error.code == Errc::corrupt) {
             ++damaged_read_back_;
             damage("object_damaged", result.item.path, message);
           } else {
             findings_.problem({.path = result.item.path,
                                .code = "not_restored",
                                .message = message,
                                .hint = error.hint});
           }
           return {};
         }},
        session_.progress, session_.stop);
  }

  const Session& session_;
  const DrillJob& job_;
  DrillReport report_;
  Findings findings_{session_.progress, report_.header};
  Prices prices_;
  std::uint64_t looked_at_ = 0, damaged_read_back_ = 0;  // files
  std::optional<Shard> proven_;
};

}  // namespace

Result<DrillReport> run_drill(const Session& session, const DrillJob& job)
{
  return Drill(session, job).run();
}

}  // namespace ib
