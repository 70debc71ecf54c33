// SPDX-License-Identifier: Apache-2.0
#include "core/records/restore_point.hpp"

#include <gtest/gtest.h>

namespace ib::test {
namespace {

constexpr Coverage kFiles{.files = true};
constexpr Coverage kDatabase{.database = true};
constexpr Coverage kBoth{.files = true, .database = true};

Coverage part_of(Coverage covers)
{
  covers.part = true;
  return covers;
}

DumpInfo dump(bool suspect = false, std::vector<std::string> left_out = {})
{
  return {.object = {"database/d.sql.gz"}, .suspect = suspect, .left_out = std::move(left_out)};
}

/// A point whose audit found this, of a dump that is good.
RestorePoint audited(const Audit& audit)
{
  return {.covers = kBoth, .database = dump(), .audit = audit, .placed_for = ""};
}

TEST(RestorePoint, IsCompleteIfARestoreBringsAllThatTheRunWasToSave)
{
  struct Case {
    const char* name;
    RestorePoint point;
    bool complete;
  };
  const Audit whole{.originals = 3, .proven = 2, .stored = 1};
  std::vector<Case> cases{
      {"nothing was to be saved", {}, false},
      {"nothing was to be saved, and a dump is there", {.database = dump()}, false},

      {"files alone", {.covers = kFiles}, true},
      {"files alone, one not stored", {.covers = kFiles, .missed = 1}, false},
      {"a part of the files", {.covers = part_of(kFiles)}, false},

      {"a dump alone", {.covers = kDatabase, .database = dump()}, true},
      {"a dump alone that failed", {.covers = kDatabase}, false},
      {"a dump alone that is suspect", {.covers = kDatabase, .database = dump(true)}, false},
      {"a dump alone without a table's rows",
       {.covers = kDatabase, .database = dump(false, {"public.face_search"})},
       false},

      {"files and a dump", audited(whole), true},
      {"files and a dump of an empty Immich", audited({}), true},
      {"files and a dump, nothing audited", {.covers = kBoth, .database = dump()}, false},
      {"files and no dump", {.covers = kBoth, .audit = whole, .placed_for = ""}, false},

      {"an original that is missing", audited({.originals = 1, .missing = 1}), false},
      {"an original that differs", audited({.originals = 1, .differs = 1}), false},
      {"an original elsewhere", audited({.originals = 1, .elsewhere = 1}), false},
      {"an original that the owner left out", audited({.originals = 1, .excluded = 1}), true},
      {"an original that Immich was deleting", audited({.originals = 1, .deleted = 1}), true},
      {"an original that the owner accepts", audited({.originals = 1, .accepted = 1}), true},
      {"a placed one", audited({.originals = 1, .proven = 1, .placed = 1}), true},
      {"an edited one, whose bytes as Immich knows them are stored",
       audited({.originals = 1, .proven = 1, .edited = 1}), true},
      {"a sidecar that is missing", audited({.others = 1, .others_missing = 1}), true},
      {"files that the database does not name",
       audited({.originals = 1, .proven = 1, .unknown = 7}), true},
      {"files, of which the database names none", audited({.unknown = 7}), false},
  };
  RestorePoint meant = audited({.unknown = 7});
  meant.accepts_changes = true;
  cases.push_back({"the same, and the owner says that it is meant", meant, true});
  // Stray files, links and times out are the run's: they are not of the originals.
  RestorePoint untidy = audited(whole);
  untidy.missed = 2;
  untidy.problem_count = 5;
  cases.push_back({"problems with what the database does not name", untidy, true});
  RestorePoint suspect = audited(whole);
  suspect.database->suspect = true;
  cases.push_back({"a suspect dump", suspect, false});
  RestorePoint partial = audited(whole);
  partial.database->left_out = {"public.asset"};
  cases.push_back({"a dump without a table's rows", partial, false});
  RestorePoint interrupted = audited(whole);
  interrupted.covers.part = true;
  cases.push_back({"an interrupted run", interrupted, false});
  RestorePoint unplaced = audited(whole);
  unplaced.placed_for.reset();
  cases.push_back({"an audit that placed nothing for a restore", unplaced, false});

  for (const Case& c : cases) EXPECT_EQ(c.point.is_complete(), c.complete) << c.name;
}

TEST(Audit, CountsEachOriginalAsProtectedOrNotOrSettled)
{
  const Audit audit{.originals = 1234567,
                    .proven = 1,
                    .stored = 20,
                    .differs = 300,
                    .missing = 4000,
                    .excluded = 50000,
                    .deleted = 600000,
                    .accepted = 7000000,
                    .elsewhere = 80000000,
                    .placed = 9,
                    .edited = 9,
                    .others = 9,
                    .others_missing = 9};
  EXPECT_EQ(audit.protected_originals(), 21U);
  EXPECT_EQ(audit.unprotected(), 80004300U);
}

}  // namespace
}  // namespace ib::test
