// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/pricing/cost.hpp"

#include <map>
#include <optional>
#include <string>

namespace ib {

/// The prices of every location that is known. Locations are compared without regard to case:
/// buckets say "EUROPE-WEST3".
class PriceBook {
public:
  /// Replaces what is known of prices.location; "*" stands for every location that has no prices of
  /// its own.
  void set(Prices prices);

  /// The prices of a location; where it is not known, or has none here, those that stand for every
  /// location, or else us-central1's: Prices::location then tells whose they are.
  Prices at(const std::optional<std::string>& location) const;

private:
  std::map<std::string, Prices> by_location_;
};

}  // namespace ib
