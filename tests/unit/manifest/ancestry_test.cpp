// SPDX-License-Identifier: Apache-2.0
#include "manifest/ancestry.hpp"

#include "manifest/sqlite.hpp"
#include "manifest_fixture.hpp"

namespace ib::test {
namespace {

class Ancestry : public Manifests {
protected:
  /// What a manifest with these records, which knows those of `parent`, says against `parent`.
  Contradictions against(const std::string& parent, const std::vector<Dated>& later,
                         const std::string& tamper = "", bool is_kept = true)
  {
    const std::string copy = "child" + std::to_string(copies_++);
    dir.write_file(copy, dir.read_file(parent.substr(dir.path().size() + 1)));
    if (!tamper.empty()) {
      const Database db = must(open_database(file(copy), SQLITE_OPEN_READWRITE, "child"));
      must(execute(db.get(), tamper.c_str(), "child"));
    }
    Manifest child = must(Manifest::open(file(copy), "child"));
    for (const Dated& each : later) write(child, each);
    return must(compare_with_earlier(child, parent, is_kept));
  }

  std::string manifest_of(const std::vector<Dated>& records)
  {
    Manifest manifest = create();
    for (const Dated& each : records) write(manifest, each);
    return packed(manifest);
  }

  static void expect_none(const Contradictions& found)
  {
    EXPECT_THAT(found.lost.examples, IsEmpty());
    EXPECT_THAT(found.rewritten.examples, IsEmpty());
    EXPECT_THAT(found.repointed.examples, IsEmpty());
  }

  std::string parent_ = manifest_of(
      {dated("/a", "one", 1, 100), dated("/b", "two", 1, 100), dated("/b", "two, edited", 2, 200)});

private:
  int copies_ = 0;
};

TEST_F(Ancestry, SaysNothingOfWhatRunsRecord)
{
  expect_none(against(parent_, {}));
  expect_none(against(parent_, {dated("/c", "three", 3, 300), dated("/a", "new", 3, 300),
                                gone(dated("/b", "two, edited", 3, 200)),
                                stored_at(dated("/d", "one", 3, 300), "library/a")}));
}

TEST_F(Ancestry, KnowsAFileWithItsWholeContentNow)
{
  Dated taken_over = dated("/old", "old", 1, 0);
  taken_over.record.content.has_sha1 = false;
  taken_over.record.content.has_crc32c = false;
  const std::string parent = manifest_of({taken_over});
  expect_none(against(parent, {dated("/old", "old", 2, 100)}));
}

TEST_F(Ancestry, FindsStatesThatAreGone)
{
  EXPECT_THAT(against(parent_, {}, "DELETE FROM paths WHERE file_path = '/a'").lost.examples,
              ElementsAre("/a"));
  EXPECT_THAT(against(parent_, {}, "DELETE FROM past").lost.examples, ElementsAre("/b"));
  for (const char* lie : {"size = size + 1", "checksum = zeroblob(32)", "sha1 = zeroblob(20)",
                          "crc32c = crc32c + 1", "object = 'library/else'"}) {
    EXPECT_THAT(against(parent_, {},
                        std::string("UPDATE contents SET ") + lie +
                            " WHERE number = (SELECT content FROM paths WHERE file_path = '/a')")
                    .lost.examples,
                ElementsAre("/a"))
        << lie;
  }
}

TEST_F(Ancestry, MissesNoPathOfAPointThatWasPrunedAsLongAsItsContentIsKnown)
{
  const std::string moved = manifest_of({dated("/a", "one", 1, 100)});
  const std::vector<Dated> later{stored_at(dated("/z", "one", 2, 100), "library/a")};
  const std::string fold =
      "UPDATE paths SET file_path = '/z'; UPDATE contents SET object = 'library/a'";
  EXPECT_THAT(against(moved, later, fold, true).lost.examples, ElementsAre("/a"));
  EXPECT_EQ(against(moved, later, fold, false).lost.paths, 0U);
  EXPECT_THAT(against(moved, {}, "DELETE FROM paths; DELETE FROM contents", false).lost.examples,
              ElementsAre("/a"));
}

TEST_F(Ancestry, FindsOtherContentUnderAnUnchangedTime)
{
  const Contradictions found = against(parent_, {dated("/a", "eno", 3, 100)});
  EXPECT_EQ(found.lost.paths, 0U);
  EXPECT_THAT(found.rewritten.examples, ElementsAre("/a"));

  // One whose time was too young to be trusted is read again.
  Dated young = dated("/y", "one", 1, 100);
  young.record.recheck = true;
  expect_none(against(manifest_of({young}), {dated("/y", "eno", 2, 100)}));
}

TEST_F(Ancestry, FindsContentThatIsSaidToLieElsewhere)
{
  const Contradictions found =
      against(parent_, {stored_at(dated("/a", "one", 3, 100), "library/b")});
  EXPECT_EQ(found.lost.paths, 0U);
  EXPECT_THAT(found.repointed.examples, ElementsAre("/a"));

  // Two paths were stored with the same content: either object will do.
  const std::string twice = manifest_of({dated("/a", "one"), dated("/z", "one")});
  expect_none(against(twice, {stored_at(dated("/a", "one", 3, 1), "library/z")}));
}

TEST_F(Ancestry, CountsThemAndNamesTheFirstThree)
{
  std::vector<Dated> many;
  for (int i = 0; i < 5; ++i) many.push_back(dated("/f" + std::to_string(i), "x"));
  const Contradiction lost = against(manifest_of(many), {}, "DELETE FROM paths").lost;
  EXPECT_EQ(lost.paths, 5U);
  EXPECT_EQ(lost.examples.size(), 3U);
}

TEST_F(Ancestry, FindsTwoContentsOfOneObject)
{
  const auto disputed = [&](const std::vector<Dated>& records) {
    Manifest manifest = create();
    for (const Dated& each : records) write(manifest, each);
    return must(disputed_objects(manifest)).examples;
  };
  EXPECT_THAT(disputed({dated("/a", "one"), stored_at(dated("/b", "one"), "library/a"),
                        dated("/a", "changed", 2)}),
              ElementsAre("/b"));  // it is said to lie where another lies now
  EXPECT_THAT(disputed({dated("/a", "one"), stored_at(dated("/b", "one"), "library/a"),
                        stored_at(dated("/a", "changed", 2), "versions/a/1")}),
              IsEmpty());
  EXPECT_THAT(disputed({dated("/a", "one"), stored_at(dated("/b", "two"), "library/a")}),
              ElementsAre("/b"));
  EXPECT_THAT(disputed({stored_at(dated("/b", "one"), "versions/x/1"),
                        stored_at(dated("/c", "two"), "versions/x/1")}),
              ElementsAre("/c"));
}

}  // namespace
}  // namespace ib::test
