// SPDX-License-Identifier: Apache-2.0
#include "manifest/chosen_files.hpp"

#include "core/records/file_record.hpp"
#include "manifest_fixture.hpp"
#include "support/builders.hpp"
#include "support/temp_dir.hpp"

namespace ib::test {
namespace {

class ChosenFilesTest : public ::testing::Test {
protected:
  void record(const FileRecord& record) { write(manifest_, record); }
  static WantedFile wanted(std::string path, std::optional<std::string> bytes = std::nullopt)
  {
    return {.path = std::move(path),
            .sha1 = bytes ? std::optional(content_of(*bytes).sha1) : std::nullopt,
            .asset = "an asset"};
  }

  enum class Elsewhere : std::uint8_t { ignore, look };
  /// "path = object", and "missing path" or "differs path", in the order of what happens.
  std::vector<std::string> resolve(const std::vector<WantedFile>& files,
                                   Elsewhere elsewhere = Elsewhere::ignore)
  {
    ChosenFiles chosen = must(ChosenFiles::create(folder_.file(std::to_string(++number_))));
    for (const WantedFile& file : files) must(chosen.add(file));
    std::vector<std::string> lines;
    must(chosen.resolve(
        must(RestoreSet::of(manifest_)), elsewhere == Elsewhere::look ? &manifest_ : nullptr,
        [&](Finding finding, const WantedFile& file) -> Result<> {
          lines.push_back((finding == Finding::missing ? "missing " : "differs ") + file.path);
          return {};
        }));
    for (const FileRecord& found : drain(must(chosen.records()))) {
      EXPECT_TRUE(must(chosen.has(found.path)));
      lines.push_back(found.path + " = " + found.object_name().value);
    }
    EXPECT_FALSE(must(chosen.has("/nowhere")));
    return lines;
  }

  TempDir folder_;
  Manifest manifest_ = must(Manifest::create(folder_.file("manifest.db")));
  int number_ = 0;
};

TEST_F(ChosenFilesTest, FindsFilesByTheirPathsInPathOrderEachOnce)
{
  record(file_record("/b.jpg", "b"));
  record(file_record("/a.jpg", "a"));
  EXPECT_THAT(resolve({wanted("/b.jpg", "b"), wanted("/a.jpg", "a"), wanted("/b.jpg")}),
              ElementsAre("/a.jpg = library/a.jpg", "/b.jpg = library/b.jpg"));
}

TEST_F(ChosenFilesTest, FindsWhatTheAuditHasPlaced)
{
  record(file_record("/old.jpg", "photo"));
  record(file_record("/new.jpg", "another"));
  EXPECT_THAT(resolve({wanted("/new.jpg", "photo")}),
              ElementsAre("differs /new.jpg", "/new.jpg = library/new.jpg"));
  Placer placer = must(Placer::begin(manifest_));
  must(placer.place("/new.jpg", must(manifest_.find("/old.jpg")).value()));
  must(placer.finish("database/1.sql.gz"));
  EXPECT_THAT(resolve({wanted("/new.jpg", "photo")}), ElementsAre("/new.jpg = library/old.jpg"));
}

TEST_F(ChosenFilesTest, LooksForContentElsewhereOnlyWhereNoAuditHasPlacedIt)
{
  record(file_record("/old.jpg", "photo"));
  EXPECT_THAT(resolve({wanted("/new.jpg", "photo")}), ElementsAre("missing /new.jpg"));
  EXPECT_THAT(resolve({wanted("/new.jpg", "photo")}, Elsewhere::look),
              ElementsAre("/new.jpg = library/old.jpg"));
  // Another content has its path now.
  record(file_record("/new.jpg", "another"));
  EXPECT_THAT(resolve({wanted("/new.jpg", "photo")}, Elsewhere::look),
              ElementsAre("/new.jpg = library/old.jpg"));
}

TEST_F(ChosenFilesTest, TellsOfWhatIsMissingAndOfWhatDiffers)
{
  record(file_record("/damaged.jpg", "damaged"));
  FileRecord gone = file_record("/gone.xmp", "gone");
  gone.archived = true;
  record(gone);
  EXPECT_THAT(resolve({wanted("/damaged.jpg", "as it was"), wanted("/gone.xmp"),
                       wanted("/never.jpg", "never")}),
              ElementsAre("differs /damaged.jpg", "missing /gone.xmp", "missing /never.jpg",
                          "/damaged.jpg = library/damaged.jpg"));
}

TEST_F(ChosenFilesTest, TakesWhatWasTakenOverWithoutItsSha1ByItsPath)
{
  FileRecord record = file_record("/a.jpg", "a");
  record.content.has_sha1 = false;
  this->record(record);
  EXPECT_THAT(resolve({wanted("/a.jpg", "a")}), ElementsAre("/a.jpg = library/a.jpg"));
}

}  // namespace
}  // namespace ib::test
