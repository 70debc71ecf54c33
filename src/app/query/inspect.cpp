// SPDX-License-Identifier: Apache-2.0
#include "app/query/inspect.hpp"

#include "core/selection/scope.hpp"
#include "repository/catalog.hpp"
#include "repository/dumps.hpp"
#include "repository/listing.hpp"
#include "repository/proofs.hpp"
#include "repository/restore_points.hpp"
#include "repository/runs.hpp"

#include <algorithm>
#include <set>

namespace ib {
Result<StatusReport> run_status(const Session& session)
{
  StatusReport report;
  report.header.command = "status";
  report.header.store = session.store.url();
  const ManifestListing listing = TRY(list_manifests(session));
  report.now = listing.store_time;
  report.restore_points = listing.restore_points.size();
  std::optional<Timestamp> rebuilt;
  for (auto it = listing.restore_points.rbegin();
       it != listing.restore_points.rend() && !report.newest_complete; ++it) {
    const RestorePoint point = TRY(read_restore_point(session, it->name));
    if (!report.newest) report.newest = point;
    if (point.rebuilt) rebuilt = std::max(rebuilt, std::optional(point.time));
    if (point.complete) report.newest_complete = point;
  }
  for (const ManifestListing::Entry& entry : listing.restore_points)
    if (entry.facts && entry.facts->rebuilt) rebuilt = std::max(rebuilt, std::optional(entry.time));
  const Result<std::optional<Verified>> proof = last_verified(session, rebuilt);
  if (!proof && proof.error().code == Errc::denied) {
    // The backup's own credential need not read proofs.
    report.header.notes.emplace_back(
        "whether it was verified is not known: this credential may not read proofs/");
  } else if (!proof) {
    return std::unexpected(proof.error());
  } else if (*proof) {
    report.last_verified = (*proof)->last;
    report.last_verified_ok = !(*proof)->damage;
    report.damage_found = (*proof)->damage;
  }
  report.proven_since = TRY(proof_history(session)).proven_since;
  for (const UnfinishedRun& run : TRY(unfinished_runs(session)))
    report.unfinished_runs.push_back(run.run);
  return report;
}

Result<RestorePointsReport> run_restore_points(const Session& session)
{
  RestorePointsReport report;
  report.header.command = "snapshots";
  report.header.store = session.store.url();
  std::set<ObjectName> dumps;
  for (const ObjectInfo& dump : TRY(list_dump_objects(session))) dumps.insert(dump.name);
  for (const ManifestListing::Entry& entry : TRY(list_manifests(session)).restore_points) {
    Result<RestorePoint> point = read_restore_point(session, entry.name);
    if (point) {
      if (point->database && !dumps.contains(point->database->object))
        report.without_their_dump.insert(point->time);
      report.restore_points.push_back(std::move(*point));
    } else if (point.error().code == Errc::corrupt) {
      report.header.problems.push_back(
          problem_from(point.error(), "restore_point_damaged", entry.name.value));
    } else {
      return std::unexpected(std::move(point).error());
    }
  }
  return report;
}

Result<> run_ls(const Session& session, const LsJob& job,
                const std::function<Result<>(const FileRecord&)>& show)
{
  const std::vector<PathPattern> patterns = TRY(parse_patterns(job.patterns));
  Catalog catalog = TRY(require_catalog(session));
  const RestorePoint point = TRY(choose_restore_point(session, catalog.listing, job.at));
  TRY(go_back_to(session, catalog, point));
  const std::unique_ptr<RecordCursor> rows = TRY(catalog.manifest.records_at(point.time));
  while (std::optional<FileRecord> record = TRY(rows->next())) {
    if (session.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
    const bool wanted =
        patterns.empty() || std::ranges::any_of(patterns, [&](const PathPattern& p) {
          return p.matches_file(record->path);
        });
    if (wanted) TRY(show(*record));
  }
  return {};
}

}  // namespace ib
