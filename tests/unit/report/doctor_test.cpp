// SPDX-License-Identifier: Apache-2.0
#include "report/doctor.hpp"

#include "support/matchers.hpp"
#include "support/parsed_json.hpp"

namespace ib::test {
namespace {

TEST(DoctorText, GroupsChecksAndPutsWhatMendsThemBelow)
{
  const DoctorReport report{.header = {.command = "doctor"},
                            .checks = {{.area = "store",
                                        .name = "answer",
                                        .verdict = Verdict::ok,
                                        .message = "gs://photos answers"},
                                       {.area = "store",
                                        .name = "restore_point",
                                        .verdict = Verdict::unknown,
                                        .message = "a\nb"},
                                       {.area = "bucket",
                                        .name = "lifecycle",
                                        .verdict = Verdict::problem,
                                        .message = "deletes",
                                        .fix = "gcloud x"}}};
  EXPECT_EQ(to_text(report),
            "store\n"
            "  ok       answer          gs://photos answers\n"
            "  unknown  restore point   a\\nb\n"
            "\n"
            "bucket\n"
            "  problem  lifecycle       deletes\n"
            "                           -> gcloud x\n"
            "\n"
            "1 problem, 1 unknown (3 checks; nothing was changed)\n");
}

TEST(DoctorText, WrapsSentencesAndLeavesCommandsWhole)
{
  std::string words;
  for (int i = 0; i < 40; ++i) words += i == 0 ? "word" : " word";
  const DoctorReport report{
      .checks = {{.area = "store", .name = "clock", .message = words, .fix = words}}};
  const std::string text = to_text(report);
  EXPECT_NE(text.find("word\n                           word"), std::string::npos) << text;
  EXPECT_NE(text.find("-> " + words + "\n"), std::string::npos) << text;
}

TEST(DoctorText, SaysThatAllIsWell)
{
  const DoctorReport report{.checks = {{.area = "store", .name = "clock", .verdict = Verdict::ok}}};
  EXPECT_NE(to_text(report).find("\nall well (1 check; nothing was changed)\n"), std::string::npos);
  EXPECT_EQ(outcome_of(report), Outcome::ok);
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

}  // namespace
}  // namespace ib::test
