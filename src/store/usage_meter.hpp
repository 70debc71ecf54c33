// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/pricing/usage.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>

namespace ib {

/// Counts billed requests to a store. A folder bills nothing, so its meter stays at zero.
/// Thread-safe.
class UsageMeter {
public:
  void add(const Usage& usage);
  /// The usage so far.
  Usage usage() const;

  /// That the store refused a request since it is asked too much.
  void add_refusal() { ++refusals_; }
  /// How often it has.
  std::uint64_t refusals() const { return refusals_; }

private:
  mutable std::mutex mutex_;
  Usage usage_;  // guarded by mutex_
  std::atomic<std::uint64_t> refusals_ = 0;
};

}  // namespace ib
