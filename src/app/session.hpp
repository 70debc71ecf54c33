// SPDX-License-Identifier: Apache-2.0
//
// What every command shares: the repository that it works on, and what it may cost the person's
// patience and money.
#pragma once

#include "core/pricing/prices.hpp"
#include "repository/context.hpp"
#include "store/storage_classes.hpp"
#include "store/store_inspector.hpp"
#include "store/usage_meter.hpp"
#include "transfer/workers.hpp"

#include <functional>
#include <optional>
#include <string>

namespace ib {

/// What a command may spend, and who is asked when it is much.
struct Spending {
  PriceBook prices = {};                               ///< empty where the store charges nothing
  std::optional<std::string> location = std::nullopt;  ///< --location; else the bucket tells
  StorageClasses classes = {};                         ///< what the store gives to new objects
  double kept_days = 0;                         ///< how long the library's objects are to be kept
  std::optional<double> budget = std::nullopt;  ///< --budget, in dollars
  double ask_above = 5;                         ///< dollars
  bool approved = false;                        ///< --yes
};

struct Session : RepositoryContext {
  StoreInspector& inspector;      ///< of the same store
  const UsageMeter& usage_meter;  ///< of the same store
  Workers workers = 4;
  Spending spending = {};
  /// Asks the person who waits; empty where nobody does.
  std::function<bool(const std::string& question)> ask = {};
};

}  // namespace ib
