// SPDX-License-Identifier: Apache-2.0
#include "sys/line_file.hpp"

#include "sys/file_calls.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <array>

namespace ib {

Result<LineFile> LineFile::open(const Folder& folder, const std::string& name)
{
  const std::string path = join(folder.path(), name);
  if (!is_plain_component(name)) return bad_component(path);
  Fd fd(uninterrupted([&] {
    return ::openat(folder.fd(), name.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
                    0600);
  }));
  if (!fd) return std::unexpected(errno_error(errno, path));
  LineFile file(std::move(fd), path);
  const off_t size = ::lseek(file.fd_.get(), 0, SEEK_END);
  char last = '\n';
  if (size > 0) static_cast<void>(::pread(file.fd_.get(), &last, 1, size - 1));
  file.is_cut_ = last != '\n';
  return file;
}

Result<> LineFile::add(std::string_view line)
{
  const std::string text = (is_cut_ ? "\n" : "") + std::string(line) + "\n";
  const ssize_t n = uninterrupted([&] { return ::write(fd_.get(), text.data(), text.size()); });
  if (n == static_cast<ssize_t>(text.size())) {
    is_cut_ = false;
    return {};
  }
  is_cut_ = is_cut_ || n > 0;
  return std::unexpected(errno_error(n < 0 ? errno : ENOSPC, path_));
}

Result<> LineFile::add_now(std::string_view line)
{
  TRY(add(line));
  if (uninterrupted([&] { return ::fdatasync(fd_.get()); }) != 0)
    return std::unexpected(errno_error(errno, path_));
  return {};
}

Result<std::vector<std::string>> read_lines(const Folder& folder, const std::string& name,
                                            std::uint64_t limit)
{
  InputFile file = TRY(folder.open_file(name));
  std::string text;
  std::array<std::byte, 64UZ * 1024> buffer;
  for (;;) {
    const std::size_t n = TRY(file.read(buffer));
    text += text_of(ByteView(buffer).first(n));
    if (text.size() > limit)
      return fail(Errc::too_large,
                  join(folder.path(), name) + ": larger than " + std::to_string(limit) + " bytes");
    if (n < buffer.size()) break;
  }
  std::vector<std::string> lines;
  std::string_view rest = text;
  for (std::size_t end = rest.find('\n'); end != rest.npos; end = rest.find('\n')) {
    lines.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  return lines;
}

}  // namespace ib
