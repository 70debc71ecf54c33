// SPDX-License-Identifier: Apache-2.0
#include "cli/exit_code.hpp"

#include <gtest/gtest.h>
#include <utility>

namespace ib::test {
namespace {

TEST(ExitCode, FollowsFromAnError)
{
  struct Row {
    Errc code;
    int status;
  };
  for (const Row& row :
       {Row{Errc::invalid, 2}, Row{Errc::denied, 2}, Row{Errc::corrupt, 4},
        Row{Errc::cancelled, 130}, Row{Errc::not_found, 1}, Row{Errc::precondition_failed, 1},
        Row{Errc::unavailable, 1}, Row{Errc::io, 1}, Row{Errc::changed, 1}}) {
    EXPECT_EQ(std::to_underlying(exit_code(Error{.code = row.code, .message = ""})), row.status)
        << to_string(row.code);
  }
}

TEST(ExitCode, FollowsFromAnOutcome)
{
  EXPECT_EQ(std::to_underlying(exit_code(Outcome::ok)), 0);
  EXPECT_EQ(std::to_underlying(exit_code(Outcome::failed)), 1);
  EXPECT_EQ(std::to_underlying(exit_code(Outcome::incomplete)), 3);
  EXPECT_EQ(std::to_underlying(exit_code(Outcome::damaged)), 4);
}

}  // namespace
}  // namespace ib::test
