// SPDX-License-Identifier: Apache-2.0
#include "web/answers.hpp"

#include "support/matchers.hpp"

#include <atomic>
#include <thread>

namespace ib::test {
namespace {

using std::chrono::seconds;

class AnswersOfCommands : public testing::Test {
protected:
  Answers answers(std::string script, std::stop_token stop = {}, seconds limit = seconds(60))
  {
    return {[this, script = std::move(script)](const Answers::Arguments&) {
              ++asked_;
              return Program{.argv = {"sh", "-c", script}};
            },
            [this] { return Timestamp(seconds(now_.load())); }, std::move(stop), limit};
  }

  std::atomic<int> asked_ = 0;
  std::atomic<std::int64_t> now_ = 1'000'000;
};

TEST_F(AnswersOfCommands, AreKeptUntilTheyAreOldOrForgotten)
{
  Answers answers = this->answers("echo one; exit 3");
  const auto first = must(answers.ask({"status"}, seconds(10)));
  EXPECT_EQ(first->text, "one\n");
  EXPECT_EQ(first->exit_status, 3);
  now_ += 10;
  EXPECT_EQ(must(answers.ask({"status"}, seconds(10))), first);
  EXPECT_EQ(asked_, 1);
  must(answers.ask({"cost"}, seconds(10)));
  EXPECT_EQ(asked_, 2);
  now_ += 1;
  EXPECT_NE(must(answers.ask({"status"}, seconds(10))), first);
  EXPECT_EQ(asked_, 3);
  answers.forget();
  must(answers.ask({"status"}, seconds(10)));
  EXPECT_EQ(asked_, 4);
}

TEST_F(AnswersOfCommands, AreAskedForOnceByManyAtATime)
{
  Answers answers = this->answers("sleep 0.2; echo one");
  {
    std::vector<std::jthread> people;
    for (int i = 0; i < 8; ++i)
      people.emplace_back(
          [&] { EXPECT_EQ(must(answers.ask({"status"}, seconds(10)))->text, "one\n"); });
  }
  EXPECT_EQ(asked_, 1);
}

TEST_F(AnswersOfCommands, AreNotWaitedForForever)
{
  Answers answers = this->answers("trap '' TERM; while :; do sleep 0.1; done", {}, seconds(1));
  EXPECT_TRUE(fails_with(Errc::unavailable, answers.ask({"status"}, seconds(10))));
  std::stop_source stop;
  stop.request_stop();
  Answers stopped = this->answers("sleep 300", stop.get_token());
  EXPECT_TRUE(fails_with(Errc::cancelled, stopped.ask({"status"}, seconds(10))));
}

TEST_F(AnswersOfCommands, AreRefusedWhereTheyAreTooLarge)
{
  Answers answers = this->answers("head -c 17000000 /dev/zero");
  EXPECT_TRUE(fails_with(Errc::too_large, answers.ask({"diff"}, seconds(10))));
}

}  // namespace
}  // namespace ib::test
