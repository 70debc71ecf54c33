// SPDX-License-Identifier: Apache-2.0
#include "app/prune.hpp"

#include "app/spending.hpp"
#include "base/text.hpp"
#include "repository/catalog.hpp"
#include "repository/documents.hpp"
#include "repository/dumps.hpp"
#include "repository/listing.hpp"
#include "repository/restore_points.hpp"
#include "repository/runs.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace ib {
namespace {

constexpr std::uint64_t kLargestMark = std::uint64_t{1024} * 1024;
// A run that has not said that it began, since it has nothing to upload, is over by then.
constexpr std::chrono::days kLongestSilentRun{7};
// A run that another one has taken in was only slow, perhaps: no upload lives for so long.
constexpr std::chrono::days kTakenInForGood{30};

class Prune {
public:
  Prune(const Session& session, const PruneJob& job) : session_(session), job_(job)
  {
    report_.header.command = "prune";
    report_.header.store = session.store.url();
    report_.dry_run = !job.remove;
  }

  Result<PruneReport> run()
  {
    if (!job_.rules.any()) {
      return fail(Errc::invalid, "nothing says what is to be kept",
                  "For example --keep-last 14 --keep-monthly 12. Without --yes it only shows what "
                  "would go.");
    }
    session_.progress.begin("looking at what is stored", std::nullopt, std::nullopt);
    TRY(look());
    TRY(decide());
    choose_dumps();
    choose_manifests();
    TRY(choose_runs());
    TRY(choose_proofs());
    sum_up();
    if (job_.remove) TRY(remove());
    report_.usage = session_.usage_meter.usage();
    return std::move(report_);
  }

private:
  struct Known {
    ManifestListing::Entry entry;
    RestorePoint point;
  };

