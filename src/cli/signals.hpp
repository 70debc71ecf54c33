// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/progress.hpp"

#include <atomic>
#include <stop_token>
#include <thread>

namespace ib {

/// Blocks SIGINT and SIGTERM in this thread and all that it starts, and ignores SIGPIPE. Before any
/// thread exists.
void block_signals();

/// Turns the first SIGINT or SIGTERM into a request to stop; the second ends the program at once
/// with status 130.
class SignalWatch {
public:
  /// `progress` is told, and must live as long.
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
