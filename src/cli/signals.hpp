// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/progress.hpp"

#include <atomic>
#include <stop_token>
#include <thread>

namespace ib {

/// Blocks SIGINT, SIGTERM and SIGHUP in this thread and in all that it starts, and ignores SIGPIPE.
/// Call it before any thread starts.
void block_signals();

/// Turns the first SIGINT, SIGTERM or SIGHUP into a request to stop. The second one ends the
/// program at once with status 130.
class SignalWatch {
public:
  /// Tells `progress` about the request. `progress` must outlive it.
  explicit SignalWatch(Progress& progress);
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;
  ~SignalWatch();

  std::stop_token token() const { return source_.get_token(); }

private:
  void watch();

  Progress& progress_;
  std::stop_source source_;
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

}  // namespace ib
