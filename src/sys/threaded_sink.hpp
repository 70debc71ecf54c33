// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <memory>

namespace ib {

/// Hands bytes on to a sink that a thread of its own calls, in the same order, so that whoever
/// makes the bytes and whoever takes them work at the same time. Holds at most 1 MiB of them. One
/// thread at a time.
class ThreadedSink {
public:
  explicit ThreadedSink(ByteSink out);
  ThreadedSink(ThreadedSink&&) noexcept;
  /// Gives up what was not finished: waits for a call of the sink that is under way, and calls it
  /// no more.
  ~ThreadedSink();

  /// Waits where the sink is far behind. The sink's error comes with a later write(), or with
  /// finish(); after it the sink is not called again.
  Result<> write(ByteView bytes);
  /// Waits until the sink has taken everything. Nothing may be written after it.
  Result<> finish();

private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace ib
