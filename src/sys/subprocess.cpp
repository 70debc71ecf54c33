// SPDX-License-Identifier: Apache-2.0
#include "sys/subprocess.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX leaves it to the user

namespace ib {
namespace {

constexpr std::size_t kStderrTail = 4096;
constexpr int kPollMs = 100;                // how soon a stop request is noticed
constexpr std::chrono::seconds kGrace{10};  // PostgreSQL gives its own processes five

struct Pipe {
  Fd read, write;
};

Result<Pipe> make_pipe()
{
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::unexpected(errno_error(errno, "pipe"));
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

/// Variables that tell a program where it runs. LD_PRELOAD and NSS_WRAPPER_* give a user without an
/// account a name.
bool is_harmless(std::string_view name)
{
  constexpr std::array<std::string_view, 9> kNames{"PATH",     "HOME", "USER",  "LOGNAME", "LANG",
                                                   "LANGUAGE", "TZ",   "TZDIR", "TMPDIR"};
  constexpr std::array<std::string_view, 3> kBeginnings{"LC_", "LD_", "NSS_WRAPPER_"};
  return std::ranges::find(kNames, name) != kNames.end() ||
         std::ranges::any_of(kBeginnings,
                             [&](std::string_view begin) { return name.starts_with(begin); });
}

/// The program's environment: the harmless part of ours with `changes` on top. It is built before
/// the fork, because the child of a program with threads must not allocate.
std::vector<std::string> merged_environment(
    const std::vector<std::pair<std::string, std::string>>& changes)
{
  std::vector<std::string> merged;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('='));
    const bool changed =
        std::ranges::any_of(changes, [&](const auto& change) { return change.first == name; });
    if (!changed && is_harmless(name)) merged.emplace_back(text);
  }
  for (const auto& [name, value] : changes) merged.emplace_back(name).append("=").append(value);
  return merged;
}

std::vector<char*> pointers_to(std::vector<std::string>& strings)
{
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// Runs in the child between fork and exec: only async-signal-safe calls are allowed. Writes errno
/// to `status` if exec fails. A successful exec closes `status`.
[[noreturn]] void become(char* const* argv, char* const* env, int in, int out, int err, int status,
                         pid_t parent, const Program& program)
{
  sigset_t none;
  sigemptyset(&none);
  static_cast<void>(
      ::sigprocmask(SIG_SETMASK, &none, nullptr));  // this process blocks signals, for sigwait
  static_cast<void>(::signal(SIGPIPE, SIG_DFL));
  static_cast<void>(::prctl(PR_SET_PDEATHSIG, program.end_signal));
  if (program.with_children) static_cast<void>(::setpgid(0, 0));
  if (::getppid() == parent && ::dup2(in, 0) >= 0 && ::dup2(out, 1) >= 0 && ::dup2(err, 2) >= 0) {
    ::execvpe(argv[0], argv, env);
  }
  const int number = errno;
  static_cast<void>(!::write(status, &number, sizeof number));
  ::_exit(127);
}

bool set_nonblocking(const Fd& fd)
{
  return ::fcntl(fd.get(), F_SETFL, O_NONBLOCK) == 0;
}

}  // namespace

Subprocess::Subprocess(int pid, Pipes pipes, const Program& program, std::stop_token stop)
    : pid_(pid),
      pipes_(std::move(pipes)),
      program_(program.argv.at(0)),
      end_signal_(program.end_signal),
      with_children_(program.with_children),
      stop_(std::move(stop)),
      on_stderr_(program.on_stderr),
      time_to_end_(program.time_to_end)
{}

Result<Subprocess> Subprocess::start(const Program& program, std::stop_token stop)
{
  const std::string name = program.argv.at(0);
  Pipe in = TRY(make_pipe());
  Pipe out = TRY(make_pipe());
  Pipe err = TRY(make_pipe());
  Pipe status = TRY(make_pipe());
  std::vector<std::string> argv = program.argv;
  std::vector<std::string> env = merged_environment(program.environment);
  const std::vector<char*> argv_pointers = pointers_to(argv);
  const std::vector<char*> env_pointers = pointers_to(env);

  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return std::unexpected(errno_error(errno, name));
  if (pid == 0) {
    become(argv_pointers.data(), env_pointers.data(), in.read.get(), out.write.get(),
           err.write.get(), status.write.get(), parent, program);
  }
  static_cast<void>(in.read.close());
  static_cast<void>(out.write.close());
  static_cast<void>(err.write.close());
  static_cast<void>(status.write.close());
  Subprocess process(pid, {std::move(in.write), std::move(out.read), std::move(err.read)}, program,
                     std::move(stop));

  int number = 0;
  ssize_t n = 0;
  do {
    n = ::read(status.read.get(), &number, sizeof number);
  } while (n < 0 && errno == EINTR);
  if (n == static_cast<ssize_t>(sizeof number)) return std::unexpected(errno_error(number, name));
  if (!set_nonblocking(process.pipes_.in) || !set_nonblocking(process.pipes_.out) ||
      !set_nonblocking(process.pipes_.err)) {
    return std::unexpected(errno_error(errno, name));
  }
  return process;
}

Subprocess::~Subprocess()
{
  if (pid_.value < 0) return;
  send(end_signal_);
  const auto deadline = std::chrono::steady_clock::now() + kGrace;
  while (::waitpid(pid_.value, nullptr, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > deadline) {
      send(SIGKILL);
      static_cast<void>(::waitpid(pid_.value, nullptr, 0));
      return;
    }
    drain_stderr();
    discard_stdout();
    static_cast<void>(::poll(nullptr, 0, 10));
  }
}

/// exec has succeeded, and so the process group is there.
void Subprocess::send(int signal) const
{
  static_cast<void>(::kill(with_children_ ? -pid_.value : pid_.value, signal));
}

bool Subprocess::gives_up()
{
  if (!stop_.stop_requested()) return false;
  if (time_to_end_ == std::chrono::seconds::zero()) return true;
  const auto now = std::chrono::steady_clock::now();
  if (!asked_) {
    static_cast<void>(::kill(pid_.value, end_signal_));
    asked_ = now;
  }
  return now - *asked_ > time_to_end_;
}

void Subprocess::drain_stderr()
{
  std::array<char, 4096> buffer;
  while (pipes_.err) {
    const ssize_t n = ::read(pipes_.err.get(), buffer.data(), buffer.size());
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) {
      static_cast<void>(pipes_.err.close());
      return;
    }
    const std::string_view text(buffer.data(), static_cast<std::size_t>(n));
    if (on_stderr_) on_stderr_(text);
    stderr_tail_.append(text);
    if (stderr_tail_.size() > kStderrTail) stderr_tail_.erase(0, stderr_tail_.size() - kStderrTail);
  }
}

