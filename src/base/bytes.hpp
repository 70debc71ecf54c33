// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>

namespace ib {

using ByteView = std::span<const std::byte>;

/// Takes the next bytes of a stream. An error ends the stream; the caller that feeds it gets it
/// back.
using ByteSink = std::function<Result<>(ByteView)>;

inline ByteView bytes_of(std::string_view text)
{
  return std::as_bytes(std::span(text.data(), text.size()));
}

inline std::string_view text_of(ByteView bytes)
{
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace ib
