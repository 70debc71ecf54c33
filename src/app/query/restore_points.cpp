// SPDX-License-Identifier: Apache-2.0
#include "app/query/restore_points.hpp"

#include "repository/catalog.hpp"
#include "repository/dumps.hpp"
#include "repository/listing.hpp"
#include "repository/restore_points.hpp"

#include <set>
#include <utility>

namespace ib {

Result<RestorePointsReport> run_restore_points(const Session& session)
{
  RestorePointsReport report;
  report.header.command = "snapshots";
  report.header.store = session.store.url();
  std::set<ObjectName> dumps;
  for (const ObjectInfo& dump : TRY(list_dump_objects(session))) dumps.insert(dump.name);
  const ManifestListing listing = TRY(list_manifests(session));
  TRY(require_backup(session, listing));
  for (const ManifestListing::Entry& entry : listing.restore_points) {
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

}  // namespace ib
