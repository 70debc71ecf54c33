// SPDX-License-Identifier: Apache-2.0
#include "report/history.hpp"

#include "support/builders.hpp"

#include <nlohmann/json.hpp>

namespace ib::test {
namespace {

using nlohmann::json;

RecordingRun run(std::uint64_t generation, std::int64_t started)
{
  return {
      .generation = generation, .run = "run-" + std::to_string(generation), .started = at(started)};
}

RestorablePoint point(std::uint64_t generation, std::int64_t time)
{
  return {.time = at(time),
          .generation = generation,
          .run = "run-" + std::to_string(generation),
          .places = true};
}

PathHistory sample_history()
{
  const RecordingRun first = run(1, 1'768'446'000), second = run(2, 1'768'532'400),
                     third = run(4, 1'768'618'800);
  std::vector<PathState> states{
      {.record = file_record("/upload/a b.jpg", "one"), .since = first, .until = second},
      {.record = file_record("/upload/a b.jpg", "twotwo"), .since = second, .until = third},
      {.record = file_record("/upload/a b.jpg", "twotwo"), .since = third}};
  states[1].record.object = ObjectName{"versions/upload/a b.jpg/ff"};
  states[2].record.archived = true;
  return history_of(std::move(states),
                    std::vector{point(1, 1'768'446'010), point(4, 1'768'618'805)});
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

PathHistory edited_history()
{
  PathState aside{.record = file_record("/a.jpg", "rotten"),
                  .since = run(1, 1'768'446'000),
                  .until = run(1, 1'768'446'000)};
  PathState edited{.record = file_record("/a.jpg", "edited"), .since = run(2, 1'768'532'400)};
  PathState placed{.record = file_record("/a.jpg", "as Immich knows it"), .placed = true};
  placed.record.object = ObjectName{"versions/a.jpg/ff"};
  return history_of({aside, edited, placed}, std::vector{point(3, 1'768'618'805)});
}

TEST(HistoryText, TellsWhatARestoreBringsFromWhatTheLibraryHas)
{
  const auto digest = [](std::string_view bytes) {
    return content_of(bytes).sha256.hex().substr(0, 12);
  };
  EXPECT_EQ(history_text(edited_history(), "restore"),
            "/a.jpg\n"
            "  2026-01-15T03:00:00Z                          kept aside, 6 B, sha256 " +
                digest("rotten") +
                ", in library/a.jpg\n"
                "      restore --sha256 " +
                content_of("rotten").sha256.hex() +
                " --target DIR /a.jpg\n"
                "  2026-01-16T03:00:00Z to now                   new, 6 B, sha256 " +
                digest("edited") +
                ", in library/a.jpg\n"
                "      restore --sha256 " +
                content_of("edited").sha256.hex() +
                " --target DIR /a.jpg\n"
                "  for restores                                  placed where Immich names it, "
                "18 B, sha256 " +
                digest("as Immich knows it") +
                ", in versions/a.jpg/ff\n"
                "      restore --at 2026-01-17T03:00:05Z --target DIR /a.jpg\n");
}

TEST(HistoryJson, SaysWhatIsPlaced)
{
  const json out = json::parse(history_json(edited_history(), "restore"));
  EXPECT_EQ(out["states"][0]["event"], "kept aside");
  EXPECT_EQ(out["states"][0]["since"], out["states"][0]["until"]);
  EXPECT_FALSE(out["states"][1].contains("placed"));
  EXPECT_EQ(out["states"][1]["restore_at"], nullptr);
  EXPECT_EQ(out["states"][2]["event"], "placed where Immich names it");
  EXPECT_EQ(out["states"][2]["placed"], true);
  EXPECT_EQ(out["states"][2]["since"], nullptr);
  EXPECT_EQ(out["states"][2]["restore_at"], "2026-01-17T03:00:05Z");
}

TEST(HistoryText, CannotMoveTheCursor)
{
  const PathHistory history =
      history_of({{.record = file_record("/a\x1b[2J", "x")}}, std::vector{point(1, 11)});
  EXPECT_THAT(history_text(history, "r"), Not(HasSubstr("\x1b")));
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

}  // namespace
}  // namespace ib::test
