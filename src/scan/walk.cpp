// SPDX-License-Identifier: Apache-2.0
#include "scan/walk.hpp"

#include "base/text.hpp"
#include "core/planning/scan_item.hpp"
#include "sys/file.hpp"

#include <algorithm>
#include <utility>

namespace ib {
namespace {

/// The problem of a directory entry that is neither a file nor a folder.
Problem special_file(const std::string& path, FileKind kind)
{
  if (kind == FileKind::symlink) {
    return {.path = path,
            .code = "symlink",
            .message =
                printable(path) + ": is a symbolic link, which is not followed and not backed up",
            .hint = "Put the file itself there, or leave the link out with --exclude."};
  }
  return {.path = path,
          .code = "special_file",
          .message = printable(path) + ": is a " + std::string(to_string(kind)) +
                     ", which has no content to back up",
          .hint = "Remove it, or leave it out with --exclude."};
}

}  // namespace

/// A folder on the way down, and the walk's position in it.
struct Walk::Level {
  std::unique_ptr<FolderNode> node;
  std::size_t position = 0;
  std::size_t settled = 0;  // entries before this one need no wait
};

Walk::Walk(const Library& library, Tree tree, const ScanOptions& options, Scope scope,
           LeftOut& left_out)
    : library_(library),
      tree_(tree),
      options_(options),
      scope_(std::move(scope)),
      left_out_(left_out)
{}

Walk::~Walk() = default;

void Walk::make_read_ahead()
{
  read_ahead_ = std::make_unique<ReadAhead>(scope_, options_.threads, options_.processors,
                                            options_.entries_at_once, options_.stop);
}

Result<> Walk::start_in_media_root()
{
  auto root = std::make_unique<FolderNode>(FolderNode{.path = "/"});
  root->folder = TRY(library_.root().reopen());
  bool has_folder = false;
  std::vector<std::string> missing = options_.marked_folders;
  TRY(root->folder->read_entries([&](std::string_view entry, FileKind entry_kind) {
    const std::string name(entry);
    // At the top, a link to a folder counts as a folder, because people spread the library over
    // several disks.
    const bool top_link = entry_kind == FileKind::symlink && library_.top_folder(name) != nullptr;
    const FileKind kind = top_link ? FileKind::folder : entry_kind;
    // A link that leads nowhere stands for the folder that should be there, and is sorted as one.
    const bool is_covered = scope_.may_cover_below("/" + name + "/");
    const bool as_folder = kind == FileKind::folder || (kind == FileKind::symlink && is_covered);
    root->listing.add(name, as_folder, kind);
    if (as_folder) std::erase(missing, name);
    has_folder = has_folder || (kind == FileKind::folder && is_covered);
  }));
  if (!has_folder) {
    return fail(Errc::invalid,
                "no library: " + library_.root().path() + " holds none of the folders to back up",
                "Name Immich's media root, the folder that holds upload/ and library/, with "
                "--library or LIBRARY_PATH. If it is the right one, a disk may not be mounted.");
  }
  for (const std::string& name : missing) root->listing.add(name, true, FileKind::folder, true);
  root->listing.sort();
  levels_.push_back({.node = std::move(root)});
  make_read_ahead();
  read_ahead_->begin(*levels_.back().node, [this](const std::string& name) {
    const Folder* top = library_.top_folder(name);
    return top != nullptr ? top->reopen() : library_.root().open_folder(name);
  });
  return {};
}

/// The extra roots appear as siblings in a folder that is on no disk.
void Walk::start_in_extra_roots()
{
  auto root = std::make_unique<FolderNode>(FolderNode{.path = std::string(kExtraRootsPrefix)});
  for (const auto& [name, folder] : library_.extra_roots())
    root->listing.add(name, true, FileKind::folder);
  root->listing.sort();
  levels_.push_back({.node = std::move(root)});
  make_read_ahead();
  read_ahead_->begin(*levels_.back().node,
                     [this](const std::string& name) { return library_.open_extra_root(name); });
}

std::optional<ScanItem> Walk::unavailable_root(const std::string& message, const std::string& path)
{
  const std::string name(*extra_root_of(path));
  options_.problem(
      {.path = path,
       .code = "extra_root_unavailable",
       .message = "the extra root " + name + ": " + message + ": nothing there is marked as gone",
       .hint = "If a disk is not mounted, mount it. If you no longer want the root, leave out its "
               "--extra-root; what it had stays in the backup."});
  return UncertainFolder{path};
}

std::optional<ScanItem> Walk::unreadable(const Error& error, std::string_view code,
                                         std::string path)
{
  options_.problem(problem_from(error, code, path));
  return UncertainFolder{std::move(path)};
}

Result<std::optional<ScanItem>> Walk::enter_folder(std::size_t index, const std::string& key)
{
  FolderNode& parent = *levels_.back().node;
  const Listing::Entry& entry = parent.listing[index];
  const bool is_top = levels_.size() == 1;
  const bool is_extra_root = is_top && tree_ == Tree::extra_roots;
  std::string path = parent.path + key;
  if (!entry.is_covered) {
    if (is_top && !entry.is_missing) left_out_.top_folders.push_back(path.substr(1));
    return std::nullopt;
  }
  if (entry.is_missing) {
    options_.note(
        key + " is absent, though Immich makes it at each start: nothing there is marked as gone");
    return UncertainFolder{std::move(path)};
  }
  Result<std::unique_ptr<FolderNode>> entered = read_ahead_->enter(parent, index);
  if (!entered) {
    const Error& error = entered.error();
    if (error.code == Errc::cancelled) return std::unexpected(error);
    if (is_extra_root) return unavailable_root(error.message, path);
    if (error.code == Errc::not_found) return std::nullopt;  // removed since its parent was read
    // Only root may read it, and nobody keeps photos there.
    if (error.code == Errc::denied && levels_.size() <= 2 && key == "lost+found/")
      return UncertainFolder{std::move(path)};
    return unreadable(error, "folder_unreadable", std::move(path));
  }
  levels_.push_back({.node = std::move(*entered)});
  if (is_extra_root && levels_.back().node->listing.size() == 0) {
    return unavailable_root(
        library_.extra_roots().at(std::string(*extra_root_of(path))) + " is empty", path);
  }
  const std::string name = key.substr(0, key.size() - 1);
  const bool marked =
      is_top && tree_ == Tree::media_root &&
      std::ranges::find(options_.marked_folders, name) != options_.marked_folders.end();
  if (marked && !levels_.back().node->folder->stat(options_.marker)) {
    options_.note(
        key + " has no " + options_.marker +
        " file, which Immich makes at each start: nothing missing there is marked as gone");
    return UncertainFolder{std::move(path)};
  }
  return std::nullopt;
}

Result<std::optional<ScanItem>> Walk::visit_file(std::size_t index, const std::string& key)
{
  const FolderNode& node = *levels_.back().node;
  const Listing::Entry& entry = node.listing[index];
  std::string path = node.path + key;
  const bool is_top = levels_.size() == 1;
  if (key.ends_with('/')) {
    const Error error{
        .code = Errc::io,
        .message = printable(path) + ": is a symbolic link that leads to no readable folder",
        .hint = "If the disk that it leads to is not mounted, mount it."};
    return unreadable(error, "folder_unreadable", std::move(path));
  }
  if (!entry.is_covered) {
    ++left_out_.files[is_top ? "" : path.substr(1, path.find('/', 1))];
    return std::nullopt;
  }
  if (entry.kind != FileKind::file) {
    options_.problem(special_file(path, entry.kind));
    return UncertainFolder{std::move(path)};  // a file that had this name is not marked as gone
  }
  if (entry.is_known)
    return SourceFile{.path = std::move(path),
                      .size = entry.size,
                      .mtime_ns = entry.mtime_ns,
                      .ctime_ns = entry.ctime_ns};
  const Result<FileStat> st = node.folder->stat(key);
  if (!st && st.error().code == Errc::not_found)
    return std::nullopt;  // removed since its folder was read
  if (!st) return unreadable(st.error(), "unreadable", std::move(path));
  return SourceFile{.path = std::move(path),
                    .size = st->size,
                    .mtime_ns = st->mtime_ns,
                    .ctime_ns = st->ctime_ns};
}

Result<std::optional<ScanItem>> Walk::visit(std::size_t index)
{
  Level& level = levels_.back();
  if (index >= level.settled) level.settled = TRY(read_ahead_->settle(*level.node, index));
  const Listing::Entry& entry = level.node->listing[index];
  const std::string key(level.node->listing.key(entry));
  if (entry.kind == FileKind::folder) return enter_folder(index, key);
  // The marker is directly in a top folder.
  if (tree_ == Tree::media_root && levels_.size() == 2 && key == options_.marker)
    return std::nullopt;
  return visit_file(index, key);
}

Result<std::optional<ScanItem>> Walk::next()
{
  if (!read_ahead_) {
    if (tree_ == Tree::extra_roots) {
      start_in_extra_roots();
    } else {
      TRY(start_in_media_root());
    }
  }
  while (!levels_.empty()) {
    Level& level = levels_.back();
    if (level.position < level.node->listing.size()) {
      std::optional<ScanItem> item = TRY(visit(level.position++));
      if (item) return item;
    } else if (TRY(read_ahead_->read_on(*level.node))) {
      level.position = level.settled = 0;
    } else {
      read_ahead_->leave(std::move(level.node));
      levels_.pop_back();
    }
  }
  return std::nullopt;
}

}  // namespace ib
