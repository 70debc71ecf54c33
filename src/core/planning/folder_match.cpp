// SPDX-License-Identifier: Apache-2.0
#include "core/planning/folder_match.hpp"

namespace ib {

std::vector<FolderCandidate> candidates_for(const std::string& path, std::size_t roots)
{
  std::vector<FolderCandidate> candidates;
  for (std::size_t root = 0; root < roots; ++root) {
    candidates.push_back({.root = root, .below = ""});
    for (std::size_t slash = path.rfind('/'); slash != std::string::npos;
         slash = slash == 0 ? std::string::npos : path.rfind('/', slash - 1))
      candidates.push_back({.root = root, .below = path.substr(slash + 1)});
  }
  return candidates;
}

FolderMatch choose_folder(const std::vector<FolderCandidate>& candidates, std::uint64_t looked_for)
{
  const FolderCandidate* best = nullptr;
  std::size_t possible = 0;
  for (const FolderCandidate& candidate : candidates) {
    if (candidate.found * 10 <= looked_for) continue;
    ++possible;
    if (best == nullptr || candidate.found > best->found) best = &candidate;
  }
  if (best == nullptr || best->found * 2 < looked_for) return {};
  if (possible > 1) return {.folder = std::nullopt, .unclear = true};
  return {.folder = *best};
}

}  // namespace ib
