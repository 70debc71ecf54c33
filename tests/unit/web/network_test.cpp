// SPDX-License-Identifier: Apache-2.0
#include "web/network.hpp"

#include "support/matchers.hpp"

namespace ib::test {
namespace {

TEST(Networks, ContainTheirAddresses)
{
  struct Row {
    std::string_view network;
    std::string address;
    bool contained;
  };
  const Row rows[] = {
      {"172.16.0.0/12", "172.18.0.3", true},
      {"172.16.0.0/12", "172.32.0.1", false},
      {"127.0.0.1", "127.0.0.1", true},
      {"127.0.0.1", "127.0.0.2", false},
      {"10.0.0.0/8", "::ffff:10.1.2.3", true},
      {"0.0.0.0/0", "192.0.2.1", true},
      {"0.0.0.0/0", "2001:db8::1", false},
      {"fd00::/8", "fd12::1", true},
      {"fd00::/8", "fe80::1", false},
      {"::/0", "2001:db8::1", true},
      {"::1/128", "::1", true},
      {"10.0.0.0/8", "", false},
      {"10.0.0.0/8", "10.1.2", false},
      {"10.0.0.0/8", "localhost", false},
  };
  for (const Row& row : rows)
    EXPECT_EQ(must(Network::parse(row.network)).contains(row.address), row.contained)
        << row.network << " " << row.address;
}

TEST(Networks, AreRefusedWhereTheyAreNone)
{
  for (const std::string_view text :
       {"", "/", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0/8",
        "fd00::/129", "localhost", "10.0.0.0/ 8"})
    EXPECT_TRUE(fails_with(Errc::invalid, Network::parse(text))) << text;
}

TEST(ListenAddresses, AreAHostAndAPort)
{
  const auto parsed = [](std::string_view text) {
    const ListenAddress address = must(ListenAddress::parse(text));
    return address.host + " " + std::to_string(address.port);
  };
  EXPECT_EQ(parsed("127.0.0.1:2284"), "127.0.0.1 2284");
  EXPECT_EQ(parsed("[::1]:80"), "::1 80");
  EXPECT_EQ(parsed("localhost:0"), "localhost 0");
  EXPECT_EQ(parsed(":2284"), "0.0.0.0 2284");
  for (const std::string_view text :
       {"", "2284", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:x", "::1"})
    EXPECT_TRUE(fails_with(Errc::invalid, ListenAddress::parse(text))) << text;
}

}  // namespace
}  // namespace ib::test
