// SPDX-License-Identifier: Apache-2.0
#include "app/backup/forecast.hpp"

#include <utility>

namespace ib {
namespace {

// What a run stores of its own (catalog.hpp, backup.cpp): where it uploads, a mark at its begin and
// its end, and a look for other runs between; the manifest, after a listing, where a row has
// changed; and always the restore point and its copy.
constexpr std::uint64_t kMarks = 3;
constexpr std::uint64_t kManifestCommit = 2;
constexpr std::uint64_t kRestorePointCommit = 2;

}  // namespace

BackupForecast::BackupForecast(const Spending& spending, Prices prices)
    : spending_(spending), prices_(std::move(prices))
{}

void BackupForecast::add_file(std::uint64_t size)
{
  const StorageClass storage_class = spending_.classes.files(size);
  files_[storage_class] += {.objects = 1, .bytes = size};
  const double days = spending_.kept_days;
  const StorageClass cheapest = cheapest_class(size, days, prices_);
  auto_saves_ += cost_of_keeping(size, storage_class, days, prices_) -
                 cost_of_keeping(size, cheapest, days, prices_);
}

void BackupForecast::add_listing(std::uint64_t objects)
{
  constexpr std::uint64_t kPage = 1000;  // the most that one request tells (gcs_store.cpp)
  constexpr std::uint64_t kOtherPrefixes = 2;
  listing_requests_ += objects / kPage + 1 + kOtherPrefixes;
}

Usage BackupForecast::usage(const Usage& so_far, bool dumps, bool archives, bool renews_copy) const
{
  Usage usage = so_far;
  std::uint64_t files = 0;
  for (const StorageClass each : kStorageClasses) {
    usage.of[each].class_a += files_[each].objects;
    files += files_[each].objects;
  }
  if (dumps) ++usage.of[spending_.classes.dumps].class_a;
  Usage::OfClass& control = usage.of[spending_.classes.control];
  control.class_a += kRestorePointCommit;
  control.class_a += listing_requests_;
  if (files > 0) control.class_a += kMarks;
  if (files > 0 || archives) control.class_a += kManifestCommit + (renews_copy ? 1 : 0);
  return usage;
}

StoredTotals BackupForecast::stored(StoredTotals before) const
{
  for (const StorageClass each : kStorageClasses)
    before[StoredKind::originals][each] += files_[each];
  return before;
}

std::optional<CostSummary> summarize_cost(const Usage& usage, const StoredTotals& stored,
                                          const BackupForecast& forecast)
{
  const Prices& prices = forecast.prices();
  if (prices.free_of_charge()) return std::nullopt;
  return CostSummary{.once = cost_of(usage, prices),
                     .monthly = monthly_cost(stored, prices),
                     .auto_saves = forecast.auto_saves(),
                     .location = prices.location,
                     .date = prices.date};
}

}  // namespace ib
