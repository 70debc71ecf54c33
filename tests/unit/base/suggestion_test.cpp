// SPDX-License-Identifier: Apache-2.0
#include "base/suggestion.hpp"

#include <gtest/gtest.h>
#include <array>
#include <string>

namespace ib::test {
namespace {

TEST(TypingDistance, CountsSlipsOfTheFinger)
{
  struct Row {
    const char* a;
    const char* b;
    std::size_t distance;
  };
  for (const Row& row :
       {Row{"", "", 0}, Row{"a", "", 1}, Row{"backup", "backup", 0}, Row{"bakcup", "backup", 1},
        Row{"bckup", "backup", 1}, Row{"backuup", "backup", 1}, Row{"kitten", "sitting", 3}}) {
    EXPECT_EQ(typing_distance(row.a, row.b), row.distance) << row.a;
    EXPECT_EQ(typing_distance(row.b, row.a), row.distance) << row.a;
  }
}

TEST(DidYouMean, SaysNothingWhereNothingIsNear)
{
  constexpr std::array<std::string_view, 3> kKnown{"status", "store", "ls"};
  EXPECT_EQ(did_you_mean("stroe", kKnown, "--"), "Did you mean --store?");
  EXPECT_EQ(did_you_mean("zebra", kKnown), "");
  EXPECT_EQ(did_you_mean("", kKnown), "");
  EXPECT_EQ(did_you_mean(std::string(10'000, 's'), kKnown), "");
}

}  // namespace
}  // namespace ib::test
