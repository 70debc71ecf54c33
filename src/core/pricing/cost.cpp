// SPDX-License-Identifier: Apache-2.0
#include "core/pricing/cost.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <cmath>

namespace ib {
namespace {

constexpr double kGiB = 1024.0 * 1024.0 * 1024.0;
constexpr double kDaysInMonth = 365.0 / 12.0;

double gib(std::uint64_t bytes)
{
  return static_cast<double>(bytes) / kGiB;
}
double thousands(std::uint64_t count)
{
  return static_cast<double>(count) / 1000.0;
}

}  // namespace

bool Prices::free_of_charge() const
{
  const bool classes_are_free = std::ranges::all_of(kStorageClasses, [&](StorageClass each) {
    const ClassPrices& price = of[each];
    return price.storage == 0 && price.class_a == 0 && price.class_b == 0 && price.retrieval == 0;
  });
  return classes_are_free && egress == 0;
}

double cost_of(const Usage& usage, const Prices& prices)
{
  double cost = gib(usage.retrieved_bytes()) * prices.egress;
  for (const StorageClass each : kStorageClasses) {
    const Usage::OfClass& counted = usage.of[each];
    const ClassPrices& price = prices.of[each];
    cost += thousands(counted.class_a) * price.class_a +
            thousands(counted.class_b) * price.class_b +
            gib(counted.retrieved_bytes) * price.retrieval;
  }
  return cost;
}

double monthly_cost(StoredAmount amount, StorageClass storage_class, const Prices& prices)
{
  return gib(amount.bytes) * prices.of[storage_class].storage;
}

double monthly_cost(const StoredTotals& stored, const Prices& prices)
{
  double cost = 0;
  for (const StorageClass each : kStorageClasses)
    cost += monthly_cost(stored.of(each), each, prices);
  return cost;
}

double cost_of_keeping(std::uint64_t size, StorageClass storage_class, double days,
                       const Prices& prices)
{
  const ClassPrices& price = prices.of[storage_class];
  const double billed_days = std::max(days, static_cast<double>(price.minimum_days));
  return thousands(1) * price.class_a + gib(size) * price.storage * billed_days / kDaysInMonth;
}

double cost_of_early_removal(std::uint64_t size, StorageClass storage_class, double age,
                             const Prices& prices)
{
  const ClassPrices& price = prices.of[storage_class];
  const double days_left =
      std::max(0.0, static_cast<double>(price.minimum_days) - std::max(0.0, age));
  return gib(size) * price.storage * days_left / kDaysInMonth;
}

StorageClass cheapest_class(std::uint64_t size, double days, const Prices& prices)
{
  return *std::ranges::min_element(kStorageClasses, {}, [&](StorageClass each) {
    return cost_of_keeping(size, each, days, prices);
  });
}

Usage reading(StoredAmount amount, StorageClass storage_class)
{
  Usage usage;
  usage.of[storage_class].class_b = amount.objects;
  usage.of[storage_class].retrieved_bytes = amount.bytes;
  return usage;
}

std::string format_dollars(double dollars)
{
  if (dollars <= 0) return "$0";
  if (dollars < 0.005) return "under $0.01";
  if (dollars >= 100) return "$" + format_count(static_cast<std::uint64_t>(std::llround(dollars)));
  const auto cents = static_cast<std::uint64_t>(std::llround(dollars * 100));
  const std::uint64_t rest = cents % 100;
  return "$" + std::to_string(cents / 100) + (rest < 10 ? ".0" : ".") + std::to_string(rest);
}

}  // namespace ib
