// SPDX-License-Identifier: Apache-2.0
#include "cli/signals.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <csignal>
#include <semaphore>

namespace ib::test {
namespace {

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

}  // namespace
}  // namespace ib::test
