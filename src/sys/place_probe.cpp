// SPDX-License-Identifier: Apache-2.0
#include "sys/place_probe.hpp"

#include "sys/file_calls.hpp"
#include "sys/file_system.hpp"
#include "sys/folded_names.hpp"
#include "sys/system.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <cstdio>
#include <string>

namespace ib {
namespace {

// linux/magic.h
constexpr auto kFat = 0x4d44;
constexpr std::uint64_t kLargestOnFat = (std::uint64_t{4} << 30U) - 1;
constexpr std::size_t kAttributeSize = 4000;  // with the name, within one block of ext4
constexpr std::size_t kLongestName = 255;     // NAME_MAX

/// One file of the probe's, under a name that is removed at the end.
class ProbeFile {
public:
  ProbeFile(const Folder& folder, std::string name) : folder_(folder), name_(std::move(name)) {}
  ~ProbeFile() { static_cast<void>(::unlinkat(folder_.fd(), name_.c_str(), 0)); }
  ProbeFile(const ProbeFile&) = delete;
  ProbeFile& operator=(const ProbeFile&) = delete;

  bool make()
  {
    fd_ = Fd(::openat(folder_.fd(), name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    return static_cast<bool>(fd_);
  }
  int fd() const { return fd_.get(); }
  const std::string& name() const { return name_; }

private:
  const Folder& folder_;
  std::string name_;
  Fd fd_;
};

bool keeps_permissions(int fd)
{
  struct stat st {};
  return ::fchmod(fd, 0600) == 0 && ::fstat(fd, &st) == 0 && (st.st_mode & 0077U) == 0;
}

std::size_t longest_name(const Folder& folder, const std::string& begin)
{
  for (const std::size_t length : {kLongestName, std::size_t{143}, std::size_t{100}}) {
    ProbeFile file(folder, begin + std::string(length - begin.size(), 'n'));
    if (file.make()) return length;
  }
  return 0;
}

}  // namespace

Result<PlaceFacts> probe_place(const Folder& folder)
{
  const std::string begin = std::string(kTemporaryPrefix) + random_hex(8);
  // Upper case, as in the names of manifests.
  const std::string spelled = begin + "-20260115T030000Z";
  {
    PendingFile file = TRY(PendingFile::create(folder, begin, spelled, PendingFile::Sync::now));
    TRY(file.write(bytes_of("probe")));
    TRY(file.commit_new());
  }
  const ProbeFile named(folder, spelled);
  PlaceFacts facts{.keeps_names = TRY(is_spelled_so(folder, spelled)),
                   .folds_names = folds_names(folder)};
  ProbeFile file(folder, begin + "-file");
  if (!file.make()) return std::unexpected(errno_error(errno, folder.path()));
  facts.locks = ::flock(file.fd(), LOCK_EX | LOCK_NB) == 0;
  facts.flushes = ::fsync(file.fd()) == 0;
  const std::string value(kAttributeSize, 'x');
  facts.attributes =
      ::fsetxattr(file.fd(), "user.immich-backup", value.data(), value.size(), 0) == 0;
  facts.permissions = keeps_permissions(file.fd());
  {
    const ProbeFile link(folder, begin + "-link");
    facts.links =
        ::linkat(folder.fd(), file.name().c_str(), folder.fd(), link.name().c_str(), 0) == 0;
  }
  {
    const ProbeFile other(folder, begin + "-renamed");
    facts.renames_exclusively = ::renameat2(folder.fd(), spelled.c_str(), folder.fd(),
                                            other.name().c_str(), RENAME_NOREPLACE) == 0;
  }
  facts.longest_name = longest_name(folder, begin);
  struct statfs system {};
  if (::fstatfs(folder.fd(), &system) == 0 && system.f_type == kFat)
    facts.largest_file = kLargestOnFat;
  return facts;
}

Result<PlaceFacts> probe_place_at(const std::string& path)
{
  return probe_place(TRY(Folder::open(nearest_existing(path))));
}

}  // namespace ib
