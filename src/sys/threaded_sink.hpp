// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <memory>

namespace ib {

/// Passes bytes to a sink, in order, on a thread of its own. So the producer and the sink work at
/// the same time. Holds at most 1 MiB. One thread at a time.
class ThreadedSink {
public:
  explicit ThreadedSink(ByteSink out);
  ThreadedSink(ThreadedSink&&) noexcept;
  /// Gives up what finish() has not finished. Waits for a running call of the sink and calls it no
  /// more.
  ~ThreadedSink();

  /// Waits if the sink is far behind. Returns an error of the sink later: in another write() or in
  /// finish(). After an error the sink is not called again.
  Result<> write(ByteView bytes);
  /// Waits until the sink has taken everything. Nothing may be written after it.
  Result<> finish();

private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace ib
