// SPDX-License-Identifier: Apache-2.0
#include "scan/library.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace ib {
namespace {

/// What can be said about a directory entry that is neither file nor folder.
Problem special_file(const std::string& path, FileKind kind)
{
  if (kind == FileKind::symlink) {
    return {.path = path,
            .code = "symlink",
            .message = printable(path) + ": is a symbolic link, which is not followed and not backed up",
            .hint = "Put the file itself there, or leave the link out with --exclude."};
  }
  return {.path = path,
          .code = "special_file",
          .message = printable(path) + ": is a " + std::string(to_string(kind)) +
                     ", which has no content to back up",
          .hint = "Remove it, or leave it out with --exclude."};
}

}  // namespace

Result<Library> Library::open(const std::string& media_root)
{
  Result<Folder> root = Folder::open(media_root);
  if (!root) {
    return fail(Errc::invalid, "no library: " + root.error().message,
                "Name Immich's media root, the folder that holds upload/ and library/, with --library or "
                "LIBRARY_PATH.");
  }
  std::map<std::string, Folder> tops;
  for (const FolderEntry& entry : TRY(root->entries())) {
    if (entry.kind != FileKind::folder && entry.kind != FileKind::symlink) continue;
    Result<Folder> top = root->follow_folder(entry.name);
    if (top) tops.emplace(entry.name, std::move(*top));  // the scan says so where it could not
  }
  return Library(std::move(*root), std::move(tops));
}

const Folder* Library::top_folder(const std::string& name) const
{
  const auto it = tops_.find(name);
  return it == tops_.end() ? nullptr : &it->second;
}

Result<InputFile> Library::open_file(std::string_view path) const
{
  const std::string_view relative = path.substr(path.starts_with('/') ? 1 : 0);
  const std::size_t slash = relative.find('/');
  if (slash == std::string_view::npos) return root_.open_file(relative);
  const Folder* top = top_folder(std::string(relative.substr(0, slash)));
  if (top == nullptr) return root_.open_file(relative);
  return top->open_file(relative.substr(slash + 1));
}

LibraryScan::LibraryScan(const Library& library, ScanOptions options)
    : library_(library), options_(std::move(options))
{}

Result<> LibraryScan::push(std::string path, const Folder* folder, std::unique_ptr<Folder> owned)
{
  Level level{.path = std::move(path), .folder = folder, .owned = std::move(owned), .entries = {}};
  for (const FolderEntry& entry : TRY(folder->entries())) {
    // A link at the top that leads to a folder is one, for people who spread the library over disks.
    const bool top_link =
        levels_.empty() && entry.kind == FileKind::symlink && library_.top_folder(entry.name) != nullptr;
    // One that leads to none stands for the folder that it ought to be, and is sorted as that.
    const bool broken_link = levels_.empty() && entry.kind == FileKind::symlink && !top_link &&
                             options_.scope.may_cover_below("/" + entry.name + "/");
    const FileKind kind = top_link ? FileKind::folder : entry.kind;
    level.entries.push_back(
        {.key = kind == FileKind::folder || broken_link ? entry.name + "/" : entry.name, .kind = kind});
  }
  if (levels_.empty()) {
    for (const std::string& name : options_.marked_folders) {
      const auto is_it = [&](const Entry& entry) { return entry.key == name + "/"; };
      if (std::ranges::none_of(level.entries, is_it)) {
        level.entries.push_back({.key = name + "/", .kind = FileKind::folder, .missing = true});
      }
    }
  }
  std::ranges::sort(level.entries, std::greater<>(), &Entry::key);
  levels_.push_back(std::move(level));
  return {};
}

Result<> LibraryScan::start()
{
  started_ = true;
  TRY(push("/", &library_.root(), nullptr));
  const auto covered = [&](const Entry& entry) {
    return entry.kind == FileKind::folder && !entry.missing &&
           options_.scope.may_cover_below("/" + entry.key);
  };
  if (std::ranges::none_of(levels_.back().entries, covered)) {
    return fail(Errc::invalid,
                "no library: " + library_.root().path() + " holds none of the folders to back up",
                "Name Immich's media root, the folder that holds upload/ and library/, with --library or "
                "LIBRARY_PATH. "
                "If it is the right one, a disk may not be mounted.");
  }
  return {};
}

