// SPDX-License-Identifier: Apache-2.0
#include "sys/system.hpp"

#include "support/builders.hpp"

#include <chrono>
#include <thread>

namespace ib::test {
namespace {

TEST(TimesWaited, AreThoseOfTheCallingThread)
{
  const std::uint64_t before = times_this_thread_waited();
  std::jthread([] {
    for (int i = 0; i < 100; ++i) std::this_thread::sleep_for(std::chrono::microseconds(100));
  }).join();
  const std::uint64_t of_a_join = times_this_thread_waited() - before;
  EXPECT_LE(of_a_join, 10U);
  for (int i = 0; i < 100; ++i) std::this_thread::sleep_for(std::chrono::microseconds(100));
  EXPECT_GE(times_this_thread_waited() - before, 100U);
}

}  // namespace
}  // namespace ib::test
