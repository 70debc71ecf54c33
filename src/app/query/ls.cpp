// SPDX-License-Identifier: Apache-2.0
#include "app/query/ls.hpp"

#include "core/selection/typed_paths.hpp"
#include "repository/catalog.hpp"
#include "repository/point_choice.hpp"
#include "repository/point_files.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace ib {

namespace {

/// What the patterns mean among the files of a restore point.
Result<std::vector<PathPattern>> meant(const Session& session, TypedPaths typed,
                                       const RestoreSet& files)
{
  const std::unique_ptr<RecordCursor> rows = TRY(files.records());
  while (const std::optional<FileRecord> record = TRY(rows->next())) {
    if (session.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
    typed.see(record->path);
  }
  return typed.patterns();
}

}  // namespace

Result<> run_ls(const Session& session, const LsJob& job,
                const std::function<Result<>(const FileRecord&)>& show)
{
  TypedPaths typed = TRY(TypedPaths::parse(job.patterns));
  Catalog catalog = TRY(require_catalog(session));
  const PointChoice choice = TRY(choose_point(session, catalog.listing, job.at));
  for (const std::string& note : choice.notes) session.progress.note(note);
  const PointFiles files = TRY(PointFiles::open(
      session, catalog, choice.point,
      job.as_in_library ? PointFiles::Paths::as_in_library : PointFiles::Paths::as_named));
  if (!files.is_own()) session.progress.note(files.obstacle_text());
  std::vector<PathPattern> patterns;
  if (!job.patterns.empty()) patterns = TRY(meant(session, std::move(typed), files.set()));
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
