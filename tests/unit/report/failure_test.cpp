// SPDX-License-Identifier: Apache-2.0
#include "report/failure.hpp"

#include "support/matchers.hpp"
#include "support/parsed_json.hpp"

#include <chrono>

namespace ib::test {
namespace {

using namespace std::chrono_literals;

TEST(FailureJson, HoldsTheErrorAsAProblem)
{
  const json out = parsed(failure_to_json("backup", "file:///b", 1s,
                                          {.code = Errc::denied, .message = "no", .hint = "ask"}));
  EXPECT_THAT(keys(out), IsSupersetOf(kHeader));
  EXPECT_EQ(out["result"], "failed");
  EXPECT_EQ(out["problems"][0]["code"], "denied");
  EXPECT_EQ(out["problems"][0]["hint"], "ask");
}

}  // namespace
}  // namespace ib::test
