// SPDX-License-Identifier: Apache-2.0
#include "sys/file.hpp"

#include "base/time.hpp"
#include "support/builders.hpp"
#include "support/temp_dir.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>
#include <array>
#include <cerrno>

namespace ib::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string text_in(InputFile& file)
{
  std::string text(1000, '\0');
  text.resize(must(file.read(std::as_writable_bytes(std::span(text)))));
  return text;
}

PendingFile pending(const Folder& root, std::string_view target, std::string_view bytes,
                    PendingFile::Sync sync = PendingFile::Sync::now)
{
  PendingFile file = must(PendingFile::create(root, ".tmp/x", target, sync));
  must(file.write(bytes_of(bytes)));
  return file;
}

const char* const kOddNames[] = {
    "with\nnewline", "with \"quotes'", "\xFF\xFEnot utf-8", "-rf", "a\\b", "*", " "};

TEST(ErrnoErrors, HaveTheCodeThatCallersActOn)
{
  const std::pair<int, Errc> table[] = {
      {ENOENT, Errc::not_found}, {ENOTDIR, Errc::not_found},          {EACCES, Errc::denied},
      {EPERM, Errc::denied},     {EEXIST, Errc::precondition_failed}, {ESTALE, Errc::unavailable},
      {EIO, Errc::io},           {ENAMETOOLONG, Errc::invalid},       {ENOSPC, Errc::io},
  };
  for (const auto& [number, code] : table) EXPECT_EQ(errno_error(number, "x").code, code) << number;
  EXPECT_EQ(errno_error(ENOSPC, "/x").message, "/x: No space left on device");
  EXPECT_FALSE(errno_error(ENOSPC, "/x").hint.empty());
}

TEST(Folders, NeverFollowALinkBelowTheRoot)
{
  const TempDir outside;
  outside.write_file("folder/secret", "s");
  const TempDir dir;
  dir.write_file("real/file", "f");
  dir.make_symlink("link", outside.file("folder"));
  dir.make_symlink("real/file-link", outside.file("folder/secret"));
  dir.make_symlink("real/dangling", "nowhere");
  dir.make_symlink("inside", "real");
  const Folder root = must(Folder::open(dir.path()));

  for (const char* path : {"link/secret", "real/file-link", "inside/file", "real/dangling"}) {
    EXPECT_TRUE(fails_with(Errc::io, root.open_file(path))) << path;
  }
  EXPECT_TRUE(fails_with(Errc::io, root.open_folder("link")));
  EXPECT_TRUE(fails_with(Errc::io, root.open_folder("inside")));
  EXPECT_TRUE(fails_with(Errc::io, root.stat("link/secret")));
  EXPECT_TRUE(fails_with(Errc::io, root.create_folder("link/new")));
  EXPECT_TRUE(fails_with(Errc::io, root.remove_file("link/secret")));
  EXPECT_TRUE(fails_with(Errc::io,
                         PendingFile::create(root, ".tmp/x", "link/new", PendingFile::Sync::now)));
  EXPECT_TRUE(
      fails_with(Errc::io, PendingFile::create(root, "link/x", "new", PendingFile::Sync::now)));
  EXPECT_EQ(must(root.stat("link")).kind, FileKind::symlink);
  EXPECT_THAT(outside.list_tree(), ElementsAre("folder/secret"));
  EXPECT_TRUE(ok(root.follow_folder("link")));
}

TEST(Folders, RefuseNamesThatLeadOut)
{
  const TempDir dir;
  dir.write_file("root/a/file", "f");
  dir.write_file("outside", "o");
  const Folder root = must(Folder::open(dir.file("root")));
  for (const std::string& path :
       {std::string("../outside"), std::string("a/../../outside"), std::string("a/.."),
        std::string(".."), std::string("."), std::string("/etc/passwd"), std::string("a//file"),
        std::string("./a/file"), std::string("a/"), std::string(), std::string("a/fi\0le", 7)}) {
    EXPECT_TRUE(fails_with(Errc::invalid, root.open_file(path))) << path;
    EXPECT_TRUE(fails_with(Errc::invalid, root.stat(path))) << path;
    EXPECT_TRUE(fails_with(Errc::invalid, root.remove_file(path))) << path;
    EXPECT_TRUE(fails_with(Errc::invalid,
                           PendingFile::create(root, ".tmp/x", path, PendingFile::Sync::now)))
        << path;
    EXPECT_TRUE(fails_with(Errc::invalid,
                           PendingFile::create(root, path, "target", PendingFile::Sync::now)))
        << path;
  }
  for (const char* path : {"..", "a/..", "a/./b", "/a"}) {
    EXPECT_TRUE(fails_with(Errc::invalid, root.open_folder(path))) << path;
    EXPECT_TRUE(fails_with(Errc::invalid, root.create_folder(path))) << path;
    EXPECT_TRUE(fails_with(Errc::invalid, root.follow_folder(path))) << path;
  }
  EXPECT_TRUE(dir.exists("outside"));
}

