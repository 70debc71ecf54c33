// SPDX-License-Identifier: Apache-2.0
#include "cli/ask_secret.hpp"

#include "base/text.hpp"
#include "sys/fd.hpp"
#include "sys/file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <termios.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>

namespace ib {
namespace {

/// The terminal, which shows nothing that is typed until this goes.
class SilentTerminal {
public:
  static Result<SilentTerminal> open()
  {
    Fd fd(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
    termios modes{};
    if (!fd || ::tcgetattr(fd.get(), &modes) != 0)
      return fail(Errc::invalid, "there is no terminal at which to ask for a passphrase",
                  "Run it at a terminal, such as with `ssh -t` or `docker run -it`.");
    termios silent = modes;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag |= ECHONL | ICANON | ISIG;
    // What was typed before anybody was asked is no answer.
    if (::tcsetattr(fd.get(), TCSAFLUSH, &silent) != 0)
      return std::unexpected(errno_error(errno, "the terminal"));
    return SilentTerminal(std::move(fd), modes);
  }
  SilentTerminal(SilentTerminal&&) noexcept = default;
  SilentTerminal& operator=(SilentTerminal&&) = delete;
  ~SilentTerminal()
  {
    if (fd_) static_cast<void>(::tcsetattr(fd_.get(), TCSAFLUSH, &modes_));
  }

  void show(std::string_view text) const
  {
    // Who does not see the question types nothing, and ends the program.
    static_cast<void>(::write(fd_.get(), text.data(), text.size()));
  }

  /// One line. cancelled once `stop` is requested.
  Result<Passphrase> read_line(const std::stop_token& stop) const
  {
    const Fd stopped(::eventfd(0, EFD_CLOEXEC));
    if (!stopped) return std::unexpected(errno_error(errno, "the terminal"));
    const std::stop_callback wake(stop,
                                  [&] { static_cast<void>(::eventfd_write(stopped.get(), 1)); });
    Secret<Passphrase::kMost + 2> line;
    std::size_t size = 0;
    while (size < line.bytes.size()) {
      std::array<pollfd, 2> ends{pollfd{.fd = fd_.get(), .events = POLLIN, .revents = 0},
                                 pollfd{.fd = stopped.get(), .events = POLLIN, .revents = 0}};
      if (::poll(ends.data(), ends.size(), -1) < 0) {
        if (errno == EINTR) continue;
        return std::unexpected(errno_error(errno, "the terminal"));
      }
      if (ends[1].revents != 0) {
        show("\n");
        return fail(Errc::cancelled, "interrupted");
      }
      const ssize_t n = ::read(fd_.get(), line.bytes.data() + size, line.bytes.size() - size);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return std::unexpected(errno_error(errno, "the terminal"));
      size += static_cast<std::size_t>(n);
      if (n == 0 || line.bytes.at(size - 1) == std::byte{'\n'}) break;
    }
    std::string_view text = text_of(ByteView(line.bytes).first(size));
    if (text.ends_with('\n')) text.remove_suffix(1);
    return Passphrase::of(text);
  }

private:
  SilentTerminal(Fd fd, const termios& modes) : fd_(std::move(fd)), modes_(modes) {}

  Fd fd_;
  termios modes_;
};

}  // namespace

Result<Passphrase> ask_passphrase(const std::string& file, const std::stop_token& stop)
{
  const SilentTerminal terminal = TRY(SilentTerminal::open());
  terminal.show("Passphrase of " + printable(file) + ": ");
  return terminal.read_line(stop);
}

Result<Passphrase> ask_new_passphrase(const std::string& file, const std::stop_token& stop)
{
  const SilentTerminal terminal = TRY(SilentTerminal::open());
  terminal.show("New passphrase of " + printable(file) + ": ");
  const Passphrase passphrase = TRY(terminal.read_line(stop));
  terminal.show("The same again: ");
  const Result<Passphrase> again = terminal.read_line(stop);
  if (!again && again.error().code == Errc::cancelled) return again;
  if (again && again->text() == passphrase.text()) return passphrase;
  return fail(Errc::invalid, "the second passphrase is not the first: nothing was written",
              "Run it again.");
}

Result<std::vector<AgeIdentity>> identities_in(const std::string& path, const std::stop_token& stop)
{
  Result<std::vector<AgeIdentity>> identities =
      load_age_identities(path, [&] { return ask_passphrase(path, stop); });
  // It is the settings that are wrong, and another try would change nothing.
  if (!identities && identities.error().code == Errc::not_found)
    return fail(Errc::invalid, identities.error().message,
                "Name the file that has the identity, AGE-SECRET-KEY-1...");
  return identities;
}

Result<std::vector<AgeIdentity>> ask_identities(const std::string& why, const std::stop_token& stop)
{
  std::string file;
  {
    const SilentTerminal terminal = TRY(SilentTerminal::open());
    terminal.show(why +
                  "\nPaste the identity (AGE-SECRET-KEY-1...), or name the file that has it. "
                  "Nothing of it is shown or kept: ");
    const Result<Passphrase> answer = terminal.read_line(stop);
    if (!answer && answer.error().code == Errc::invalid)
      return fail(Errc::invalid, "no identity was given");
    if (!answer) return std::unexpected(answer.error());
    const std::string_view text = trimmed(answer->text());
    const Result<AgeIdentity> identity = AgeIdentity::parse(text);
    if (identity) return std::vector{*identity};
    file = text;
    if (file.find('/') == std::string::npos && !path_exists(file))
      return std::unexpected(identity.error());
  }
  return identities_in(file, stop);
}

}  // namespace ib
