// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "sys/file.hpp"

#include <chrono>
#include <csignal>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ib {

/// A program to run.
struct Program {
  /// The program and its arguments. The program is searched on PATH unless its name contains a
  /// slash. Everybody on the machine can read the arguments, so secrets belong in `environment`.
  std::vector<std::string> argv;
  /// What it gets beside the harmless part of this process's environment, such as PATH, HOME and
  /// the locale; replaces variables of the same name. Nothing else is passed on: this process's
  /// environment may hold credentials.
  std::vector<std::pair<std::string, std::string>> environment = {};
  /// The signal that asks it to end: from us, and from the kernel if this process dies.
  int end_signal = SIGTERM;
  /// Whether the destructor also ends the programs that it has started. It then has a process group
  /// of its own, and a terminal's Ctrl-C does not reach it.
  bool with_children = false;
  /// Gets what it prints on stderr, piece by piece, in the thread that reads, writes or waits.
  std::function<void(std::string_view)> on_stderr = {};
  /// How long after a requested stop the waits go on. Where it is not zero, `end_signal` asks the
  /// program at once to end, and that program alone: what it has started, it ends itself.
  std::chrono::seconds time_to_end{};
};

/// How a program ended.
struct Exit {
  int status = 0;           ///< its exit status, or 128 + the signal that ended it, as in a shell
  std::string stderr_tail;  ///< the last 4 KiB of its stderr
};

/// A running program whose stdin and stdout are connected to us. Reading and writing also drain
/// stderr, so the program never blocks on it. The destructor ends the program: its end signal, then
/// SIGKILL after ten seconds. If this process dies, the kernel ends the program. One thread at a
/// time.
///
/// This process may die at any time, and then the program's stdin ends. A program that reads SQL
/// must therefore take the end of input for "do not commit".
///
/// The thread that starts it must live as long as it does: the kernel takes the thread's end for
/// that of this process.
class Subprocess {
public:
  /// not_found if there is no such program. If `stop` is requested, all waits end with `cancelled`.
  static Result<Subprocess> start(const Program& program, std::stop_token stop);

  Subprocess(Subprocess&&) noexcept = default;
  Subprocess& operator=(Subprocess&&) = delete;
  ~Subprocess();

  /// Reads up to buffer.size() bytes of its stdout. 0 at the end.
  Result<std::size_t> read(std::span<std::byte> buffer);
  /// Writes all of `bytes` to its stdin and discards its stdout meanwhile. io if it has closed its
  /// stdin.
  Result<> write(ByteView bytes);
  void close_stdin();
  /// Whether it has ended by itself. finish() tells how.
  bool has_ended() const;
  /// Closes stdin, drains the output and waits until the program ends.
  Result<Exit> finish();

private:
  struct Pipes {
    Fd in, out, err;
  };
  Subprocess(int pid, Pipes pipes, const Program& program, std::stop_token stop);
  /// Whether to stop waiting. Asks the program to end where it has time for that.
  bool gives_up();
  enum class Wait : std::uint8_t { readable, writable, closed };
  Result<Wait> wait(bool for_reading, bool for_writing);
  void send(int signal) const;
  void drain_stderr();
  void discard_stdout();

  struct Pid {
    int value = -1;
    explicit Pid(int pid) : value(pid) {}
    Pid(Pid&& other) noexcept : value(std::exchange(other.value, -1)) {}
  };
  Pid pid_;
  Pipes pipes_;
  std::string program_;
  int end_signal_;
  bool with_children_;
  std::stop_token stop_;
  std::string stderr_tail_;
  std::function<void(std::string_view)> on_stderr_;
  std::chrono::seconds time_to_end_;
  std::optional<std::chrono::steady_clock::time_point> asked_;
};

/// Runs a short program to its end and returns its stdout (at most 1 MiB). If its status is not 0,
/// returns an error with its stderr.
Result<std::string> run_and_capture(const Program& program, const std::stop_token& stop);

}  // namespace ib
