// SPDX-License-Identifier: Apache-2.0
#include "immich/media_paths.hpp"

#include "core/names/clean_path.hpp"

#include <algorithm>

namespace ib {
MediaPaths::MediaPaths(const std::vector<std::string>& media_roots,
                       const std::vector<ExtraRoot>& extra_roots)
{
  const auto add = [&](std::string_view root, const std::string& place) {
    const std::optional<std::string> clean = clean_path(root);
    if (clean && !clean->empty()) prefixes_.emplace_back(*clean + "/", place);
  };
  // An extra root wins over a media root of the same name in another version.
  for (const ExtraRoot& root : extra_roots) {
    const std::string place = extra_root_prefix(root.name);
    if (root.in_immich.empty()) add(root.folder, place);
    for (const ImmichFolder& each : root.in_immich)
      add(each.path, each.below.empty() ? place : place + each.below + "/");
  }
  for (const std::string& root : media_roots) add(root, "/");
  for (const std::string_view root : {"/data", "/usr/src/app/upload", "upload"}) add(root, "/");
  std::ranges::stable_sort(prefixes_, std::greater(),
                           [](const auto& prefix) { return prefix.first.size(); });
}

MediaPaths MediaPaths::of(const RestorePoint& point, const std::string& recorded)
{
  return {recorded.empty() ? point.media_roots : std::vector{recorded}, point.extra_roots};
}

std::optional<std::string> MediaPaths::in_backup(std::string_view path) const
{
  const std::optional<std::string> clean = clean_path(path);
  if (!clean) return std::nullopt;
  for (const auto& [prefix, place] : prefixes_) {
    if (clean->starts_with(prefix) && clean->size() > prefix.size())
      return place + clean->substr(prefix.size());
  }
  return std::nullopt;
}

}  // namespace ib
