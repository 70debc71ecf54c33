// SPDX-License-Identifier: Apache-2.0
#include "immich/dumped_assets.hpp"

#include "support/builders.hpp"
#include "support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ib::test {
namespace {

const std::string kA = "00000000-0000-4000-8000-00000000000a",
                  kB = "00000000-0000-4000-8000-00000000000b";
const std::string kUser = "00000000-0000-4000-8000-0000000000aa",
                  kAlbum = "00000000-0000-4000-8000-0000000000bb";
const std::string kSha1 = "0123456789abcdef0123456789abcdef01234567";

std::string copy(const std::string& header, const std::vector<std::string>& rows)
{
  std::string text = "COPY public." + header + " FROM stdin;\n";
  for (const std::string& row : rows) text += row + "\n";
  return text + "\\.\n\n";
}

std::string older_dump()
{
  return copy("albums (id, \"ownerId\", \"albumName\", description, \"deletedAt\", \"order\")",
              {kAlbum + "\t" + kUser + "\tSummer\\\\Sun\t\t\\N\tasc"}) +
         copy("albums_assets_assets (\"assetsId\", \"albumsId\")", {kA + "\t" + kAlbum}) +
         copy("albums_shared_users_users (\"albumsId\", \"usersId\", role)",
              {kAlbum + "\t" + kUser + "\tviewer"}) +
         copy("asset_files (\"assetId\", type, path)",
              {kA + "\tpreview\tupload/thumbs/p.jpg", kA + "\tthumbnail\tupload/thumbs/t.webp"}) +
         copy(
             "assets (\"deletedAt\", checksum, id, \"ownerId\", \"originalPath\", \"isExternal\", "
             "status, \"sidecarPath\", \"originalFileName\", \"livePhotoVideoId\", "
             "\"fileCreatedAt\")",
             {"\\N\t\\\\x" + kSha1 + "\t" + kA + "\t" + kUser +
                  "\tupload/upload/a.jpg\tf\tactive\tupload/upload/s.xmp\tIMG_1.jpg\t" + kB +
                  "\t2021-07-04 10:00:00+02",
              "2021-08-01 00:00:00+00\t\\\\x" + kSha1 + "\t" + kB + "\t" + kUser +
                  "\t/mnt/b.jpg\tt\ttrashed\t\tIMG_2.jpg\t\\N\t\\N"}) +
         copy("users (id, email)", {kUser + "\tanna@example.org"});
}

DumpedAssets read(const TempDir& scratch, const std::string& dump)
{
  DumpedAssets assets = must(DumpedAssets::create(scratch.file("spool")));
  for (std::size_t at = 0; at < dump.size(); at += 100)
    must(assets.write(bytes_of(dump.substr(at, 100))));
  must(assets.finish());
  return assets;
}

template <class Row>
std::vector<Row> all_of(const DumpedAssets& assets,
                        Result<> (DumpedAssets::*each)(const DumpedAssets::Take<Row>&) const)
{
  std::vector<Row> rows;
  must((assets.*each)([&](const Row& row) -> Result<> {
    rows.push_back(row);
    return {};
  }));
  return rows;
}

TEST(DumpedAssets, ReadsTheTablesOf1132WhateverTheOrderOfTheirColumns)
{
  const TempDir scratch;
  const DumpedAssets assets = read(scratch, older_dump());
  const std::vector<DumpedAsset> rows = all_of(assets, &DumpedAssets::each_asset);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(to_text(rows[0].id), kA);
  EXPECT_EQ(to_text(rows[0].owner), kUser);
  EXPECT_EQ(rows[0].original_path, "upload/upload/a.jpg");
  EXPECT_EQ(rows[0].file_name, "IMG_1.jpg");
  EXPECT_EQ(rows[0].sha1->hex(), kSha1);
  EXPECT_EQ(to_text(*rows[0].live_video), kB);
  EXPECT_EQ(format_iso(*rows[0].taken), "2021-07-04T08:00:00Z");
  EXPECT_FALSE(rows[0].trashed || rows[0].external);
  EXPECT_TRUE(rows[1].trashed && rows[1].external);
  EXPECT_FALSE(rows[1].sha1) << "an external asset's is one of its path";
  EXPECT_FALSE(rows[1].live_video || rows[1].taken);

  const std::vector<DumpedSidecar> sidecars = all_of(assets, &DumpedAssets::each_sidecar);
  ASSERT_EQ(sidecars.size(), 1U);
  EXPECT_EQ(sidecars[0].path, "upload/upload/s.xmp");
  EXPECT_EQ(to_text(sidecars[0].asset), kA);
  const std::vector<DumpedAlbum> albums = all_of(assets, &DumpedAssets::each_album);
  ASSERT_EQ(albums.size(), 1U);
  EXPECT_EQ(albums[0].name, "Summer\\Sun");
  EXPECT_EQ(albums[0].order, "asc");
  const std::vector<DumpedAlbumAsset> entries = all_of(assets, &DumpedAssets::each_album_asset);
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(to_text(entries[0].album), kAlbum);
  EXPECT_EQ(to_text(entries[0].asset), kA);
  EXPECT_EQ(all_of(assets, &DumpedAssets::each_album_user).at(0).role, "viewer");
  EXPECT_EQ(all_of(assets, &DumpedAssets::each_user).at(0).email, "anna@example.org");
}

TEST(DumpedAssets, ReadsTheTablesOf31)
{
  const TempDir scratch;
  const DumpedAssets assets = read(
      scratch,
      copy("album (id, \"albumName\", description)", {kAlbum + "\tSummer\ttwo\\nlines"}) +
          copy("album_asset (\"albumId\", \"assetId\")", {}) +
          copy("album_user (\"albumId\", \"userId\", role)", {kAlbum + "\t" + kUser + "\towner"}) +
          copy("asset (id, \"ownerId\", \"originalPath\", checksum, \"checksumAlgorithm\", "
               "\"isExternal\", \"deletedAt\", status, \"localDateTime\", \"fileCreatedAt\")",
               {kA + "\t" + kUser + "\t/data/a.jpg\t\\\\x" + kSha1 +
                    "\tsha1-path\tf\t\\N\tactive\t2021-07-04 12:00:00+00\t2021-07-04 10:00:00+00",
                kB + "\t" + kUser + "\t/data/b.jpg\t\\\\x0123\tsha1\tf\t\\N\tactive\t\\N\t\\N"}) +
          copy("asset_file (\"assetId\", type, path)", {kA + "\tsidecar\t/data/s.xmp"}) +
          copy("system_metadata (key, value)",
               {"other\t{}", "MediaLocation\t{\"location\": \"/srv/x\"}"}) +
          copy("\"user\" (id, email, name)", {kUser + "\tanna@example.org\tAnna"}));
  const std::vector<DumpedAsset> rows = all_of(assets, &DumpedAssets::each_asset);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_FALSE(rows[0].sha1) << "it is of the path";
  EXPECT_FALSE(rows[1].sha1) << "it is too short for one";
  EXPECT_EQ(format_iso(*rows[0].taken), "2021-07-04T12:00:00Z") << "by the clock of the place";
  EXPECT_EQ(all_of(assets, &DumpedAssets::each_sidecar).at(0).path, "/data/s.xmp");
  EXPECT_EQ(all_of(assets, &DumpedAssets::each_user).at(0).name, "Anna");
  EXPECT_FALSE(all_of(assets, &DumpedAssets::each_album).at(0).owner);
  EXPECT_EQ(all_of(assets, &DumpedAssets::each_album_user).at(0).role, "owner");
  EXPECT_EQ(assets.media_location(), "/srv/x");
}

TEST(DumpedAssets, TakesNoOtherTimeForOneThatHasNoYearOfFourDigits)
{
  const auto taken = [](const std::string& local, const std::string& created) {
    const TempDir scratch;
    const DumpedAssets assets = read(
        scratch,
        copy("album (id, \"albumName\", description)", {}) +
            copy("album_asset (\"albumId\", \"assetId\")", {}) +
            copy("album_user (\"albumId\", \"userId\", role)", {}) +
            copy("asset (id, \"ownerId\", \"originalPath\", checksum, \"checksumAlgorithm\", "
                 "\"isExternal\", \"deletedAt\", status, \"localDateTime\", \"fileCreatedAt\")",
                 {kA + "\t" + kUser + "\t/data/a.jpg\t\\\\x" + kSha1 + "\tsha1\tf\t\\N\tactive\t" +
                  local + "\t" + created}) +
            copy("asset_file (\"assetId\", type, path)", {}) +
            copy("system_metadata (key, value)", {}) +
            copy("\"user\" (id, email, name)", {kUser + "\tanna@example.org\tAnna"}));
    return all_of(assets, &DumpedAssets::each_asset).at(0).taken;
  };
  EXPECT_EQ(format_iso(*taken("1650-01-02 03:04:05+00", "2021-07-04 10:00:00+00")),
            "1650-01-02T03:04:05Z");
  EXPECT_EQ(format_iso(*taken("2500-01-02 03:04:05+00", "\\N")), "2500-01-02T03:04:05Z");
  EXPECT_EQ(taken("12021-07-04 10:00:00+00", "2021-07-04 10:00:00+00"), std::nullopt);
  EXPECT_EQ(taken("0044-03-15 10:00:00+00 BC", "2021-07-04 10:00:00+00"), std::nullopt);
  EXPECT_EQ(format_iso(*taken("\\N", "2021-07-04 10:00:00+00")), "2021-07-04T10:00:00Z");
}

TEST(DumpedAssets, SaysWhichTableOrColumnOfAnUnknownSchemaIsMissing)
{
  const auto failure = [](const std::string& dump) {
    const TempDir scratch;
    DumpedAssets assets = must(DumpedAssets::create(scratch.file("spool")));
    must(assets.write(bytes_of(dump)));
    const Result<> finished = assets.finish();
    EXPECT_TRUE(fails_with(Errc::invalid, finished));
    return finished ? "" : finished.error().message;
  };
  EXPECT_THAT(failure(copy("photos (id)", {})), HasSubstr("table asset"));
  std::string renamed = older_dump();
  renamed.replace(renamed.find("\"originalPath\""), 14, "\"storedAt\"");
  EXPECT_THAT(failure(renamed), HasSubstr("assets.originalPath"));
}

TEST(DumpedAssets, ReadsIdsInEitherCaseAndNothingElse)
{
  EXPECT_EQ(to_text(*parse_uuid("3F2B8C1E-0000-4000-8000-00000000000A")),
            "3f2b8c1e-0000-4000-8000-00000000000a");
  for (const char* other :
       {"", "3f2b8c1e", "3f2b8c1e-0000-4000-8000-00000000000", "IMG_1.jpg",
        "3f2b8c1e0000-4000-8000-0000-0000000000a", "zf2b8c1e-0000-4000-8000-00000000000a"}) {
    EXPECT_FALSE(parse_uuid(other)) << other;
  }
}

}  // namespace
}  // namespace ib::test
