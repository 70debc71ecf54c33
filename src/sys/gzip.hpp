// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <memory>

namespace ib {

/// Expands a gzip stream of one member or several. One thread at a time.
class GzipReader {
public:
  /// Passes plain bytes to `out` as they are made.
  explicit GzipReader(ByteSink out);
  GzipReader(GzipReader&&) noexcept;
  ~GzipReader();

  /// corrupt if the bytes are not gzip or their checksum is wrong.
  Result<> write(ByteView compressed);
  /// corrupt if the stream ended before its trailer, that is, if it was cut.
  Result<> finish();

private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ib
