// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "emulator/gcs_emulator.hpp"

#include <mutex>

namespace ib::emulator {

/// What a request does, for the counters and the fault script.
struct Operation {
  std::string_view kind = "other";
  std::string bucket = {};
  std::string object = {};
  std::string storage_class = {};  ///< decides the price: the object's, or the bucket's for LIST
  std::uint64_t stored = 0;        ///< bytes of a new object
  std::uint64_t retrieved = 0;     ///< bytes of a downloaded object
  bool billed_elsewhere = false;   ///< a chunk: the start of its upload was billed
};

/// Thread-safe.
class Counters {
public:
  explicit Counters(bool per_object) : per_object_(per_object) {}
  /// A request begins. Pass the result to end(). It tells how often the counters had been reset.
  std::uint64_t begin();
  /// A request ends. A request that began before the last reset is not counted. The test that
  /// resets cannot know that such a request is still running, because its client may already be
  /// gone.
  void end(std::uint64_t began, const Operation& operation, int status, std::uint64_t bytes_in,
           std::uint64_t bytes_out);
  EmulatorStats snapshot() const;
  std::string json() const;
  void reset();

private:
  bool per_object_;
  mutable std::mutex mutex_;
  EmulatorStats stats_;
  std::uint64_t running_ = 0;
  std::uint64_t resets_ = 0;
};

}  // namespace ib::emulator
