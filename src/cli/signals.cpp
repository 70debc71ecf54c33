// SPDX-License-Identifier: Apache-2.0
#include "cli/signals.hpp"

#include "cli/exit_code.hpp"

#include <pthread.h>
#include <unistd.h>
#include <csignal>
#include <utility>

namespace ib {
namespace {

sigset_t watched_signals()
{
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

void block_signals()
{
  const sigset_t set = watched_signals();
  static_cast<void>(::pthread_sigmask(SIG_BLOCK, &set, nullptr));
  // A reader that goes away is an error of write(), not the end of the program.
  static_cast<void>(::signal(SIGPIPE, SIG_IGN));
}

SignalWatch::SignalWatch(Progress& progress) : progress_(progress), thread_([this] { watch(); }) {}

SignalWatch::~SignalWatch()
{
  done_ = true;
  // Wakes the thread, and nobody else: the signal is blocked, and the thread waits for it.
  // NOLINTNEXTLINE(bugprone-bad-signal-to-kill-thread,cert-pos44-c)
  static_cast<void>(::pthread_kill(thread_.native_handle(), SIGTERM));
  thread_.join();
}

void SignalWatch::watch()
{
  const sigset_t set = watched_signals();
  for (bool asked = false;; asked = true) {
    int signal = 0;
    if (::sigwait(&set, &signal) != 0 || done_) return;
    if (asked) ::_exit(std::to_underlying(ExitCode::interrupted));
    source_.request_stop();
    progress_.note("stopping: what was stored is kept (again to stop at once)");
  }
}

}  // namespace ib
