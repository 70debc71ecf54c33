// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "sys/file.hpp"

#include <chrono>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace ib {

/// A program to be run.
struct Program {
  /// Its file, found on PATH unless the name holds a slash, and its arguments. Everybody on the
  /// machine can read these: secrets go into `environment`.
  std::vector<std::string> argv;
  /// Added to, or in place of, what this process has.
  std::vector<std::pair<std::string, std::string>> environment = {};
};

/// How a program ended.
struct Exit {
  int status = 0;  ///< its exit status; 128 + the signal where one ended it, as shells say it
  std::string stderr_tail;  ///< the last 4 KiB of what it said on stderr
};

/// A running program, its stdin and stdout connected to us. What it says on stderr is drained and
/// kept while reading and writing, so that it can never block on us. Programs are told to end
/// (SIGTERM, after five seconds SIGKILL) by the destructor, and by the kernel if this process dies.
/// One thread at a time.
///
/// A program's stdin must be closed by the caller for the program to see its end; one that reads
/// SQL must therefore treat the end of input as "do not commit", since we may die at any time.
class Subprocess {
public:
  /// not_found if there is no such program. All waits end with `cancelled` when `stop` is
  /// requested.
  static Result<Subprocess> start(const Program& program, std::stop_token stop);

  Subprocess(Subprocess&&) noexcept = default;
  Subprocess& operator=(Subprocess&&) = delete;
  ~Subprocess();

  /// Up to buffer.size() bytes of its stdout; 0 at the end.
  Result<std::size_t> read(std::span<std::byte> buffer);
  /// All of `bytes` to its stdin; its stdout is thrown away meanwhile. io if it has closed its
  /// stdin.
  Result<> write(ByteView bytes);
  void close_stdin();
  /// Closes stdin, drains what is left and waits for the end.
  Result<Exit> finish();

private:
  struct Pipes {
    Fd in, out, err;
  };
  Subprocess(int pid, Pipes pipes, std::string program, std::stop_token stop);
  enum class Wait : std::uint8_t { readable, writable, closed };
  Result<Wait> wait(bool for_reading, bool for_writing);
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
  std::stop_token stop_;
  std::string stderr_tail_;
};

/// Runs a short program to its end and returns what it printed (at most 1 MiB), or an error that
/// holds what it said on stderr if its status is not 0.
Result<std::string> run_and_capture(const Program& program, const std::stop_token& stop);

}  // namespace ib
