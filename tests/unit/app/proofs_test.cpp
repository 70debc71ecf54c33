// SPDX-License-Identifier: Apache-2.0
#include "app/proofs.hpp"

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
      {"a drill of another part what a drill's reading found", drill(true), found(drill(true), 1, 1), false},
      {"a drill that restored what a drill found of the dump", drill(true), found(drill(false), 1, 0), true},
      {"a drill that did not restore what a drill found of the dump", drill(false), found(drill(false), 1, 0),
       false},
      {"a drill what a listing found", drill(true), found(listing(), 1, 0), false},
      {"reading everything what reading found", everything(), found(drill(true), 1, 1), true},
      {"reading everything what a drill found of the dump", everything(), found(drill(false), 1, 0), true},
      {"what found damage itself", found(everything(), 1, 1), found(listing(), 1, 0), false},
  };
  for (const Case& c : cases) EXPECT_EQ(settles(c.later, c.earlier), c.settled) << c.name;
}

}  // namespace
}  // namespace ib::test