TEST(Folders, TellWhatTheyHold)
{
  const TempDir dir;
  dir.write_file("file", "12345", 1'500'000'000'123'456'789);
  dir.make_folder("folder");
  dir.make_symlink("link", "file");
  dir.make_fifo("fifo");
  dir.make_socket("socket");
  const Folder root = must(Folder::open(dir.path()));
  std::vector<std::pair<std::string, FileKind>> kinds;
  for (const FolderEntry& entry : must(root.entries())) kinds.emplace_back(entry.name, entry.kind);
  EXPECT_THAT(kinds, UnorderedElementsAre(
                         std::pair("file", FileKind::file), std::pair("folder", FileKind::folder),
                         std::pair("link", FileKind::symlink), std::pair("fifo", FileKind::fifo),
                         std::pair("socket", FileKind::socket)));
  const FileStat st = must(root.stat("file"));
  EXPECT_EQ(st.size, 5U);
  EXPECT_EQ(st.mtime_ns, 1'500'000'000'123'456'789);
  EXPECT_TRUE(fails_with(Errc::not_found, root.stat("file/below")));
  EXPECT_TRUE(fails_with(Errc::not_found, root.open_folder("file")));
  EXPECT_EQ(must(root.entries()).size(), 5U) << "a second listing is as long as the first";
}

TEST(Folders, OpenNothingButRegularFilesAndWaitForNone)
{
  const TempDir dir;
  dir.make_fifo("fifo");
  dir.make_socket("socket");
  dir.make_folder("folder");
  const Folder root = must(Folder::open(dir.path()));
  for (const char* name : {"fifo", "socket", "folder"}) {
    EXPECT_TRUE(fails_with(Errc::io, root.open_file(name))) << name;
    EXPECT_TRUE(fails_with(Errc::io, InputFile::open(dir.file(name)))) << name;
  }
  EXPECT_TRUE(fails_with(Errc::not_found, root.open_file("nothing")));
}

TEST(Folders, AreDeniedWherePermissionsAre)
{
  const TempDir dir;
  dir.write_file("closed/file", "f");
  dir.write_file("unreadable", "f");
  ASSERT_EQ(::chmod(dir.file("closed").c_str(), 0000), 0);
  ASSERT_EQ(::chmod(dir.file("unreadable").c_str(), 0000), 0);
  {
    const WithoutRoot permissions_count;
    const Folder root = must(Folder::open(dir.path()));
    EXPECT_TRUE(fails_with(Errc::denied, root.open_folder("closed")));
    EXPECT_TRUE(fails_with(Errc::denied, root.open_file("closed/file")));
    EXPECT_TRUE(fails_with(Errc::denied, root.open_file("unreadable")));
    EXPECT_THAT(
        InputFile::open(dir.file("unreadable")).error().hint,
        AllOf(HasSubstr("This process is user " + std::to_string(::geteuid()) + " in group"),
              HasSubstr(", mode 0000.")));
  }
  ASSERT_EQ(::chmod(dir.file("closed").c_str(), 0755), 0);
}

TEST(Folders, HoldEveryNameThatTheFileSystemHolds)
{
  const TempDir dir;
  const Folder root = must(Folder::open(dir.path()));
  std::vector<std::string> names(std::begin(kOddNames), std::end(kOddNames));
  names.emplace_back(255, 'x');
  for (const std::string& name : names) {
    const std::string path = name + "/" + name;
    must(pending(root, path, name).commit_new());
    InputFile file = must(root.open_file(path));
    EXPECT_EQ(text_in(file), name);
    EXPECT_EQ(must(root.stat(path)).size, name.size());
  }
  EXPECT_TRUE(fails_with(Errc::invalid, pending(root, std::string(256, 'x'), "").commit_new()));
  EXPECT_TRUE(fails_with(
      Errc::invalid,
      PendingFile::create(root, ".tmp/x", std::string(256, 'x') + "/a", PendingFile::Sync::now)));
}

TEST(InputFiles, ReadFromWhereTheyAreTold)
{
  const TempDir dir;
  dir.write_file("file", "0123456789");
  InputFile file = must(InputFile::open(dir.file("file")));
  std::array<std::byte, 4> buffer{};
  EXPECT_EQ(must(file.read(buffer)), 4U);
  must(file.seek(8));
  EXPECT_EQ(must(file.read(buffer)), 2U);
  EXPECT_EQ(text_of(buffer).substr(0, 2), "89");
  must(file.seek(0));
  EXPECT_EQ(text_in(file), "0123456789");
  must(file.seek(100));
  EXPECT_EQ(must(file.read(buffer)), 0U);
  EXPECT_EQ(file.attribute("absent"), std::nullopt);
}

