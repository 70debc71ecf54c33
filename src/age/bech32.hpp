// SPDX-License-Identifier: Apache-2.0
//
// Bech32 (BIP 173), in which age writes its keys: a prefix, a 1, 32 bytes in 52 letters and digits,
// and a checksum of six.
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "sys/secret.hpp"

#include <string>
#include <string_view>

namespace ib {

/// Whether `text` begins with `prefix` and a 1. Either may be in either case.
bool has_bech32_prefix(std::string_view text, std::string_view prefix);

/// In lower case, like `prefix`.
std::string encode_bech32(std::string_view prefix, std::span<const std::byte, 32> bytes);

/// The 32 bytes of `text`, which is in one case, upper or lower. `prefix` is in lower case.
/// invalid, with a message that says what is wrong and repeats nothing of `text`.
Result<Secret<32>> decode_bech32(std::string_view prefix, std::string_view text);

}  // namespace ib
