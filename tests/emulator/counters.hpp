// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "emulator/gcs_emulator.hpp"

#include <mutex>

namespace ib::emulator {

/// What a request turned out to be, for the counters and for the fault script.
struct Operation {
  std::string_view kind = "other";
  std::string bucket = {};
  std::string object = {};
  std::string storage_class = {};  ///< whose price it has: the object's, or for LIST the bucket's
  std::uint64_t stored = 0;        ///< bytes of a new object
  std::uint64_t retrieved = 0;     ///< bytes of a downloaded one
  bool billed_elsewhere = false;   ///< a chunk, whose upload was billed at its start
};

/// Any thread.
class Counters {
public:
  explicit Counters(bool per_object) : per_object_(per_object) {}
  /// A request begins. Returns what end() must be given: how often the counters had been reset.
  std::uint64_t begin();
  /// It is over. One that began before the last reset is not counted: it belongs to what was asked
  /// before, though its client may be gone and the one who resets cannot know that it is still at
  /// work.
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
