// SPDX-License-Identifier: Apache-2.0
#include "report/find.hpp"

#include "report/listing.hpp"
#include "support/builders.hpp"

#include <nlohmann/json.hpp>

namespace ib::test {
namespace {

using nlohmann::json;

TEST(FindText, MarksWhatIsNoLongerSo)
{
  PathState state{.record = file_record("/upload/a.jpg", "x"),
                  .since = {.generation = 7, .run = "r", .started = at(1'768'446'000)}};
  EXPECT_THAT(found_line(state, ""), EndsWith("Z  /upload/a.jpg\n"));
  EXPECT_EQ(found_line(state, "/stick/b.jpg"), "/stick/b.jpg = /upload/a.jpg\n");
  state.until = {.generation = 8, .run = "s", .started = at(1'768'532'400)};
  EXPECT_THAT(found_line(state, ""), EndsWith("/upload/a.jpg  (until 2026-01-16T03:00:00Z)\n"));
  state.until.reset();
  state.record.archived = true;
  EXPECT_THAT(found_line(state, ""),
              EndsWith("/upload/a.jpg  (gone since 2026-01-15T03:00:00Z)\n"));
}

TEST(FindText, SaysThatARestorePutsAFileWhereTheLibraryHasNone)
{
  const PathState state{.record = file_record("/upload/a.jpg", "x"), .placed = true};
  EXPECT_THAT(found_line(state, ""),
              EndsWith("/upload/a.jpg  (where Immich names it: a restore puts it there)\n"));
  EXPECT_EQ(found_line(state, "/stick/b.jpg"),
            "/stick/b.jpg = /upload/a.jpg  (where Immich names it: a restore puts it there)\n");
}

TEST(FindText, SumsUpWhereThereIsMoreThanOneFile)
{
  EXPECT_EQ(find_summary({.files = 1, .files_found = 1}), "");
  EXPECT_EQ(find_summary({.files = 3, .files_found = 2}), "2 of 3 files are in the backup\n");
}

TEST(FindJson, IsIncompleteWhereSomethingWasNotFound)
{
  FindReport report{.found = 1, .files = 2, .files_found = 1};
  report.header.problems.push_back({.path = "/stick/b", .code = "not_in_backup", .message = "no"});
  const json out = json::parse(listing_json_begin("find", "file:///b", "found") +
                               found_json({.record = file_record("/a\xff", "x", 0)}, "/stick/a") +
                               listing_json_end(report));
  EXPECT_EQ(out["command"], "find");
  EXPECT_EQ(out["result"], "incomplete");
  EXPECT_EQ(out["found"][0]["file"], "/stick/a");
  EXPECT_EQ(out["found"][0]["path_hex"], "2f61ff");
  EXPECT_EQ(out["files_in_backup"], 1);
  EXPECT_EQ(out["problems"][0]["code"], "not_in_backup");
  EXPECT_EQ(outcome_of(report), Outcome::incomplete);
}

TEST(FindJson, SaysSinceWhenAndWhetherItIsPlaced)
{
  PathState state{.record = file_record("/a", "x"),
                  .since = {.generation = 7, .run = "r", .started = at(1'768'446'000)},
                  .until = RecordingRun{.started = at(1'768'532'400)}};
  json out = json::parse(found_json(state, ""));
  EXPECT_EQ(out["since"], "2026-01-15T03:00:00Z");
  EXPECT_EQ(out["until"], "2026-01-16T03:00:00Z");
  EXPECT_FALSE(out.contains("placed"));
  out = json::parse(found_json({.record = file_record("/a", "x"), .placed = true}, ""));
  EXPECT_EQ(out["since"], nullptr) << "it never was there";
  EXPECT_EQ(out["until"], nullptr);
  EXPECT_EQ(out["placed"], true);
}

}  // namespace
}  // namespace ib::test
