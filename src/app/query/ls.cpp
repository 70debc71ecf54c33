// SPDX-License-Identifier: Apache-2.0
#include "app/query/ls.hpp"

#include "core/selection/scope.hpp"
#include "repository/catalog.hpp"
#include "repository/point_choice.hpp"
#include "repository/point_files.hpp"

#include <algorithm>
#include <memory>

namespace ib {

Result<> run_ls(const Session& session, const LsJob& job,
                const std::function<Result<>(const FileRecord&)>& show)
{
  const std::vector<PathPattern> patterns = TRY(parse_patterns(job.patterns));
  Catalog catalog = TRY(require_catalog(session));
  const PointChoice choice = TRY(choose_point(session, catalog.listing, job.at));
  for (const std::string& note : choice.notes) session.progress.note(note);
  const PointFiles files = TRY(PointFiles::open(
      session, catalog, choice.point,
      job.as_in_library ? PointFiles::Paths::as_in_library : PointFiles::Paths::as_named));
  if (!files.is_own()) session.progress.note(files.obstacle_text());
  const std::unique_ptr<RecordCursor> rows = TRY(files.set().records());
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
