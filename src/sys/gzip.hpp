// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <memory>

namespace ib {

/// Expands a gzip stream of one member or several. One thread at a time.
class GzipReader {
public:
  /// Plain bytes go to `out` as they come.
  explicit GzipReader(ByteSink out);
  GzipReader(GzipReader&&) noexcept;
  ~GzipReader();

  /// corrupt where the bytes are not gzip, or their checksum is wrong.
  Result<> write(ByteView compressed);
  /// corrupt where the stream ended before its trailer: it was cut.
  Result<> finish();

private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ib
