// SPDX-License-Identifier: Apache-2.0
#include "web/access.hpp"

#include "support/matchers.hpp"

#include <atomic>
#include <thread>

namespace ib::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class Accesses : public testing::Test {
protected:
  Access access_{{.password = must(PasswordHash::of("a right one"))}};
  const Access::Instant now_ = Access::Instant::clock::now();
};

TEST_F(Accesses, OpenASessionToWhoKnowsThePassword)
{
  EXPECT_EQ(access_.log_in("", "192.0.2.1", now_).session, "");
  EXPECT_EQ(access_.log_in("A right one", "192.0.2.1", now_).session, "");
  const std::string one = access_.log_in("a right one", "192.0.2.1", now_).session;
  const std::string other = access_.log_in("a right one", "192.0.2.1", now_).session;
  EXPECT_EQ(one.size(), 64U);
  EXPECT_NE(one, other);
  const std::string csrf = access_.csrf_token(one, now_).value_or("");
  EXPECT_EQ(csrf.size(), 64U);
  EXPECT_EQ(access_.csrf_token(one, now_ + hours(1)), csrf);
  EXPECT_NE(access_.csrf_token(other, now_), csrf);
  EXPECT_EQ(access_.csrf_token("", now_), std::nullopt);
  EXPECT_EQ(access_.csrf_token(csrf, now_), std::nullopt);
  access_.log_out(one);
  EXPECT_EQ(access_.csrf_token(one, now_), std::nullopt);
  EXPECT_NE(access_.csrf_token(other, now_), std::nullopt);
}

TEST_F(Accesses, EndSessionsThatNobodyUsesAndOldOnes)
{
  const std::string idle = access_.log_in("a right one", "192.0.2.1", now_).session;
  EXPECT_EQ(access_.csrf_token(idle, now_ + Access::kIdle + seconds(1)), std::nullopt);
  const std::string used = access_.log_in("a right one", "192.0.2.1", now_).session;
  Access::Instant time = now_;
  while (time - now_ < Access::kLongest) {
    EXPECT_NE(access_.csrf_token(used, time), std::nullopt);
    time += hours(24);
  }
  EXPECT_EQ(access_.csrf_token(used, time + hours(1)), std::nullopt);
}

TEST_F(Accesses, MakeWhoGuessesWaitLongerEachTime)
{
  Access::Instant time = now_;
  for (unsigned i = 1; i < Access::kFreeTries; ++i)
    EXPECT_EQ(access_.log_in("wrong", "192.0.2.1", time).wait, seconds(0));
  seconds wait = access_.log_in("wrong", "192.0.2.1", time).wait;
  EXPECT_EQ(wait, seconds(1));
  // The right one has to wait as well, and others do not.
  EXPECT_EQ(access_.log_in("a right one", "192.0.2.1", time).session, "");
  EXPECT_NE(access_.log_in("a right one", "192.0.2.2", time).session, "");
  for (int i = 0; i < 12; ++i) {
    time += wait;
    const seconds next = access_.log_in("wrong", "192.0.2.1", time).wait;
    EXPECT_EQ(next, std::min<seconds>(2 * wait, Access::kLongestWait));
    wait = next;
  }
  EXPECT_NE(access_.log_in("a right one", "192.0.2.1", time + wait).session, "");
  EXPECT_EQ(access_.log_in("wrong", "192.0.2.1", time + wait).wait, seconds(0));
}

TEST_F(Accesses, CountGuessesThatComeAtTheSameTime)
{
  std::atomic<unsigned> tried = 0;
  {
    std::vector<std::jthread> guesses;
    for (int i = 0; i < 16; ++i)
      guesses.emplace_back([&] {
        // Only who has failed for the last free time, or later, is told to wait.
        if (access_.log_in("wrong", "192.0.2.1", now_).wait.count() == 0) ++tried;
      });
  }
  EXPECT_EQ(tried, Access::kFreeTries - 1);
}

TEST_F(Accesses, HoldABoundedNumberOfSessions)
{
  const std::string first = access_.log_in("a right one", "192.0.2.1", now_).session;
  for (std::size_t i = 0; i < Access::kSessions; ++i)
    EXPECT_NE(access_.log_in("a right one", "192.0.2.1", now_ + seconds(1)).session, "");
  EXPECT_EQ(access_.csrf_token(first, now_ + seconds(1)), std::nullopt);
}

TEST(PasswordHashes, RecogniseTheirPasswordAlone)
{
  const PasswordHash hash = must(PasswordHash::of("pässword"));
  EXPECT_TRUE(hash.matches("pässword"));
  EXPECT_FALSE(hash.matches("password"));
  EXPECT_FALSE(hash.matches("pässword "));
  EXPECT_FALSE(hash.matches(""));
}

}  // namespace
}  // namespace ib::test
