// SPDX-License-Identifier: Apache-2.0
#include "store/dir/dir_listing.hpp"

#include "store/dir/file_metadata.hpp"
#include "sys/file.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace ib {
namespace {

/// Lists the objects below one folder in the byte order of their names. It goes depth first and
/// compares folders with "/" appended.
class DirCursor final : public ObjectCursor {
public:
  DirCursor(Folder root, std::string prefix, const std::string& start, ListedMetadata metadata)
      : root_(std::move(root)),
        prefix_(std::move(prefix)),
        start_(std::max(prefix_, start)),
        metadata_(metadata)
  {}

  /// Reads the first folder: the deepest one that the prefix names completely.
  Result<> open()
  {
    const std::size_t slash = prefix_.rfind('/');
    if (slash == std::string::npos) return descend("");
    if (!is_valid_object_name(prefix_.substr(0, slash))) return {};  // no object can be below it
    return descend(prefix_.substr(0, slash + 1));
  }

  Result<std::optional<ObjectInfo>> next() override
  {
    while (!levels_.empty()) {
      if (levels_.back().keys.empty()) {
        levels_.pop_back();
        continue;
      }
      const std::string key = std::move(levels_.back().keys.back());
      levels_.back().keys.pop_back();
      const std::string name = levels_.back().path + key;
      if (key.ends_with('/')) {
        // Everything below this folder is before `start` or lacks the prefix.
        const bool before = name < start_ && !start_.starts_with(name);
        if (!before && (name.starts_with(prefix_) || prefix_.starts_with(name))) TRY(descend(name));
        continue;
      }
      if (!name.starts_with(prefix_) || name < start_) continue;
      Result<ObjectInfo> info = describe(name);
      if (!info && info.error().code == Errc::not_found) continue;  // removed since the listing
      return TRY(std::move(info));
    }
    return std::nullopt;
  }

private:
  struct Level {
    std::string path;               // "" or ends with a slash
    std::vector<std::string> keys;  // descending, so that the next one is at the back
  };

  Result<> descend(const std::string& path)
  {
    const std::string_view relative =
        path.empty() ? std::string_view() : std::string_view(path).substr(0, path.size() - 1);
    Result<Folder> folder = root_.open_folder(relative);
    if (!folder && folder.error().code == Errc::not_found) return {};
    if (!folder) return std::unexpected(std::move(folder).error());
    Level level{.path = path, .keys = {}};
    for (FolderEntry& entry : TRY(folder->entries())) {
      if (path.empty() && entry.name == kIncompleteFolder) continue;
      if (entry.name.starts_with(kTemporaryPrefix)) continue;
      if (entry.kind == FileKind::folder) level.keys.push_back(std::move(entry.name) + "/");
      if (entry.kind == FileKind::file) level.keys.push_back(std::move(entry.name));
    }
    std::ranges::sort(level.keys, std::greater<>());
    levels_.push_back(std::move(level));
    return {};
  }

  Result<ObjectInfo> describe(const std::string& name) const
  {
    const FileStat st = TRY(root_.stat(name));
    ObjectInfo info{.name = {name}, .size = st.size};
    if (metadata_ == ListedMetadata::of_all || !name.starts_with(kLibraryPrefix)) {
      const InputFile file = TRY(root_.open_file(name));
      info.metadata = metadata_of(file);
    }
    return info;
  }

  Folder root_;
  std::string prefix_, start_;
  ListedMetadata metadata_;
  std::vector<Level> levels_;
};

class EmptyCursor final : public ObjectCursor {
public:
  Result<std::optional<ObjectInfo>> next() override { return std::nullopt; }
};

}  // namespace

Result<Folder> open_store_folder(const std::string& path)
{
  Result<Folder> folder = Folder::open(path);
  if (!folder && folder.error().code == Errc::denied) {
    Error error = std::move(folder).error();
    error.hint =
        "A backup in a folder is readable for its user alone. Run this as that user, or as root.";
    return std::unexpected(std::move(error));
  }
  return folder;
}

Result<std::unique_ptr<ObjectCursor>> list_folder(const std::string& root,
                                                  const std::string& prefix,
                                                  const std::string& start, ListedMetadata metadata)
{
  Result<Folder> folder = open_store_folder(root);
  if (!folder && folder.error().code == Errc::not_found) return std::make_unique<EmptyCursor>();
  auto cursor = std::make_unique<DirCursor>(TRY(std::move(folder)), prefix, start, metadata);
  TRY(cursor->open());
  return cursor;
}

}  // namespace ib
