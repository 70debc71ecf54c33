// SPDX-License-Identifier: Apache-2.0
#include "report/render.hpp"

#include "support/builders.hpp"

#include <nlohmann/json.hpp>

namespace ib::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

PathHistory sample_history()
{
  std::vector<PathState> states{
      {.record = file_record("/upload/a b.jpg", "one", 1'768'446'000), .until = at(1'768'532'400)},
      {.record = file_record("/upload/a b.jpg", "twotwo", 1'768'532'400),
       .until = at(1'768'618'800)},
      {.record = file_record("/upload/a b.jpg", "twotwo", 1'768'618'800)}};
  states[1].record.object = ObjectName{"versions/upload/a b.jpg/ff"};
  states[2].record.archived = true;
  return history_of(std::move(states), std::vector{at(1'768'446'010), at(1'768'618'805)});
}

TEST(HistoryText, HasALineForEachStateAndTheCommandThatRestoresIt)
{
  const std::string digest = content_of("one").sha256.hex().substr(0, 12);
  const std::string digest2 = content_of("twotwo").sha256.hex().substr(0, 12);
  EXPECT_EQ(
      history_text(sample_history(), "immich-backup restore"),
      "/upload/a b.jpg\n"
      "  2026-01-15T03:00:00Z to 2026-01-16T03:00:00Z  new, 3 B, sha256 " +
          digest +
          ", in library/upload/a b.jpg\n"
          "      immich-backup restore --at 2026-01-15T03:00:10Z --target DIR '/upload/a b.jpg'\n"
          "  2026-01-16T03:00:00Z to 2026-01-17T03:00:00Z  changed, 6 B, sha256 " +
          digest2 +
          ", in versions/upload/a b.jpg/ff\n"
          "      immich-backup restore --sha256 " +
          content_of("twotwo").sha256.hex() +
          " --target DIR '/upload/a b.jpg'\n"
          "  2026-01-17T03:00:00Z to now                   gone from the library; the store keeps "
          "its last content\n");
}

TEST(HistoryJson, HasTheWholeDigestsAndTheCommand)
{
  const json out = json::parse(history_json(sample_history(), "immich-backup restore --store x"));
  EXPECT_EQ(out["path"], "/upload/a b.jpg");
  ASSERT_EQ(out["states"].size(), 3U);
  EXPECT_EQ(out["states"][0]["event"], "new");
  EXPECT_EQ(out["states"][0]["sha256"], content_of("one").sha256.hex());
  EXPECT_EQ(out["states"][0]["until"], "2026-01-16T03:00:00Z");
  EXPECT_EQ(
      out["states"][0]["restore"],
      "immich-backup restore --store x --at 2026-01-15T03:00:10Z --target DIR '/upload/a b.jpg'");
  EXPECT_EQ(out["states"][1]["restore"], "immich-backup restore --store x --sha256 " +
                                             content_of("twotwo").sha256.hex() +
                                             " --target DIR '/upload/a b.jpg'");
  EXPECT_EQ(out["states"][1]["object"], "versions/upload/a b.jpg/ff");
  EXPECT_EQ(out["states"][2]["event"], "gone");
  EXPECT_EQ(out["states"][2]["archived"], true);
  EXPECT_EQ(out["states"][2]["until"], nullptr);
}

TEST(HistoryText, CannotMoveTheCursor)
{
  const PathHistory history =
      history_of({{.record = file_record("/a\x1b[2J", "x", 10)}}, std::vector{at(11)});
  EXPECT_THAT(history_text(history, "r"), Not(HasSubstr("\x1b")));
}

TEST(FindText, MarksWhatIsNoLongerSo)
{
  PathState state{.record = file_record("/upload/a.jpg", "x", 1'768'446'000)};
  EXPECT_THAT(found_line(state, ""), EndsWith("Z  /upload/a.jpg\n"));
  EXPECT_EQ(found_line(state, "/stick/b.jpg"), "/stick/b.jpg = /upload/a.jpg\n");
  state.until = at(1'768'532'400);
  EXPECT_THAT(found_line(state, ""), EndsWith("/upload/a.jpg  (until 2026-01-16T03:00:00Z)\n"));
  state.until.reset();
  state.record.archived = true;
  EXPECT_THAT(found_line(state, ""),
              EndsWith("/upload/a.jpg  (gone since 2026-01-15T03:00:00Z)\n"));
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

TEST(DiffText, SaysWhatHappenedToEachAndSumsItUp)
{
  const FileVersion version{content_of("x").sha256, 2048};
  EXPECT_EQ(difference_line({.kind = DifferenceKind::added, .path = "/a", .after = version}),
            "added     2.0 KiB  /a\n");
  EXPECT_EQ(difference_line({.kind = DifferenceKind::moved,
                             .path = "/new",
                             .moved_from = "/old\n",
                             .before = version,
                             .after = version}),
            "moved     2.0 KiB  /new  from /old\\n\n");
  DiffReport report{.from = at(1'768'446'000), .to = at(1'768'532'400)};
  EXPECT_EQ(diff_summary(report), "2026-01-15T03:00:00Z to 2026-01-16T03:00:00Z: no difference\n");
  report.totals[DifferenceKind::added] = {.files = 1200, .bytes = 2048};
  report.totals[DifferenceKind::gone] = {.files = 1, .bytes = 7};
  EXPECT_EQ(diff_summary(report),
            "2026-01-15T03:00:00Z to 2026-01-16T03:00:00Z: 1,200 added (2.0 KiB), 1 gone (7 B)\n");
}

TEST(DiffJson, HasBothSidesAndTotals)
{
  const FileVersion old{content_of("x").sha256, 1};
  const FileVersion now{content_of("yy").sha256, 2};
  DiffReport report{.from = at(1'768'446'000), .to = at(1'768'532'400)};
  report.header.elapsed = 2s;
  report.totals[DifferenceKind::changed] = {.files = 1, .bytes = 2};
  const json out = json::parse(
      listing_json_begin("diff", "file:///b", "differences") +
      difference_json(
          {.kind = DifferenceKind::changed, .path = "/a", .before = old, .after = now}) +
      "," +
      difference_json({.kind = DifferenceKind::moved,
                       .path = "/b",
                       .moved_from = "/\xff",
                       .before = now,
                       .after = now}) +
      "," + difference_json({.kind = DifferenceKind::gone, .path = "/c", .before = old}) +
      listing_json_end(report));
  EXPECT_EQ(out["from"], "2026-01-15T03:00:00Z");
  EXPECT_EQ(out["result"], "ok");
  EXPECT_EQ(out["elapsed_s"], 2.0);
  EXPECT_EQ(out["totals"]["changed"], (json{{"files", 1}, {"bytes", 2}}));
  EXPECT_EQ(out["totals"]["moved"], (json{{"files", 0}, {"bytes", 0}}));
  EXPECT_EQ(out["differences"][0]["before"]["size"], 1);
  EXPECT_EQ(out["differences"][0]["after"]["sha256"], now.sha256.hex());
  EXPECT_EQ(out["differences"][1]["from_hex"], "2fff");
  EXPECT_EQ(out["differences"][2]["after"], nullptr);
}

}  // namespace
}  // namespace ib::test
