// SPDX-License-Identifier: Apache-2.0
#include "core/selection/rotation.hpp"

#include <gtest/gtest.h>
#include <chrono>
#include <string>
#include <vector>

namespace ib::test {
namespace {

using std::chrono::days;

constexpr Timestamp kMonday{std::chrono::sys_days{std::chrono::year{2026} / 1 / 5}};

std::vector<std::string> paths(int count)
{
  std::vector<std::string> paths;
  for (int i = 0; i < count; ++i) paths.push_back("/upload/u/" + std::to_string(i) + ".jpg");
  return paths;
}

TEST(Rotations, ChooseEachFileOnceInARound)
{
  for (const std::string& path : paths(500)) {
    int chosen = 0;
    for (int week = 0; week < 7; ++week)
      chosen += Rotation::at(kMonday + days(7 * week), 7).chooses(path) ? 1 : 0;
    EXPECT_EQ(chosen, 1) << path;
  }
}

TEST(Rotations, ChooseTheSameUntilTheWeekEnds)
{
  for (const std::string& path : paths(200)) {
    const bool chosen = Rotation::at(kMonday, 5).chooses(path);
    EXPECT_EQ(Rotation::at(kMonday + days(6) + std::chrono::hours(23), 5).chooses(path), chosen);
  }
  EXPECT_NE(Rotation::at(kMonday, 5).part, Rotation::at(kMonday - std::chrono::seconds(1), 5).part);
}

TEST(Rotations, TakeAboutAsManyEachTime)
{
  std::vector<int> taken(10);
  for (const std::string& path : paths(20'000)) {
    for (std::size_t part = 0; part < taken.size(); ++part)
      taken[part] += Rotation{.parts = taken.size(), .part = part}.is_due(path) ? 1 : 0;
  }
  for (const int count : taken) EXPECT_NEAR(count, 2000, 200);
}

TEST(Rotations, ChooseOthersEachRoundWhereNotAllCanBeAfforded)
{
  int first = 0, both = 0;
  for (const std::string& path : paths(20'000)) {
    const bool one = Rotation{.round = 1, .affordable = 0.25}.chooses(path);
    first += one ? 1 : 0;
    both += one && Rotation{.round = 2, .affordable = 0.25}.chooses(path) ? 1 : 0;
    EXPECT_FALSE((Rotation{.affordable = 0}.chooses(path)));
  }
  EXPECT_NEAR(first, 5000, 400);
  EXPECT_NEAR(both, 1250, 250);
}

TEST(Rotations, OfOnePartAreOfEverything)
{
  EXPECT_TRUE(Rotation::at(kMonday, 1).chooses("/a"));
  EXPECT_TRUE(Rotation::at(kMonday, 0).chooses("/a"));
  EXPECT_TRUE(Rotation::at(Timestamp{}, 1).chooses(""));
}

}  // namespace
}  // namespace ib::test
