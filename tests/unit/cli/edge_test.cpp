// SPDX-License-Identifier: Apache-2.0
#include "base/suggestion.hpp"
#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "cli/signals.hpp"

#include "sys/file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <array>
#include <csignal>
#include <semaphore>
#include <utility>

namespace ib {
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

TEST(ResultOutput, SaysThatTheDiskIsFull)
{
  const Fd full(::open("/dev/full", O_WRONLY));
  ResultOutput output(full.get());
  EXPECT_TRUE(output.write("short")) << "buffered";
  const Result<> flushed = output.flush();
  ASSERT_FALSE(flushed);
  EXPECT_EQ(std::to_underlying(exit_code(flushed.error())), 1);
  EXPECT_FALSE(output.write(std::string(100'000, 'x'))) << "more than the buffer takes";
}

TEST(ResultOutput, SaysThatThePipeIsClosed)
{
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const Fd writer(ends[1]);
  ::close(ends[0]);
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  ResultOutput output(writer.get());
  EXPECT_TRUE(output.write("x"));
  EXPECT_FALSE(output.flush());
  static_cast<void>(std::signal(SIGPIPE, before));
}

// In a process of its own: signals are blocked there for good.
int interrupted_times(int times)
{
  block_signals();
  SilentProgress progress;
  const SignalWatch watch(progress);
  std::binary_semaphore asked(0);
  const std::stop_callback told(watch.token(), [&] { asked.release(); });
  if (times == 0) return watch.token().stop_requested() ? 1 : 0;
  static_cast<void>(::kill(::getpid(), SIGINT));
  asked.acquire();
  if (times == 2) {
    static_cast<void>(::kill(::getpid(), SIGTERM));
    for (;;) ::pause();
  }
  return watch.token().stop_requested() ? 0 : 1;
}

TEST(SignalWatchDeathTest, TurnsTheFirstSignalIntoARequest)
{
  EXPECT_EXIT(::_exit(interrupted_times(0)), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(::_exit(interrupted_times(1)), testing::ExitedWithCode(0), "");
}

TEST(SignalWatchDeathTest, EndsTheProgramAtTheSecond)
{
  EXPECT_EXIT(::_exit(interrupted_times(2)), testing::ExitedWithCode(130), "");
}

TEST(StandardStreamsDeathTest, AreOccupiedIfTheyWereClosed)
{
  EXPECT_EXIT(
      {
        ::close(STDOUT_FILENO);
        occupy_standard_streams();
        const bool taken = ::open("/dev/null", O_RDONLY) > STDERR_FILENO;
        const bool still_an_error = ::write(STDOUT_FILENO, "x", 1) < 0;
        ::_exit(taken && still_an_error ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace ib
