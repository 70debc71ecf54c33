// SPDX-License-Identifier: Apache-2.0
#include "app/query/cost.hpp"

#include "app/spending.hpp"
#include "repository/catalog.hpp"
#include "repository/dumps.hpp"
#include "repository/listing.hpp"
#include "repository/restore_points.hpp"

#include <algorithm>

namespace ib {
namespace {

// Growth over less than a week says more about the first upload than about a year.
constexpr std::chrono::days kShortestSpan{7};
constexpr double kSecondsADay = 86400;

double days_between(Timestamp from, Timestamp to)
{
  return static_cast<double>((to - from).count()) / kSecondsADay;
}

Timestamp end_of_year(Timestamp now)
{
  const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(now)};
  return std::chrono::sys_days{(today.year() + std::chrono::years(1)) / std::chrono::January / 1};
}

double stored_bytes(const RestorePoint& point)
{
  return static_cast<double>(point.counts.bytes + point.counts.archived_bytes);
}

/// By how much the library grew each day between the oldest restore point of the last year that can
/// be read and the newest one.
void measure_growth(const Session& session, const ManifestListing& listing, CostReport& report)
{
  const auto& points = listing.restore_points;
  const Timestamp year_ago = report.now - std::chrono::days(365);
  const auto first =
      std::ranges::find_if(points, [&](const auto& entry) { return entry.time >= year_ago; });
  if (first == points.end() || points.back().time - first->time < kShortestSpan) return;
  const Result<RestorePoint> from = read_restore_point(session, first->name);
  const Result<RestorePoint> to = read_restore_point(session, points.back().name);
  if (!from || !to) return;
  report.growth_since = from->time;
  report.growth_per_day =
      (stored_bytes(*to) - stored_bytes(*from)) / days_between(from->time, to->time);
}

/// Each class grows in proportion to what it holds.
double projected(const CostReport& report)
{
  const double now = monthly_cost(report.stored, report.prices);
  const auto bytes = static_cast<double>(report.stored.all().bytes);
  if (!report.growth_per_day || bytes == 0) return now;
  const double grown = *report.growth_per_day * days_between(report.now, end_of_year(report.now));
  return now * std::max(0.0, 1 + grown / bytes);
}

}  // namespace

Result<CostReport> run_cost(const Session& session)
{
  CostReport report;
  report.header.command = "cost";
  report.header.store = session.store.url();
  session.progress.begin("reading the manifest", std::nullopt, std::nullopt);
  Catalog catalog = TRY(require_catalog(session));
  const RestorePoint newest = TRY(choose_restore_point(session, catalog.listing, std::nullopt));
  take_totals(catalog, newest);
  report.now = catalog.listing.store_time;
  report.prices = prices_at(session, find_location(session));
  report.stored = TRY(stored_totals(catalog));
  report.stored[StoredKind::manifests] = catalog.listing.stored;
  report.stored[StoredKind::dumps] = amounts_of(TRY(list_dump_objects(session)));
  for (const StorageClass each : kStorageClasses)
    report.restore += reading(report.stored[StoredKind::originals][each], each);
  if (newest.database) {
    report.restore +=
        reading({.objects = 1, .bytes = newest.database->bytes}, session.spending.classes.dumps);
  }
  measure_growth(session, catalog.listing, report);
  report.monthly_at_year_end = projected(report);
  report.usage = session.usage_meter.usage();
  return report;
}

}  // namespace ib