TEST(PendingFiles, AppearWholeAndOnlyWhenCommitted)
{
  const TempDir dir;
  const Folder root = must(Folder::open(dir.path()));
  {
    PendingFile file = pending(root, "a/b/c", "content");
    EXPECT_FALSE(dir.exists("a/b/c"));
    must(file.commit_new());
  }
  EXPECT_EQ(dir.read_file("a/b/c"), "content");
  EXPECT_THAT(dir.list_tree(), ElementsAre(".tmp/", "a/b/c"));
}

TEST(PendingFiles, LeaveNothingWhenTheyAreGivenUp)
{
  const TempDir dir;
  const Folder root = must(Folder::open(dir.path()));
  {
    PendingFile file = pending(root, "target", "half");
    PendingFile moved = std::move(file);
    EXPECT_TRUE(dir.exists(".tmp/x"));
  }
  EXPECT_FALSE(dir.exists("target"));
  EXPECT_FALSE(dir.exists(".tmp/x"));
}

TEST(PendingFiles, ReplaceNothingWhenTheyAreNew)
{
  const TempDir dir;
  dir.write_file("file", "old");
  dir.make_folder("folder");
  dir.make_symlink("link", "nowhere");
  const Folder root = must(Folder::open(dir.path()));
  for (const char* taken : {"file", "folder", "link"}) {
    EXPECT_TRUE(fails_with(Errc::precondition_failed, pending(root, taken, "new").commit_new()))
        << taken;
  }
  EXPECT_EQ(dir.read_file("file"), "old");
  EXPECT_EQ(must(root.stat("link")).kind, FileKind::symlink);
  EXPECT_THAT(dir.list_tree(), ElementsAre(".tmp/", "file", "folder/", "link"));
}

TEST(PendingFiles, ReplaceWhenTheyAreToldTo)
{
  const TempDir dir;
  const TempDir outside;
  outside.write_file("precious", "precious");
  dir.write_file("file", "old");
  dir.make_symlink("link", outside.file("precious"));
  const Folder root = must(Folder::open(dir.path()));
  must(pending(root, "file", "new", PendingFile::Sync::later).commit_replacing());
  EXPECT_EQ(dir.read_file("file"), "new");
  must(pending(root, "link", "new").commit_replacing());
  EXPECT_EQ(must(root.stat("link")).kind, FileKind::file);
  EXPECT_EQ(outside.read_file("precious"), "precious");
  EXPECT_TRUE(ok(root.sync_file_system()));
}

TEST(PendingFiles, WriteOverALeftOverOfTheirName)
{
  const TempDir dir;
  dir.write_file(".tmp/x", "a long left-over of a run that was killed");
  const Folder root = must(Folder::open(dir.path()));
  must(pending(root, "file", "short").commit_new());
  EXPECT_EQ(dir.read_file("file"), "short");
}

TEST(PendingFiles, CarryTheirTimeToTheNanosecond)
{
  const TempDir dir;
  const Folder root = must(Folder::open(dir.path()));
  std::int64_t number = 0;
  for (const std::int64_t mtime_ns :
       {std::int64_t{1'500'000'000'123'456'789}, std::int64_t{0}, std::int64_t{1}, std::int64_t{-1},
        std::int64_t{-1'000'000'000}, std::int64_t{-1'500'000'000},
        std::int64_t{-86'400'000'000'001}}) {
    const std::string name = std::to_string(number++);
    PendingFile file = pending(root, name, "x");
    must(file.set_mtime(mtime_ns));
    must(file.commit_new());
    EXPECT_EQ(must(root.stat(name)).mtime_ns, mtime_ns);
    EXPECT_EQ(dir.mtime_ns(name), mtime_ns);
  }
}

