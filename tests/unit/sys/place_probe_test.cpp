// SPDX-License-Identifier: Apache-2.0
#include "sys/place_probe.hpp"

#include "support/builders.hpp"
#include "support/small_disk.hpp"
#include "support/temp_dir.hpp"
#include "sys/folded_names.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <filesystem>

namespace ib::test {
namespace {

namespace fs = std::filesystem;

TEST(PlaceProbe, TellsWhatThisDiskCanDoAndLeavesNothing)
{
  const TempDir dir;
  const PlaceFacts facts = must(probe_place_at(dir.file("not/there/yet")));
  EXPECT_TRUE(facts.keeps_names);
  EXPECT_TRUE(facts.links);
  EXPECT_TRUE(facts.locks);
  EXPECT_TRUE(facts.flushes);
  EXPECT_TRUE(facts.permissions);
  EXPECT_GE(facts.longest_name, 143U);
  EXPECT_TRUE(fs::is_empty(dir.path()));
}

TEST(PlaceProbe, SaysWhereNothingCanBeWritten)
{
  EXPECT_FALSE(probe_place_at("/proc"));
}

TEST(FoldedNames, KnowHowANameIsSpelled)
{
  const TempDir dir;
  const Folder root = must(Folder::open(dir.path()));
  fs::create_directories(dir.file("Admin/2021"));
  PendingFile file =
      must(PendingFile::create(root, "t", "Admin/2021/a.jpg", PendingFile::Sync::later));
  must(file.commit_new());
  EXPECT_TRUE(must(is_spelled_so(root, "Admin")));
  EXPECT_TRUE(must(is_spelled_so(root, "Admin/2021/a.jpg")));
  EXPECT_FALSE(must(is_spelled_so(root, "Admin/2021/A.jpg")));
  EXPECT_FALSE(must(is_spelled_so(root, "admin/2021/a.jpg")));
  EXPECT_FALSE(must(is_spelled_so(root, "Admin/2022/a.jpg")));
}

TEST(PendingFile, IsCopiedWhereItsTargetLiesOnAnotherFileSystem)
{
  const TempDir dir;
  const auto disk = SmallDisk::mount(dir.file("root/other"), "1m");
  if (!disk) GTEST_SKIP() << "mounting a small file system needs root";
  Folder root = must(Folder::open(dir.file("root")));
  root.set_readers(Readers::group);
  const auto begin = [&](const char* bytes) {
    PendingFile file =
        must(PendingFile::create(root, "temporary/x", "other/a/b.jpg", PendingFile::Sync::now));
    must(file.write(bytes_of(std::string_view(bytes))));
    must(file.set_mtime(1'600'000'000'123'000'000));
    return file;
  };
  {
    PendingFile file = begin("first");
    must(file.commit_new());
  }
  EXPECT_EQ(dir.read_file("root/other/a/b.jpg"), "first");
  EXPECT_EQ(must(root.stat("other/a/b.jpg")).mtime_ns, 1'600'000'000'123'000'000);
  EXPECT_EQ(must(must(root.open_folder("other/a")).permissions("b.jpg")), 0640U);
  {
    PendingFile file = begin("second");
    EXPECT_TRUE(fails_with(Errc::precondition_failed, file.commit_new()));
  }
  EXPECT_EQ(dir.read_file("root/other/a/b.jpg"), "first");
  {
    PendingFile file = begin("third");
    must(file.commit_replacing());
  }
  EXPECT_EQ(dir.read_file("root/other/a/b.jpg"), "third");
  EXPECT_TRUE(fs::is_empty(dir.file("root/temporary")));
  EXPECT_EQ(must(must(root.open_folder("other/a")).entries()).size(), 1U) << "no copy is left";
}

TEST(PendingFile, LeavesNothingWhereTheCopyFindsNoRoom)
{
  const TempDir dir;
  const auto disk = SmallDisk::mount(dir.file("root/other"), "64k");
  if (!disk) GTEST_SKIP() << "mounting a small file system needs root";
  const Folder root = must(Folder::open(dir.file("root")));
  {
    PendingFile file =
        must(PendingFile::create(root, "temporary/x", "other/b.jpg", PendingFile::Sync::now));
    must(file.write(bytes_of(std::string(300'000, 'x'))));
    const Result<> full = file.commit_new();
    ASSERT_TRUE(fails_with(Errc::io, full));
    EXPECT_TRUE(full.error().message.contains("No space left"));
  }
  EXPECT_TRUE(fs::is_empty(dir.file("root/other")));
  EXPECT_TRUE(fs::is_empty(dir.file("root/temporary")));
}

}  // namespace
}  // namespace ib::test
