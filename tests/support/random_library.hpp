// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/dice.hpp"
#include "support/sample_library.hpp"
#include "sys/hash.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ib::test {

using Tree = std::map<std::string, FileState>;

inline const std::vector<std::string> kFolders{
    "/upload/u1/aa", "/upload/u1/bb", "/library/admin/2021", "/library/admin/2022", "/profile/u1"};
inline const std::vector<std::string> kNames{"a.jpg", "b.jpg", "c.xmp", "not utf-8 \xFF.jpg"};
// A name that is sometimes a file and sometimes a folder, and paths that only --include covers.
inline const std::vector<std::string> kOddPaths{"/upload/u1/odd", "/upload/u1/odd/inner.jpg",
                                                "/thumbs/u1/t.jpeg"};

/// The rules of one run, as the program takes them and as the model uses them.
struct Rules {
  std::vector<std::string> include, exclude;

  bool cover(const std::string& path) const
  {
    for (const std::string& pattern : exclude) {
      if (pattern == "*.xmp" && path.ends_with(".xmp")) return false;
      if (path.starts_with(pattern)) return false;
    }
    return !path.starts_with("/thumbs/") || !include.empty();
  }
};

/// A place in the library that is hidden from the runs, and how. A file that is absent there may
/// still exist.
struct Hidden {
  enum class How : std::uint8_t {
    unreadable_folder,
    unreadable_file,
    no_marker,
    unmounted,
    absent,
    dangling
  };
  How how = How::no_marker;
  std::string path;

  bool contains(const std::string& file) const
  {
    return file == path || file.starts_with(path + "/");
  }
  bool hides(const std::string& file) const { return how != How::no_marker && contains(file); }
};

/// A library on disk and a model of it. Both change together.
class RandomLibrary {
public:
  RandomLibrary(std::string root, std::string aside, Dice& dice)
      : root_(std::move(root)), aside_(std::move(aside)), dice_(dice)
  {
    for (const char* folder :
         {"upload", "library", "profile", "thumbs", "encoded-video", "backups"})
      put_file(root_ + "/" + folder + "/.immich", "");
    for (int i = 0; i < 8; ++i) create(any_path());
  }
  ~RandomLibrary() { reveal(); }
  RandomLibrary(const RandomLibrary&) = delete;
  RandomLibrary& operator=(const RandomLibrary&) = delete;

  const std::string& root() const { return root_; }
  const Tree& files() const { return files_; }
  const std::optional<Hidden>& hidden() const { return hidden_; }
  /// Whether the library ever held these bytes at this path.
  bool ever_held(const std::string& path, const std::string& bytes) const
  {
    return past_.contains({path, bytes});
  }

  /// Makes one random change and describes it.
  std::string change()
  {
    switch (dice_.below(14)) {
      case 0:
      case 1:
        return create(any_path());
      case 2:
        return edit(/*same_size=*/false);
      case 3:
        return edit(/*same_size=*/true);
      case 4:
        return touch();
      case 5:
        return move_one();
      case 6:
        return move_folder();
      case 7:
        return copy_one();
      case 8:
      case 9:
        return remove_one();
      case 10:
      case 11:
        return bring_back();
      case 12:
        return edit_within_one_time_stamp();
      default:
        return hidden_ ? reveal() : hide();
    }
  }

