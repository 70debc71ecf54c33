// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <cstddef>
#include <memory>

namespace ib {

/// Compresses a stream into one gzip member with several threads, each of which takes a block at a
/// time; any gunzip reads it. One thread writes; another one hands what was compressed to the sink,
/// in order, so that a sink that waits for a network does not keep the compressing waiting. What it
/// holds is bounded.
class ParallelGzipWriter {
public:
  /// Compressed bytes go to `out`, called by a thread of this writer's until finish() begins to
  /// return, and by one at a time. `level` is zlib's. `threads` compress (at least one).
  ParallelGzipWriter(ByteSink out, int level, unsigned threads);
  /// Gives up what was not finished: waits for a call of the sink that is under way, and calls it
  /// no more.
  ~ParallelGzipWriter();
  ParallelGzipWriter(const ParallelGzipWriter&) = delete;
  ParallelGzipWriter& operator=(const ParallelGzipWriter&) = delete;

  /// The sink's error comes with a later write(), or with finish().
  Result<> write(ByteView plain);
  /// Waits until the sink has taken everything, the trailer included. Nothing may be written after
  /// it; without it the stream is visibly cut.
  Result<> finish();

  /// As many threads as this process has processors, but no more than a database can be dumped for.
  static unsigned useful_threads();

private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace ib
