// SPDX-License-Identifier: Apache-2.0
#include "manifest/content_index.hpp"

#include "manifest_fixture.hpp"

namespace ib::test {
namespace {

TEST_F(Manifests, KnowWhichPathsHaveLostTheirOwnName)
{
  Manifest manifest = create();
  write(manifest, stored_at(dated("/library/b", "b", 10), "library/upload/b"));
  must(manifest.contents());
  write(manifest, dated("/upload/a", "a", 10));
  write(manifest, gone(dated("/upload/c", "c", 10)));
  EXPECT_TRUE(must(must(manifest.contents())->is_own_name_taken("/upload/a")));
  EXPECT_TRUE(must(must(manifest.contents())->is_own_name_taken("/upload/b")))
      << "stored before it moved";
  EXPECT_TRUE(must(must(manifest.contents())->is_own_name_taken("/upload/c")));
  EXPECT_FALSE(must(must(manifest.contents())->is_own_name_taken("/library/b")));
  write(manifest, stored_at(dated("/library/b", "other", 20), "versions/b/1"));
  EXPECT_TRUE(must(must(manifest.contents())->is_own_name_taken("/upload/b"))) << "for ever";
}

TEST_F(Manifests, FindContentInThePresentAndInThePast)
{
  Manifest manifest = create();
  write(manifest, dated("/a", "old", 10));
  write(manifest, stored_at(dated("/a", "new", 20), "versions/a/new"));
  write(manifest, gone(dated("/b", "gone", 10)));
  write(manifest, gone(dated("/d1", "twice", 10)));
  write(manifest, stored_at(dated("/d2", "twice", 10), "library/d1"));
  must(manifest.contents());
  must(manifest.contents());
  const auto find = [&](std::string_view bytes) {
    return must(must(manifest.contents())->find(content_of(bytes).sha256));
  };
  EXPECT_EQ(find("new")->name.value, "versions/a/new");
  EXPECT_EQ(find("new")->content, content_of("new"));
  EXPECT_FALSE(find("new")->leaving);
  EXPECT_EQ(find("old")->name.value, "library/a");
  EXPECT_TRUE(find("old")->leaving) << "the path has something else now";
  EXPECT_EQ(find("gone")->name.value, "library/b");
  EXPECT_TRUE(find("gone")->leaving);
  EXPECT_EQ(find("twice")->name.value, "library/d1");
  EXPECT_FALSE(find("twice")->leaving) << "one of two paths that rely on it is there";
  EXPECT_FALSE(find("never"));
  write(manifest, dated("/z", "never", 30));
  EXPECT_EQ(find("never")->name.value, "library/z");
}

TEST_F(Manifests, FindAnObjectOfTheLibraryBeforeOneThatIsGone)
{
  Manifest manifest = create();
  write(manifest, gone(dated("/a", "x", 10)));
  write(manifest, dated("/b", "x", 10));
  write(manifest, dated("/c", "other", 10));
  must(manifest.contents());
  EXPECT_EQ(must(must(manifest.contents())->find(content_of("x").sha256))->name.value, "library/b");
  EXPECT_TRUE(must(must(manifest.contents())->is_claimed(file_record("/a", "x"))));
  EXPECT_FALSE(must(must(manifest.contents())->is_claimed(file_record("/c", "x"))))
      << "which holds something else";
}

TEST_F(Manifests, FindAnObjectOfKnownChecksumBeforeOneThatMayHoldSomethingElse)
{
  FileRecord taken_over = file_record("/a", "x");
  taken_over.content.has_sha1 = taken_over.content.has_crc32c = false;
  for (const bool gathered_before : {false, true}) {
    Manifest manifest = create();
    write(manifest, taken_over);
    must(manifest.contents());
    const auto found = [&] {
      return must(must(manifest.contents())->find(content_of("x").sha256))->name.value;
    };
    if (gathered_before) {
      EXPECT_EQ(found(), "library/a");
    }
    write(manifest, stored_at(dated("/a", "x", 20), "versions/a/x"));
    EXPECT_EQ(found(), "versions/a/x") << "a copy of it need not be sent again";
  }
}

}  // namespace
}  // namespace ib::test
