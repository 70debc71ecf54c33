// SPDX-License-Identifier: Apache-2.0
#include "core/names/extra_root.hpp"

#include "base/text.hpp"
#include "core/names/clean_path.hpp"

#include <algorithm>

namespace ib {
namespace {

bool is_letter_or_digit(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_valid_name(std::string_view name)
{
  constexpr std::size_t kLongest = 64;
  return !name.empty() && name.size() <= kLongest && is_letter_or_digit(name.front()) &&
         std::ranges::all_of(name, [](char c) {
           return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-';
         });
}

}  // namespace

Result<ExtraRoot> parse_extra_root(std::string_view text)
{
  constexpr std::string_view kExample = "For example photos=/mnt/photos";
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals + 1 == text.size())
    return fail(Errc::invalid, "'" + printable(text) + "' is not NAME=DIR", std::string(kExample));
  const std::string_view name = text.substr(0, equals);
  if (!is_valid_name(name)) {
    return fail(
        Errc::invalid, "'" + printable(name) + "' cannot be the name of an extra root",
        "A name has 1 to 64 letters (A to Z), digits and . _ - and begins with a letter or a "
        "digit. " +
            std::string(kExample));
  }
  const std::string_view rest = text.substr(equals + 1);
  const std::size_t third = rest.rfind("=/");
  ExtraRoot root{.name = std::string(name), .folder = std::string(rest.substr(0, third))};
  if (third == std::string_view::npos) return root;
  std::optional<std::string> path = clean_path(rest.substr(third + 1));
  if (!path || path->empty() || root.folder.empty()) {
    return fail(Errc::invalid, "'" + printable(text) + "' is not NAME=DIR=IMMICH_PATH",
                "IMMICH_PATH is the folder that Immich calls DIR: its path in the container. For "
                "example photos=/mnt/photos=/libraries/photos");
  }
  root.in_immich.push_back({.path = *std::move(path), .below = ""});
  return root;
}

std::string extra_root_prefix(std::string_view name)
{
  return std::string(kExtraRootsPrefix) + std::string(name) + "/";
}

std::optional<std::string_view> extra_root_of(std::string_view path)
{
  if (!path.starts_with(kExtraRootsPrefix)) return std::nullopt;
  path.remove_prefix(kExtraRootsPrefix.size());
  return path.substr(0, path.find('/'));
}

}  // namespace ib
