// SPDX-License-Identifier: Apache-2.0
#include "app/query/diff.hpp"

#include "core/records/file_record.hpp"
#include "manifest/differences.hpp"
#include "repository/catalog.hpp"
#include "repository/listing.hpp"

#include <ranges>

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

Result<Timestamp> newest_until(const ManifestListing& listing, std::optional<Timestamp> at)
{
  for (const ManifestListing::Entry& entry : listing.restore_points | std::views::reverse) {
    if (!at || entry.time <= *at) return entry.time;
  }
  return fail(Errc::invalid,
              listing.restore_points.empty()
                  ? "there is no restore point to compare with"
                  : format_iso(*at) + ": the first restore point is of " +
                        format_iso(listing.restore_points.front().time),
              "`immich-backup restore-points` lists them all.");
}

}  // namespace

Result<DiffReport> run_diff(const Session& session, const DiffJob& job,
                            const std::function<Result<>(const Difference&)>& show)
{
  DiffReport report;
  report.header.command = "diff";
  report.header.store = session.store.url();
  const Catalog catalog = TRY(require_catalog(session));
  report.from = TRY(newest_until(catalog.listing, job.from));
  report.to = TRY(newest_until(catalog.listing, job.to));
  StoppableRecords before(TRY(catalog.manifest.records_at(report.from)), session.stop);
  StoppableRecords after(TRY(catalog.manifest.records_at(report.to)), session.stop);
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