std::optional<ScanItem> LibraryScan::unreadable(const Error& error, std::string_view code, std::string path)
{
  options_.problem(problem_from(error, code, path));
  return UncertainFolder{std::move(path)};
}

Result<std::optional<ScanItem>> LibraryScan::enter_folder(const Entry& entry)
{
  const bool is_top = levels_.size() == 1;
  const std::string name = entry.key.substr(0, entry.key.size() - 1);
  const Level& parent = levels_.back();  // until push(), which may move the levels
  std::string path = parent.path + entry.key;
  if (!options_.scope.may_cover_below(path)) {
    if (is_top && !entry.missing) left_out_.top_folders.push_back(entry.key);
    return std::nullopt;
  }
  if (entry.missing) {
    options_.note(entry.key +
                  " is absent, though Immich makes it at each start: nothing there is marked as gone");
    return UncertainFolder{std::move(path)};
  }

  const Folder* folder = is_top ? library_.top_folder(name) : nullptr;
  std::unique_ptr<Folder> owned;
  if (folder == nullptr) {
    Result<Folder> opened = parent.folder->open_folder(name);
    if (!opened && opened.error().code == Errc::not_found)
      return std::nullopt;  // gone since its parent was read
    if (!opened) return unreadable(opened.error(), "folder_unreadable", std::move(path));
    owned = std::make_unique<Folder>(std::move(*opened));
    folder = owned.get();
  }
  const bool marked =
      is_top && std::ranges::find(options_.marked_folders, name) != options_.marked_folders.end();
  const Result<> pushed = push(path, folder, std::move(owned));
  if (!pushed) return unreadable(pushed.error(), "folder_unreadable", std::move(path));
  if (marked && !folder->stat(options_.marker)) {
    options_.note(name + "/ has no " + options_.marker +
                  " file, which Immich makes at each start: nothing that is missing there is marked as gone");
    return UncertainFolder{std::move(path)};
  }
  return std::nullopt;
}

Result<std::optional<ScanItem>> LibraryScan::visit_file(const Entry& entry)
{
  const Level& level = levels_.back();
  std::string path = level.path + entry.key;
  const bool is_top = levels_.size() == 1;
  if (entry.key.ends_with('/')) {
    const Error error{.code = Errc::io,
                      .message = printable(path) + ": is a symbolic link that leads to no readable folder",
                      .hint = "If the disk that it leads to is not mounted, mount it."};
    return unreadable(error, "folder_unreadable", std::move(path));
  }
  if (!options_.scope.covers(path)) {
    ++left_out_.files[is_top ? "" : path.substr(1, path.find('/', 1))];
    return std::nullopt;
  }
  if (entry.kind != FileKind::file) {
    options_.problem(special_file(path, entry.kind));
    return UncertainFolder{std::move(path)};  // a file that had this name is not called gone
  }
  const Result<FileStat> st = level.folder->stat(entry.key);
  if (!st && st.error().code == Errc::not_found) return std::nullopt;  // gone since its folder was read
  if (!st) return unreadable(st.error(), "unreadable", std::move(path));
  return SourceFile{.path = std::move(path), .size = st->size, .mtime_ns = st->mtime_ns};
}

Result<std::optional<ScanItem>> LibraryScan::next()
{
  if (!started_) TRY(start());
  while (!levels_.empty()) {
    if (levels_.back().entries.empty()) {
      levels_.pop_back();
      continue;
    }
    const Entry entry = std::move(levels_.back().entries.back());
    levels_.back().entries.pop_back();
    std::optional<ScanItem> item;
    if (entry.kind == FileKind::folder) {
      item = TRY(enter_folder(entry));
    } else if (levels_.size() != 2 || entry.key != options_.marker) {  // a marker lies in a top folder
      item = TRY(visit_file(entry));
    }
    if (item) return item;
  }
  return std::nullopt;
}

}  // namespace ib
