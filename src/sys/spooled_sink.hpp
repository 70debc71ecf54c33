// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <limits>
#include <memory>
#include <string>

namespace ib {

/// Passes bytes to a sink, in order, on a thread of its own. What the sink has not taken yet waits
/// in a file, so that the producer can end long before the sink does. The file has no name: nothing
/// is left of it, however the process ends. One thread at a time.
class SpooledSink {
public:
  /// The file is made below temporary_folder(`folder`). It takes at most `most` bytes and half of
  /// what is free there now, and nothing where the file system is in memory. Once it is full, or if
  /// it cannot be made, the producer waits for the sink.
  SpooledSink(ByteSink out, const std::string& folder,
              std::uint64_t most = std::numeric_limits<std::uint64_t>::max());
  SpooledSink(SpooledSink&&) noexcept;
  /// Gives up what finish() has not finished. Waits for a running call of the sink and calls it no
  /// more.
  ~SpooledSink();

  /// Returns an error of the sink later: in another write() or in finish(). After an error the sink
  /// is not called again.
  Result<> write(ByteView bytes);
  /// The bytes that the sink has not taken yet.
  std::uint64_t waiting() const;
  /// Waits until the sink has taken everything. Nothing may be written after it.
  Result<> finish();

private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace ib