void Subprocess::discard_stdout()
{
  std::array<char, 4096> buffer;
  while (pipes_.out) {
    const ssize_t n = ::read(pipes_.out.get(), buffer.data(), buffer.size());
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) static_cast<void>(pipes_.out.close());
  }
}

Result<Subprocess::Wait> Subprocess::wait(bool for_reading, bool for_writing)
{
  for (;;) {
    if (gives_up()) return fail(Errc::cancelled, program_ + ": interrupted");
    if (for_reading && !pipes_.out) return Wait::closed;
    std::array<pollfd, 3> fds{
        {{.fd = pipes_.out ? pipes_.out.get() : -1, .events = POLLIN, .revents = 0},
         {.fd = pipes_.err ? pipes_.err.get() : -1, .events = POLLIN, .revents = 0},
         {.fd = for_writing && pipes_.in ? pipes_.in.get() : -1, .events = POLLOUT, .revents = 0}}};
    const int ready = ::poll(fds.data(), fds.size(), kPollMs);
    if (ready < 0 && errno != EINTR) return std::unexpected(errno_error(errno, program_));
    if (ready <= 0) continue;
    if (fds[1].revents != 0) drain_stderr();
    if (fds[2].revents != 0) return Wait::writable;
    if (fds[0].revents != 0) {
      if (for_reading) return Wait::readable;
      discard_stdout();
    }
  }
}

Result<std::size_t> Subprocess::read(std::span<std::byte> buffer)
{
  for (;;) {
    if (TRY(wait(true, false)) == Wait::closed) return 0UZ;
    const ssize_t n = ::read(pipes_.out.get(), buffer.data(), buffer.size());
    if (n > 0) return static_cast<std::size_t>(n);
    if (n == 0) {
      static_cast<void>(pipes_.out.close());
      return 0UZ;
    }
    if (errno != EAGAIN && errno != EINTR) return std::unexpected(errno_error(errno, program_));
  }
}

Result<> Subprocess::write(ByteView bytes)
{
  while (!bytes.empty()) {
    if (!pipes_.in) return fail(Errc::io, program_ + ": its input is closed");
    TRY(wait(false, true));
    const ssize_t n = ::write(pipes_.in.get(), bytes.data(), bytes.size());
    if (n >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(n));
    } else if (errno == EPIPE) {
      static_cast<void>(pipes_.in.close());
      return fail(Errc::io, program_ + ": it ended before it had read everything");
    } else if (errno != EAGAIN && errno != EINTR) {
      return std::unexpected(errno_error(errno, program_));
    }
  }
  return {};
}

void Subprocess::close_stdin()
{
  static_cast<void>(pipes_.in.close());
}

bool Subprocess::has_ended() const
{
  siginfo_t info{};
  // WNOWAIT leaves the status to finish().
  return ::waitid(P_PID, static_cast<id_t>(pid_.value), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == pid_.value;
}

Result<Exit> Subprocess::finish()
{
  close_stdin();
  while (pipes_.out || pipes_.err) {
    if (!pipes_.out) {
      // Only stderr is left, so this polls for it alone.
      if (gives_up()) return fail(Errc::cancelled, program_ + ": interrupted");
      pollfd fd{.fd = pipes_.err.get(), .events = POLLIN, .revents = 0};
      if (::poll(&fd, 1, kPollMs) > 0) drain_stderr();
      continue;
    }
    if (TRY(wait(true, false)) == Wait::readable) discard_stdout();
  }
  int status = 0;
  while (::waitpid(pid_.value, &status, WNOHANG) == 0) {
    if (gives_up()) return fail(Errc::cancelled, program_ + ": interrupted");
    static_cast<void>(::poll(nullptr, 0, 2));
  }
  pid_.value = -1;
  return Exit{.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status),
              .stderr_tail = std::move(stderr_tail_)};
}

Result<std::string> run_and_capture(const Program& program, const std::stop_token& stop)
{
  constexpr std::size_t kLimit = std::size_t{1024} * 1024;
  Subprocess process = TRY(Subprocess::start(program, stop));
  process.close_stdin();
  std::string output;
  std::array<std::byte, 4096> buffer;
  while (output.size() < kLimit) {
    const std::size_t n = TRY(process.read(buffer));
    if (n == 0) break;
    output += text_of(ByteView(buffer).first(n));
  }
  const Exit exit = TRY(process.finish());
  if (exit.status != 0) {
    return fail(Errc::io, program.argv[0] + ": exit status " + std::to_string(exit.status) + ": " +
                              exit.stderr_tail);
  }
  return output;
}

}  // namespace ib
