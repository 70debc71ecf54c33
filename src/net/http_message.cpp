// SPDX-License-Identifier: Apache-2.0
#include "net/http_message.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace ib {

std::string lower_case(std::string_view text)
{
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

void HttpResponse::take_head_line(std::string_view line)
{
  if (line.starts_with("HTTP/")) {
    headers.clear();
    status = 0;
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) return;
    for (const char c : line.substr(space + 1, 3)) {
      if (c < '0' || c > '9') return;
      status = status * 10 + (c - '0');
    }
    return;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  const std::string_view value = trimmed(line.substr(colon + 1));
  const auto [entry, is_new] = headers.try_emplace(lower_case(line.substr(0, colon)), value);
  if (!is_new) entry->second += ", " + std::string(value);
}

std::string_view HttpResponse::header(std::string_view name) const
{
  const auto found = headers.find(name);
  return found == headers.end() ? std::string_view{} : std::string_view{found->second};
}

std::string host_of(std::string_view url)
{
  if (const std::size_t scheme = url.find("://"); scheme != std::string_view::npos)
    url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#\\"));
  if (const std::size_t user = url.rfind('@'); user != std::string_view::npos)
    url.remove_prefix(user + 1);
  return std::string(url);
}

}  // namespace ib
