// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <memory>

namespace ib {

/// Compresses a stream into one gzip member, which any gunzip reads. One thread at a time.
class GzipWriter {
public:
  /// Compressed bytes go to `out` as they come. `level` is zlib's, 1 (fast) to 9 (small).
  GzipWriter(ByteSink out, int level);
  GzipWriter(GzipWriter&&) noexcept;
  ~GzipWriter();

  Result<> write(ByteView plain);
  /// Writes the trailer. Nothing may be written after it; without it the stream is visibly cut.
  Result<> finish();

private:
  struct State;
  Result<> deflate(ByteView plain, int flush);
  std::unique_ptr<State> state_;
};

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
