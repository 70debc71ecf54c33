// SPDX-License-Identifier: Apache-2.0
#include "scan/library.hpp"

#include "base/text.hpp"
#include "sys/file_system.hpp"

#include <utility>

namespace ib {
namespace {

/// A folder that is backed up, and its name in messages.
struct Claimed {
  std::string what;
  std::string folder;  // without links
};

/// A file in two of these folders would be backed up twice.
Result<> require_apart(const ExtraRoot& root, const std::vector<Claimed>& claimed)
{
  const std::string folder = absolute_path(root.folder);
  for (const Claimed& other : claimed) {
    if (!overlap(folder, other.folder)) continue;
    return fail(
        Errc::invalid,
        "the extra root " + root.name + " (" + printable(folder) + ") and " + other.what + " (" +
            printable(other.folder) + ")" +
            (folder == other.folder ? " are the same folder" : ": one lies in the other"),
        "An extra root must be outside of the media root, the backup and every other extra root. "
        "Name another folder, or leave this one out. An external library in the media root needs "
        "none.");
  }
  return {};
}

}  // namespace

Result<Library> Library::open(const std::string& media_root,
                              const std::vector<ExtraRoot>& extra_roots)
{
  Result<Folder> root = Folder::open(media_root);
  if (!root) {
    if (root.error().code == Errc::denied)
      return fail(Errc::invalid, "no library: " + root.error().message, root.error().hint);
    return fail(Errc::invalid, "no library: " + root.error().message,
                "Name Immich's media root, the folder that holds upload/ and library/, with "
                "--library or LIBRARY_PATH.");
  }
  std::map<std::string, Folder> tops;
  for (const FolderEntry& entry : TRY(root->entries())) {
    if (entry.kind != FileKind::folder && entry.kind != FileKind::symlink) continue;
    Result<Folder> top = root->follow_folder(entry.name);
    if (top)
      tops.emplace(entry.name, std::move(*top));  // if it cannot be opened, the scan reports it
  }
  Library library(std::move(*root), std::move(tops));
  std::vector<Claimed> claimed{{"the library", absolute_path(media_root)}};
  for (const auto& [name, folder] : library.tops_)
    claimed.push_back({"the library's " + printable(name), absolute_path(folder.path())});
  for (const ExtraRoot& extra : extra_roots) {
    if (library.extra_roots_.contains(extra.name))
      return fail(Errc::invalid, "two extra roots are called " + extra.name,
                  "Give each extra root its own name.");
    TRY(require_apart(extra, claimed));
    claimed.push_back({"the extra root " + extra.name, absolute_path(extra.folder)});
    library.extra_roots_.emplace(extra.name, extra.folder);
    library.extra_folders_.emplace(
        extra.name,
        Folder::open(extra.folder));  // if this failed, the scan reports it
  }
  return library;
}

Result<> Library::require_outside(const std::string& folder) const
{
  const std::string store = absolute_path(folder);
  std::vector<Claimed> roots{{"the library", absolute_path(root_.path())}};
  for (const auto& [name, top] : tops_)
    roots.push_back({"the library's " + printable(name), absolute_path(top.path())});
  for (const Claimed& root : roots) {
    if (!overlap(store, root.folder)) continue;
    return fail(Errc::invalid,
                "the backup (" + printable(store) + ") and " + root.what + " (" +
                    printable(root.folder) + "): one lies in the other",
                "Keep the backup outside of the library, best on another disk: --store.");
  }
  for (const auto& [name, root] : extra_roots_)
    TRY(require_apart({.name = name, .folder = root}, {{"the backup", absolute_path(folder)}}));
  return {};
}

const Folder* Library::top_folder(const std::string& name) const
{
  const auto it = tops_.find(name);
  return it == tops_.end() ? nullptr : &it->second;
}

Result<Folder> Library::open_extra_root(const std::string& name) const
{
  const Result<Folder>& folder = extra_folders_.at(name);
  if (!folder) return std::unexpected(folder.error());
  return folder->reopen();
}

Result<InputFile> Library::open_file(std::string_view path) const
{
  if (const std::optional<std::string_view> name = extra_root_of(path)) {
    const auto found = extra_folders_.find(*name);
    if (found == extra_folders_.end())
      return fail(Errc::not_found, printable(path) + ": there is no such extra root");
    if (!found->second) return std::unexpected(found->second.error());
    return found->second->open_file(path.substr(extra_root_prefix(*name).size()));
  }
  const std::string_view relative = path.substr(path.starts_with('/') ? 1 : 0);
  const std::size_t slash = relative.find('/');
  if (slash == std::string_view::npos) return root_.open_file(relative);
  const Folder* top = top_folder(std::string(relative.substr(0, slash)));
  if (top == nullptr) return root_.open_file(relative);
  return top->open_file(relative.substr(slash + 1));
}

}  // namespace ib
