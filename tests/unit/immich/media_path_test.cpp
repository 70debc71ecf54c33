// SPDX-License-Identifier: Apache-2.0
#include "immich/media_path.hpp"

#include <gtest/gtest.h>

namespace ib::test {
namespace {

TEST(BelowMediaRoot, KnowsEachWayInWhichImmichHasWrittenPaths)
{
  struct Row {
    const char* path;
    const char* location;
    std::optional<std::string> below;
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
    EXPECT_EQ(below_media_root(row.path, row.location), row.below) << row.path;
}

}  // namespace
}  // namespace ib::test
