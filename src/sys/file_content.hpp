// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/byte_source.hpp"
#include "base/digest.hpp"
#include "base/result.hpp"
#include "sys/file.hpp"

#include <stop_token>
#include <utility>

namespace ib {

/// Reads a file to its end and returns its size and digests. cancelled if `stop` is requested.
Result<Content> read_content(InputFile file, const std::stop_token& stop);

/// An open file as a source, from where it stands.
class InputFileSource final : public ByteSource {
public:
  explicit InputFileSource(InputFile file) : file_(std::move(file)) {}
  Result<std::size_t> read(std::span<std::byte> buffer) override { return file_.read(buffer); }
  Result<> seek(std::uint64_t offset) override { return file_.seek(offset); }

private:
  InputFile file_;
};

}  // namespace ib
