// SPDX-License-Identifier: Apache-2.0
#include "sys/timing.hpp"

#include <condition_variable>
#include <mutex>
#include <utility>

namespace ib {

bool wait_for(std::chrono::milliseconds time, const std::stop_token& stop)
{
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

Periodic::Periodic(std::chrono::milliseconds period,
                   std::function<void(const std::stop_token&)> act)
    : thread_([period, act = std::move(act)](const std::stop_token& stop) {
        while (wait_for(period, stop)) act(stop);
      })
{}

}  // namespace ib
