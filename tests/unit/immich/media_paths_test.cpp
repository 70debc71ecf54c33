// SPDX-License-Identifier: Apache-2.0
#include "immich/media_paths.hpp"

#include <gtest/gtest.h>

namespace ib::test {
namespace {

TEST(MediaPaths, KnowEachWayInWhichImmichHasWrittenPaths)
{
  struct Row {
    const char* path;
    const char* location;
    std::optional<std::string> in_backup;
  };
  const Row rows[] = {
      {"/data/upload/u/a.jpg", "/data", "/upload/u/a.jpg"},
      {"/data/upload/u/a.jpg", "", "/upload/u/a.jpg"},
      {"/usr/src/app/upload/library/admin/a.jpg", "/data", "/library/admin/a.jpg"},
      {"upload/upload/u/a.jpg", "", "/upload/u/a.jpg"},
      {"upload/library/admin/a.jpg", "/data", "/library/admin/a.jpg"},
      {"/srv/photos/upload/a.jpg", "/srv/photos", "/upload/a.jpg"},
      {"/srv/photos/upload/a.jpg", "/srv/photos/", "/upload/a.jpg"},
      {"/database/a.jpg", "/data", std::nullopt},
      {"/mnt/photos/a.jpg", "/data", std::nullopt},
      {"/data", "/data", std::nullopt},
      {"/data/", "/data", std::nullopt},
      {"", "/data", std::nullopt},
  };
  for (const Row& row : rows)
    EXPECT_EQ(MediaPaths({row.location}, {}).in_backup(row.path), row.in_backup) << row.path;
}

TEST(MediaPaths, ReadAPathAsAFileSystemDoes)
{
  struct Row {
    const char* path;
    std::optional<std::string> in_backup;
  };
  const Row rows[] = {
      {"/data//upload///a.jpg", "/upload/a.jpg"},
      {"//data/upload/a.jpg", "/upload/a.jpg"},
      {"/data/./upload/./a.jpg", "/upload/a.jpg"},
      {"./upload/upload/a.jpg", "/upload/a.jpg"},
      {"/data/upload/a.jpg/", "/upload/a.jpg"},
      {"/data/upload/..jpg", "/upload/..jpg"},
      {"/data/upload/a..b/...", "/upload/a..b/..."},
      // Nobody knows what these are without the server's own folders and links.
      {"/data/upload/../a.jpg", std::nullopt},
      {"/data/../data/upload/a.jpg", std::nullopt},
      {"../data/upload/a.jpg", std::nullopt},
      {"/data/upload/..", std::nullopt},
      // Names of other folders.
      {"/data.old/upload/a.jpg", std::nullopt},
      {"/Data/upload/a.jpg", std::nullopt},
      {"data/upload/a.jpg", std::nullopt},
      {"/upload/upload/a.jpg", std::nullopt},
      {"/data//", std::nullopt},
      {"/", std::nullopt},
  };
  for (const Row& row : rows)
    EXPECT_EQ(MediaPaths({}, {}).in_backup(row.path), row.in_backup) << row.path;
}

TEST(MediaPaths, TakeTheLongestOfTheRootsThatFit)
{
  struct Row {
    const char* path;
    std::optional<std::string> in_backup;
  };
  const MediaPaths paths({"/srv/immich", ""}, {{.name = "photos", .folder = "/mnt/photos/"},
                                               {.name = "raw", .folder = "/mnt/photos/raw"},
                                               {.name = "inside", .folder = "/srv//immich/old"},
                                               {.name = "upload", .folder = "/data"}});
  const Row rows[] = {
      {"/mnt/photos/a.jpg", "/@external/photos/a.jpg"},
      {"/mnt/photos//2021/a.jpg", "/@external/photos/2021/a.jpg"},
      {"/mnt/photos/raw/a.dng", "/@external/raw/a.dng"},
      {"/mnt/photos/rawer/a.dng", "/@external/photos/rawer/a.dng"},
      {"/mnt/photos/raw", "/@external/photos/raw"},
      {"/mnt/photos2/a.jpg", std::nullopt},
      {"/srv/immich/upload/a.jpg", "/upload/a.jpg"},
      {"/srv/immich/old/a.jpg", "/@external/inside/a.jpg"},
      // A root that the owner names is meant, also where other versions had the media root there.
      {"/data/a.jpg", "/@external/upload/a.jpg"},
      {"/usr/src/app/upload/upload/a.jpg", "/upload/a.jpg"},
  };
  for (const Row& row : rows) EXPECT_EQ(paths.in_backup(row.path), row.in_backup) << row.path;
}

TEST(MediaPaths, KnowWhatImmichCallsAnExtraRoot)
{
  struct Row {
    const char* path;
    std::optional<std::string> in_backup;
  };
  // Two folders that have changed their names in the container, and one of which parts are seen.
  const MediaPaths paths(
      {}, {{.name = "a", .folder = "/mnt/a", .in_immich = {{.path = "/mnt/b", .below = ""}}},
           {.name = "b", .folder = "/mnt/b", .in_immich = {{.path = "/mnt/a", .below = ""}}},
           {.name = "nas",
            .folder = "/mnt/nas",
            .in_immich = {{.path = "/holiday", .below = "family/holiday"},
                          {.path = "/work/", .below = "work"}}}});
  const Row rows[] = {
      {"/mnt/a/x.jpg", "/@external/b/x.jpg"},
      {"/mnt/b/x.jpg", "/@external/a/x.jpg"},
      {"/holiday/2019/x.jpg", "/@external/nas/family/holiday/2019/x.jpg"},
      {"/work/x.jpg", "/@external/nas/work/x.jpg"},
      {"/mnt/nas/work/x.jpg", std::nullopt},
      {"/holidays/x.jpg", std::nullopt},
  };
  for (const Row& row : rows) EXPECT_EQ(paths.in_backup(row.path), row.in_backup) << row.path;
}

TEST(MediaPaths, OfARestorePointAreThoseThatItsDatabaseRecordsOrElseThoseOfItsRun)
{
  RestorePoint point;
  point.media_roots = {"/srv/immich"};
  point.extra_roots = {{.name = "nas", .folder = "/mnt/nas"}};
  const MediaPaths unrecorded = MediaPaths::of(point, "");
  EXPECT_EQ(unrecorded.in_backup("/srv/immich/upload/a.jpg"), "/upload/a.jpg");
  EXPECT_EQ(unrecorded.in_backup("/mnt/nas/a.jpg"), "/@external/nas/a.jpg");
  const MediaPaths recorded = MediaPaths::of(point, "/media");
  EXPECT_EQ(recorded.in_backup("/media/upload/a.jpg"), "/upload/a.jpg");
  EXPECT_EQ(recorded.in_backup("/srv/immich/upload/a.jpg"), std::nullopt);
}

TEST(MediaPaths, TakeNoPathForOneOfARootThatCoversEverything)
{
  const MediaPaths paths({"/", ".", ".."}, {{.name = "all", .folder = "/"}});
  EXPECT_EQ(paths.in_backup("/mnt/photos/a.jpg"), std::nullopt);
  EXPECT_EQ(paths.in_backup("/data/upload/a.jpg"), "/upload/a.jpg");
}

}  // namespace
}  // namespace ib::test
