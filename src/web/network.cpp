// SPDX-License-Identifier: Apache-2.0
#include "web/network.hpp"

#include "base/text.hpp"

#include <arpa/inet.h>
#include <algorithm>
#include <cstdint>

namespace ib {
namespace {

constexpr unsigned kVersion4Prefix = 96;

}  // namespace

/// `prefix`: the bits that an address of this version has in front of it.
bool Network::read(const std::string& text, Address& address, unsigned& prefix)
{
  prefix = 0;
  if (::inet_pton(AF_INET6, text.c_str(), address.data()) == 1) return true;
  prefix = kVersion4Prefix;
  address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return ::inet_pton(AF_INET, text.c_str(), address.data() + kVersion4Prefix / 8) == 1;
}

Result<Network> Network::parse(std::string_view text)
{
  Network network;
  const std::size_t slash = std::min(text.find('/'), text.size());
  unsigned prefix = 0;
  const bool is_address = read(std::string(text.substr(0, slash)), network.address_, prefix);
  const unsigned most = 128 - prefix;
  const std::optional<std::uint32_t> bits =
      slash == text.size() ? most : parse_number<std::uint32_t>(text.substr(slash + 1));
  if (!is_address || !bits || *bits > most)
    return fail(Errc::invalid, "'" + printable(text) + "' is no network",
                "For example 172.16.0.0/12, fd00::/8, or one address such as 127.0.0.1.");
  network.bits_ = prefix + *bits;
  return network;
}

bool Network::contains(const std::string& address) const
{
  Address other{};
  unsigned prefix = 0;
  if (!read(address, other, prefix)) return false;
  for (unsigned bit = 0; bit < bits_; ++bit) {
    const unsigned mask = 0x80U >> (bit % 8);
    if ((address_.at(bit / 8) & mask) != (other.at(bit / 8) & mask)) return false;
  }
  return true;
}

Result<ListenAddress> ListenAddress::parse(std::string_view text)
{
  const std::size_t colon = text.rfind(':');
  std::string_view host = text.substr(0, colon == text.npos ? 0 : colon);
  const std::optional<std::uint32_t> port =
      colon == text.npos ? std::nullopt : parse_number<std::uint32_t>(text.substr(colon + 1));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (!port || *port > 65535 || text.starts_with("::"))
    return fail(Errc::invalid, "'" + printable(text) + "' is not an address to listen at",
                "For example 127.0.0.1:2284, [::1]:2284, or 0.0.0.0:2284 for every address.");
  return ListenAddress{.host = host.empty() ? "0.0.0.0" : std::string(host),
                       .port = static_cast<int>(*port)};
}

}  // namespace ib
