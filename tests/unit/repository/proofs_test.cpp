// SPDX-License-Identifier: Apache-2.0
#include "repository/proofs.hpp"
#include "repository/documents.hpp"
#include "support/emulated_bucket.hpp"
#include "support/matchers.hpp"

namespace ib::test {
namespace {

using Verdict = Proof::Verdict;

Proof listing()
{
  return {.command = "verify", .verdict = Verdict::proven, .objects = 9, .present = 9};
}
Proof everything()
{
  return {
      .command = "verify", .verdict = Verdict::proven, .objects = 9, .present = 9, .read_back = 9};
}
Proof drill(bool restored)
{
  return {.command = "verify-restore",
          .verdict = Verdict::proven,
          .objects = 3,
          .read_back = 3,
          .drill = Proof::Drill{.restored = restored}};
}
Proof found(Proof proof, std::uint64_t damaged, std::uint64_t by_reading)
{
  proof.verdict = Verdict::damaged;
  proof.damaged = damaged;
  proof.damaged_read_back = by_reading;
  return proof;
}

Proof unproven(Proof proof)
{
  proof.verdict = Verdict::not_proven;
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
      {"everything that was not proven", unproven(everything()), found(listing(), 1, 0), false},
      {"a drill without a server what a drill found", unproven(drill(false)),
       found(drill(true), 1, 0), false},
      {"a drill that did not prove what a drill found", unproven(drill(true)),
       found(drill(true), 1, 0), false},
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

class StoredProofs : public testing::Test {
protected:
  /// Those of days 1, 2, ... of a month, the oldest first.
  std::optional<Verified> verified(const std::vector<Proof>& proofs,
                                   std::optional<Timestamp> rebuilt = std::nullopt)
  {
    EmulatedBucket bucket;
    const OpenStore open = bucket.open();
    const RepositoryContext repository{.store = *open.store, .progress = progress_};
    int number = 0;
    for (Proof proof : proofs) {
      proof.time = day(++number);
      must(put_small(*open.store, proof_name(proof.time), serialize(proof),
                     keeps_metadata_ ? Metadata{{"verdict", std::string(word_for(proof.verdict))}}
                                     : Metadata{},
                     "application/json", {}));
    }
    return must(last_verified(repository, rebuilt));
  }

  static Timestamp day(int number)
  {
    return Timestamp{std::chrono::sys_days{std::chrono::year{2026} / 1 / number}};
  }

  SilentProgress progress_;
  bool keeps_metadata_ = true;
};

TEST_F(StoredProofs, NeitherAlarmNorSettleWhereTheyProveNothing)
{
  struct Case {
    const char* name;
    std::vector<Proof> proofs;
    std::optional<int> last, damage;  ///< days
  };
  const std::vector<Case> cases{
      {"nothing", {}, {}, {}},
      {"nothing was proven", {unproven(drill(false))}, {}, {}},
      {"what was proven before counts", {listing(), unproven(drill(false))}, 1, {}},
      {"what was proven after counts", {unproven(drill(false)), listing()}, 2, {}},
      {"damage stays", {found(drill(true), 1, 0), unproven(drill(false))}, 1, 1},
      {"damage stays after an unproven reading of everything",
       {found(everything(), 1, 1), unproven(everything())},
       1,
       1},
      {"damage is settled all the same",
       {found(drill(true), 1, 0), unproven(drill(false)), drill(true)},
       3,
       {}},
      {"damage that another kind does not settle stays",
       {found(drill(true), 1, 0), unproven(drill(true)), listing()},
       3,
       1},
      {"the newest damage", {found(listing(), 1, 0), found(listing(), 2, 0)}, 2, 2},
  };
  for (const bool keeps_metadata : {true, false}) {
    keeps_metadata_ = keeps_metadata;
    for (const Case& c : cases) {
      SCOPED_TRACE(std::string(c.name) + (keeps_metadata ? "" : ", without metadata"));
      const std::optional<Verified> verdict = verified(c.proofs);
      ASSERT_EQ(verdict.has_value(), c.last.has_value());
      if (!verdict) continue;
      EXPECT_EQ(verdict->last, day(*c.last));
      EXPECT_EQ(verdict->damage, c.damage ? std::optional(day(*c.damage)) : std::nullopt);
    }
  }
}

TEST_F(StoredProofs, FindNoDamageThatIsOlderThanTheManifestThatWasRebuilt)
{
  const std::vector<Proof> proofs{found(listing(), 1, 0), unproven(drill(false))};
  EXPECT_EQ(verified(proofs)->damage, day(1));
  EXPECT_EQ(verified(proofs, day(2))->damage, std::nullopt);
}

TEST_F(StoredProofs, SayInTheirMetadataWhatTheyCameTo)
{
  EmulatedBucket bucket;
  const OpenStore open = bucket.open();
  const RepositoryContext repository{.store = *open.store, .progress = progress_};
  std::vector<std::string> notes;
  Proof proof = unproven(drill(false));
  proof.restore_point = day(1);
  proof.proven = Shard{.parts = 52, .part = 3};
  store_proof(repository, proof, notes);
  EXPECT_THAT(notes, IsEmpty());
  const std::optional<ObjectInfo> stored = must(must(open.store->list("proofs/", "", {}))->next());
  ASSERT_TRUE(stored);
  EXPECT_THAT(
      stored->metadata,
      testing::IsSupersetOf({std::pair<const std::string, std::string>("verdict", "not_proven"),
                             {"command", "verify-restore"},
                             {"proven-part", "3/52"},
                             {"restore-point", "2026-01-01T00:00:00Z"}}));
  const ProofHistory history = must(proof_history(repository));
  EXPECT_EQ(history.listed, std::nullopt) << "a drill lists nothing";
  EXPECT_EQ(history.proven_since, std::nullopt);
  EXPECT_TRUE(history.drilled);
  EXPECT_EQ(history.drill_proven, std::nullopt) << "this one did not prove that a restore works";
  store_proof(repository, drill(true), notes);
  const ProofHistory proven = must(proof_history(repository));
  EXPECT_TRUE(proven.drill_proven);
  EXPECT_EQ(proven.drilled, proven.drill_proven);
  store_proof(repository, unproven(drill(false)), notes);
  const ProofHistory later = must(proof_history(repository));
  EXPECT_EQ(later.drill_proven, proven.drill_proven);
  EXPECT_GT(later.drilled, proven.drilled) << "a later one that proved nothing is not hidden";
  EXPECT_EQ(must(proof_history(repository)).listed, std::nullopt);
}

}  // namespace
}  // namespace ib::test
