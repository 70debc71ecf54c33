// SPDX-License-Identifier: Apache-2.0
#include "app/restore/dump_choice.hpp"

#include "app/restore/doubts.hpp"
#include "base/text.hpp"
#include "repository/catalog.hpp"
#include "repository/dumps.hpp"
#include "repository/listing.hpp"
#include "repository/point_choice.hpp"
#include "repository/restore_points.hpp"

#include <algorithm>
#include <ranges>
#include <utility>

namespace ib {
namespace {

/// A dump that is named: as the newest restore point has recorded it, or else its own gzip checksum
/// and last line have to vouch for it.
Result<DumpChoice> choose_named(const Session& session, const std::string& name,
                                std::optional<Timestamp> at)
{
  DumpChoice chosen{.dump = {.object = {name}}};
  const std::vector<ObjectInfo> dumps = TRY(list_dump_objects(session));
  if (std::ranges::find(dumps, chosen.dump.object, &ObjectInfo::name) == dumps.end()) {
    return fail(Errc::invalid, "there is no dump '" + printable(name) + "' in the store",
                "`immich-backup restore-points` shows which restore points have one.");
  }
  const ManifestListing listing = TRY(list_manifests(session));
  for (const ManifestListing::Entry& entry : listing.restore_points | std::views::reverse) {
    const PointFacts facts = TRY(facts_of(session, entry));
    if (facts.dump != chosen.dump.object || (at && entry.time > *at)) continue;
    const RestorePoint point = TRY(read_restore_point(session, entry.name));
    chosen.dump = *point.database;
    chosen.restore_point = point.time;
    break;
  }
  return chosen;
}

/// That of the restore point which a restore of the files takes, too.
Result<DumpChoice> choose_of_point(const Session& session, std::optional<Timestamp> at)
{
  const ManifestListing listing = TRY(list_manifests(session));
  TRY(require_backup(session, listing));
  PointChoice choice = TRY(choose_point(session, listing, at));
  const RestorePoint& point = choice.point;
  if (!point.database) {
    return fail(Errc::invalid,
                "restore point " + format_iso(point.time) + " has no database dump" +
                    (at ? "" : ", nor has any other"),
                "`immich-backup restore-points` lists them; --dump database/NAME restores one by "
                "its name.");
  }
  if (!choice.has_its_dump) {
    return fail(Errc::invalid,
                "the dump of restore point " + format_iso(point.time) +
                    " is not in the store any more: it was removed (--keep-last, prune)",
                "`immich-backup restore-points` shows which restore points have theirs.");
  }
  TRY(settle_doubts(session, choice, "restore-database"));
  return DumpChoice{
      .dump = *point.database, .restore_point = point.time, .notes = std::move(choice.notes)};
}

}  // namespace

Result<DumpChoice> choose_dump(const Session& session, const std::optional<std::string>& name,
                               std::optional<Timestamp> at)
{
  return name ? choose_named(session, *name, at) : choose_of_point(session, at);
}

}  // namespace ib
