// SPDX-License-Identifier: Apache-2.0
#include "cli/output.hpp"

#include "cli/terminal.hpp"
#include "report/layout.hpp"
#include "sys/fd.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <array>
#include <cerrno>

namespace ib {
namespace {

constexpr std::size_t kBuffer = std::size_t{64} * 1024;

/// Returns errno, or 0 for success.
int write_all(int fd, std::string_view text)
{
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n == 0 ? EIO : errno;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return 0;
}

}  // namespace

void occupy_standard_streams()
{
  // A stream that was closed stays unusable: stdin is opened for writing and the others for
  // reading, so using them is still an error.
  constexpr std::array<int, 3> kWrongWay{O_WRONLY, O_RDONLY, O_RDONLY};
  for (int fd = 0; fd < 3; ++fd) {
    // open() takes the lowest free descriptor, which is this one.
    if (::fcntl(fd, F_GETFD) < 0)
      static_cast<void>(::open("/dev/null", kWrongWay.at(static_cast<std::size_t>(fd))));
  }
}

Result<> ResultOutput::write(std::string_view text)
{
  buffer_ += text;
  return buffer_.size() < kBuffer ? Result<>() : flush();
}

Result<> ResultOutput::flush()
{
  const int number = write_all(fd_, buffer_);
  buffer_.clear();
  if (number == 0) return {};
  Error error = errno_error(number, "standard output");
  error.code = Errc::io;  // another try may succeed, whatever the reason
  return std::unexpected(std::move(error));
}

void write_stderr(std::string_view text)
{
  static_cast<void>(write_all(STDERR_FILENO, text));
}

void print_error(const Error& error)
{
  std::string text = "immich-backup: " + printable_message(error.message) + "\n";
  if (!error.hint.empty()) text += "    " + printable_message(error.hint) + "\n";
  const std::optional<Terminal> terminal = terminal_of(STDERR_FILENO);
  write_stderr(terminal ? message_for_terminal(text, *terminal) : text);
}

}  // namespace ib
