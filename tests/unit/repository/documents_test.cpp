// SPDX-License-Identifier: Apache-2.0
#include "repository/documents.hpp"

#include "support/builders.hpp"

#include <gtest/gtest.h>
#include <functional>
#include <nlohmann/json.hpp>

namespace ib::test {
namespace {

using nlohmann::json;

RestorePoint sample()
{
  RestorePoint point{
      .time = time_of("2026-01-15T03:00:00Z"),
      .started = time_of("2026-01-15T02:55:00Z"),
      .run = "20260115T025500Z-abcd",
      .program_version = "0.1.0",
      .covers = {.files = true, .database = true},
      .recorded_by = {.generation = 17,
                      .run = "20260114T025500Z-dcba",
                      .started = time_of("2026-01-14T02:55:00Z")},
      .counts = {
          .files = 1, .bytes = 2, .archived = 3, .archived_bytes = 4, .versions = 5, .placed = 6}};
  point.manifest = ManifestInfo{.object = {"manifest-20260115T030000Z.db"}, .bytes = 6};
  point.manifest->sha256.bytes.fill(std::byte{0xab});
  point.database = DumpInfo{.object = {"database/2026-01-15T03-00-00-immich-v2.3.1.sql.gz"},
                            .bytes = 7,
                            .plain_bytes = 8,
                            .immich_version = "v2.3.1",
                            .schema_level = "1234-Initial",
                            .assets = 9};
  point.audit = Audit{.originals = 9,
                      .proven = 4,
                      .stored = 1,
                      .differs = 1,
                      .missing = 1,
                      .excluded = 1,
                      .deleted = 1,
                      .placed = 2,
                      .edited = 1};
  point.placed_for = "database/2026-01-14T03-00-00-immich-v2.3.1.sql.gz";
  point.extra_roots = {
      {.name = "photos", .folder = "/mnt/photos"},
      {.name = "raw", .folder = "/mnt/raw", .in_immich = {{.path = "/raw", .below = "2019/raw"}}}};
  point.media_roots = {"/srv/immich"};
  point.missed = 3;
  point.accepts_changes = true;
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
  EXPECT_EQ(back->covers, sample().covers);
  EXPECT_EQ(back->recorded_by, sample().recorded_by);
  EXPECT_EQ(back->counts, sample().counts);
  EXPECT_EQ(back->audit, sample().audit);
  EXPECT_EQ(back->placed_for, sample().placed_for);
  EXPECT_EQ(back->extra_roots, sample().extra_roots);
  EXPECT_THAT(back->media_roots, ElementsAre("/srv/immich"));
  EXPECT_EQ(back->missed, 3U);
  EXPECT_TRUE(back->accepts_changes);
  EXPECT_FALSE(back->is_complete());
}

TEST(RestorePointDocument, TellsNothingPlacedFromNoAudit)
{
  RestorePoint point = sample();
  point.placed_for = "";
  EXPECT_EQ(parse_restore_point(serialize(point), "x").value().placed_for, "");
  point.placed_for.reset();
  EXPECT_EQ(parse_restore_point(serialize(point), "x").value().placed_for, std::nullopt);
}

TEST(RestorePointDocument, IsCompleteByWhatItHoldsAndNotByItsVerdict)
{
  json document = json::parse(serialize(sample()));
  document["verdict"] = "complete";
  EXPECT_FALSE(parse_restore_point(document.dump(), "x").value().is_complete());
  document["verdict"] = "incomplete";
  document["audit"]["differs"] = document["audit"]["missing"] = 0;
  EXPECT_TRUE(parse_restore_point(document.dump(), "x").value().is_complete());
}

/// As version 3 wrote it. `database` and `audit` are JSON.
RestorePoint of_version_3(const std::string& verdict, const json& database, const json& audit,
                          std::uint64_t problems = 0)
{
  const json document{{"document", "restore point"},
                      {"time", "2026-01-15T03:00:00Z"},
                      {"verdict", verdict},
                      {"started", "2026-01-15T02:55:00Z"},
                      {"run", "20260115T025500Z-abcd"},
                      {"files", {{"count", 1}, {"bytes", 2}}},
                      {"database", database},
                      {"audit", audit},
                      {"problem_count", problems},
                      {"problems", json::array()}};
  return parse_restore_point(document.dump(), "m.json").value();
}

json dump_of_version_3(bool suspect = false, json left_out = json::array())
{
  return {{"object", "database/2026-01-15T03-00-00-immich-v2.3.1.sql.gz"},
          {"bytes", 7},
          {"sha256", std::string(64, 'a')},
          {"assets", 9},
          {"suspect", suspect},
          {"left_out", std::move(left_out)}};
}

TEST(RestorePointDocumentOfVersion3, IsCompleteIfItsDumpAndAuditAre)
{
  const json dump = dump_of_version_3();
  const json whole{{"originals", 3}, {"proven", 2}, {"stored", 1}};
  const auto audit = [](const char* key) {
    return json{{"originals", 3}, {"proven", 2}, {key, 1}};
  };
  struct Case {
    const char* name;
    RestorePoint point;
    Coverage covers;
    bool complete;
  };
  const Coverage both{.files = true, .database = true};
  const Coverage files{.files = true};
  const Coverage database{.database = true};
  const std::vector<Case> cases{
      {"all protected", of_version_3("complete", dump, whole), both, true},
      {"all protected, and a stray link", of_version_3("incomplete", dump, whole, 1), both, true},
      {"accepted", of_version_3("complete", dump, audit("accepted")), both, true},
      {"a sidecar is missing", of_version_3("incomplete", dump, audit("others_missing"), 1), both,
       true},
      // Its restores put files where the library had them, and not where the dump names them.
      {"gone", of_version_3("complete", dump, audit("gone")), both, false},
      {"moved", of_version_3("complete", dump, audit("moved")), both, false},
      {"deleted meanwhile or left out, and nobody knows which",
       of_version_3("complete", dump, audit("left")), both, false},
      {"differs", of_version_3("incomplete", dump, audit("differs"), 1), both, false},
      {"missing", of_version_3("incomplete", dump, audit("missing"), 1), both, false},
      {"a suspect dump", of_version_3("complete", dump_of_version_3(true), whole), both, false},
      {"a dump without a table's rows",
       of_version_3("complete", dump_of_version_3(false, {"public.asset"}), whole), both, false},
      {"no audit could be made", of_version_3("incomplete", dump, nullptr, 1), both, false},
      {"a dump alone", of_version_3("complete", dump, nullptr), database, true},
      {"files alone", of_version_3("complete", nullptr, nullptr), files, true},
      {"files alone, one not stored", of_version_3("incomplete", nullptr, nullptr, 1), files,
       false},
      {"files alone, of a rebuilt manifest", of_version_3("incomplete", nullptr, nullptr), files,
       false},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(c.point.is_complete(), c.complete) << c.name;
    EXPECT_EQ(c.point.covers, c.covers) << c.name;
  }
  EXPECT_EQ(of_version_3("complete", dump, audit("gone")).audit->elsewhere, 1U);
  EXPECT_EQ(of_version_3("complete", dump, audit("left")).audit->missing, 1U);
}

TEST(RestorePointDocumentOfVersion3, BringsWhatHadBegunUntilItsTime)
{
  const RestorePoint point = of_version_3("incomplete", nullptr, nullptr, 4);
  EXPECT_EQ(point.recorded_by.generation, 1'768'446'000U);
  EXPECT_EQ(point.recorded_by.run, "");
  EXPECT_EQ(point.missed, 4U);
  EXPECT_EQ(point.placed_for, std::nullopt);
  EXPECT_EQ(of_version_3("complete", dump_of_version_3(), {{"originals", 0}}).placed_for, "")
      << "its manifest has placed nothing";
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
  point.covers = {.files = true};
  point.missed = 0;
  const Result<RestorePoint> back = parse_restore_point(serialize(point), "x");
  ASSERT_TRUE(back);
  EXPECT_FALSE(back->manifest);
  EXPECT_FALSE(back->database);
  EXPECT_TRUE(back->is_complete());
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
      {"a coverage that is a word", [](json& j) { j["covers"] = "files"; },
       "m.json: 'covers' is not an object"},
      {"a coverage that is a number", [](json& j) { j["covers"]["files"] = 1; },
       "m.json: covers: 'files' is not true or false"},
      {"a generation that is none", [](json& j) { j["recorded_by"]["generation"] = "17"; },
       "m.json: recorded_by: 'generation' is not a whole number"},
      {"a dump's name that is none", [](json& j) { j["placed_for"] = 1; },
       "m.json: 'placed_for' is not a text"},
      {"roots that are none", [](json& j) { j["extra_roots"] = "photos=/mnt"; },
       "m.json: 'extra_roots' is not an array"},
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

TEST(RestorePointDocument, IsCorruptIfItIsNestedDeeperThanAnyIs)
{
  const std::string deep = std::string(1000, '[') + std::string(1000, ']');
  const std::string document = R"({"time":"2026-01-15T03:00:00Z","verdict":"complete","new":)";
  EXPECT_TRUE(parse_restore_point(document + "[[]]}", "x"));
  EXPECT_FALSE(parse_restore_point(document + deep + "}", "x"));
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
      RunMark{.run = "r", .time = time_of("2026-01-15T03:00:00Z"), .program_version = "0.1.0"}));
  EXPECT_EQ(mark["run"], "r");
  EXPECT_EQ(mark["time"], "2026-01-15T03:00:00Z");
}

TEST(ProofDocument, ComesBackAsItWas)
{
  const Proof proof{.time = time_of("2026-01-15T03:00:00Z"),
                    .command = "verify",
                    .program_version = "0.1.0",
                    .verdict = Proof::Verdict::proven,
                    .restore_point = time_of("2026-01-14T03:00:00Z"),
                    .objects = 1,
                    .present = 2,
                    .read_back = 3,
                    .read_back_bytes = 4,
                    .damaged = 5};
  const Result<Proof> back = parse_proof(serialize(proof), "proof");
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(serialize(*back), serialize(proof));
  EXPECT_EQ(back->restore_point, proof.restore_point);
  EXPECT_EQ(back->verdict, Proof::Verdict::proven);
  EXPECT_FALSE(parse_proof(R"({"time": "2026-01-15"})", "p"))
      << "without a verdict it proves nothing";
  EXPECT_FALSE(parse_proof(R"({"time": "2026-01-15", "ok": 1})", "p"));
  EXPECT_FALSE(parse_proof(R"({"time": "2026-01-15", "verdict": true})", "p"));
}

TEST(ProofDocument, TellsProvenFromNotProvenFromDamaged)
{
  using Verdict = Proof::Verdict;
  for (const Verdict verdict : {Verdict::proven, Verdict::not_proven, Verdict::damaged}) {
    const std::string text = serialize(Proof{.time = time_of("2026-01-15"), .verdict = verdict});
    EXPECT_EQ(parse_proof(text, "p").value().verdict, verdict);
    EXPECT_EQ(json::parse(text)["verdict"], word_for(verdict));
  }
  struct Case {
    const char* fields;
    Verdict verdict;
  };
  const Case cases[] = {
      // A later version may know more verdicts. What is not known here claims nothing.
      {R"("verdict": "likely")", Verdict::not_proven},
      {R"("verdict": "damaged", "ok": true)", Verdict::damaged},
      // Version 3 called it good as well where no server was there to restore a dump on.
      {R"("ok": true)", Verdict::proven},
      {R"("ok": false)", Verdict::damaged},
      {R"("ok": true, "drill": {"restored": true})", Verdict::proven},
      {R"("ok": true, "drill": {"restored": false})", Verdict::not_proven},
      {R"("ok": true, "drill": {})", Verdict::not_proven},
      {R"("ok": true, "drill": null)", Verdict::proven},
      {R"("ok": false, "drill": {"restored": false})", Verdict::damaged},
  };
  for (const Case& c : cases) {
    const std::string text = R"({"time": "2026-01-15T03:00:00Z", )" + std::string(c.fields) + "}";
    const Result<Proof> proof = parse_proof(text, "p");
    ASSERT_TRUE(proof) << text;
    EXPECT_EQ(proof->verdict, c.verdict) << text;
  }
}

TEST(ProofDocument, IsCorruptIfItsDrillIs)
{
  for (const char* drill : {R"({"restored": "yes"})", "5"}) {
    const std::string text =
        R"({"time": "2026-01-15", "verdict": "proven", "drill": )" + std::string(drill) + "}";
    const Result<Proof> proof = parse_proof(text, "p");
    ASSERT_FALSE(proof) << drill;
    EXPECT_EQ(proof.error().code, Errc::corrupt);
  }
}

}  // namespace
}  // namespace ib::test
