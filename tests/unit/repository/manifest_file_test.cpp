// SPDX-License-Identifier: Apache-2.0
#include "repository/manifest_file.hpp"

#include "support/builders.hpp"
#include "support/temp_dir.hpp"
#include "sys/file.hpp"

#include <filesystem>

namespace ib::test {
namespace {

class ManifestFiles : public testing::Test {
protected:
  TempDir dir;
  Folder folder = must(Folder::open(dir.path()));

  /// What arrives of these bytes, given in pieces.
  Result<std::string> arrived(std::string_view stored, std::size_t piece = SIZE_MAX)
  {
    IncomingManifest arriving = TRY(IncomingManifest::create(folder, "arrived.db"));
    const std::size_t whole = stored.size();
    while (!stored.empty()) {
      const std::size_t n = std::min(piece, stored.size());
      TRY(arriving.write(bytes_of(stored.substr(0, n))));
      stored.remove_prefix(n);
    }
    const Content content = TRY(arriving.finish());
    std::string plain = dir.read_file("arrived.db");
    EXPECT_EQ(content, content_of(plain)) << whole;
    return plain;
  }
};

TEST_F(ManifestFiles, ArriveAsTheyWereInEitherFormAndAnyPieces)
{
  for (const std::string& plain : {std::string("SQLite format 3") + random_bytes(300'000, 1),
                                   std::string(), std::string("S")}) {
    dir.write_file("packed.db", plain);
    for (const bool gzip : {false, true}) {
      const OutgoingManifest departing =
          must(prepare_manifest(folder, "packed.db", {.keeps_encodings = gzip}));
      EXPECT_EQ(departing.content_encoding, gzip ? "gzip" : "");
      EXPECT_EQ(departing.plain, content_of(plain));
      const std::string stored = must(read_file(departing.file, 1'000'000));
      EXPECT_EQ(stored.starts_with("\x1f\x8b"), gzip);
      EXPECT_EQ(departing.size, stored.size());
      EXPECT_EQ(departing.crc32c, crc32c(bytes_of(stored)));
      for (const std::size_t piece : {std::size_t{1}, std::size_t{1000}, SIZE_MAX})
        EXPECT_TRUE(must(arrived(stored, piece)) == plain)
            << plain.size() << " " << gzip << " " << piece;
    }
  }
}

TEST_F(ManifestFiles, ThatWereMadeToFillADiskAreNotTaken)
{
  {
    const std::string path = dir.path() + "/packed.db";
    dir.write_file("packed.db", "SQLite format 3");
    std::filesystem::resize_file(path, std::uint64_t{256} << 20U);
  }
  const std::string stored = must(read_file(
      must(prepare_manifest(folder, "packed.db", {.keeps_encodings = true})).file, 10'000'000));
  ASSERT_LT(stored.size(), 1'000'000U);
  IncomingManifest arriving = must(IncomingManifest::create(folder, "arrived.db"));
  EXPECT_TRUE(fails_with(Errc::corrupt, arriving.write(bytes_of(stored))));
  EXPECT_FALSE(dir.exists("arrived.db"));
}

TEST_F(ManifestFiles, ThatAreCutOrDamagedInGzipAreNotTaken)
{
  dir.write_file("packed.db", "SQLite format 3" + random_bytes(100'000, 2));
  const std::string stored = must(read_file(
      must(prepare_manifest(folder, "packed.db", {.keeps_encodings = true})).file, 1'000'000));
  for (const std::size_t size : {std::size_t{2}, stored.size() / 2, stored.size() - 1}) {
    EXPECT_TRUE(fails_with(Errc::corrupt, arrived(stored.substr(0, size)))) << size;
    EXPECT_FALSE(dir.exists("arrived.db"));
  }
  std::string damaged = stored;
  damaged[stored.size() / 2] = static_cast<char>(damaged[stored.size() / 2] ^ 1);
  EXPECT_TRUE(fails_with(Errc::corrupt, arrived(damaged)));
  EXPECT_FALSE(dir.exists("arrived.db"));
}

}  // namespace
}  // namespace ib::test
