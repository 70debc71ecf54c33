// SPDX-License-Identifier: Apache-2.0
#include "report/render.hpp"

#include "base/text.hpp"
#include "core/records/file_record.hpp"
#include "repository/runs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <chrono>
#include <nlohmann/json.hpp>

namespace ib {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::IsSupersetOf;

Timestamp at(const char* text)
{
  return *parse_timestamp(text);
}

json parsed(const std::string& text)
{
  EXPECT_TRUE(text.ends_with('\n'));
  EXPECT_EQ(text.find('\n'), text.size() - 1) << "more than one line";
  return json::parse(text, nullptr, false);
}

std::vector<std::string> keys(const json& object)
{
  std::vector<std::string> names;
  for (const auto& [key, value] : object.items()) names.push_back(key);
  return names;
}

const std::vector<std::string> kHeader{"command",   "result",   "store",
                                       "elapsed_s", "problems", "notes"};

TEST(BackupJson, HasTheFieldsThatScriptsRelyOn)
{
  BackupReport report{.header = {.command = "backup", .store = "file:///b", .elapsed = 290'123ms}};
  report.plan = {.scanned = 10, .unchanged = 3};
  report.added = 4;
  report.uploaded_objects = 5;
  report.uploaded_bytes = 6;
  report.usage.of[StorageClass::archive] = {.class_a = 1, .class_b = 2, .retrieved_bytes = 4};
  report.usage.free = 3;
  report.cost = CostSummary{.once = 0.1234567,
                            .monthly = 1.5,
                            .auto_saves = 0,
                            .location = "us-central1",
                            .date = "2026-11"};
  report.database = DumpInfo{
      .object = {"database/d.sql.gz"}, .bytes = 7, .immich_version = "v2.3.1", .assets = 8};
  report.manifest = ManifestInfo{.object = {"manifest-x.db"}, .bytes = 9};
  report.manifest_written = true;
  report.restore_point = at("2026-01-15T03:00:00Z");
  report.left_out = {"thumbs/"};
  const json out = parsed(to_json(report));
  EXPECT_THAT(keys(out), IsSupersetOf(kHeader));
  EXPECT_EQ(out["command"], "backup");
  EXPECT_EQ(out["result"], "ok");
  EXPECT_EQ(out["store"], "file:///b");
  EXPECT_EQ(out["elapsed_s"], 290.123);
  EXPECT_THAT(keys(out["files"]),
              IsSupersetOf({"scanned", "new", "changed", "touched", "moved", "copied", "returned",
                            "unchanged", "archived", "failed"}));
  EXPECT_EQ(out["files"]["new"], 4);
  EXPECT_EQ(out["uploaded"]["objects"], 5);
  EXPECT_EQ(out["uploaded"]["bytes"], 6);
  EXPECT_EQ(out["requests"],
            json({{"class_a", 1},
                  {"class_b", 2},
                  {"free", 3},
                  {"by_class",
                   {{"ARCHIVE", {{"class_a", 1}, {"class_b", 2}, {"retrieved_bytes", 4}}}}}}));
  EXPECT_EQ(out["cost"], json({{"usd", 0.123457},
                               {"usd_month", 1.5},
                               {"auto_saves_usd", 0.0},
                               {"location", "us-central1"},
                               {"prices_of", "2026-11"}}));
  EXPECT_EQ(out["database"]["object"], "database/d.sql.gz");
  EXPECT_EQ(out["database"]["sha256"], std::string(64, '0'));
  EXPECT_EQ(out["database"]["immich_version"], "v2.3.1");
  EXPECT_EQ(out["database"]["assets"], 8);
  EXPECT_EQ(out["manifest"]["written"], true);
  EXPECT_EQ(out["restore_point"], "2026-01-15T03:00:00Z");
  EXPECT_EQ(out["left_out"], json::array({"thumbs/"}));
  EXPECT_EQ(out["dry_run"], false);
}

TEST(BackupJson, SaysNullForWhatThereIsNot)
{
  const json out = parsed(to_json(BackupReport{}));
  EXPECT_TRUE(out["database"].is_null());
  EXPECT_TRUE(out["manifest"].is_null());
  EXPECT_TRUE(out["restore_point"].is_null());
  EXPECT_EQ(out["result"], "failed");
}

TEST(BackupJson, NamesEveryProblem)
{
  BackupReport report;
  report.restore_point = at("2026-01-15");
  for (int i = 0; i < 300; ++i)
    report.header.problems.push_back({.path = "p", .code = "c", .message = "m"});
  report.header.problems.front().hint = "h";
  const json out = parsed(to_json(report));
  EXPECT_EQ(out["result"], "incomplete");
  ASSERT_EQ(out["problems"].size(), 300U);
  EXPECT_EQ(out["problems"][0],
            json({{"path", "p"}, {"code", "c"}, {"message", "m"}, {"hint", "h"}}));
  EXPECT_EQ(out["problems"][1], json({{"path", "p"}, {"code", "c"}, {"message", "m"}}));
}

TEST(VerifyJson, CallsDamageFailed)
{
  const json out = parsed(to_json(VerifyReport{.objects = 3, .present = 2, .damaged = 1}));
  EXPECT_THAT(keys(out), IsSupersetOf(kHeader));
  EXPECT_EQ(out["result"], "failed");
  EXPECT_EQ(out["objects"]["named"], 3);
  EXPECT_EQ(out["objects"]["damaged"], 1);
}

TEST(RestoreJson, CountsFiles)
{
  const json out =
      parsed(to_json(RestoreReport{.target = "/t\xff", .selected = 3, .restored = 2, .kept = 1}));
  EXPECT_EQ(out["result"], "ok");
  EXPECT_EQ(out["files"]["selected"], 3);
  EXPECT_EQ(out["files"]["kept"], 1);
  EXPECT_EQ(out["target"], "/t\xEF\xBF\xBD");
  EXPECT_EQ(parsed(to_json(DatabaseRestoreReport{.assets = 4}))["assets"], 4);
  EXPECT_EQ(parsed(to_json(RebuildReport{.added = 4}))["objects"]["added"], 4);
}

TEST(StatusJson, TellsTheAgeOfTheNewestRestorePoint)
{
  StatusReport report{.now = at("2026-01-15T04:00:00Z")};
  json out = parsed(to_json(report));
  EXPECT_TRUE(out["newest"].is_null());
  EXPECT_TRUE(out["age_s"].is_null());
  EXPECT_TRUE(out["last_verified"].is_null());
  report.newest = report.newest_complete =
      RestorePoint{.time = at("2026-01-15T03:00:00Z"), .complete = true};
  report.unfinished_runs = {"run"};
  out = parsed(to_json(report));
  EXPECT_EQ(out["age_s"], 3600);
  EXPECT_EQ(out["newest"]["time"], "2026-01-15T03:00:00Z");
  EXPECT_EQ(out["newest"]["verdict"], "complete");
  EXPECT_EQ(out["unfinished_runs"], json::array({"run"}));
  report.now = at("2026-01-15T02:59:58Z");  // names may run ahead of the clock
  EXPECT_EQ(parsed(to_json(report))["age_s"], 0);
}

TEST(SnapshotsJson, ListsRestorePoints)
{
  const json out = parsed(
      to_json(SnapshotsReport{.restore_points = {RestorePoint{}, RestorePoint{.complete = true}}}));
  ASSERT_EQ(out["restore_points"].size(), 2U);
  EXPECT_EQ(out["restore_points"][0]["verdict"], "incomplete");
}

TEST(DoctorJson, HoldsEveryCheck)
{
  DoctorReport report{
      .header = {.command = "doctor", .store = "gs://photos"},
      .checks = {{.area = "store", .name = "clock", .verdict = Verdict::ok, .message = "agrees"},
                 {.area = "bucket",
                  .name = "lifecycle",
                  .verdict = Verdict::problem,
                  .message = "\xFF",
                  .fix = "f"},
                 {.area = "access", .name = "delete", .verdict = Verdict::warning},
                 {.area = "library", .name = "library", .verdict = Verdict::unknown}}};
  report.usage.of[StorageClass::standard] = {.class_a = 1, .class_b = 4};
  report.header.problems.push_back({.code = "lifecycle", .message = "m", .hint = "f"});
  const json out = parsed(to_json(report));
  EXPECT_THAT(keys(out), IsSupersetOf(kHeader));
  EXPECT_EQ(out["result"], "incomplete");
  ASSERT_EQ(out["checks"].size(), 4U);
  EXPECT_EQ(out["checks"][0],
            json({{"area", "store"}, {"name", "clock"}, {"verdict", "ok"}, {"message", "agrees"}}));
  EXPECT_EQ(out["checks"][1]["verdict"], "problem");
  EXPECT_EQ(out["checks"][1]["fix"], "f");
  EXPECT_EQ(out["checks"][2]["verdict"], "warning");
  EXPECT_EQ(out["checks"][3]["verdict"], "unknown");
  EXPECT_EQ(out["requests"]["class_b"], 4);
}

TEST(FailureJson, HoldsTheErrorAsAProblem)
{
  const json out = parsed(failure_to_json("backup", "file:///b", 1s,
                                          {.code = Errc::denied, .message = "no", .hint = "ask"}));
  EXPECT_THAT(keys(out), IsSupersetOf(kHeader));
  EXPECT_EQ(out["result"], "failed");
  EXPECT_EQ(out["problems"][0]["code"], "denied");
  EXPECT_EQ(out["problems"][0]["hint"], "ask");
}

TEST(LsJson, IsOneObjectHoweverManyFiles)
{
  const FileRecord record{
      .path = "/upload/a.jpg", .content = {.size = 5}, .mtime_ns = 1'500'000'000};
  const auto whole = [&](int files, const Error* error) {
    std::string text = listing_json_begin("ls", "file:///b", "files");
    for (int i = 0; i < files; ++i) text += (i > 0 ? "," : "") + ls_json(record);
    return parsed(text + listing_json_end(2s, error));
  };
  for (const int files : {0, 1, 3}) {
    const json out = whole(files, nullptr);
    EXPECT_THAT(keys(out), IsSupersetOf(kHeader));
    EXPECT_EQ(out["command"], "ls");
    EXPECT_EQ(out["result"], "ok");
    EXPECT_EQ(out["files"].size(), static_cast<std::size_t>(files));
  }
  EXPECT_EQ(whole(1, nullptr)["files"][0]["mtime"], "1970-01-01T00:00:01.500000000Z");
  EXPECT_EQ(whole(1, nullptr)["files"][0]["object"], "library/upload/a.jpg");
  const Error error{.code = Errc::cancelled, .message = "interrupted"};
  EXPECT_EQ(whole(2, &error)["result"], "failed");
  EXPECT_EQ(whole(2, &error)["problems"][0]["code"], "cancelled");
}

TEST(LsJson, KeepsNamesThatAreNotUtf8Apart)
{
  const json out = json::parse(ls_json({.path = "/\xff\n\"", .content = {}}));
  EXPECT_EQ(out["path"], "/\xEF\xBF\xBD\n\"");
  EXPECT_EQ(out["path_hex"], "2fff0a22");
  EXPECT_FALSE(json::parse(ls_json({.path = "/ok", .content = {}})).contains("path_hex"));
}

TEST(Json, IsValidWhateverTheNames)
{
  BackupReport report{.header = {.command = "backup", .store = "file:///\xc3("}};
  report.header.problems = {
      {.path = "\xff\xfe", .code = "c", .message = "\xed\xa0\x80", .hint = "\x80"}};
  report.header.notes = {"\xf5"};
  report.left_out = {"\xc0\xaf"};
  const std::string text = to_json(report);
  EXPECT_TRUE(is_valid_utf8(text));
  EXPECT_TRUE(parsed(text).is_object());
}

}  // namespace
}  // namespace ib
