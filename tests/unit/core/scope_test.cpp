// SPDX-License-Identifier: Apache-2.0
#include "core/selection/scope.hpp"

#include "support/builders.hpp"

namespace ib::test {
namespace {

PathPattern pattern(std::string_view text)
{
  return must(PathPattern::parse(text));
}

Scope scope(const std::vector<std::string>& include, const std::vector<std::string>& exclude)
{
  return {must(parse_patterns(include)), must(parse_patterns(exclude))};
}

TEST(PathPatterns, MatchFilesAsThoseOfGitDo)
{
  struct {
    const char* pattern;
    const char* path;
    bool matches;
  } const table[] = {
      // A name alone matches at any depth, and all below a folder of the name.
      {"a", "/a", true},
      {"a", "/x/a", true},
      {"a", "/x/a/y", true},
      {"a", "/ab", false},
      {"a", "/x/ba", false},
      {"*.tmp", "/x/y.tmp", true},
      {"*.tmp", "/x.tmp/y", true},
      {"*.tmp", "/x/y.tmpx", false},
      // A slash at the start or in the middle ties to the root.
      {"/a", "/a", true},
      {"/a", "/x/a", false},
      {"x/a", "/x/a", true},
      {"x/a", "/y/x/a", false},
      {"/x/a", "/x/a/b/c", true},
      {"x/a", "x/a", true},
      // A slash at the end matches folders only.
      {"a/", "/a", false},
      {"a/", "/a/b", true},
      {"a/", "/x/a/b", true},
      {"x/a/", "/x/a", false},
      {"x/a/", "/x/a/b", true},
      // Stars and question marks stop at slashes.
      {"x/*", "/x/a", true},
      {"x/*", "/x/a/b", true},
      {"/*.jpg", "/a.jpg", true},
      {"/*.jpg", "/x/a.jpg", false},
      {"x/*/b", "/x/a/b", true},
      {"x/*/b", "/x/a/c/b", false},
      {"x/*/b", "/x/b", false},
      {"?", "/xx/yz", false},
      {"/?", "/x/yz", true},
      {"a?c", "/abc", true},
      {"a?c", "/ac", false},
      {"*", "/x", true},
      {"a*b*c", "/aXbYbZc", true},
      {"a*b*c", "/aXbYbZ", false},
      {"a**c", "/abbc", true},
      // Two stars as a component are any depth.
      {"**/a", "/a", true},
      {"**/a", "/x/y/a", true},
      {"x/**", "/x/a/b", true},
      {"x/**/b", "/x/b", true},
      {"x/**/b", "/x/1/2/b", true},
      {"x/**/b", "/y/x/b", false},
      {"**/x/**/b", "/1/x/2/3/b", true},
      {"x/**/**/b", "/x/b", true},
      {"library/*/2021/**", "/library/admin/2021/a.jpg", true},
      {"library/*/2021/**", "/library/admin/2022/a.jpg", false},
      // Sets.
      {"[abc]", "/b", true},
      {"[abc]", "/d", false},
      {"[a-c]x", "/bx", true},
      {"[!a-c]x", "/bx", false},
      {"[!a-c]x", "/dx", true},
      {"[^a-c]x", "/dx", true},
      {"[]]", "/]", true},
      {"[!]]", "/]", false},
      {"[!]]", "/a", true},
      {"[a-]", "/-", true},
      {"[\\]]", "/]", true},
      {"[a\\-c]", "/b", false},
      {"[a\\-c]", "/-", true},
      {"/x[!y]z", "/x/z", false},
      {"[\xC0-\xFF]", "/\xC3", true},
      {"[\xC0-\xFF]", "/\u00C3", false},
      // A character may have several bytes, and be written with different ones.
      {"gr?n", "/gr\u00FCn", true},
      {"gr?n", "/gru\u0308n", true},
      {"gr??n", "/gr\u00FCn", false},
      {"gr[\u00E0-\u00FF]n", "/gru\u0308n", true},
      {"gr[!\u00E0-\u00FF]n", "/gru\u0308n", false},
      {"*?n", "/\u00FCn", true},
      {"gr\u00FCn*", "/gru\u0308n 1", true},
      {"/x/gru\u0308n/", "/x/gr\u00FCn/y", true},
      {"gr\u00FCn", "/Gr\u00FCn", false},
      {"gr?n", "/gr\xFCn", true},
      {"gr\xFCn", "/gr\u00FCn", false},
      // Escapes.
      {"\\*", "/*", true},
      {"\\*", "/a", false},
      {"\\[a]", "/[a]", true},
      {"a\\?", "/a?", true},
      {"a\\?", "/ab", false},
      {"\\a", "/a", true},
      {"\\\\", "/\\", true},
  };
  for (const auto& row : table) {
    EXPECT_EQ(pattern(row.pattern).matches_file(row.path), row.matches)
        << row.pattern << " against " << row.path;
  }
}

TEST(PathPatterns, AreAsStrictAsTheyAreToldToBe)
{
  using Same = PathPattern::Same;
  const auto matches = [](Same same, std::string_view path) {
    return must(PathPattern::parse("/x/gr\u00FCn", same)).matches_file(path);
  };
  EXPECT_TRUE(matches(Same::bytes, "/x/gr\u00FCn"));
  EXPECT_FALSE(matches(Same::bytes, "/x/gru\u0308n"));
  EXPECT_TRUE(matches(Same::look, "/x/gru\u0308n"));
  EXPECT_FALSE(matches(Same::look, "/x/GR\u00DCN"));
  EXPECT_TRUE(matches(Same::reading, "/X/GRU\u0308N"));
}

TEST(PathPatterns, TellWhatOfAPathTheyMatch)
{
  EXPECT_EQ(pattern("gr\u00FCn").matched_part("/x/gru\u0308n/a.jpg"), "gru\u0308n");
  EXPECT_EQ(pattern("/x/gr\u00FCn/").matched_part("/x/gru\u0308n/a.jpg"), "/x/gru\u0308n");
  EXPECT_EQ(pattern("x/*").matched_part("/x/a.jpg"), "/x/a.jpg");
  EXPECT_EQ(pattern("x/*").matched_part("/y/a.jpg"), "");
}

TEST(Scopes, TakeLettersThatLookTheSameAsTheSame)
{
  const Scope all = scope({"/library/"}, {"/library/Gr\u00FCn/"});
  EXPECT_FALSE(all.covers("/library/Gru\u0308n/a.jpg"));
  EXPECT_FALSE(all.may_cover_below("/library/Gru\u0308n"));
  EXPECT_EQ(all.files_in("/library/Gru\u0308n"), Scope::Files::none);
  EXPECT_TRUE(all.covers("/library/gr\u00FCn/a.jpg"))
      << "case counts: no photo is left out by guess";
  EXPECT_EQ(all.files_in("/library/Gru\u0308n 2"), Scope::Files::all);
}

TEST(PathPatterns, OfFoldersOnlyMatchFolders)
{
  EXPECT_TRUE(pattern("a/").matches_folder("/a"));
  EXPECT_TRUE(pattern("a/").matches_folder("/a/"));
  EXPECT_TRUE(pattern("a/").matches_folder("/x/a/b/"));
  EXPECT_TRUE(pattern("x/**").matches_folder("/x/"));
  EXPECT_FALSE(pattern("/a/").matches_folder("/x/a/"));
}

TEST(PathPatterns, ThatSayNothingAreRefused)
{
  for (const char* bad :
       {"", "/", "//", "[", "[a", "[]", "[!]", "[!", "x/[a-", "a[b/c]", "[\\]", "/x/[^]"}) {
    EXPECT_TRUE(fails_with(Errc::invalid, PathPattern::parse(bad))) << bad;
  }
  for (const char* good : {"\\[", "a]", "[]a]", "[[]", "[!]]", "[\\]]", "a/[b]/c"})
    EXPECT_TRUE(ok(PathPattern::parse(good))) << good;
}

TEST(PathPatterns, WithManyStarsTakeNoTime)
{
  std::string stars;
  for (int i = 0; i < 30; ++i) stars += "a*";
  EXPECT_FALSE(pattern(stars + "b").matches_file("/" + std::string(255, 'a')));
  std::string folders, path;
  for (int i = 0; i < 10; ++i) folders += "**/a/";
  for (int i = 0; i < 200; ++i) path += "/a";
  EXPECT_FALSE(pattern(folders + "b").matches_file(path));
  EXPECT_TRUE(pattern(folders + "b").matches_file(path + "/b"));
}

TEST(Scopes, CoverWhatIsIncludedAndNotExcluded)
{
  const Scope s = scope({"upload/", "library/"}, {"*.tmp", "/upload/private/"});
  EXPECT_TRUE(s.covers("/upload/a.jpg"));
  EXPECT_TRUE(s.covers("/library/x/a.jpg"));
  EXPECT_FALSE(s.covers("/thumbs/a.jpg"));
  EXPECT_FALSE(s.covers("/upload/a.tmp"));
  EXPECT_FALSE(s.covers("/upload/private/a.jpg"));
  EXPECT_FALSE(s.covers("/upload"));
  EXPECT_TRUE(s.may_cover_below("/upload/"));
  EXPECT_FALSE(s.may_cover_below("/upload/private/"));
  EXPECT_FALSE(s.may_cover_below("/upload/x.tmp/"));
  EXPECT_FALSE(scope({"/upload/"}, {}).may_cover_below("/thumbs/"));
  EXPECT_TRUE(scope({"/library/*/2021/**"}, {}).may_cover_below("/library/admin/"));
  EXPECT_FALSE(Scope().covers("/a"));
}

TEST(Scopes, SayOfAFoldersFilesWhatTheySayOfEach)
{
  const std::vector<std::string> folders = {"/",     "/a/",     "/b/",    "/a/b/",
                                            "/b/a/", "/a/b/a/", "/a/a/a/"};
  const std::vector<std::string> patterns = {"a",      "a/",      "/a",    "/a/b", "a/**", "**/b",
                                             "a/**/b", "/a/b/",   "*.b",   "*",    "**",   "b/",
                                             "/a/*",   "/*/b/**", "[ab]/", "/a/*/"};
  std::size_t all = 0;
  std::size_t none = 0;
  for (const std::string& include : patterns) {
    for (const std::string& exclude : patterns) {
      const Scope s = scope({include}, {exclude});
      for (const std::string& folder : folders) {
        const Scope::Files files = s.files_in(folder);
        (files == Scope::Files::all ? all : none) += files == Scope::Files::by_name ? 0 : 1;
        for (const std::string name : {"a", "b", "ab", "a.b"}) {
          if (files == Scope::Files::by_name) continue;
          ASSERT_EQ(s.covers(folder + name), files == Scope::Files::all)
              << folder << name << ", +" << include << " -" << exclude;
        }
      }
    }
  }
  EXPECT_GT(all, 50U);
  EXPECT_GT(none, 50U);
  // What a nightly run over Immich's folders relies on for its speed.
  const Scope usual =
      scope({"/upload/", "/encoded-video/**/*-MP.mp4"}, {"/backups/*.tmp", "/yucca/"});
  EXPECT_EQ(usual.files_in("/upload/u/ab/cd/"), Scope::Files::all);
  EXPECT_EQ(usual.files_in("/encoded-video/u/"), Scope::Files::by_name);
  EXPECT_EQ(usual.files_in("/thumbs/"), Scope::Files::none);
}

TEST(Scopes, UnderstandPathsOfAnyDepth)
{
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "/d" + std::to_string(i);
  EXPECT_TRUE(pattern("/d0/**/d39").matches_file(deep));
  EXPECT_TRUE(pattern("d16/d17/").matches_file(deep) == pattern("/d16/d17/").matches_file(deep));
  EXPECT_TRUE(pattern("**/d15/d16/d17/**").matches_file(deep));
  EXPECT_FALSE(pattern("**/d15/d17/**").matches_file(deep));
}

TEST(Scopes, NeverPruneAFolderThatHoldsACoveredFile)
{
  // Every path of one to four of these names, under every pair of these patterns.
  const std::vector<std::string> names = {"a", "b", "a.b", "ab"};
  std::vector<std::string> paths = {""};
  for (std::size_t begin = 0, depth = 0; depth < 4; ++depth) {
    const std::size_t end = paths.size();
    for (std::size_t i = begin; i < end; ++i) {
      for (const std::string& name : names) paths.push_back(paths[i] + "/" + name);
    }
    begin = end;
  }
  const std::vector<std::string> patterns = {
      "a",      "a/",  "/a",      "/a/b",   "a/**", "**/b",       "a/**/b", "*",    "a*/b",
      "/a/b/*", "*.b", "/*/*/ab", "[ab]/?", "**",   "/a/**/b/**", "\\a/b",  "a.b/", "**/a/**/b/"};
  std::size_t covered = 0;
  for (const std::string& include : patterns) {
    for (const std::string& exclude : patterns) {
      const Scope s = scope({include}, {exclude});
      for (const std::string& path : paths) {
        if (path.empty() || !s.covers(path)) continue;
        ++covered;
        for (std::size_t slash = path.rfind('/'); slash != 0; slash = path.rfind('/', slash - 1)) {
          ASSERT_TRUE(s.may_cover_below(path.substr(0, slash + 1)))
              << path.substr(0, slash + 1) << " holds " << path << ", +" << include << " -"
              << exclude;
        }
      }
    }
  }
  EXPECT_GT(covered, 1000U);
}

TEST(PatternsOfPaths, MatchThatPathAndNoOther)
{
  for (const std::string path :
       {"/a/b.jpg", "/a/[b]*?.jpg", "/a\\*b/c", "/**/x", "/a/ b", "/a/\xff\n"}) {
    const PathPattern pattern = must(PathPattern::parse(pattern_of_path(path)));
    EXPECT_TRUE(pattern.matches_file(path)) << path;
    for (const std::string other :
         {"/a/b.jpgx", "/x/a/b.jpg", "/a/bxx.jpg", "/ab/c", "/y/x", "/a/b"})
      EXPECT_FALSE(pattern.matches_file(other)) << path << " " << other;
  }
}

}  // namespace
}  // namespace ib::test
