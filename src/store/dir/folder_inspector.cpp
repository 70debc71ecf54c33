// SPDX-License-Identifier: Apache-2.0
#include "store/dir/folder_inspector.hpp"

#include "sys/file.hpp"
#include "sys/file_system.hpp"

#include <utility>

namespace ib {
namespace {

class FolderInspector final : public StoreInspector {
public:
  explicit FolderInspector(std::string path) : path_(std::move(path)) {}

  Result<StoreDescription> describe(const std::stop_token& /*stop*/) override
  {
    FileSystem file_system = TRY(file_system_of(path_));
    FolderDescription folder{.path = path_,
                             .exists = path_exists(path_),
                             .file_system = std::move(file_system.type),
                             .mount_point = std::move(file_system.mount_point),
                             .free_bytes = file_system.free_bytes,
                             .total_bytes = file_system.total_bytes,
                             .is_read_only = file_system.read_only,
                             .is_open_to_others = is_open_to_others()};
    return StoreDescription{.folder = std::move(folder)};
  }

  /// Looks at the permissions of the folder, or of its nearest parent.
  Result<StoreAccess> access(const std::stop_token& /*stop*/) override
  {
    const std::string there = nearest_existing(path_);
    const bool write = may_write(there);
    const bool read =
        !path_exists(path_) || may_read(there);  // an absent folder is readable: it is empty
    return StoreAccess{
        .create = write, .list = read, .read = read, .remove = write, .administer = write};
  }

  std::string credential() const override { return {}; }

private:
  /// The folder itself may be a disk's mount point, which is open; then those in it matter.
  bool is_open_to_others() const
  {
    constexpr unsigned kOthersRead = 05;
    const Result<Folder> root = Folder::open(path_);
    if (!root) return false;
    const auto is_open = [&](const std::string& name) {
      const Result<unsigned> bits = root->permissions(name);
      return bits && (*bits & kOthersRead) == kOthersRead;
    };
    return is_open("") && (is_open("database") || is_open("library"));
  }

  std::string path_;
};

}  // namespace

std::unique_ptr<StoreInspector> make_folder_inspector(std::string path)
{
  return std::make_unique<FolderInspector>(std::move(path));
}

}  // namespace ib
