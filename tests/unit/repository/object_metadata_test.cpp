// SPDX-License-Identifier: Apache-2.0
#include "repository/object_metadata.hpp"

#include "base/time.hpp"

#include <gtest/gtest.h>
#include <limits>

namespace ib::test {
namespace {

std::optional<std::int64_t> mtime(const std::string& text)
{
  return mtime_of({.name = {"library/a.jpg"}, .metadata = {{"mtime", text}}});
}

TEST(ObjectMetadata, TellsTheTimeOfAFileToTheNanosecond)
{
  using Limits = std::numeric_limits<std::int64_t>;
  constexpr std::int64_t kSecond = 1'000'000'000;
  for (const std::int64_t time :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, std::int64_t{1'768'446'000'123'456'789},
        Limits::min() + kSecond, Limits::max() - kSecond})
    EXPECT_EQ(mtime(format_iso_ns(time)), time) << format_iso_ns(time);
}

TEST(ObjectMetadata, TellsNoTimeWhereAStrangerWroteSomethingElse)
{
  for (const char* text : {"", "2026-01-15T03:00:00Z", "2026-01-15T03:00:00.12345678xZ",
                           "9999-12-31T23:59:59.000000000Z", "2262-04-12T00:00:00.000000000Z",
                           "1677-09-20T00:00:00.000000000Z", "0000-01-01T00:00:00.000000000Z",
                           "2026-01-15T03:00:00.-23456789Z", "2026-13-15T03:00:00.123456789Z"})
    EXPECT_EQ(mtime(text), std::nullopt) << text;
}

}  // namespace
}  // namespace ib::test
