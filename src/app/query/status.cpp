// SPDX-License-Identifier: Apache-2.0
#include "app/query/status.hpp"

#include "repository/catalog.hpp"
#include "repository/encrypted_store.hpp"
#include "repository/listing.hpp"
#include "repository/point_choice.hpp"
#include "repository/proofs.hpp"
#include "repository/restore_points.hpp"
#include "repository/runs.hpp"

#include <algorithm>
#include <optional>

namespace ib {

std::uint64_t objects_opened_by(const std::vector<AgeIdentity>& identities,
                                const RestorePoint& point)
{
  std::uint64_t objects = 0;
  for (const RecipientSet& set : point.recipients) {
    const bool opens = std::ranges::any_of(identities, [&](const AgeIdentity& identity) {
      return std::ranges::find(set.keys, identity.recipient().text()) != set.keys.end();
    });
    if (opens) objects += set.objects;
  }
  return objects;
}

Result<StatusReport> run_status(const Session& session)
{
  StatusReport report;
  report.header.command = "status";
  report.header.store = session.store.url();
  const ManifestListing listing = TRY(list_manifests(session));
  TRY(require_backup(session, listing));
  report.now = listing.store_time;
  report.restore_points = listing.restore_points.size();
  for (const ManifestListing::Entry& entry : listing.manifests)
    report.manifests += {.objects = 1, .bytes = entry.size};
  std::optional<Timestamp> rebuilt;
  for (auto it = listing.restore_points.rbegin();
       it != listing.restore_points.rend() && !report.newest_complete; ++it) {
    const RestorePoint point = TRY(read_restore_point(session, it->name));
    if (!report.newest) report.newest = point;
    if (point.rebuilt) rebuilt = std::max(rebuilt, std::optional(point.time));
    if (point.is_complete()) report.newest_complete = point;
  }
  for (const ManifestListing::Entry& entry : listing.restore_points)
    if (entry.facts && entry.facts->rebuilt) rebuilt = std::max(rebuilt, std::optional(entry.time));
  if (report.newest) {
    PointChoice choice = TRY(choose_point(session, listing, std::nullopt));
    report.restores = std::move(choice.point);
    report.doubts = std::move(choice.doubts);
  }
  const Result<std::optional<Verified>> proof = last_verified(session, rebuilt);
  if (!proof && proof.error().code == Errc::denied) {
    // The backup's own credential need not read proofs.
    report.may_not_read_proofs = true;
    report.header.notes.emplace_back(
        "whether it was verified is not known: this credential may not read proofs/");
  } else if (!proof) {
    return std::unexpected(proof.error());
  } else if (*proof) {
    report.last_verified = (*proof)->last;
    report.last_verified_ok = !(*proof)->damage;
    report.damage_found = (*proof)->damage;
  }
  const ProofHistory history = TRY(proof_history(session));
  report.last_drill = history.drilled;
  report.drill_proven = history.drill_proven;
  report.proven_since = history.proven_since;
  if (session.encryption != nullptr && report.newest && !report.newest->recipients.empty()) {
    const std::vector<AgeIdentity>& identities = session.encryption->keys().identities;
    if (!identities.empty()) report.opened_objects = objects_opened_by(identities, *report.newest);
    report.nobody_has_opened_it =
        !report.may_not_read_proofs && !report.drill_proven && !report.proven_since;
  }
  for (const UnfinishedRun& run : TRY(unfinished_runs(session)))
    report.unfinished_runs.push_back(run.run);
  return report;
}

}  // namespace ib
