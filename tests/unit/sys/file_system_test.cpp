// SPDX-License-Identifier: Apache-2.0
#include "sys/file_system.hpp"

#include "support/builders.hpp"
#include "support/temp_dir.hpp"

namespace ib::test {
namespace {

constexpr const char* kMounts =
    R"(21 28 0:20 / /proc rw,nosuid - proc proc rw
28 1 252:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
40 28 0:36 / /mnt/photos rw - nfs4 nas:/photos rw,vers=4.2
41 40 8:17 / /mnt/photos/usb\040disk rw - vfat /dev/sdb1 rw
42 28 0:50 / /tmp rw - tmpfs tmpfs rw
43 28 0:51 / /tmp rw - ext2 /dev/ram0 rw
)";

TEST(FileSystem, FindsTheDeepestMount)
{
  struct Row {
    const char* path;
    const char* mount_point;
    const char* type;
  };
  for (const Row& row :
       {Row{"/home/me", "/", "ext4"}, Row{"/", "/", "ext4"},
        Row{"/mnt/photos", "/mnt/photos", "nfs4"}, Row{"/mnt/photos/a", "/mnt/photos", "nfs4"},
        Row{"/mnt/photos2", "/", "ext4"},
        Row{"/mnt/photos/usb disk/x", "/mnt/photos/usb disk", "vfat"},
        Row{"/tmp/x", "/tmp", "ext2"}}) {
    const FileSystem found = find_mount(kMounts, row.path);
    EXPECT_EQ(found.mount_point, row.mount_point) << row.path;
    EXPECT_EQ(found.type, row.type) << row.path;
  }
}

TEST(FileSystem, SurvivesTextThatItDoesNotUnderstand)
{
  for (const char* text :
       {"", "\n\n", "1 2 3", "36 35 98:0 / /x rw", "36 35 98:0 / / rw -", "36 35 98:0 / / rw - "}) {
    EXPECT_EQ(find_mount(text, "/x").type, "") << text;
  }
}

TEST(FileSystem, IsThatOfTheNearestParent)
{
  const TempDir dir;
  const FileSystem here = must(file_system_of(dir.path()));
  const FileSystem there = must(file_system_of(dir.file("not/yet/there")));
  EXPECT_EQ(here.mount_point, there.mount_point);
  EXPECT_FALSE(here.mount_point.empty());
  EXPECT_FALSE(here.read_only);
  EXPECT_GT(here.total_bytes, 0U);
  EXPECT_EQ(here.total_bytes, there.total_bytes);
}

TEST(FileSystem, KnowsWhatThisUserMayDo)
{
  const TempDir dir;
  dir.make_folder("folder");
  const WithoutRoot permissions_count;
  EXPECT_TRUE(may_read(dir.file("folder")));
  EXPECT_FALSE(may_write("/proc/version"));
  EXPECT_FALSE(may_read(dir.file("absent")));
}

}  // namespace
}  // namespace ib::test
