// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/pricing/cost.hpp"

#include <map>
#include <optional>
#include <string>

namespace ib {

/// The prices of all known locations. Ignores the case of a location's letters: buckets say
/// "EUROPE-WEST3".
class PriceBook {
public:
  /// Replaces the prices of prices.location. "*" stands for every location that has no prices of
  /// its own.
  void set(Prices prices);

  /// The prices of a location. If it is absent or unknown, those of "*", or else those of
  /// us-central1. Prices::location tells whose prices they are.
  Prices at(const std::optional<std::string>& location) const;

private:
  std::map<std::string, Prices> by_location_;
};

}  // namespace ib
