// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/pricing/usage.hpp"

#include <mutex>

namespace ib {

/// Counts what is asked of a store, as it is billed. A folder bills nothing: its meter stays at
/// zero. Thread-safe.
class UsageMeter {
public:
  void add(const Usage& usage);
  /// What was asked so far.
  Usage usage() const;

private:
  mutable std::mutex mutex_;
  Usage usage_;  // guarded by mutex_
};

}  // namespace ib
