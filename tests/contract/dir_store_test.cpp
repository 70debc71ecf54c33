// SPDX-License-Identifier: Apache-2.0
#include "store/dir/dir_store.hpp"

#include "contract/object_store_contract.hpp"
#include "store/dir/folder_inspector.hpp"
#include "support/builders.hpp"
#include "support/temp_dir.hpp"
#include "sys/file.hpp"
#include "sys/system.hpp"

#include <sys/stat.h>
#include <filesystem>

namespace ib::test {
namespace {

class DirStoreUnderTest final : public StoreUnderTest {
public:
  ObjectStore& store() override { return *store_; }
  StoreInspector& inspector() override { return *inspector_; }
  std::unique_ptr<ObjectStore> open_again() override { return open_dir_store(dir_.file("store")); }
  std::string no_metadata_because() override
  {
    const Folder root = must(Folder::open(dir_.path()));
    PendingFile probe =
        must(PendingFile::create(root, "probe", "probe-target", PendingFile::Sync::later));
    return probe.set_attribute("probe", "x")
               ? ""
               : "the file system below " + dir_.path() + " has no extended attributes";
  }

private:
  TempDir dir_;
  std::unique_ptr<ObjectStore> store_ = open_dir_store(dir_.file("store"));
  std::unique_ptr<StoreInspector> inspector_ = make_folder_inspector(dir_.file("store"));
};

INSTANTIATE_TEST_SUITE_P(DirStore, ObjectStoreContract,
                         testing::Values(Backend{
                             .name = "Folder",
                             .capabilities = {.has_folders = true, .longest_component = 255},
                             .make = [] { return std::make_unique<DirStoreUnderTest>(); }}),
                         backend_name);

Result<ObjectInfo> put(ObjectStore& store, const std::string& name, std::string_view bytes)
{
  return put_small(store, {name}, bytes, {}, "text/plain", {});
}

TEST(DirStore, KeepsEachObjectInAFileOfItsName)
{
  const TempDir dir;
  const std::unique_ptr<ObjectStore> store = open_dir_store(dir.file("store/"));
  must(put(*store, "library/upload/a.jpg", "photo"));
  EXPECT_EQ(dir.read_file("store/library/upload/a.jpg"), "photo");
  EXPECT_EQ(store->url(), "file://" + dir.file("store"));
}

TEST(DirStore, WritesNothingMoreOnceItsMarkerIsGone)
{
  const TempDir dir;
  const std::unique_ptr<ObjectStore> store = open_dir_store(dir.file("store"));
  must(put(*store, "manifest.store.json", "{}"));
  must(put(*store, "library/a.jpg", "a"));
  std::filesystem::rename(dir.file("store"), dir.file("unplugged"));
  std::filesystem::create_directory(dir.file("store"));  // the mount point
  EXPECT_TRUE(fails_with(Errc::unavailable, put(*store, "library/b.jpg", "b")));
  EXPECT_TRUE(std::filesystem::is_empty(dir.file("store")));
}

TEST(DirStore, IsMadeByTheFirstWriteAndNeverByARead)
{
  const TempDir dir;
  const std::unique_ptr<ObjectStore> store = open_dir_store(dir.file("not/yet"));
  const std::unique_ptr<ObjectCursor> cursor = must(store->list("", "", {}));
  EXPECT_THAT(drain(cursor), IsEmpty());
  EXPECT_TRUE(fails_with(Errc::not_found, store->stat({"a"}, {})));
  EXPECT_TRUE(fails_with(Errc::not_found, get_small(*store, {"a"}, 10, {})));
  EXPECT_TRUE(ok(store->now({})));
  EXPECT_THAT(dir.list_tree(), IsEmpty());
  must(put(*store, "a", "a"));
  EXPECT_EQ(dir.read_file("not/yet/a"), "a");
}

TEST(DirStore, RemovesOldLeftoversAndKeepsWhatMayBeInUse)
{
  const TempDir dir;
  const std::int64_t now = wall_clock_now().time_since_epoch() / std::chrono::nanoseconds(1);
  constexpr std::int64_t kMinute = 60'000'000'000;
  dir.write_file(".incomplete/old", "x", now - 11 * kMinute);
  dir.write_file(".incomplete/young", "x", now - 9 * kMinute);
  dir.write_file(".incomplete/future", "x", now + 60 * kMinute);
  dir.write_file("library/old", "x", now - 11 * kMinute);
  const Folder root = must(Folder::open(dir.path()));
  PendingFile locked =
      must(PendingFile::create(root, ".incomplete/locked", "target", PendingFile::Sync::later));
  must(locked.lock());
  dir.set_mtime(".incomplete/locked", now - 11 * kMinute);

  const std::unique_ptr<ObjectStore> store = open_dir_store(dir.path());
  const std::unique_ptr<ObjectCursor> cursor = must(store->list("", "", {}));
  EXPECT_EQ(drain(cursor).size(), 1U) << "leftovers are not objects";
  EXPECT_TRUE(dir.exists(".incomplete/old")) << "reading removes nothing";
  must(put(*store, "a", "a"));
  EXPECT_THAT(dir.list_tree(), ElementsAre(".incomplete/future", ".incomplete/locked",
                                           ".incomplete/young", "a", "library/old"));
}

TEST(DirStore, LeavesNothingBehindWhatFailed)
{
  const TempDir dir;
  const std::unique_ptr<ObjectStore> store = open_dir_store(dir.path());
  MemorySource source(bytes_of("content"));
  EXPECT_TRUE(fails_with(Errc::corrupt,
                         store->put({.name = {"library/a"}, .size = 3, .crc32c = {}}, source, {})));
  static_cast<void>(must(store->create({"library/b"}, {}, "text/plain", {})));
  EXPECT_THAT(dir.list_tree(), ElementsAre(".incomplete/", "library/"));
}

TEST(DirStore, HasNoObjectsAmongItsOwnFiles)
{
  const TempDir dir;
  const std::unique_ptr<ObjectStore> store = open_dir_store(dir.path());
  for (const char* name : {".incomplete/a", ".incomplete"}) {
    EXPECT_TRUE(fails_with(Errc::invalid, put(*store, name, "x"))) << name;
  }
}

TEST(DirStore, DoesNotFollowLinksOutOfItself)
{
  const TempDir outside;
  outside.write_file("secret", "s");
  const TempDir dir;
  dir.make_symlink("library/link", outside.path());
  dir.make_symlink("library/file", outside.file("secret"));
  const std::unique_ptr<ObjectStore> store = open_dir_store(dir.path());
  EXPECT_FALSE(get_small(*store, {"library/link/secret"}, 10, {}));
  EXPECT_FALSE(get_small(*store, {"library/file"}, 10, {}));
  EXPECT_FALSE(put(*store, "library/link/new", "x"));
  EXPECT_TRUE(fails_with(Errc::precondition_failed, put(*store, "library/file", "x")));
  const std::unique_ptr<ObjectCursor> cursor = must(store->list("", "", {}));
  EXPECT_THAT(drain(cursor), IsEmpty());
  EXPECT_THAT(outside.list_tree(), ElementsAre("secret"));
}

TEST(DirStore, IsDeniedInAFolderThatIsReadOnly)
{
  const TempDir dir;
  dir.write_file("store/library/a", "a");
  ASSERT_EQ(::chmod(dir.file("store").c_str(), 0555), 0);
  const std::unique_ptr<ObjectStore> store = open_dir_store(dir.file("store"));
  {
    const WithoutRoot permissions_count;
    EXPECT_TRUE(fails_with(Errc::denied, put(*store, "manifest.json", "x")));
    EXPECT_TRUE(fails_with(Errc::denied, put(*store, "new/b", "x")));
    EXPECT_EQ(must(get_small(*store, {"library/a"}, 10, {})), "a");
  }
  EXPECT_THAT(dir.list_tree(), ElementsAre("store/library/a"));
}

TEST(DirStore, IsNoFile)
{
  const TempDir dir;
  dir.write_file("store", "a file");
  const std::unique_ptr<ObjectStore> store = open_dir_store(dir.file("store"));
  EXPECT_FALSE(put(*store, "a", "a"));
  EXPECT_EQ(dir.read_file("store"), "a file");
}

TEST(FolderInspector, DescribesItsFileSystemBeforeItsFirstWriteToo)
{
  const TempDir dir;
  const std::unique_ptr<ObjectStore> store = open_dir_store(dir.file("backups/store"));
  const auto inspector = make_folder_inspector(dir.file("backups/store"));
  const StoreDescription before = must(inspector->describe({}));
  ASSERT_TRUE(before.folder);
  EXPECT_FALSE(before.folder->exists);
  EXPECT_EQ(before.folder->path, dir.file("backups/store"));
  EXPECT_GT(before.folder->free_bytes, 0U);
  EXPECT_LE(before.folder->free_bytes, before.folder->total_bytes);
  EXPECT_FALSE(before.folder->file_system.empty());
  EXPECT_THAT(dir.list_tree(), IsEmpty());
  ASSERT_TRUE(put(*store, "library/a", "a"));
  const StoreDescription after = must(inspector->describe({}));
  EXPECT_TRUE(after.folder->exists);
  EXPECT_EQ(after.folder->mount_point, before.folder->mount_point);
}

TEST(FolderInspector, SaysWhatItsFoldersPermissionsAllow)
{
  const TempDir dir;
  dir.make_folder("store");
  const WithoutRoot permissions_count;
  const auto inspector = make_folder_inspector(dir.file("store"));
  EXPECT_FALSE(must(inspector->access({})).create);  // root owns the folder
  EXPECT_TRUE(must(inspector->access({})).read);
  EXPECT_FALSE(must(make_folder_inspector("/proc/none/store")->access({})).create);
  EXPECT_TRUE(must(make_folder_inspector("/tmp/none/store")->access({})).create);
}

}  // namespace
}  // namespace ib::test
