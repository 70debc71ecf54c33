// SPDX-License-Identifier: Apache-2.0
#include "manifest/photo_list.hpp"

#include "support/matchers.hpp"
#include "support/temp_dir.hpp"

namespace ib::test {
namespace {

Uuid id(unsigned char n)
{
  Uuid id;
  id.bytes.back() = std::byte{n};
  return id;
}

Timestamp second(int n)
{
  return Timestamp(std::chrono::seconds(n));
}

class PhotoLists : public testing::Test {
protected:
  PhotoListWriter writer() { return must(PhotoListWriter::create(file())); }
  std::string file() const { return dir_.file("photos.db"); }
  static void finish(PhotoListWriter& list)
  {
    must(list.place(wanted(), {}));
    must(list.finish({.store = "file:///s",
                      .restore_point = second(9),
                      .not_shown = 2,
                      .notes = {"a note"},
                      .obstacle = "it is lost"}));
  }
  static ChosenFiles wanted() { return must(ChosenFiles::create("")); }

  static std::vector<Uuid> ids(const PhotoList& list, const PhotoList::Scope& scope)
  {
    std::vector<Uuid> found;
    must(list.each(scope, [&](const Photo& photo) -> Result<> {
      found.push_back(photo.id);
      return {};
    }));
    return found;
  }

  TempDir dir_;
};

TEST_F(PhotoLists, GiveBackWhatWasAdded)
{
  {
    PhotoListWriter list = writer();
    must(list.add(PhotoUser{.id = id(1), .email = "anna@example.org", .name = "Anna"}));
    must(list.add(AlbumSummary{.id = to_text(id(7)), .name = "Summer"}, id(7)));
    must(list.add(
        Photo{.id = id(2), .owner = id(1), .file_name = "b.jpg", .taken = second(20), .path = "/b"},
        id(5)));
    must(list.add(Photo{.id = id(3),
                        .owner = id(1),
                        .file_name = "a.jpg",
                        .taken = second(10),
                        .trashed = true,
                        .path = "/a"},
                  std::nullopt));
    must(list.add(Photo{.id = id(4), .owner = id(1), .file_name = "c.jpg", .path = "/c"},
                  std::nullopt));
    EXPECT_TRUE(must(list.add_file(id(2), PhotoPart::original, "/b", false)));
    EXPECT_TRUE(must(list.add_to_live(id(5), PhotoPart::video, "/mnt/b.mov", true)));
    EXPECT_FALSE(must(list.add_to_live(id(6), PhotoPart::video, "/other.mov", false)));
    EXPECT_FALSE(must(list.add_file(id(9), PhotoPart::sidecar, "/x.xmp", false)));
    must(list.add_to_album(id(7), id(2)));
    must(list.add_to_album(id(7), id(2)));
    must(list.add_to_album(id(7), id(9)));
    finish(list);
  }
  const PhotoList list = must(PhotoList::open(file()));
  EXPECT_EQ(list.origin().store, "file:///s");
  EXPECT_EQ(list.origin().restore_point, second(9));
  EXPECT_EQ(list.origin().not_shown, 2);
  EXPECT_THAT(list.origin().notes, ElementsAre("a note"));
  EXPECT_EQ(list.origin().obstacle, "it is lost");
  EXPECT_EQ(must(list.users()).front().email, "anna@example.org");
  EXPECT_EQ(must(list.albums()).front().assets, 1);
  EXPECT_THAT(ids(list, {}), ElementsAre(id(4), id(3), id(2)));
  EXPECT_THAT(ids(list, {.order = PhotoList::Order::any}),
              UnorderedElementsAre(id(2), id(3), id(4)));
  EXPECT_THAT(ids(list, {.id = id(3)}), ElementsAre(id(3)));
  EXPECT_THAT(ids(list, {.album = id(7)}), ElementsAre(id(2)));
  EXPECT_THAT(ids(list, {.taken = TakenRange{.from = second(10), .until = second(20)}}),
              ElementsAre(id(3)));
  EXPECT_THAT(must(list.albums_of(id(2))), ElementsAre(id(7)));
  const std::vector<PhotoFile> files = must(list.files_of(id(2)));
  ASSERT_THAT(files, SizeIs(2));
  EXPECT_EQ(files.front().state, PhotoState::missing);
  EXPECT_EQ(files.back().part, PhotoPart::video);
  EXPECT_EQ(files.back().state, PhotoState::outside);
}

TEST_F(PhotoLists, AreRefusedUnlessTheyAreWhole)
{
  {
    PhotoListWriter list = writer();
    must(list.add(PhotoUser{.id = id(1), .email = "anna@example.org"}));
  }
  EXPECT_TRUE(fails_with(Errc::invalid, PhotoList::open(file())));
  dir_.write_file("text", "no database at all, but a text that is long enough to be looked at");
  EXPECT_FALSE(PhotoList::open(dir_.file("text")));
  EXPECT_FALSE(PhotoList::open(dir_.file("nothing")));
}

}  // namespace
}  // namespace ib::test
