// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/pricing/usage.hpp"

#include <mutex>

namespace ib {

/// Counts billed requests to a store. A folder bills nothing, so its meter stays at zero.
/// Thread-safe.
class UsageMeter {
public:
  void add(const Usage& usage);
  /// The usage so far.
  Usage usage() const;

private:
  mutable std::mutex mutex_;
  Usage usage_;  // guarded by mutex_
};

}  // namespace ib
