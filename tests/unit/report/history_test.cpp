// SPDX-License-Identifier: Apache-2.0
#include "report/history.hpp"

#include "support/builders.hpp"

#include <nlohmann/json.hpp>

namespace ib::test {
namespace {

using nlohmann::json;

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

TEST(HistoryText, CannotMoveTheCursor)
{
  const PathHistory history =
      history_of({{.record = file_record("/a\x1b[2J", "x", 10)}}, std::vector{at(11)});
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
