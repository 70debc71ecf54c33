// SPDX-License-Identifier: Apache-2.0
// Dollars: a pure model of Google Cloud Storage's bill, for operations and bytes that were counted
// or are expected. Prices are data: the module cli reads them from prices.toml and from the user's
// file. All amounts are estimates in US dollars, before taxes, discounts and free tiers.
#pragma once

#include "core/pricing/storage_class.hpp"
#include "core/pricing/usage.hpp"

#include <cstdint>
#include <string>

namespace ib {

struct ClassPrices {
  double storage = 0;    ///< per GiB and month
  double class_a = 0;    ///< per 1,000 operations
  double class_b = 0;    ///< per 1,000 operations
  double retrieval = 0;  ///< per GiB
  /// An object that is deleted or replaced earlier is billed for this many days.
  unsigned minimum_days = 0;
};

struct Prices {
  std::string location;  ///< where these prices apply: "us-central1"
  std::string date;      ///< when they were looked up: "2026-11"
  PerClass<ClassPrices> of;
  double egress = 0;  ///< per GiB that leaves Google's network

  /// Whether all prices are zero, as for a folder.
  bool free_of_charge() const;
};

/// What these operations and retrievals cost once.
double cost_of(const Usage& usage, const Prices& prices);

/// What it costs to keep this for a month.
double monthly_cost(const StoredTotals& stored, const Prices& prices);
double monthly_cost(StoredAmount amount, StorageClass storage_class, const Prices& prices);

/// What an object costs from its insert until it is deleted after `days`.
double cost_of_keeping(std::uint64_t size, StorageClass storage_class, double days,
                       const Prices& prices);
/// The class that is cheapest for this.
StorageClass cheapest_class(std::uint64_t size, double days, const Prices& prices);

/// What an object still costs if it is deleted `age` days after its insert: the rest of its class's
/// minimum duration.
double cost_of_early_removal(std::uint64_t size, StorageClass storage_class, double age,
                             const Prices& prices);

/// The usage of reading these objects once from outside of Google's network.
Usage reading(StoredAmount amount, StorageClass storage_class);

/// "$1.52", "$184". Less than a cent, but not nothing, is "under $0.01".
std::string format_dollars(double dollars);

}  // namespace ib
