// SPDX-License-Identifier: Apache-2.0
#include "report/strangers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ib::test {
namespace {

using ::testing::HasSubstr;
using Why = Stranger::Why;

std::vector<Stranger> strangers(int number, Why why = Why::nobodys)
{
  std::vector<Stranger> list;
  for (int i = 0; i < number; ++i)
    list.push_back(
        {.name = {"proofs/" + std::to_string(i)}, .why = why, .info = {.metadata = {{"a", "b"}}}});
  return list;
}

TEST(Strangers, AreNoProblemWhereThereAreNoneOrTheOwnerAskedForAll)
{
  EXPECT_FALSE(problem_of({}));
  EXPECT_FALSE(problem_of(strangers(2, Why::distrusted)));
}

TEST(Strangers, AreNamedWithTheReason)
{
  const Problem one = problem_of(strangers(1)).value();
  EXPECT_EQ(one.code, "not_signed");
  EXPECT_EQ(one.message,
            "1 object is set aside, because no trusted key has signed it: "
            "proofs/0 (not signed)");
  EXPECT_THAT(one.hint, HasSubstr("If it is yours"));
}

TEST(Strangers, AreCountedWhereTheyAreMany)
{
  const Problem many = problem_of(strangers(5)).value();
  EXPECT_THAT(many.message, HasSubstr("5 objects are set aside"));
  EXPECT_THAT(many.message, HasSubstr("proofs/2 (not signed) and 2 more"));
}

TEST(Strangers, WriteNothingToATerminalButText)
{
  const Stranger planted{.name = {"manifest-\x1b[2J.db"}, .why = Why::unknown_key, .by = "k"};
  EXPECT_EQ(problem_of({planted}).value().message.find('\x1b'), std::string::npos);
}

TEST(Strangers, AreToldApartFromWhatTheOwnerDistrusts)
{
  std::vector<Stranger> both = strangers(1);
  both.push_back({.name = {"manifest-x.db"}, .why = Why::distrusted});
  both.push_back({.name = {"manifest-y.db"}, .why = Why::distrusted, .by = "manifest-x.db"});
  EXPECT_EQ(distrust_note(both),
            "--distrust sets aside 2 objects: manifest-x.db (distrusted), "
            "manifest-y.db (builds on manifest-x.db)");
  EXPECT_THAT(problem_of(both).value().message, HasSubstr("1 object is"));
  EXPECT_EQ(distrust_note(strangers(1)), "--distrust sets nothing of this store aside");
}

}  // namespace
}  // namespace ib::test
