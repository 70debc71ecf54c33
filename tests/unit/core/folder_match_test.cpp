// SPDX-License-Identifier: Apache-2.0
#include "core/planning/folder_match.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ib::test {
namespace {

using testing::ElementsAre;

FolderCandidate candidate(std::size_t root, std::string below, std::uint64_t found = 0)
{
  return {.root = root, .below = std::move(below), .found = found};
}

TEST(FolderMatch, LooksInEachRootAndInItsFoldersOfTheSameNames)
{
  EXPECT_THAT(
      candidates_for("/libraries/family/2019", 2),
      ElementsAre(candidate(0, ""), candidate(0, "2019"), candidate(0, "family/2019"),
                  candidate(0, "libraries/family/2019"), candidate(1, ""), candidate(1, "2019"),
                  candidate(1, "family/2019"), candidate(1, "libraries/family/2019")));
  EXPECT_THAT(candidates_for("/photos", 1), ElementsAre(candidate(0, ""), candidate(0, "photos")));
  EXPECT_THAT(candidates_for("/photos", 0), ElementsAre());
}

TEST(FolderMatch, TakesTheOneThatHoldsTheFiles)
{
  struct Row {
    std::vector<std::uint64_t> found;  // of 100, for each candidate
    std::optional<std::size_t> match;
    bool unclear = false;
  };
  for (const Row& row : std::initializer_list<Row>{
           {{100, 0, 0}, 0},
           {{0, 0, 50}, 2},
           {{0, 0, 49}, std::nullopt},
           {{0, 0, 0}, std::nullopt},
           {{10, 100, 0}, 1},
           // Two that are alike: nobody knows.
           {{11, 100, 0}, std::nullopt, true},
           {{100, 100, 0}, std::nullopt, true},
           {{40, 0, 40}, std::nullopt},
       }) {
    std::vector<FolderCandidate> candidates;
    for (std::size_t i = 0; i < row.found.size(); ++i)
      candidates.push_back(candidate(i, "x", row.found[i]));
    const FolderMatch match = choose_folder(candidates, 100);
    EXPECT_EQ(match.folder ? std::optional(match.folder->root) : std::nullopt, row.match)
        << testing::PrintToString(row.found);
    EXPECT_EQ(match.unclear, row.unclear) << testing::PrintToString(row.found);
  }
}

}  // namespace
}  // namespace ib::test
