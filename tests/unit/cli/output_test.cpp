// SPDX-License-Identifier: Apache-2.0
#include "cli/output.hpp"

#include "cli/exit_code.hpp"
#include "sys/file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <array>
#include <csignal>
#include <utility>

namespace ib::test {
namespace {

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
}  // namespace ib::test
