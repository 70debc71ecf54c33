// SPDX-License-Identifier: Apache-2.0
#include "app/query/diff.hpp"

#include "core/records/file_record.hpp"
#include "manifest/differences.hpp"
#include "repository/catalog.hpp"
#include "repository/point_files.hpp"
#include "repository/restore_points.hpp"

#include <utility>

namespace ib {
namespace {

/// Ends where it is interrupted.
class StoppableRecords final : public RecordCursor {
public:
  StoppableRecords(std::unique_ptr<RecordCursor> records, std::stop_token stop)
      : records_(std::move(records)), stop_(std::move(stop))
  {}
  Result<std::optional<FileRecord>> next() override
  {
    if (stop_.stop_requested()) return fail(Errc::cancelled, "interrupted");
    return records_->next();
  }

private:
  std::unique_ptr<RecordCursor> records_;
  std::stop_token stop_;
};

/// What a restore of the newest point until `at` brings.
Result<PointFiles> open_point(const Session& session, Catalog& catalog, std::optional<Timestamp> at,
                              Timestamp& time, ReportHeader& header)
{
  const RestorePoint point = TRY(choose_restore_point(session, catalog.listing, at));
  time = point.time;
  PointFiles files = TRY(PointFiles::open(session, catalog, point));
  if (!files.is_own()) header.notes.push_back(files.obstacle_text());
  return files;
}

}  // namespace

Result<DiffReport> run_diff(const Session& session, const DiffJob& job,
                            const std::function<Result<>(const Difference&)>& show)
{
  DiffReport report;
  report.header.command = "diff";
  report.header.store = session.store.url();
  Catalog catalog = TRY(require_catalog(session));
  const PointFiles from = TRY(open_point(session, catalog, job.from, report.from, report.header));
  const PointFiles to = TRY(open_point(session, catalog, job.to, report.to, report.header));
  StoppableRecords before(TRY(from.set().records()), session.stop);
  StoppableRecords after(TRY(to.set().records()), session.stop);
  const std::unique_ptr<DifferenceCursor> differences =
      TRY(find_differences(before, after, catalog.scratch.file("differences.db")));
  while (const std::optional<Difference> difference = TRY(differences->next())) {
    if (session.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
    FileAmount& amount = report.totals[difference->kind];
    ++amount.files;
    amount.bytes += (difference->after ? difference->after : difference->before)->size;
    TRY(show(*difference));
  }
  return report;
}

}  // namespace ib
