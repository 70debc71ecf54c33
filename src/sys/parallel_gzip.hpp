// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <memory>

namespace ib {

/// Compresses a stream into one gzip member with several threads, each of which compresses one
/// block at a time. One thread writes. Another thread passes the compressed blocks to the sink in
/// order, so compression goes on while the sink waits for a network. The memory is bounded.
class ParallelGzipWriter {
public:
  /// `out` takes the compressed bytes. A thread of this writer calls it, one call at a time, and no
  /// longer when finish() returns. `level` is zlib's. `threads` is how many compress: at least one.
  ParallelGzipWriter(ByteSink out, int level, unsigned threads);
  /// Gives up what finish() has not finished. Waits for a running call of the sink and calls it no
  /// more.
  ~ParallelGzipWriter();
  ParallelGzipWriter(const ParallelGzipWriter&) = delete;
  ParallelGzipWriter& operator=(const ParallelGzipWriter&) = delete;

  /// Returns an error of the sink later: in another write() or in finish().
  Result<> write(ByteView plain);
  /// Waits until the sink has taken everything, including the trailer. Nothing may be written after
  /// it. A stream without a trailer can be recognized as cut.
  Result<> finish();

  /// The number of this process's processors, but no more than one pg_dump can keep busy.
  static unsigned useful_threads();

private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace ib
