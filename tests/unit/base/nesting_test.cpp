// SPDX-License-Identifier: Apache-2.0
#include "base/nesting.hpp"

#include <gtest/gtest.h>
#include <string>

namespace ib::test {
namespace {

TEST(Nesting, IsThatOfArraysAndObjectsTogether)
{
  EXPECT_FALSE(nests_deeper(R"({"a": [{}]})", 3));
  EXPECT_TRUE(nests_deeper(R"({"a": [{}]})", 2));
  EXPECT_FALSE(nests_deeper("[[], [], {}]", 2)) << "what is closed counts no more";
  EXPECT_FALSE(nests_deeper("", 0));
}

TEST(Nesting, IsNotThatOfBracketsInTexts)
{
  EXPECT_FALSE(nests_deeper(R"(["[[[", "\"[[", "\\"])", 1));
  EXPECT_TRUE(nests_deeper(R"(["\\", [[]]])", 2));
}

TEST(Nesting, IsBoundedForForeignJson)
{
  EXPECT_TRUE(nests_deeper(std::string(1000, '[')));
  EXPECT_TRUE(nests_deeper(std::string(1000, ']') + std::string(1000, '[')));
}

}  // namespace
}  // namespace ib::test
