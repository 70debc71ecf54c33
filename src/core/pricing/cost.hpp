// SPDX-License-Identifier: Apache-2.0
//
// Dollars: a pure model of what Google Cloud Storage bills, over operations and bytes that were
// counted or are foreseen. Prices are data (module cli reads them from prices.toml and from a file
// of the user's). Estimates, in US dollars, before taxes, discounts and free tiers.
#pragma once

#include "core/pricing/storage_class.hpp"
#include "core/pricing/usage.hpp"

#include <cstdint>
#include <string>

namespace ib {

struct ClassPrices {
  double storage = 0;    ///< for a GiB and month
  double class_a = 0;    ///< for 1,000 operations
  double class_b = 0;    ///< for 1,000 operations
  double retrieval = 0;  ///< for a GiB
  /// An object that is deleted or replaced earlier is billed as if it had stayed so long.
  unsigned minimum_days = 0;
};

struct Prices {
  std::string location;  ///< whose prices these are, "us-central1"
  std::string date;      ///< when they were looked up, "2026-11"
  PerClass<ClassPrices> of;
  double egress = 0;  ///< for a GiB that leaves Google's network

  /// All zero: what a folder costs.
  bool free_of_charge() const;
};

/// What these operations and retrievals cost, once.
double cost_of(const Usage& usage, const Prices& prices);

/// What it costs to keep this for a month.
double monthly_cost(const StoredTotals& stored, const Prices& prices);
double monthly_cost(StoredAmount amount, StorageClass storage_class, const Prices& prices);

/// What an object costs from its insert until it is deleted after `days`.
double cost_of_keeping(std::uint64_t size, StorageClass storage_class, double days,
                       const Prices& prices);
/// The class in which that is least.
StorageClass cheapest_class(std::uint64_t size, double days, const Prices& prices);

/// What an object still costs that is deleted `age` days after its insert: the rest of its class's
/// minimum.
double cost_of_early_removal(std::uint64_t size, StorageClass storage_class, double age,
                             const Prices& prices);

/// What it takes to read these objects once, all of them outside Google's network.
Usage reading(StoredAmount amount, StorageClass storage_class);

/// "$1.52", "$184"; what is under a cent but not nothing is "under $0.01".
std::string format_dollars(double dollars);

}  // namespace ib
