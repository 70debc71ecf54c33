// SPDX-License-Identifier: Apache-2.0
#include "repository/proofs.hpp"
#include "repository/documents.hpp"

#include <gtest/gtest.h>

namespace ib::test {
namespace {

Proof listing()
{
  return {.command = "verify", .ok = true, .objects = 9, .present = 9};
}
Proof everything()
{
  return {.command = "verify", .ok = true, .objects = 9, .present = 9, .read_back = 9};
}
Proof drill(bool restored)
{
  return {.command = "verify-restore",
          .ok = true,
          .objects = 3,
          .read_back = 3,
          .drill = Proof::Drill{.restored = restored}};
}
Proof found(Proof proof, std::uint64_t damaged, std::uint64_t by_reading)
{
  proof.ok = false;
  proof.damaged = damaged;
  proof.damaged_read_back = by_reading;
  return proof;
}

TEST(Proofs, SettleWhatWasFoundOnlyByLookingAsClosely)
{
  struct Case {
    const char* name;
    Proof later, earlier;
    bool settled;
  };
  const std::vector<Case> cases{
      {"a listing what a listing found", listing(), found(listing(), 1, 0), true},
      {"a listing what reading found", listing(), found(everything(), 1, 1), false},
      {"a listing what a drill's reading found", listing(), found(drill(true), 1, 1), false},
      {"a listing what a drill found of the dump", listing(), found(drill(false), 1, 0), false},
      {"a drill of another part what a drill's reading found", drill(true),
       found(drill(true), 1, 1), false},
      {"a drill that restored what a drill found of the dump", drill(true),
       found(drill(false), 1, 0), true},
      {"a drill that did not restore what a drill found of the dump", drill(false),
       found(drill(false), 1, 0), false},
      {"a drill what a listing found", drill(true), found(listing(), 1, 0), false},
      {"reading everything what reading found", everything(), found(drill(true), 1, 1), true},
      {"reading everything what a drill found of the dump", everything(), found(drill(false), 1, 0),
       true},
      {"what found damage itself", found(everything(), 1, 1), found(listing(), 1, 0), false},
  };
  for (const Case& c : cases) EXPECT_EQ(settles(c.later, c.earlier), c.settled) << c.name;
}

TEST(Proofs, ReachBackAsFarAsThePartThatWasReadLongestAgo)
{
  const auto at = [](int day) {
    return Timestamp{std::chrono::sys_days{std::chrono::year{2026} / 1 / day}};
  };
  using Parts = std::vector<ProvenPart>;
  EXPECT_EQ(proven_since({}), std::nullopt);
  EXPECT_EQ(proven_since(Parts{{at(1), {.parts = 2, .part = 0}}}), std::nullopt)
      << "half of it never was";
  EXPECT_EQ(proven_since(Parts{{at(1), {.parts = 2, .part = 0}}, {at(8), {.parts = 2, .part = 1}}}),
            at(1));
  EXPECT_EQ(proven_since(Parts{{at(1), {.parts = 2, .part = 0}},
                               {at(8), {.parts = 2, .part = 1}},
                               {at(15), {.parts = 2, .part = 0}}}),
            at(8));
  // Everything, and a part again: the rest was last read with everything.
  EXPECT_EQ(proven_since(Parts{{at(3), {}}}), at(3));
  EXPECT_EQ(proven_since(Parts{{at(3), {}}, {at(10), {.parts = 2, .part = 0}}}), at(3));
  EXPECT_EQ(proven_since(Parts{
                {at(3), {}}, {at(10), {.parts = 2, .part = 0}}, {at(17), {.parts = 2, .part = 1}}}),
            at(10));
  // Another division says nothing of the parts of this one.
  EXPECT_EQ(proven_since(Parts{{at(1), {.parts = 2, .part = 0}}, {at(8), {.parts = 3, .part = 1}}}),
            std::nullopt);
}

}  // namespace
}  // namespace ib::test
