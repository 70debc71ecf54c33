// SPDX-License-Identifier: Apache-2.0
//
// What a run may spend, and who is asked when it is much.
#pragma once

#include "base/result.hpp"
#include "core/prices.hpp"
#include "store/storage_classes.hpp"

#include <functional>
#include <optional>
#include <string>

namespace ib {

struct Session;

struct Spending {
  PriceBook prices = {};                               ///< empty where the store charges nothing
  std::optional<std::string> location = std::nullopt;  ///< --location; else the bucket tells
  StorageClasses classes = {};                         ///< what the store gives to new objects
  double kept_days = 0;                         ///< how long the library's objects are to be kept
  std::optional<double> budget = std::nullopt;  ///< --budget, in dollars
  double ask_above = 5;                         ///< dollars
  bool approved = false;                        ///< --yes
  /// Asks the person who waits; empty where nobody does.
  std::function<bool(const std::string& question)> ask = {};
};

/// Where the store lies, for its prices: what --location says, or else the bucket itself, with one
/// request. Absent where it charges nothing, or does not tell.
std::optional<std::string> find_location(const Session& session);
/// The prices there; all zero where it charges nothing.
Prices prices_at(const Session& session, const std::optional<std::string>& location);

/// Says what is about to be spent, and gets leave where it is much: invalid where that is refused,
/// or more than --budget allows. `what` begins a sentence: "reading 214,031 objects back".
Result<> approve_spending(const Session& session, double dollars, const std::string& what);

}  // namespace ib
