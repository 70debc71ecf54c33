// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/text.hpp"
#include "support/builders.hpp"
#include "support/dice.hpp"
#include "support/immich_database.hpp"
#include "support/sample_library.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ib::test {

/// An Immich at work: its media root and its database, which change as a server, its users and
/// their disks change them. Two users; one has a mount within the library, without a marker of its
/// own.
class LivingImmich {
public:
  LivingImmich(ImmichDatabase& database, std::string root, std::string aside, Dice& dice)
      : database_(database), root_(std::move(root)), aside_(std::move(aside)), dice_(dice)
  {
    for (const char* folder :
         {"upload", "library", "profile", "thumbs", "encoded-video", "backups"})
      put_file(root_ + "/" + folder + "/.immich", "");
    std::filesystem::create_directories(root_ + std::string(kMount));
    for (int i = 0; i < 6; ++i) upload();
  }

  const std::string& root() const { return root_; }
  bool is_mounted() const { return mounted_; }

  /// One thing that happens; what it was.
  std::string act()
  {
    switch (dice_.below(12)) {
      case 0:
      case 1:
      case 2:
        return upload();
      case 3:
        return leave_an_upload_under_way();
      case 4:
        return migrate(/*all=*/true);
      case 5:
      case 6:
        return migrate(/*all=*/false);
      case 7:
        return remove();
      case 8:
        return edit_in_place();
      case 9:
        return lose_a_file();
      case 10:
        return trash();
      default:
        return mounted_ ? unmount() : mount();
    }
  }

  std::string mount()
  {
    if (std::exchange(mounted_, true)) return "";
    std::filesystem::remove(root_ + std::string(kMount));
    std::filesystem::rename(aside_, root_ + std::string(kMount));
    return "mount " + std::string(kMount);
  }

private:
  static constexpr std::string_view kMount = "/library/ben";

  struct Asset {
    std::string id, path, user, bytes;
    bool has_file = true;
  };

  std::string next_id()
  {
    const std::string digits = std::to_string(1000 + ++count_);
    return "00000000-0000-4000-8000-00000000" + digits;
  }

  bool hides(const std::string& path) const
  {
    return !mounted_ && path.starts_with(std::string(kMount) + "/");
  }

  std::string upload()
  {
    const std::string user = dice_.chance(50) ? "anna" : "ben";
    // Two users often have the same photo.
    const bool twin = !assets_.empty() && dice_.chance(30);
    const std::string id = next_id();
    Asset asset{.id = id,
                .path = "/upload/" + user + "/" + id.substr(id.size() - 2) + "/" + id + ".jpg",
                .user = user,
                .bytes = twin ? dice_.one_of(assets_).bytes : "photo " + std::to_string(count_)};
    put(asset);
    database_.add({.path = asset.path, .sha1 = content_of(asset.bytes).sha1, .id = id});
    assets_.push_back(asset);
    return "upload " + asset.path + (twin ? ", which another asset is, too" : "");
  }

  std::string leave_an_upload_under_way()
  {
    const std::string path = "/upload/anna/zz/" + next_id() + ".jpg";
    put_file(root_ + path, "half of photo " + std::to_string(count_), time());
    return "begin to upload " + path;
  }

  std::string migrate(bool all)
  {
    std::string what;
    std::string statements;
    const std::string year = std::to_string(2020 + dice_.below(3));
    const std::size_t chosen = assets_.empty() ? 0 : dice_.below(assets_.size());
    for (std::size_t i = 0; i < assets_.size(); ++i) {
      Asset& asset = assets_[i];
      if (!all && i != chosen) continue;
      const std::string to = "/library/" + asset.user + "/" + year + "/" + asset.id + ".jpg";
      if (to == asset.path || hides(to) || hides(asset.path) || !asset.has_file) continue;
      std::filesystem::create_directories(std::filesystem::path(root_ + to).parent_path());
      std::filesystem::rename(root_ + asset.path, root_ + to);
      statements +=
          "UPDATE asset SET \"originalPath\" = '/data" + to + "' WHERE id = '" + asset.id + "';";
      what += " " + asset.path + " to " + to;
      asset.path = to;
    }
    if (statements.empty()) return "";
    database_.sql(statements);
    return "migrate" + what;
  }

  std::string remove()
  {
    if (assets_.size() < 3) return "";
    const std::size_t i = dice_.below(assets_.size());
    const Asset asset = assets_[i];
    if (hides(asset.path)) return "";
    database_.sql("DELETE FROM asset WHERE id = '" + asset.id + "'");
    std::filesystem::remove(root_ + asset.path);
    assets_.erase(assets_.begin() + static_cast<std::ptrdiff_t>(i));
    return "delete " + asset.path;
  }

  std::string edit_in_place()
  {
    if (assets_.empty()) return "";
    const Asset& asset = dice_.one_of(assets_);
    if (hides(asset.path) || !asset.has_file) return "";
    put_file(root_ + asset.path, "edited " + std::to_string(++count_), time());
    return "edit " + asset.path;
  }

  std::string lose_a_file()
  {
    if (assets_.empty()) return "";
    Asset& asset = assets_[dice_.below(assets_.size())];
    if (hides(asset.path) || !asset.has_file) return "";
    std::filesystem::remove(root_ + asset.path);
    asset.has_file = false;
    return "lose " + asset.path;
  }

  std::string trash()
  {
    if (assets_.empty()) return "";
    const Asset& asset = dice_.one_of(assets_);
    database_.sql("UPDATE asset SET status = 'trashed', \"deletedAt\" = now() WHERE id = '" +
                  asset.id + "'");
    return "trash " + asset.path;
  }

  /// As where a disk is lost below a folder that has its marker.
  std::string unmount()
  {
    mounted_ = false;
    std::filesystem::rename(root_ + std::string(kMount), aside_);
    std::filesystem::create_directory(root_ + std::string(kMount));
    return "unmount " + std::string(kMount);
  }

  void put(const Asset& asset) { put_file(root_ + asset.path, asset.bytes, time()); }
  /// No two files have the same.
  std::int64_t time() { return 1'600'000'000'000'000'000 + 1'000'000'000 * ++seconds_; }

  ImmichDatabase& database_;
  std::string root_, aside_;
  Dice& dice_;
  std::vector<Asset> assets_;
  bool mounted_ = true;
  int count_ = 0;
  std::int64_t seconds_ = 0;
};

}  // namespace ib::test
