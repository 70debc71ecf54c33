// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace ib {

/// A password that can be recognised and not read: scrypt (RFC 7914) with a random salt.
class PasswordHash {
public:
  /// Takes 16 MiB and some hundredths of a second, like matches().
  static Result<PasswordHash> of(std::string_view password);

  /// Takes as long for a wrong password as for the right one.
  bool matches(std::string_view password) const;

private:
  using Bytes = std::array<unsigned char, 32>;
  static bool derive(std::string_view password, const Bytes& salt, Bytes& key);

  Bytes salt_{};
  Bytes key_{};
};

}  // namespace ib
