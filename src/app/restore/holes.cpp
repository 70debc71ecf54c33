// SPDX-License-Identifier: Apache-2.0
#include "app/restore/holes.hpp"

#include "base/text.hpp"
#include "core/records/path_history.hpp"
#include "repository/path_histories.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace ib {
namespace {

bool is_hole(const Problem& problem)
{
  return !problem.path.empty() &&
         (problem.code == "not_protected" || problem.code == "differs_from_immich");
}

/// The newest point but `point` that has something at `path`.
Result<std::optional<Timestamp>> who_has(const Catalog& catalog, PathHistories& histories,
                                         const RestorePoint& point, const std::string& path)
{
  const PathHistory history = TRY(histories.of(TRY(catalog.manifest.history(path))));
  std::optional<Timestamp> newest;
  for (const HistoryEntry& entry : history.entries) {
    if (entry.restore_at && *entry.restore_at != point.time)
      newest = std::max(newest, entry.restore_at);
  }
  return newest;
}

}  // namespace

Result<> report_holes(const Session& session, Catalog& catalog, const RestorePoint& point,
                      const std::function<bool(const std::string& path)>& wanted,
                      Findings& findings)
{
  if (!point.audit) {
    if (point.covers.database && point.covers.files) {
      findings.note(
          "the run of this restore point has not found out whether every file that its database "
          "names is stored");
    }
    return {};
  }
  std::vector<Problem> holes;
  std::uint64_t originals = 0;
  for (const Problem& problem : point.problems) {
    if (!is_hole(problem)) continue;
    ++originals;
    if (wanted(problem.path)) holes.push_back(problem);
  }
  std::optional<PathHistories> histories;
  if (!holes.empty()) histories.emplace(TRY(PathHistories::open(session, catalog)));
  for (Problem& hole : holes) {
    const std::optional<Timestamp> other = TRY(who_has(catalog, *histories, point, hole.path));
    hole.hint = other ? "The restore point of " + format_iso(*other) + " has a file there: --at " +
                            format_iso(*other) + " " + printable(hole.path)
                      : "No restore point has a file there.";
    findings.problem_told(std::move(hole));
  }
  if (point.audit->unprotected() <= originals) return {};
  findings.problem_told(
      {.path = "",
       .code = "not_protected",
       .message =
           count_of(point.audit->unprotected() - originals, "original that", "originals that") +
           (originals > 0 ? " the database names besides" : " the database names") +
           " would not come back as Immich recorded " +
           (point.audit->unprotected() - originals == 1 ? "it" : "them"),
       .hint = point.seeding
                   ? "The run of this restore point had not finished: a later one has more."
                   : ""});
  return {};
}

}  // namespace ib
