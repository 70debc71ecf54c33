// SPDX-License-Identifier: Apache-2.0
#include "sys/secret.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <memory>

namespace ib {
namespace {

TEST(Secret, IsNoLongerInMemoryOnceItIsGone)
{
  alignas(Secret<32>) std::array<std::byte, sizeof(Secret<32>)> memory{};
  auto* secret = std::construct_at(reinterpret_cast<Secret<32>*>(memory.data()));
  secret->bytes.fill(std::byte{0x5a});
  {
    const Secret<32> copy = *secret;
    EXPECT_EQ(copy.bytes, secret->bytes);
  }
  ASSERT_EQ(std::ranges::count(memory, std::byte{0x5a}), 32);
  std::destroy_at(secret);
  EXPECT_EQ(std::ranges::count(memory, std::byte{0}), 32);
}

TEST(Secret, OfNoBytesIsWipedAsWell)
{
  wipe({});
}

}  // namespace
}  // namespace ib
