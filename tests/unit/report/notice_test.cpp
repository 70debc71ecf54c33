// SPDX-License-Identifier: Apache-2.0
#include "report/notice.hpp"

#include "base/text.hpp"
#include "report/log_json.hpp"
#include "support/builders.hpp"

#include <nlohmann/json.hpp>

namespace ib::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

Notice notice()
{
  return {.command = "backup",
          .store = "gs://photos",
          .result = "incomplete",
          .exit_status = 3,
          .elapsed = 290s,
          .ended = *parse_timestamp("2026-01-15T03:05:00Z"),
          .problems = {{.path = "upload/a\"b\n{log}.jpg",
                        .code = "unreadable",
                        .message = "permission denied"}},
          .notes = {},
          .restore_point = parse_timestamp("2026-01-15T03:00:00Z").value(),
          .log = {"first", "last"}};
}

std::string filled(const char* text, const Notice& what = notice())
{
  return must(NoticeTemplate::parse(text)).fill(what);
}

TEST(NoticeTemplate, PutsWhatHappenedIntoAText)
{
  EXPECT_EQ(filled("{command} of {store}: {result} ({exit_status}), {problem_count} problem"),
            "backup of gs://photos: incomplete (3), 1 problem");
  EXPECT_EQ(filled("{summary}"),
            "backup: incomplete, 1 problem, restore point 2026-01-15T03:00:00Z, 4 min 50 s");
  EXPECT_EQ(filled("{time} {duration} {restore_point}"),
            "2026-01-15T03:05:00Z 4 min 50 s 2026-01-15T03:00:00Z");
  EXPECT_EQ(filled("{log}"), "first\nlast");
  EXPECT_EQ(filled(""), "");
}

TEST(NoticeTemplate, LooksAtWhatItPutsInNoSecondTime)
{
  EXPECT_EQ(filled("{problems}!"), "upload/a\"b\\n{log}.jpg: permission denied (unreadable)!");
}

TEST(NoticeTemplate, KeepsJsonWholeWhateverAFileIsCalled)
{
  Notice awkward = notice();
  awkward.problems = {{.path = "\"},\n\\\t\x01\xff{log}\xe2\x82\xac",
                       .code = "unreadable",
                       .message = "a \"quoted\" word"},
                      {.path = "b", .code = "unreadable", .message = "no"}};
  const std::string text = filled(
      R"({"content": "x {problems}", "list": [{"a": "{result}"}, 5, true], "n": null})", awkward);
  const json parsed = json::parse(text, nullptr, false);
  ASSERT_TRUE(parsed.is_object()) << text;
  EXPECT_EQ(parsed["content"],
            "x \"},\\n\\\\\\t\\x01\\xff{log}\xe2\x82\xac: a \"quoted\" word (unreadable)\nb: no "
            "(unreadable)");
  EXPECT_EQ(parsed["list"], json::parse(R"([{"a": "incomplete"}, 5, true])"));
  EXPECT_TRUE(parsed["n"].is_null());
  EXPECT_EQ(text.find('\n'), std::string::npos);
}

TEST(NoticeTemplate, TellsJsonFromPlainText)
{
  for (const char* text : {R"({"a": "{result}"})", R"([{"a": 1}])", " {\"a\":1}\n", "{}"})
    EXPECT_TRUE(must(NoticeTemplate::parse(text)).is_json()) << text;
  for (const char* text :
       {"{result}", "[{result}] {summary}", "7", "\"{result}\"", "{ }x", "{", "{Result}"})
    EXPECT_FALSE(must(NoticeTemplate::parse(text)).is_json()) << text;
}

TEST(NoticeTemplate, RefusesWhatSomebodyDidNotMean)
{
  for (const char* text : {R"({"a": {result}})", "{ \"a\": \"b\"", R"({"a": "x" "b": "y"})",
                           "{sumary}", R"({"a": ["{nothing}"]})", "\xff"})
    EXPECT_TRUE(fails_with(Errc::invalid, NoticeTemplate::parse(text))) << text;
  EXPECT_THAT(NoticeTemplate::parse("{sumary}").error().hint, HasSubstr("summary"));
}

TEST(NoticeTemplate, StaysWithinWhatReceiversTake)
{
  Notice large = notice();
  large.problems.assign(
      5'000,
      {.path = std::string(200, 'x'), .code = "unreadable", .message = std::string(999, 'y')});
  large.log.assign(5'000, std::string(300, 'z'));
  EXPECT_LE(filled("{problems}{log}", large).size(), 1'800U);
  EXPECT_LE(last_lines_of(large).size(), 10'000U);
  large.problems = {{.path = "", .code = "c", .message = ""}};
  for (int i = 0; i < 600; ++i) large.problems.front().message += "\xe2\x82\xac";
  EXPECT_TRUE(is_valid_utf8(filled("{problems}", large)));
}

TEST(LastLines, EndWithTheNewestOfTheLog)
{
  const std::string text = last_lines_of(notice());
  EXPECT_TRUE(text.starts_with("backup: incomplete, 1 problem")) << text;
  EXPECT_TRUE(text.ends_with("first\nlast")) << text;
  EXPECT_THAT(text, HasSubstr("permission denied"));
}

TEST(Subject, SaysWhatFailedAndWhere)
{
  EXPECT_EQ(subject_of(notice()), "immich-backup: backup incomplete (gs://photos)");
  Notice other = notice();
  other.store = "";
  EXPECT_EQ(subject_of(other), "immich-backup: backup incomplete");
  other.store = "file:///" + std::string(5'000, 'x');
  EXPECT_LE(subject_of(other).size(), 300U);
}

TEST(JsonLog, IsOneObjectALine)
{
  const Timestamp now = *parse_timestamp("2026-01-15T03:00:00Z");
  EXPECT_EQ(log_json(now, "limited to 2.0 MiB/s"),
            R"({"time":"2026-01-15T03:00:00Z","level":"info","message":"limited to 2.0 MiB/s"})");
  EXPECT_EQ(log_json(now, "warning: a\nb\"\xff"),
            "{\"time\":\"2026-01-15T03:00:00Z\",\"level\":\"warning\",\"message\":"
            "\"a\\nb\\\"\xef\xbf\xbd\"}");
  EXPECT_EQ(
      log_json(now, Error{.code = Errc::io, .message = "disk full", .hint = "Make room."}),
      R"({"time":"2026-01-15T03:00:00Z","level":"error","message":"disk full","code":"io","hint":"Make room."})");
  EXPECT_EQ(
      log_json(now, StepLog{.step = "backing up files",
                            .files = 1,
                            .bytes = 2,
                            .total_files = 3,
                            .elapsed = 1500ms}),
      R"({"time":"2026-01-15T03:00:00Z","level":"info","message":"backing up files","done":false,"files":1,)"
      R"("bytes":2,"total_files":3,"elapsed_s":1.5})");
}

}  // namespace
}  // namespace ib::test
