// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <array>
#include <string>
#include <string_view>

namespace ib {

/// Some addresses of the Internet Protocol: "10.0.0.0/8", "fd00::/8", "127.0.0.1".
class Network {
public:
  static Result<Network> parse(std::string_view text);

  /// `address` is numeric, of either version. False for anything else.
  bool contains(const std::string& address) const;

private:
  /// An address of version 4 is one of version 6 within ::ffff:0:0/96 (RFC 4291).
  using Address = std::array<unsigned char, 16>;
  static bool read(const std::string& text, Address& address, unsigned& prefix);

  Address address_{};
  unsigned bits_ = 0;
};

/// Where to listen: "127.0.0.1:2284", "[::1]:2284", or ":2284" for every address.
struct ListenAddress {
  std::string host;
  int port = 0;

  static Result<ListenAddress> parse(std::string_view text);
};

}  // namespace ib
