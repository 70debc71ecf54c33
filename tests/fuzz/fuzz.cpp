// SPDX-License-Identifier: Apache-2.0
#include "fuzz/fuzz.hpp"

#include "base/text.hpp"
#include "report/layout.hpp"
#include "sys/file.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <limits>

namespace ib::fuzz {

void require(bool holds, const char* what)
{
  if (holds) return;
  static_cast<void>(std::fprintf(stderr, "broken: %s\n", what));
  std::abort();
}

void require_safe_to_show(std::string_view text)
{
  require(is_valid_utf8(text), "what people see is UTF-8");
  for (const std::string_view line : split(text, '\n'))
    require(printable_message(line) == line, "what people see has no control characters");
}

void require_safe_to_show(const Error& error)
{
  require_safe_to_show(printable_message(error.message));
  require_safe_to_show(printable_message(error.hint));
}

std::uint8_t Input::byte()
{
  if (rest_.empty()) return 0;
  const auto first = static_cast<std::uint8_t>(rest_.front());
  rest_.remove_prefix(1);
  return first;
}

std::int64_t Input::number()
{
  using Limits = std::numeric_limits<std::int64_t>;
  constexpr std::array<std::int64_t, 8> kLimits{0,
                                                1,
                                                -1,
                                                Limits::min(),
                                                Limits::max(),
                                                std::numeric_limits<std::int32_t>::min(),
                                                std::numeric_limits<std::int32_t>::max(),
                                                std::numeric_limits<std::uint32_t>::max()};
  const std::uint8_t kind = byte();
  if (kind < kLimits.size()) return kLimits.at(kind);
  std::int64_t number = 0;
  const std::size_t n = std::min(rest_.size(), kind < 128 ? std::size_t{2} : sizeof number);
  if (n > 0) std::memcpy(&number, rest_.data(), n);
  rest_.remove_prefix(n);
  return number;
}

std::string_view Input::text()
{
  const std::uint8_t size = byte();
  const std::string_view text = rest_.substr(0, size);
  rest_.remove_prefix(text.size());
  return text;
}

std::string_view Input::until(char separator)
{
  const std::string_view text = rest_.substr(0, rest_.find(separator));
  rest_.remove_prefix(std::min(text.size() + 1, rest_.size()));
  return text;
}

std::vector<std::string_view> split(std::string_view text, char separator)
{
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

const std::string& scratch_folder()
{
  static const ScratchFolder folder = ScratchFolder::create("").value();
  return folder.path();
}

std::string scratch_file(std::string_view name, std::string_view content)
{
  std::string path = scratch_folder() + "/" + std::string(name);
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
  return path;
}

}  // namespace ib::fuzz
