// SPDX-License-Identifier: Apache-2.0
#include "cli/options/files.hpp"

#include <algorithm>

namespace ib {

Option library_option(std::string help)
{
  return {.name = "library",
          .metavar = "DIR",
          .environment = {"LIBRARY_PATH", "UPLOAD_LOCATION"},
          .help = std::move(help)};
}

Option at_option(const std::string& what)
{
  return {.name = "at",
          .metavar = "TIME",
          .help = what +
                  ": latest (default), a restore point, a date (2026-01-15), a time (UTC, or "
                  "'2026-01-15 05:00+02:00') or an age (36h, 30d, 8w)"};
}

Option as_in_library_option(const std::string& what)
{
  return {.name = "as-in-library",
          .help = what +
                  " the library's own files at the library's own paths, also where Immich's "
                  "database names other content or another path",
          .command_line_only = true};
}

Option dry_run_option(std::string help)
{
  return {.name = "dry-run", .help = std::move(help)};
}

Option sha256_option(std::string help)
{
  return {.name = "sha256",
          .metavar = "HEX",
          .help = std::move(help),
          .repeatable = true,
          .command_line_only = true};
}

Option sample_option(std::string help)
{
  return {.name = "sample",
          .metavar = "N",
          .environment = {"VERIFY_SAMPLE_SIZE"},
          .help = std::move(help)};
}

Result<std::optional<std::uint64_t>> sample(const Settings& settings)
{
  constexpr std::uint64_t kMost = 1'000'000'000;
  const std::optional<std::uint64_t> objects = TRY(settings.number("sample", 0, kMost));
  return objects == std::uint64_t{0} ? std::nullopt : objects;
}

Option extra_root_option()
{
  return {.name = "extra-root",
          .metavar = "NAME=DIR[=PATH]",
          .help =
              "also back up this folder outside the media root, "
              "such as an external library of Immich; its files are called /@external/NAME/...; "
              "PATH is what Immich calls the folder, if not DIR",
          .repeatable = true};
}

Result<std::vector<ExtraRoot>> extra_roots(const Settings& settings)
{
  std::vector<ExtraRoot> roots;
  const Setting* setting = settings.find("extra-root");
  if (setting == nullptr) return roots;
  for (const std::string& text : setting->values) {
    ExtraRoot root = TRY(parse_extra_root(text).context(setting->name));
    const auto other = std::ranges::find_if(roots, [&](const ExtraRoot& each) {
      return !root.in_immich.empty() && each.in_immich == root.in_immich;
    });
    if (other != roots.end()) {
      return fail(Errc::invalid,
                  setting->name + ": the extra roots " + other->name + " and " + root.name +
                      " are both said to be Immich's " + printable(root.in_immich.front().path),
                  "Immich sees one folder there: say of which root it is.");
    }
    roots.push_back(std::move(root));
  }
  return roots;
}

Option owner_option()
{
  return {.name = "chown",
          .metavar = "UID:GID",
          .help = "the owner of the files and folders; needs root"};
}

Result<std::optional<Owner>> owner(const Settings& settings)
{
  const Setting* setting = settings.find("chown");
  if (setting == nullptr || setting->values.front().empty()) return std::nullopt;
  const std::string_view text = setting->values.front();
  const std::size_t colon = text.find(':');
  const std::optional<std::uint32_t> user = parse_number<std::uint32_t>(text.substr(0, colon));
  const std::optional<std::uint32_t> group =
      colon == std::string_view::npos ? std::nullopt
                                      : parse_number<std::uint32_t>(text.substr(colon + 1));
  // For the kernel, the largest number means "do not change".
  if (user && group && *user != UINT32_MAX && *group != UINT32_MAX)
    return Owner{.user = *user, .group = *group};
  return fail(Errc::invalid,
              setting->name + ": '" + printable(text) + "' is not UID:GID, two numbers",
              "For example 1000:1000. `id` prints the numbers of a user.");
}

}  // namespace ib