  std::string reveal()
  {
    if (!hidden_) return "";
    const Hidden hidden = *std::exchange(hidden_, std::nullopt);
    const std::string path = root_ + hidden.path;
    using How = Hidden::How;
    switch (hidden.how) {
      case How::unreadable_folder:
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
        break;
      case How::unreadable_file:
        std::filesystem::permissions(
            path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
        break;
      case How::no_marker:
        put_file(path + "/.immich", "");
        break;
      case How::unmounted:
      case How::absent:
      case How::dangling:
        std::filesystem::remove(path);
        std::filesystem::rename(aside_, path);
        break;
    }
    return "reveal " + hidden.path;
  }

private:
  static std::string shown(const std::string& path, const std::string& bytes)
  {
    return path + " (" + std::to_string(bytes.size()) + " bytes " +
           sha256(bytes_of(bytes)).hex().substr(0, 6) + ")";
  }
  std::string any_path()
  {
    return dice_.chance(15) ? dice_.one_of(kOddPaths)
                            : dice_.one_of(kFolders) + "/" + dice_.one_of(kNames);
  }
  /// Each time differs and is long past, so that size and time tell contents apart, as usual in
  /// practice.
  std::int64_t next_time() { return 1'500'000'000'000'000'000 + 1'000'000'007 * ++times_; }
  std::string next_bytes()
  {
    if (dice_.chance(20) && !past_.empty()) return dice_.one_of(past_).second;
    const std::size_t size = dice_.chance(4) ? 300'000 : 12;
    std::string bytes = std::to_string(++contents_) + " of the seed";
    bytes.resize(size, '.');
    return dice_.chance(3) ? "" : bytes;
  }
  bool is_out_of_reach(const std::string& path) const { return hidden_ && hidden_->hides(path); }
  /// Whether a file can be created at this path: no part of it is another file, and it is no
  /// folder.
  bool is_possible(const std::string& path) const
  {
    if (is_out_of_reach(path)) return false;
    return std::ranges::none_of(files_, [&](const auto& file) {
      return file.first.starts_with(path + "/") || path.starts_with(file.first + "/");
    });
  }
  std::optional<std::string> any_file()
  {
    std::vector<std::string> paths;
    for (const auto& [path, file] : files_) {
      if (!is_out_of_reach(path)) paths.push_back(path);
    }
    if (paths.empty()) return std::nullopt;
    return dice_.one_of(paths);
  }

  void put(const std::string& path, const FileState& file)
  {
    if (std::filesystem::is_directory(root_ + path))
      std::filesystem::remove_all(root_ + path);  // a folder that has become empty
    // Changes the file in one step. A run that reads meanwhile must find a state that the model
    // knows.
    const std::string ready = aside_ + ".new";
    put_file(ready, file.bytes, file.mtime_ns);
    std::filesystem::create_directories(root_ + path.substr(0, path.rfind('/')));
    std::filesystem::rename(ready, root_ + path);
    files_[path] = file;
    past_.insert({path, file.bytes});
  }
  void remove(const std::string& path)
  {
    gone_.emplace_back(path, files_.at(path));
    std::filesystem::remove(root_ + path);
    files_.erase(path);
  }

  std::string create(const std::string& path)
  {
    if (!is_possible(path)) return "";
    put(path, {.bytes = next_bytes(), .mtime_ns = next_time()});
    return "write " + shown(path, files_[path].bytes);
  }
  std::string edit(bool same_size)
  {
    const auto path = any_file();
    if (!path) return "";
    FileState file = files_[*path];
    gone_.emplace_back(*path, file);
    if (same_size && !file.bytes.empty()) {
      file.bytes[dice_.below(file.bytes.size())] ^= static_cast<char>(1 + dice_.below(255));
    } else {
      file.bytes = next_bytes() + "!";
    }
    file.mtime_ns = next_time();
    put(*path, file);
    return "edit " + shown(*path, file.bytes);
  }
  /// Gives the file a time in the future. Such a time is as unreliable as a very recent one, so the
  /// next run must read the file.
  std::string edit_within_one_time_stamp()
  {
    const auto path = any_file();
    if (!path) return "";
    constexpr std::int64_t kFuture = 4'000'000'000'000'000'000;
    FileState file{.bytes = next_bytes(), .mtime_ns = kFuture};
    file.bytes.resize(12);
    put(*path, file);
    return "edit within one time stamp " + shown(*path, file.bytes);
  }
  std::string touch()
  {
    const auto path = any_file();
    if (!path) return "";
    put(*path, {.bytes = files_[*path].bytes, .mtime_ns = next_time()});
    return "touch " + *path;
  }
  std::string move_one()
  {
    const auto from = any_file();
    const std::string to = any_path();
    if (!from || to == *from || files_.contains(to)) return "";
    const FileState file = files_[*from];
    remove(*from);
    if (!is_possible(to)) {
      put(*from, file);
      return "";
    }
    put(to, file);
    return "move " + *from + " to " + to;
  }
  /// Moves files as a change of the storage template does.
  std::string move_folder()
  {
    const std::string from = dice_.one_of(kFolders), to = dice_.one_of(kFolders);
    if (from == to || hidden_) return "";
    Tree moved;
    for (const auto& [path, file] : files_) {
      if (path.starts_with(from + "/")) moved[path] = file;
    }
    for (const auto& [path, file] : moved) {
      remove(path);
      put(to + path.substr(from.size()), file);
    }
    return moved.empty() ? "" : "move all of " + from + " to " + to;
  }
  std::string copy_one()
  {
    const auto from = any_file();
    const std::string to = any_path();
    if (!from || !is_possible(to)) return "";
    const FileState file = files_[*from];
    put(to, {.bytes = file.bytes, .mtime_ns = dice_.chance(50) ? file.mtime_ns : next_time()});
    return "copy " + *from + " to " + to;
  }
  std::string remove_one()
  {
    const auto path = any_file();
    if (!path || files_.size() < 4) return "";
    remove(*path);
    return "delete " + *path;
  }
  /// Brings a file back, as from a trash or another backup: earlier content with its old time or a
  /// new one, or other content.
  std::string bring_back()
  {
    if (gone_.empty()) return "";
    auto [path, file] = dice_.one_of(gone_);
    if (!is_possible(path)) return "";
    const std::size_t how = dice_.below(3);
    if (how == 1) file.mtime_ns = next_time();
    if (how == 2) file = {.bytes = next_bytes(), .mtime_ns = next_time()};
    put(path, file);
    return "bring back " + shown(path, file.bytes) + (how == 0 ? " under its old time" : "");
  }

  std::string hide()
  {
    using How = Hidden::How;
    const How how = static_cast<How>(dice_.below(6));
    std::string path = "/" + dice_.one_of(std::vector<std::string>{"upload", "library", "profile"});
    if (how == How::unreadable_folder || how == How::dangling) path = dice_.one_of(kFolders);
    if (how == How::unreadable_file) {
      const auto file = any_file();
      if (!file) return "";
      path = *file;
    }
    const std::string on_disk = root_ + path;
    if (!std::filesystem::exists(on_disk)) return "";
    switch (how) {
      case How::unreadable_folder:
      case How::unreadable_file:
        std::filesystem::permissions(on_disk, std::filesystem::perms::none);
        break;
      case How::no_marker:
        std::filesystem::remove(on_disk + "/.immich");
        break;
      case How::unmounted:
        std::filesystem::rename(on_disk, aside_);
        std::filesystem::create_directory(on_disk);
        break;
      case How::absent:
        std::filesystem::rename(on_disk, aside_);
        break;
      case How::dangling:
        std::filesystem::rename(on_disk, aside_);
        std::filesystem::create_symlink("/nowhere/at/all", on_disk);
        break;
    }
    hidden_ = Hidden{.how = how, .path = path};
    return "hide " + path + " (" + std::to_string(static_cast<int>(how)) + ")";
  }

  std::string root_, aside_;
  Dice& dice_;
  Tree files_;
  std::optional<Hidden> hidden_;
  std::vector<std::pair<std::string, FileState>> gone_;
  std::set<std::pair<std::string, std::string>> past_;
  std::int64_t times_ = 0;
  int contents_ = 0;
};

}  // namespace ib::test
