// SPDX-License-Identifier: Apache-2.0
#include "app/backup/external_folders.hpp"

#include "core/names/clean_path.hpp"
#include "core/planning/folder_match.hpp"
#include "immich/media_paths.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

namespace ib {
namespace {

constexpr std::uint64_t kLookedFor = 500;  // files of each import path

/// A folder in Immich whose place is looked for.
struct Sought {
  std::string path;
  bool is_import_path = true;
  std::uint64_t online = 0;  // files that Immich itself has found lately
  std::uint64_t offline = 0;
  std::uint64_t seen = 0;
  std::uint64_t looked_for = 0;
  std::vector<FolderCandidate> candidates = {};
};

/// Where a folder of an extra root is in the backup.
std::string place_of(const std::string& root, const std::string& below)
{
  return extra_root_prefix(root) + below + (below.empty() ? "" : "/");
}

std::string last_name(std::string folder)
{
  while (folder.ends_with('/')) folder.pop_back();
  return folder.substr(folder.rfind('/') + 1);
}

/// The import paths, and what may be seen in them of the extra roots: a server may have several of
/// them in one folder.
std::vector<Sought> sought_folders(const std::vector<std::string>& import_paths,
                                   const std::vector<ExtraRoot>& roots)
{
  std::set<std::string> known;
  std::vector<Sought> folders;
  const auto add = [&](const std::string& path, bool is_import_path) {
    if (known.insert(path).second)
      folders.push_back({.path = path,
                         .is_import_path = is_import_path,
                         .candidates = candidates_for(path, roots.size())});
  };
  for (const std::string& path : import_paths) {
    if (const std::optional<std::string> clean = clean_path(path); clean && !clean->empty())
      add(*clean, true);
  }
  const std::vector<Sought> imported = folders;
  for (const Sought& folder : imported) {
    for (const ExtraRoot& root : roots)
      if (const std::string name = last_name(root.folder); !name.empty())
        add(folder.path + "/" + name, false);
  }
  return folders;
}

class Search {
public:
  Search(NamedFiles& outside, std::vector<Sought> sought, const std::vector<ExtraRoot>& roots,
         const Manifest& manifest)
      : outside_(outside), sought_(std::move(sought)), roots_(roots), manifest_(manifest)
  {}

  Result<> run()
  {
    TRY(each_file([](Sought& folder, bool offline, const std::string&) -> Result<> {
      ++(offline ? folder.offline : folder.online);
      return {};
    }));
    return each_file([&](Sought& folder, bool offline, const std::string& rest) -> Result<> {
      // What is offline was there once, and is the witness where there is no other.
      if (offline != (folder.online == 0)) return {};
      const std::uint64_t files = std::max(folder.online, offline ? folder.offline : 0);
      const std::uint64_t step = std::max<std::uint64_t>(1, files / kLookedFor);
      if (folder.seen++ % step != 0) return {};
      ++folder.looked_for;
      for (FolderCandidate& candidate : folder.candidates) {
        const std::string& name = roots_[candidate.root].name;
        if (TRY(manifest_.find(place_of(name, candidate.below) + rest))) ++candidate.found;
      }
      return {};
    });
  }

  const std::vector<Sought>& folders() const { return sought_; }

private:
  /// What lies below a folder, once for each folder that it lies below.
  Result<> each_file(
      const std::function<Result<>(Sought&, bool offline, const std::string& rest)>& take)
  {
    const std::unique_ptr<NamedFileCursor> files = TRY(outside_.in_order());
    while (const std::optional<NamedFile> file = TRY(files->next())) {
      if (file->kind != NamedFile::Kind::original) continue;
      const std::optional<std::string> path = clean_path(file->path);
      if (!path) continue;
      for (Sought& folder : sought_) {
        if (path->starts_with(folder.path + "/"))
          TRY(take(folder, file->offline, path->substr(folder.path.size() + 1)));
      }
    }
    return {};
  }

  NamedFiles& outside_;
  std::vector<Sought> sought_;
  const std::vector<ExtraRoot>& roots_;
  const Manifest& manifest_;
};

/// A folder in Immich, and the folder of an extra root that holds its files.
struct Match {
  const Sought* folder = nullptr;
  std::string root;
  std::string below;
};

/// Puts together what was found. Two folders cannot be the same one: one of them lies elsewhere and
/// is only like it.
class Verdict {
public:
  Verdict(const std::vector<std::string>& import_paths, const std::vector<ExtraRoot>& roots)
      : found_{.roots = roots, .unclear = {}}
  {
    const MediaPaths known({}, roots);
    for (const std::string& path : import_paths)
      if (const std::optional<std::string> place = known.in_backup(path)) ++taken_[*place + "/"];
    for (const ExtraRoot& root : roots)
      if (std::ranges::find(import_paths, root.folder) != import_paths.end())
        ++taken_[extra_root_prefix(root.name)];
  }

  void take(const Sought& folder, const FolderMatch& match, const std::vector<ExtraRoot>& roots)
  {
    if (match.unclear && folder.is_import_path) found_.unclear.push_back(folder.path);
    if (!match.folder) return;
    matches_.push_back(
        {.folder = &folder, .root = roots[match.folder->root].name, .below = match.folder->below});
    if (folder.is_import_path) ++taken_[place_of(matches_.back().root, matches_.back().below)];
  }

  ExternalFolders finish() &&
  {
    for (const Match& match : matches_) {
      if (match.folder->is_import_path && taken_[place_of(match.root, match.below)] > 1)
        found_.unclear.push_back(match.folder->path);
    }
    for (const Match& match : matches_) add(match);
    return std::move(found_);
  }

private:
  void add(const Match& match)
  {
    const std::string& path = match.folder->path;
    const bool is_unclear = std::ranges::any_of(found_.unclear, [&](const std::string& unclear) {
      return path == unclear || path.starts_with(unclear + "/");
    });
    const std::string place = place_of(match.root, match.below);
    // What lies in an import path that was found is where it has to be, as a rule.
    const bool is_known = MediaPaths({}, found_.roots).in_backup(path + "/x") == place + "x";
    const bool is_taken = !match.folder->is_import_path && taken_[place] > 0;
    if (is_unclear || is_known || is_taken) return;
    ExtraRoot& root = *std::ranges::find(found_.roots, match.root, &ExtraRoot::name);
    if (root.in_immich.empty()) root.in_immich.push_back({.path = root.folder, .below = ""});
    root.in_immich.push_back({.path = path, .below = match.below});
  }

  ExternalFolders found_;
  std::vector<Match> matches_;
  std::map<std::string, unsigned> taken_;  // places in the backup, by how many import paths
};

}  // namespace

Result<ExternalFolders> find_external_folders(NamedFiles& outside,
                                              const std::vector<std::string>& import_paths,
                                              const std::vector<ExtraRoot>& roots,
                                              const Manifest& manifest)
{
  Verdict verdict(import_paths, roots);
  // What the owner has said stands.
  std::vector<ExtraRoot> unnamed;
  std::ranges::copy_if(roots, std::back_inserter(unnamed),
                       [](const ExtraRoot& root) { return root.in_immich.empty(); });
  if (unnamed.empty()) return std::move(verdict).finish();
  Search search(outside, sought_folders(import_paths, unnamed), unnamed, manifest);
  TRY(search.run());
  for (const Sought& folder : search.folders()) {
    if (folder.looked_for > 0)
      verdict.take(folder, choose_folder(folder.candidates, folder.looked_for), unnamed);
  }
  return std::move(verdict).finish();
}

}  // namespace ib