TEST(PendingFiles, GetThePresentTimeForNone)
{
  const TempDir dir;
  const Folder root = must(Folder::open(dir.path()));
  PendingFile file = pending(root, "a", "x");
  must(file.set_mtime(1'000'000'000));
  must(file.set_mtime(kNoTime));
  must(file.commit_new());
  EXPECT_GT(must(root.stat("a")).mtime_ns, 1'700'000'000'000'000'000);
}

TEST(Files, OfAnotherCenturyHaveNoTime)
{
  const TempDir dir;
  dir.write_file("a", "x");
  for (const time_t seconds : {time_t{-11'644'473'600}, time_t{13'569'465'600}}) {  // 1601, 2400
    const std::array<timespec, 2> times{
        {{.tv_sec = seconds, .tv_nsec = 0}, {.tv_sec = seconds, .tv_nsec = 0}}};
    ASSERT_EQ(::utimensat(AT_FDCWD, dir.file("a").c_str(), times.data(), 0), 0);
    struct stat st {};
    ASSERT_EQ(::stat(dir.file("a").c_str(), &st), 0);
    if (st.st_mtim.tv_sec != seconds) GTEST_SKIP() << "this file system has no such times";
    EXPECT_EQ(must(must(Folder::open(dir.path())).stat("a")).mtime_ns, kNoTime);
    EXPECT_EQ(must(must(InputFile::open(dir.file("a"))).stat()).mtime_ns, kNoTime);
  }
}

TEST(PendingFiles, AreLockedAsLongAsTheyAreWritten)
{
  const TempDir dir;
  const Folder root = must(Folder::open(dir.path()));
  {
    PendingFile file = pending(root, "target", "x");
    EXPECT_EQ(must(root.open_file(".tmp/x")).lock(), InputFile::Lock::free);
    must(file.lock());
    EXPECT_EQ(must(root.open_file(".tmp/x")).lock(), InputFile::Lock::held);
    must(file.commit_new());
  }
  EXPECT_EQ(must(root.open_file("target")).lock(), InputFile::Lock::free);
}

TEST(SmallFiles, AreReadUpToTheirLimit)
{
  const TempDir dir;
  dir.write_file("file", "12345");
  EXPECT_EQ(must(read_file(dir.file("file"), 5)), "12345");
  EXPECT_TRUE(fails_with(Errc::invalid, read_file(dir.file("file"), 4)));
  EXPECT_TRUE(fails_with(Errc::not_found, read_file(dir.file("none"), 5)));
  EXPECT_TRUE(path_exists(dir.file("file")));
  EXPECT_FALSE(path_exists(dir.file("none")));
}

TEST(AbsolutePaths, AreFreeOfLinks)
{
  const TempDir dir;
  dir.make_folder("real");
  dir.make_symlink("link", "real");
  EXPECT_EQ(absolute_path(dir.file("link/new")), absolute_path(dir.file("real")) + "/new");
}

TEST(ScratchFolders, RemoveThemselvesWithAllThatIsInThem)
{
  const TempDir dir;
  std::string path;
  {
    ScratchFolder scratch = must(ScratchFolder::create(dir.path()));
    path = scratch.path();
    EXPECT_TRUE(ok(Folder::create(scratch.file("a/b"))));
    dir.write_file(path.substr(dir.path().size() + 1) + "/a/b/file", "x");
    const ScratchFolder moved = std::move(scratch);
    EXPECT_TRUE(path_exists(moved.file("a/b/file")));
  }
  EXPECT_FALSE(path_exists(path));
  EXPECT_THAT(dir.list_tree(), IsEmpty());
  EXPECT_TRUE(fails_with(Errc::not_found, ScratchFolder::create(dir.file("none"))));
}

TEST(ScratchFolders, GoWithTheNextOneWhereAKilledProcessHasLeftThem)
{
  const TempDir dir;
  const ScratchFolder in_use = must(ScratchFolder::create(dir.path()));
  const auto folder = [&](const std::string& name, bool marked, std::chrono::minutes age) {
    dir.make_folder(name);
    if (!marked) return;
    const std::string mark = name + "/" + std::string(ScratchFolder::kMark);
    dir.write_file(mark, "");
    std::filesystem::last_write_time(dir.file(mark),
                                     std::filesystem::file_time_type::clock::now() - age);
  };
  const std::chrono::minutes old{11};
  folder("immich-backup-000000", true, old);
  dir.write_file("immich-backup-000000/data", "x");
  folder("immich-backup-111111", true, std::chrono::minutes{9});
  folder("immich-backup-222222", false, old);
  folder("photos", true, old);
  dir.make_symlink("immich-backup-333333", "photos");
  std::filesystem::last_write_time(in_use.file(ScratchFolder::kMark),
                                   std::filesystem::file_time_type::clock::now() - old);
  {
    const ScratchFolder next = must(ScratchFolder::create(dir.path()));
    EXPECT_TRUE(path_exists(next.path()));
  }
  EXPECT_FALSE(path_exists(dir.file("immich-backup-000000")));
  EXPECT_TRUE(path_exists(dir.file("immich-backup-111111")))
      << "its process may be about to lock it";
  EXPECT_TRUE(path_exists(dir.file("immich-backup-222222"))) << "it has the name alone";
  EXPECT_TRUE(path_exists(dir.file("photos")));
  EXPECT_TRUE(path_exists(in_use.path())) << "it is locked";
}

}  // namespace
}  // namespace ib::test
