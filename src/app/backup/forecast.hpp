// SPDX-License-Identifier: Apache-2.0
//
// What a backup will ask of the store and what that costs, before it begins.
#pragma once

#include "app/session.hpp"
#include "report/backup.hpp"

#include <cstdint>

namespace ib {

class BackupForecast {
public:
  BackupForecast(const Spending& spending, Prices prices);

  /// A file that has to be read. It counts as one with new content: what it holds is not known yet.
  void add_file(std::uint64_t size);

  /// That the run will list about so many objects of files, to find what an unfinished one has
  /// left.
  void add_listing(std::uint64_t objects);

  /// All that the run will have asked for at its end. `so_far` was asked already; `archives` says
  /// whether rows change although no file is read, `renews_copy` whether manifest.db is replaced
  /// where any does.
  Usage usage(const Usage& so_far, bool dumps, bool archives, bool renews_copy) const;

  /// Everything that is stored afterwards, if `before` is what is stored now.
  StoredTotals stored(StoredTotals before) const;

  /// What the class `auto` would save on these files as long as they are kept, in dollars.
  double auto_saves() const { return auto_saves_; }
  const Prices& prices() const { return prices_; }

private:
  const Spending& spending_;
  Prices prices_;
  PerClass<StoredAmount> files_;
  std::uint64_t listing_requests_ = 0;
  double auto_saves_ = 0;
};

/// The sums of a report; absent where the store charges nothing.
std::optional<CostSummary> summarize_cost(const Usage& usage, const StoredTotals& stored,
                                          const BackupForecast& forecast);

}  // namespace ib
