// SPDX-License-Identifier: Apache-2.0
#include "cli/signals.hpp"

#include "cli/exit_code.hpp"

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
  // A terminal that is closed. nohup ignores it, and that is kept.
  struct sigaction hangup {};
  if (::sigaction(SIGHUP, nullptr, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
    sigaddset(&set, SIGHUP);
  return set;
}

}  // namespace

void block_signals()
{
  const sigset_t set = watched_signals();
  static_cast<void>(::pthread_sigmask(SIG_BLOCK, &set, nullptr));
  // If the reader of a pipe goes away, write() fails and the program goes on.
  static_cast<void>(::signal(SIGPIPE, SIG_IGN));
}

SignalWatch::SignalWatch(Progress& progress) : progress_(progress), thread_([this] { watch(); }) {}

SignalWatch::~SignalWatch()
{
  done_ = true;
  // Wakes only that thread: the signal is blocked everywhere, and that thread waits for it.
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
    progress_.note("stopping; everything stored so far is kept (interrupt again to stop at once)");
  }
}

}  // namespace ib