  Result<> look()
  {
    listing_ = TRY(list_manifests(session_));
    unfinished_ = TRY(unfinished_runs(session_));
    dumps_ = TRY(list_dump_objects(session_));
    for (const ManifestListing::Entry& entry : listing_.restore_points) {
      if (session_.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
      Result<RestorePoint> point = read_restore_point(session_, entry.name);
      if (point) {
        points_.push_back({entry, std::move(*point)});
        continue;
      }
      if (point.error().code != Errc::corrupt) return std::unexpected(std::move(point).error());
      // It stays, and nobody knows what it rests on.
      sure_ = false;
      report_.header.problems.push_back(
          problem_from(point.error(), "restore_point_damaged", entry.name.value));
    }
    return {};
  }

  bool has_good_dump(const RestorePoint& point) const
  {
    if (!point.database || !point.database->is_good()) return false;
    const auto there = std::ranges::find(dumps_, point.database->object, &ObjectInfo::name);
    return there != dumps_.end() && there->size == point.database->object_bytes();
  }

  Result<> decide()
  {
    std::vector<RetentionCandidate> candidates;
    candidates.reserve(points_.size());
    for (const Known& known : points_)
      candidates.push_back(
          {known.entry.time, has_good_dump(known.point), known.point.is_complete()});
    if (std::ranges::none_of(candidates, &RetentionCandidate::counts)) {
      // Files alone are backed up here, perhaps: then a complete restore point is what is to be
      // kept.
      const bool dumped = std::ranges::any_of(
          points_, [](const Known& known) { return known.point.database.has_value(); });
      for (RetentionCandidate& each : candidates) each.counts = !dumped && each.complete;
    }
    const std::vector<std::string> reasons = reasons_to_keep(candidates, job_.rules);
    for (std::size_t i = 0; i < points_.size(); ++i) {
      const Known& known = points_[i];
      if (reasons[i].empty()) {
        report_.restore_points.push_back(known.entry.time);
        choose(known.entry.name, known.entry.size, known.entry.storage_class, known.entry.time,
               report_.documents);
        continue;
      }
      report_.kept.push_back({known.entry.time, known.point.is_complete(), reasons[i]});
      if (known.point.manifest) need(*known.point.manifest);
      for (const CheckpointInfo& checkpoint : known.point.checkpoints)
        needed_.insert(checkpoint.object);
      if (known.point.database) needed_.insert(known.point.database->object);
    }
    return {};
  }

  void need(const ManifestInfo& manifest)
  {
    needed_.insert(manifest.object);
    if (manifest.base) needed_.insert(manifest.base->object);
  }

  /// Whether some restore point names it, one that goes.
  bool goes_with_its_restore_point(const ObjectName& name) const
  {
    return std::ranges::any_of(points_, [&](const Known& known) {
      return (known.point.database && known.point.database->object == name) ||
             (known.point.manifest && known.point.manifest->object == name);
    });
  }

  /// A dump that no restore point names is what a run that died has left, or one that is still
  /// going on.
  void choose_dumps()
  {
    for (const ObjectInfo& dump : dumps_) {
      const std::optional<Timestamp> time = dump_time(dump.name);
      if (!time || needed_.contains(dump.name)) continue;
      const bool nobodys = sure_ && listing_.store_time - *time > kLongestSilentRun &&
                           !may_belong_to(unfinished_, *time);
      if (!goes_with_its_restore_point(dump.name) && !nobodys) continue;
      choose(dump.name, dump.size.value_or(0), dump.storage_class, *time, report_.dumps);
    }
  }

  /// A manifest that was the newest within the last week may be what a run that is going on rests
  /// on, and what was the newest when an unfinished run began. What a delta lies on stays with it.
  void choose_manifests()
  {
    const auto& manifests = listing_.manifests;
    if (!sure_ || manifests.empty()) return;
    const std::vector<ManifestListing::Entry> heads = listing_.heads();
    if (heads.size() != 1) {
      report_.header.notes.emplace_back(
          "runs that did not know of each other have left several newest manifests: none is "
          "removed before a backup has merged them");
      return;
    }
    std::vector<ManifestListing::Entry> leaving;
    for (std::size_t i = 0; i < manifests.size(); ++i) {
      const ManifestListing::Entry& entry = manifests[i];
      const bool is_newest = i + 1 == manifests.size();
      if (!is_newest && !is_in_use(manifests[i + 1].time) && !needed_.contains(entry.name) &&
          entry.name != heads.front().name) {
        leaving.push_back(entry);
        continue;
      }
      if (!entry.base.empty()) needed_.insert({entry.base});
      // Its metadata is lost, and no restore point tells: it may be a delta.
      if (!entry.generation && entry.sha256.empty()) {
        report_.header.notes.push_back(
            entry.name.value +
            " does not say what it lies on: no manifest is removed before a backup has written a "
            "new one, and this one can go");
        return;
      }
    }
    for (const ManifestListing::Entry& entry : leaving) {
      if (needed_.contains(entry.name)) continue;
      choose(entry.name, entry.size, entry.storage_class, entry.time, report_.manifests);
    }
  }

  /// Of a manifest that was replaced then.
  bool is_in_use(Timestamp replaced) const
  {
    return listing_.store_time - replaced <= kLongestSilentRun ||
           std::ranges::any_of(unfinished_, [&](const UnfinishedRun& run) {
             const std::optional<Timestamp> start = run_start(run.run);
             return !start || *start <= replaced;
           });
  }

  Result<> choose_runs()
  {
    std::map<std::string, std::vector<ObjectInfo>> runs;
    const std::unique_ptr<ObjectCursor> cursor =
        TRY(session_.store.list(std::string(kRunsPrefix), "", session_.stop));
    while (std::optional<ObjectInfo> info = TRY(cursor->next()))
      runs[run_of(info->name)].push_back(std::move(*info));
    for (const auto& [run, objects] : runs) {
      const std::optional<Timestamp> start = run_start(run);
      const bool needed = std::ranges::any_of(
          objects, [&](const ObjectInfo& object) { return needed_.contains(object.name); });
      const bool unfinished = std::ranges::any_of(
          unfinished_, [&](const UnfinishedRun& each) { return each.run == run; });
      if (!sure_ || !start || needed || unfinished || !TRY(is_over(run, objects))) continue;
      // In their order: without its beginning a run is none, whatever is left of it.
      for (const ObjectInfo& object : objects)
        choose(object.name, object.size.value_or(0), object.storage_class, *start, report_.runs);
    }
    return {};
  }

  /// By its own word, or since another one has taken it in so long ago that it was not only slow.
  Result<bool> is_over(const std::string& run, const std::vector<ObjectInfo>& objects) const
  {
    std::optional<Timestamp> taken_in;
    for (const ObjectInfo& object : objects) {
      if (object.name == end_mark_name(run)) return true;
      if (!taken_in_number(object.name)) continue;
      const Result<std::string> json =
          get_small(session_.store, object.name, kLargestMark, session_.stop);
      if (!json && json.error().code == Errc::not_found) continue;
      const Result<RunMark> mark =
          parse_run_mark(TRY(Result<std::string>(json)), object.name.value);
      if (mark) taken_in = std::max(taken_in, std::optional(mark->time));
    }
    return taken_in && listing_.store_time - *taken_in > kTakenInForGood;
  }

  /// What is older than every restore point that is kept, but for the newest.
  Result<> choose_proofs()
  {
    std::vector<ObjectInfo> proofs;
    const std::unique_ptr<ObjectCursor> cursor =
        TRY(session_.store.list(std::string(kProofsPrefix), "", session_.stop));
    while (std::optional<ObjectInfo> info = TRY(cursor->next())) {
      if (proof_time(info->name)) proofs.push_back(std::move(*info));
    }
    for (std::size_t i = 0; i + kProofsKept < proofs.size(); ++i) {
      const Timestamp time = *proof_time(proofs[i].name);
      if (report_.kept.empty() || time >= report_.kept.front().time) return {};
      choose(proofs[i].name, proofs[i].size.value_or(0), proofs[i].storage_class, time,
             report_.proofs);
    }
    return {};
  }

  void choose(const ObjectName& name, std::uint64_t size, std::optional<StorageClass> storage_class,
              Timestamp created, StoredAmount& kind)
  {
    std::optional<RemovableName> removable = RemovableName::of(name);
    if (!removable) return;
    const StoredAmount amount{.objects = 1, .bytes = size};
    const StorageClass stored_in = storage_class.value_or(StorageClass::standard);
    kind += amount;
    report_.freed[stored_in] += amount;
    chosen_.push_back(std::move(*removable));
    ages_.push_back({stored_in, size, listing_.store_time - created});
  }

  void sum_up()
  {
    const Prices prices = prices_at(session_, find_location(session_));
    if (prices.free_of_charge()) return;
    double monthly = 0, early = 0;
    for (const StorageClass each : kStorageClasses)
      monthly += monthly_cost(report_.freed[each], each, prices);
    for (const Age& each : ages_)
      early += cost_of_early_removal(each.size, each.storage_class,
                                     static_cast<double>(each.age.count()) / 86400, prices);
    report_.saves_monthly = monthly;
    report_.early = early;
  }

  /// The restore points first: what is left of them when this is killed rests on everything that it
  /// names.
  Result<> remove()
  {
    if (chosen_.empty()) return {};
    // What older manifests are for is to make up for a damaged one.
    if (report_.manifests.objects > 0) TRY(load_catalog(session_));
    session_.progress.begin("removing what is not kept", chosen_.size(), std::nullopt);
    for (const RemovableName& name : chosen_) {
      if (session_.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
      TRY(session_.store.remove(name, session_.stop)
              .context(report_.removed == 0
                           ? std::string("nothing was removed")
                           : format_count(report_.removed) + " of " + format_count(chosen_.size()) +
                                 " objects were removed"));
      ++report_.removed;
      session_.progress.advance(1, 0);
    }
    return {};
  }

  static constexpr std::size_t kProofsKept = 120;
  struct Age {
    StorageClass storage_class;
    std::uint64_t size = 0;
    std::chrono::seconds age{};
  };

  const Session& session_;
  const PruneJob& job_;
  PruneReport report_;
  ManifestListing listing_;
  std::vector<UnfinishedRun> unfinished_;
  std::vector<ObjectInfo> dumps_;
  std::vector<Known> points_;
  bool sure_ = true;                   // every restore point could be read
  std::set<ObjectName> needed_;        // by restore points that are kept
  std::vector<RemovableName> chosen_;  // in the order in which they go
  std::vector<Age> ages_;
};

}  // namespace

Result<PruneReport> run_prune(const Session& session, const PruneJob& job)
{
  return Prune(session, job).run();
}

}  // namespace ib
