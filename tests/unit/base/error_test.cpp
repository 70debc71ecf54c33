// SPDX-License-Identifier: Apache-2.0
#include "base/error.hpp"

#include "base/result.hpp"

#include <gtest/gtest.h>

namespace ib::test {
namespace {

TEST(Errors, KeepCodeAndHintInContext)
{
  const auto inner = [] { return Result<int>(fail(Errc::denied, "no entry", "Ask.")); };
  const Result<int> outer = inner().context("opening");
  ASSERT_FALSE(outer);
  EXPECT_EQ(outer.error().code, Errc::denied);
  EXPECT_EQ(outer.error().message, "opening: no entry");
  EXPECT_EQ(outer.error().hint, "Ask.");
}

TEST(Errors, PassThroughTryWithTheirCode)
{
  const auto inner = [](bool good) -> Result<std::string> {
    if (good) return "value";
    return fail(Errc::io, "disk");
  };
  const auto outer = [&](bool good) -> Result<std::size_t> { return TRY(inner(good)).size(); };
  EXPECT_EQ(outer(true), 5U);
  ASSERT_FALSE(outer(false));
  EXPECT_EQ(outer(false).error().code, Errc::io);
  EXPECT_EQ(to_string(Errc::precondition_failed), "precondition_failed");
}

}  // namespace
}  // namespace ib::test
