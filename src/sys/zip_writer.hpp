// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/byte_source.hpp"
#include "base/bytes.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace ib {

/// Writes a ZIP file as a stream: it is never held as a whole, may be larger than 4 GiB, and its
/// files are stored as they are, since photos do not get smaller. One thread at a time.
class ZipWriter {
public:
  /// Passes the bytes of the ZIP file to `out` as they are made.
  static Result<ZipWriter> create(ByteSink out);
  ZipWriter(ZipWriter&&) noexcept;
  ~ZipWriter();

  /// Adds a file. `name` is UTF-8, with slashes between folders. `source` must hold exactly `size`
  /// bytes: io where it holds fewer, and the ZIP file is of no use then. Without a time, the file
  /// has that of 1980, the earliest that the format knows.
  Result<> add(const std::string& name, std::optional<Timestamp> mtime, std::uint64_t size,
               ByteSource& source);
  /// Writes the list of the files at its end. Without it, the ZIP file is of no use.
  Result<> finish();

private:
  struct State;
  explicit ZipWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ib
