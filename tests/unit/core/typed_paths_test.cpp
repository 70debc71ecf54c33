// SPDX-License-Identifier: Apache-2.0
#include "core/selection/typed_paths.hpp"

#include "support/builders.hpp"

#include <algorithm>

namespace ib::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TypedPaths typed(const std::string& text, const std::vector<std::string>& paths)
{
  TypedPaths typed = must(TypedPaths::parse({text}));
  for (const std::string& path : paths) typed.see(path);
  return typed;
}

std::vector<std::string> meant(const std::string& text, const std::vector<std::string>& paths)
{
  const PathPattern pattern = typed(text, paths).patterns().front();
  std::vector<std::string> found;
  std::ranges::copy_if(paths, std::back_inserter(found),
                       [&](const std::string& path) { return pattern.matches_file(path); });
  return found;
}

const std::string kComposed = "/x/gr\u00FCn.jpg";
const std::string kApart = "/x/gru\u0308n.jpg";
const std::string kUpper = "/x/GR\u00DCN.JPG";

TEST(TypedPath, IsTheOneWithExactlyItsBytes)
{
  for (const std::string& path : {kComposed, kApart, kUpper}) {
    EXPECT_THAT(meant(path, {kUpper, kApart, kComposed}), ElementsAre(path));
    EXPECT_THAT(typed(path, {kUpper, kApart, kComposed}).guesses(), IsEmpty());
  }
}

TEST(TypedPath, IsElseTheOneThatLooksTheSame)
{
  EXPECT_THAT(meant(kComposed, {kUpper, kApart}), ElementsAre(kApart));
  EXPECT_THAT(meant("gr\u00FCn.jpg", {kUpper, kApart}), ElementsAre(kApart));
  const TypedPaths guessed = typed(kComposed, {kUpper, kApart});
  ASSERT_EQ(guessed.guesses().size(), 1U);
  EXPECT_TRUE(guessed.guesses().front().looks_the_same);
  EXPECT_TRUE(require_one_spelling(guessed));
  EXPECT_THAT(describe(guessed.guesses().front()), HasSubstr("$'/x/gru\\314\\210n.jpg'"));
}

TEST(TypedPath, IsElseTheOneThatDiffersInCase)
{
  EXPECT_THAT(meant(kApart, {kUpper, "/x/y.jpg"}), ElementsAre(kUpper));
  EXPECT_FALSE(typed(kApart, {kUpper}).guesses().front().looks_the_same);
}

TEST(TypedPath, ThatCouldBeSeveralIsToldWithAllOfThem)
{
  const TypedPaths two = typed("/x/Gr\u00FCn.jpg", {kUpper, kApart});
  const Result<> refused = require_one_spelling(two);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message,
              HasSubstr("2 names read like it: " + kUpper + ", " + kApart));
  EXPECT_THAT(refused.error().hint, HasSubstr("$'/x/gru\\314\\210n.jpg'"));
  std::vector<std::string> many;
  for (int i = 0; i < 20; ++i) many.push_back("/" + std::to_string(i) + ".JPG");
  EXPECT_THAT(require_one_spelling(typed("*.jpg", many)).error().message,
              HasSubstr("at least 10 names"));
}

TEST(TypedPath, OfAFolderIsOneSpellingHoweverManyFilesItHolds)
{
  const std::vector<std::string> paths = {"/x/Gru\u0308n/a.jpg", "/x/Gru\u0308n/b.jpg"};
  EXPECT_THAT(meant("/x/Gr\u00FCn", paths), ElementsAre(paths[0], paths[1]));
  EXPECT_TRUE(require_one_spelling(typed("/x/Gr\u00FCn/", paths)));
}

TEST(TypedPath, MayHoldWhatAPatternReadsAsItsOwn)
{
  EXPECT_THAT(meant("/a[1].jpg", {"/a1.jpg", "/a[1].jpg"}), ElementsAre("/a[1].jpg"));
  EXPECT_THAT(meant("/a[1].jpg", {"/a1.jpg"}), ElementsAre("/a1.jpg"));
  EXPECT_THAT(meant("/a\\[1].jpg", {"/a1.jpg", "/a[1].jpg"}), ElementsAre("/a[1].jpg"));
  EXPECT_THAT(meant("/a[", {"/a["}), ElementsAre("/a["));
}

TEST(TypedPattern, MatchesWhatLooksTheSame)
{
  EXPECT_THAT(meant("gr\u00FCn*", {kComposed, kApart, kUpper}), ElementsAre(kComposed, kApart));
  EXPECT_THAT(typed("gr\u00FCn*", {kComposed, kApart}).guesses(), IsEmpty());
}

TEST(TypedPattern, ThatNothingFitsStaysAPattern)
{
  EXPECT_THAT(meant("*.heic", {kComposed}), IsEmpty());
  const PathPattern pattern = typed("gr\u00FCn*", {}).patterns().front();
  EXPECT_TRUE(pattern.matches_file(kApart));
  EXPECT_FALSE(TypedPaths::parse({"//"}));
}

}  // namespace
}  // namespace ib::test
