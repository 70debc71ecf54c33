// SPDX-License-Identifier: Apache-2.0
#include "repository/documents.hpp"

#include <gtest/gtest.h>
#include <functional>
#include <nlohmann/json.hpp>

namespace ib::test {
namespace {

using nlohmann::json;

Timestamp at(const char* text)
{
  return *parse_timestamp(text);
}

RestorePoint sample()
{
  RestorePoint point{
      .time = at("2026-01-15T03:00:00Z"),
      .started = at("2026-01-15T02:55:00Z"),
      .run = "20260115T025500Z-abcd",
      .program_version = "0.1.0",
      .complete = false,
      .counts = {.files = 1, .bytes = 2, .archived = 3, .archived_bytes = 4, .versions = 5}};
  point.manifest = ManifestInfo{.object = {"manifest-20260115T030000Z.db"}, .bytes = 6};
  point.manifest->sha256.bytes.fill(std::byte{0xab});
  point.database = DumpInfo{.object = {"database/2026-01-15T03-00-00-immich-v2.3.1.sql.gz"},
                            .bytes = 7,
                            .plain_bytes = 8,
                            .immich_version = "v2.3.1",
                            .schema_level = "1234-Initial",
                            .assets = 9};
  point.checkpoints = {{.object = {"runs/r/checkpoint-000001.db"}, .sha256 = "ab"}};
  point.stored.emplace();
  (*point.stored)[StoredKind::originals][StorageClass::archive] = {.objects = 1, .bytes = 2};
  (*point.stored)[StoredKind::versions][StorageClass::standard] = {.objects = 5, .bytes = 50};
  point.problem_count = 1;
  point.problems = {{.path = "/a", .code = "unreadable", .message = "m", .hint = "h"}};
  return point;
}

TEST(RestorePointDocument, ComesBackAsItWas)
{
  const Result<RestorePoint> back = parse_restore_point(serialize(sample()), "manifest-x.json");
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(serialize(*back), serialize(sample()));
  EXPECT_EQ(back->time, sample().time);
  EXPECT_EQ(back->started, sample().started);
  EXPECT_EQ(back->manifest->sha256, sample().manifest->sha256);
  EXPECT_EQ(back->database->object, sample().database->object);
  EXPECT_EQ(back->database->schema_level, "1234-Initial");
  EXPECT_EQ(back->problems.front().hint, "h");
  ASSERT_EQ(back->checkpoints.size(), 1U);
  EXPECT_EQ(back->checkpoints.front().object.value, "runs/r/checkpoint-000001.db");
  EXPECT_EQ(back->checkpoints.front().sha256, "ab");
  EXPECT_EQ(back->stored, sample().stored);
  EXPECT_FALSE(back->complete);
}

TEST(RestorePointDocument, TellsNoSumOfWhatItDoesNotKnow)
{
  json document = json::parse(serialize(sample()));
  document["stored"].push_back(
      {{"kind", "ghosts"}, {"class", "ARCHIVE"}, {"objects", 1}, {"bytes", 1}});
  EXPECT_FALSE(parse_restore_point(document.dump(), "x").value().stored);
  document["stored"] = nullptr;
  EXPECT_FALSE(parse_restore_point(document.dump(), "x").value().stored);
}

TEST(RestorePointDocument, IsReadable)
{
  const std::string text = serialize(sample());
  EXPECT_TRUE(
      text.contains("\n  \"time\": \"2026-01-15T03:00:00Z\",\n  \"verdict\": \"incomplete\",\n"))
      << text;
  EXPECT_TRUE(text.contains("\"sha256\": \"abababab"));
  EXPECT_TRUE(text.ends_with("}\n"));
}

TEST(RestorePointDocument, ComesBackWithoutDumpAndManifest)
{
  RestorePoint point = sample();
  point.manifest.reset();
  point.database.reset();
  point.problems.clear();
  point.complete = true;
  const Result<RestorePoint> back = parse_restore_point(serialize(point), "x");
  ASSERT_TRUE(back);
  EXPECT_FALSE(back->manifest);
  EXPECT_FALSE(back->database);
  EXPECT_TRUE(back->complete);
}

TEST(RestorePointDocument, NamesTheFirstHundredProblemsAndTheirNumber)
{
  RestorePoint point = sample();
  point.problems.assign(250, {.path = "\xff", .code = "c", .message = "m"});
  point.problem_count = 250;
  const Result<RestorePoint> back = parse_restore_point(serialize(point), "x");
  ASSERT_TRUE(back);
  EXPECT_EQ(back->problems.size(), kProblemsInDocument);
  EXPECT_EQ(back->problem_count, 250U);
  EXPECT_EQ(back->problems.front().path, "\xEF\xBF\xBD");
}

TEST(RestorePointDocument, PassesOverWhatLaterVersionsAdd)
{
  json document = json::parse(serialize(sample()));
  document["proof"] = {{"new", true}};
  document["database"]["audit"] = 3;
  document["problems"].push_back("a text");
  EXPECT_TRUE(parse_restore_point(document.dump(), "x"));
}

TEST(RestorePointDocument, NeedsNoMoreThanTimeAndVerdict)
{
  const Result<RestorePoint> point =
      parse_restore_point(R"({"time": "2026-01-15T03:00:00Z", "verdict": "complete"})", "x");
  ASSERT_TRUE(point) << point.error().message;
  EXPECT_EQ(point->started, point->time);
}

TEST(RestorePointDocument, IsCorruptIfAnythingIsWrong)
{
  struct Case {
    const char* wrong;
    std::function<void(json&)> change;
    const char* says;
  };
  const std::vector<Case> cases{
      {"no time", [](json& j) { j.erase("time"); }, "m.json: lacks 'time'"},
      {"a time that is none", [](json& j) { j["time"] = "yesterday"; },
       "m.json: 'time' is not a time"},
      {"no verdict", [](json& j) { j.erase("verdict"); }, "m.json: lacks 'verdict'"},
      {"an unknown verdict", [](json& j) { j["verdict"] = "fine"; },
       "m.json: 'verdict' is neither complete nor incomplete"},
      {"a verdict of another kind", [](json& j) { j["verdict"] = true; },
       "m.json: 'verdict' is not a text"},
      {"a negative count", [](json& j) { j["files"]["count"] = -1; },
       "m.json: files: 'count' is not a whole number"},
      {"a fraction", [](json& j) { j["files"]["bytes"] = 1.5; },
       "m.json: files: 'bytes' is not a whole number"},
      {"a short digest", [](json& j) { j["manifest"]["sha256"] = "abab"; },
       "m.json: manifest: 'sha256' is not a SHA-256"},
      {"a manifest that is a list", [](json& j) { j["manifest"] = json::array(); },
       "m.json: 'manifest' is not an object"},
      {"a name that leads out", [](json& j) { j["database"]["object"] = "../../etc/passwd"; },
       "m.json: database: 'object' is not an object's name"},
      {"problems that are none", [](json& j) { j["problems"] = 5; },
       "m.json: 'problems' is not an array"},
  };
  for (const Case& c : cases) {
    json document = json::parse(serialize(sample()));
    c.change(document);
    const Result<RestorePoint> point = parse_restore_point(document.dump(), "m.json");
    ASSERT_FALSE(point) << c.wrong;
    EXPECT_EQ(point.error().code, Errc::corrupt) << c.wrong;
    EXPECT_EQ(point.error().message, c.says) << c.wrong;
  }
}

TEST(RestorePointDocument, IsCorruptIfCutAnywhere)
{
  const std::string whole = serialize(sample());
  for (std::size_t length = 0; length + 2 < whole.size(); ++length) {
    const Result<RestorePoint> point = parse_restore_point(whole.substr(0, length), "x");
    ASSERT_FALSE(point) << length;
    EXPECT_EQ(point.error().code, Errc::corrupt);
  }
  for (const char* text : {"", "null", "[]", "5", "\xff", "{\"time\": \"\xff\"}", "{}{}"})
    EXPECT_FALSE(parse_restore_point(text, "x")) << text;
  EXPECT_FALSE(parse_restore_point(std::string(100'000, '['), "x"));
}

TEST(RunMarkDocument, NamesTheRun)
{
  const json mark = json::parse(serialize(
      RunMark{.run = "r", .time = at("2026-01-15T03:00:00Z"), .program_version = "0.1.0"}));
  EXPECT_EQ(mark["run"], "r");
  EXPECT_EQ(mark["time"], "2026-01-15T03:00:00Z");
}

TEST(ProofDocument, ComesBackAsItWas)
{
  const Proof proof{.time = at("2026-01-15T03:00:00Z"),
                    .command = "verify",
                    .program_version = "0.1.0",
                    .ok = true,
                    .restore_point = at("2026-01-14T03:00:00Z"),
                    .objects = 1,
                    .present = 2,
                    .read_back = 3,
                    .read_back_bytes = 4,
                    .damaged = 5};
  const Result<Proof> back = parse_proof(serialize(proof), "proof");
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(serialize(*back), serialize(proof));
  EXPECT_EQ(back->restore_point, proof.restore_point);
  EXPECT_TRUE(back->ok);
  EXPECT_FALSE(parse_proof(R"({"time": "2026-01-15"})", "p"))
      << "without a verdict it proves nothing";
  EXPECT_FALSE(parse_proof(R"({"time": "2026-01-15", "ok": 1})", "p"));
}

}  // namespace
}  // namespace ib::test
