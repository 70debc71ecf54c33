// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <thread>

namespace ib {

/// Waits. Returns false as soon as `stop` is requested.
bool wait_for(std::chrono::milliseconds time, const std::stop_token& stop);

/// While it lives, a thread of its own calls `act` once after each `period`, one call at a time.
/// The destructor requests a stop of the call that is under way, and waits for it. What `act` uses
/// must outlive this.
class Periodic {
public:
  Periodic(std::chrono::milliseconds period, std::function<void(const std::stop_token&)> act);

private:
  std::jthread thread_;
};

}  // namespace ib
