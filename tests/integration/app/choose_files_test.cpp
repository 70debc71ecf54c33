// SPDX-License-Identifier: Apache-2.0
//
// Restores by what people remember, out of the dump of each generation of Immich's tables, in a
// folder and in a bucket.
#include "app/restore/dumped.hpp"
#include "app/session.hpp"
#include "postgres/database_settings.hpp"
#include "support/builders.hpp"
#include "support/emulated_bucket.hpp"
#include "support/immich_database.hpp"
#include "support/workplace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tuple>

namespace ib::test {
namespace {

constexpr const char* kPhoto = "3f2b8c1e-0000-4000-8000-0000000000a1";
constexpr const char* kVideo = "3f2b8c1e-0000-4000-8000-0000000000a2";
constexpr const char* kTrashed = "3f2b8c1e-0000-4000-8000-0000000000a3";
constexpr const char* kOthers = "3f2b8c1e-0000-4000-8000-0000000000a4";
constexpr const char* kSecondUser = "3f2b8c1e-0000-4000-8000-000000000002";

class Choices : public ::testing::TestWithParam<std::tuple<Generation, bool>> {
protected:
  Choices()
      : database_(shared_cluster(), "choices_" + std::to_string(++number_), std::get<0>(GetParam()))
  {
    bucket_.begin("home/");
    database_.sql("INSERT INTO " + database_.table("user") + " (id, email, name) VALUES ('" +
                  kSecondUser + "', 'second@example.org', 'Second');");
    add({.path = "/upload/one/aa/live.mov", .id = kVideo, .type = "VIDEO"});
    add({.path = "/upload/one/aa/live.heic",
         .id = kPhoto,
         .file_name = "IMG_0001.HEIC",
         .live_video = kVideo});
    put_file(place_.library() + "/upload/one/bb/gone.jpg.xmp", "<x/>");
    add({.path = "/upload/one/bb/gone.jpg",
         .id = kTrashed,
         .status = "trashed",
         .sidecar = "/upload/one/bb/gone.jpg.xmp"});
    add({.path = "/upload/two/cc/other.jpg",
         .id = kOthers,
         .file_name = "DSC_9.JPG",
         .taken = "2019-05-05T12:00:00Z",
         .owner = kSecondUser});
    database_.sql(
        "INSERT INTO " + database_.table("album") +
        " (id, \"ownerId\", \"albumName\") VALUES ('3f2b8c1e-0000-4000-8000-0000000000b1', '" +
        ImmichDatabase::user_id() + "', 'Summer');");
    for (const char* asset : {kPhoto, kTrashed})
      database_.sql("INSERT INTO " + database_.table("album_asset") +
                    " VALUES ('3f2b8c1e-0000-4000-8000-0000000000b1', '" + asset + "');");
    EXPECT_TRUE(must(run_backup(session(), place_.job(database_.address()))).restore_point);
  }

  void add(AssetRow asset)
  {
    const std::string bytes = "content of " + asset.path;
    put_file(place_.library() + asset.path, bytes);
    asset.sha1 = content_of(bytes).sha1;
    database_.add(asset);
  }
  Session session()
  {
    return std::get<1>(GetParam()) ? place_.session(in_bucket_) : place_.session();
  }
  std::vector<std::string> restored(const AssetSelectors& selectors)
  {
    const std::string target = place_.path("target_" + std::to_string(++targets_));
    must(run_restore(session(), {.target = target, .patterns = {}, .assets = selectors}));
    std::vector<std::string> paths;
    for (const auto& [path, file] : covered_files_below(target)) paths.push_back(path);
    return paths;
  }

  static inline int number_ = 0;
  int targets_ = 0;
  EmulatedBucket bucket_;
  OpenStore in_bucket_ = bucket_.open("home/");
  Workplace place_;
  ImmichDatabase database_;
};

TEST_P(Choices, BringWhatIsMeantAndWhatBelongsToIt)
{
  const auto live = ElementsAre("/upload/one/aa/live.heic", "/upload/one/aa/live.mov");
  const auto trashed = ElementsAre("/upload/one/bb/gone.jpg", "/upload/one/bb/gone.jpg.xmp");
  const auto others = ElementsAre("/upload/two/cc/other.jpg");
  EXPECT_THAT(restored({.ids = {kVideo}}), live);
  EXPECT_THAT(restored({.names = {"img_0001*"}}), live);
  EXPECT_THAT(restored({.albums = {"Summer"}, .trashed = true}), trashed);
  EXPECT_THAT(restored({.albums = {"summer"}}),
              UnorderedElementsAre("/upload/one/aa/live.heic", "/upload/one/aa/live.mov",
                                   "/upload/one/bb/gone.jpg", "/upload/one/bb/gone.jpg.xmp"));
  EXPECT_THAT(restored({.users = {"second@example.org"}}), others);
  EXPECT_THAT(restored({.taken = {must(parse_taken("2019"))}}), others);

  const AlbumsReport albums = must(run_albums(session(), {}));
  ASSERT_EQ(albums.albums.size(), 1U);
  EXPECT_EQ(albums.albums[0].name, "Summer");
  EXPECT_EQ(albums.albums[0].owner, "owner@example.org");
  EXPECT_EQ(albums.albums[0].assets, 2U);
  EXPECT_EQ(albums.albums[0].trashed, 1U);
}

INSTANTIATE_TEST_SUITE_P(Generations, Choices,
                         ::testing::Combine(::testing::ValuesIn(kGenerations), ::testing::Bool()));

}  // namespace
}  // namespace ib::test
