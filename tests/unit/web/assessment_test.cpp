// SPDX-License-Identifier: Apache-2.0
#include "web/assessment.hpp"

#include "support/matchers.hpp"

namespace ib::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Timestamp kNewest = *parse_timestamp("2026-01-15T03:34:00Z");
const Timestamp kNow = *parse_timestamp("2026-01-15T12:00:00Z");

std::chrono::minutes utc(Timestamp /*time*/)
{
  return {};
}

/// Of a backup that is as it should be.
Json healthy()
{
  return Json::parse(R"({
    "command": "status", "result": "ok", "problems": [], "notes": [],
    "newest": {"time": "2026-01-15T03:34:00Z", "verdict": "complete", "problem_count": 0,
               "files": {"files": 50000, "bytes": 9},
               "audit": {"originals": 48213, "protected": 48213}},
    "newest_complete": {"time": "2026-01-15T03:34:00Z", "verdict": "complete",
               "audit": {"originals": 48213, "protected": 48213}},
    "restores": "2026-01-15T03:34:00Z", "doubts": [],
    "last_verified": "2026-01-11T05:00:00Z", "last_verified_ok": true, "damage_found": null,
    "last_drill": "2026-01-01T06:00:00Z", "drill_proven": "2026-01-01T06:00:00Z"})");
}

class Assessments : public testing::Test {
protected:
  Assessment assessment(Timestamp now = kNow) const
  {
    return judge(answer_, service_, schedule_, utc, now);
  }
  /// At another time than the answer that there is.
  Assessment asked_anew(Timestamp now)
  {
    answer_.answered = now;
    return assessment(now);
  }
  Json& status() { return *answer_.status; }

  LastAnswer answer_{.status = healthy(), .answered = kNow};
  SupervisorState service_;
  std::optional<Schedule> schedule_ =
      Schedule{.text = "30 3 * * *", .times = *CronSchedule::parse("30 3 * * *")};
};

TEST_F(Assessments, AreGreenWhereEverythingWouldComeBack)
{
  service_.next.front() = Turn{.due = kNow, .at = *parse_timestamp("2026-01-16T03:30:00Z")};
  const Assessment assessment = this->assessment();
  EXPECT_EQ(assessment.colour, Colour::green);
  EXPECT_EQ(assessment.sentence,
            "48,213 of 48,213 originals would come back, as of 2026-01-15T03:34:00Z. A restore was "
            "tried, and worked, on 2026-01-01T06:00:00Z. Next backup at 2026-01-16T03:30:00Z.");
  EXPECT_THAT(assessment.concerns, testing::IsEmpty());
}

TEST_F(Assessments, AreNoLongerGreenAfterOneAndAHalfIntervals)
{
  // The night of the 16th is missed at 03:30, and half a day is waited for it.
  EXPECT_EQ(asked_anew(*parse_timestamp("2026-01-16T15:30:00Z")).colour, Colour::green);
  const Assessment late = asked_anew(*parse_timestamp("2026-01-16T15:30:01Z"));
  EXPECT_EQ(late.colour, Colour::yellow);
  ASSERT_THAT(late.concerns, SizeIs(1));
  EXPECT_THAT(late.concerns[0].text, HasSubstr("35 h 56 min old"));
  EXPECT_EQ(asked_anew(*parse_timestamp("2026-01-19T15:30:00Z")).colour, Colour::red);
  schedule_ = Schedule{.text = "@weekly", .times = *CronSchedule::parse("@weekly")};
  EXPECT_EQ(asked_anew(*parse_timestamp("2026-01-19T15:30:00Z")).colour, Colour::green);
  // Another one starts the backups, at whatever hour of the night.
  schedule_.reset();
  EXPECT_EQ(asked_anew(*parse_timestamp("2026-01-16T15:34:00Z")).colour, Colour::green);
  EXPECT_EQ(asked_anew(*parse_timestamp("2026-01-16T15:34:01Z")).colour, Colour::yellow);
}

TEST_F(Assessments, AreNotGreenWhereTheNewestBackupHadProblems)
{
  status()["newest"]["problem_count"] = 1U;
  status()["newest_problems"] =
      Json::parse(R"([{"path": "", "code": "missing_but_kept", "message": "46 files are missing",
                       "hint": "Is the disk mounted?"}])");
  const Assessment assessment = this->assessment();
  EXPECT_EQ(assessment.colour, Colour::yellow);
  ASSERT_THAT(assessment.concerns, SizeIs(2));
  EXPECT_EQ(assessment.concerns[1].text, "46 files are missing");
  EXPECT_EQ(assessment.concerns[1].fix, "Is the disk mounted?");
}

TEST_F(Assessments, GoByTheClockOfTheStore)
{
  status()["age_s"] = 30'360U;  // at 12:00
  EXPECT_EQ(assessment().colour, Colour::green);
  // This machine's clock is a year ahead, or behind.
  for (const auto wrong : {hours(24 * 365), hours(-24 * 365)}) {
    answer_.answered = kNow + wrong;
    EXPECT_EQ(assessment(kNow + wrong + minutes(20)).colour, Colour::green);
  }
  status()["age_s"] = 30'360U + 28 * 3600;
  for (const auto wrong : {hours(24 * 365), hours(-24 * 365)}) {
    answer_.answered = kNow + wrong;
    EXPECT_EQ(assessment(kNow + wrong).colour, Colour::yellow);
  }
}

TEST_F(Assessments, AreRedWhereSomethingWouldNotComeBack)
{
  const auto red = [&](const auto& change) {
    answer_.status = healthy();
    change(*answer_.status);
    const Assessment assessment = this->assessment();
    EXPECT_EQ(assessment.colour, Colour::red) << assessment.sentence;
    EXPECT_TRUE(!assessment.concerns.empty() && assessment.concerns[0].is_problem);
    return assessment.sentence;
  };
  red([](Json& status) { status["damage_found"] = "2026-01-14T05:00:00Z"; });
  red([](Json& status) { status["last_drill"] = "2026-01-14T05:00:00Z"; });
  red([](Json& status) {
    status["last_drill"] = "2026-01-14T05:00:00Z";
    status["drill_proven"] = nullptr;
  });
  EXPECT_THAT(red([](Json& status) {
                status["newest"]["verdict"] = "incomplete";
                status["newest"]["audit"]["protected"] = 48210U;
                status["newest_complete"] = nullptr;
              }),
              StartsWith("48,210 of 48,213 originals would come back"));
  EXPECT_THAT(red([](Json& status) {
                status["newest"] = nullptr;
                status["restores"] = nullptr;
              }),
              StartsWith("Nothing would come back"));
}

TEST_F(Assessments, SayThatNotAllComesBackWhereTheOwnerKnows)
{
  status()["newest"]["audit"]["protected"] = 48200U;
  const Assessment assessment = this->assessment();
  EXPECT_EQ(assessment.colour, Colour::green);
  EXPECT_THAT(assessment.sentence, StartsWith("48,200 of 48,213 originals would come back"));
  ASSERT_THAT(assessment.concerns, SizeIs(1));
  EXPECT_THAT(assessment.concerns[0].text, StartsWith("13 originals would not come back."));
}

TEST_F(Assessments, DoNotSayThatAllComesBackWhereDamageIsOpen)
{
  status()["damage_found"] = "2026-01-14T05:00:00Z";
  EXPECT_THAT(assessment().sentence,
              StartsWith("Damage was found on 2026-01-14T05:00:00Z. But for that: 48,213"));
}

TEST_F(Assessments, DoNotPraiseAnEarlierDrillThanTheLast)
{
  status()["last_drill"] = "2026-01-14T05:00:00Z";
  EXPECT_THAT(assessment().sentence,
              HasSubstr("A restore was tried on 2026-01-14T05:00:00Z, which did not prove"));
  EXPECT_THAT(assessment().sentence, Not(HasSubstr("worked")));
}

TEST_F(Assessments, TellOfThePointThatARestoreTakes)
{
  status()["newest"]["verdict"] = "incomplete";
  status()["newest"]["time"] = "2026-01-16T03:34:00Z";
  status()["newest"]["audit"]["protected"] = 7U;
  EXPECT_THAT(
      assessment().sentence,
      StartsWith("48,213 of 48,213 originals would come back, as of 2026-01-15T03:34:00Z."));
}

TEST_F(Assessments, SayWhereNothingWasComparedWithTheDatabase)
{
  status()["newest"]["audit"] = nullptr;
  EXPECT_THAT(assessment().sentence, StartsWith("50,000 files would come back, as of "
                                                "2026-01-15T03:34:00Z. They were not compared"));
}

TEST_F(Assessments, AreYellowWhereSomethingIsToBeLookedAt)
{
  const auto yellow = [&](const auto& change) {
    answer_.status = healthy();
    change(*answer_.status);
    const Assessment assessment = this->assessment();
    EXPECT_EQ(assessment.colour, Colour::yellow) << assessment.sentence;
    EXPECT_THAT(assessment.concerns, SizeIs(1));
  };
  yellow([](Json& status) {
    status["last_drill"] = nullptr;
    status["drill_proven"] = nullptr;
  });
  yellow([](Json& status) {
    status["last_drill"] = "2025-12-11T11:59:59Z";
    status["drill_proven"] = "2025-12-11T11:59:59Z";
  });
  yellow([](Json& status) { status["doubts"] = {"half of the photos are gone"}; });
  yellow([](Json& status) {
    status["problems"] = {{{"code", "not_signed"}, {"message", "something"}, {"hint", "Do it."}}};
  });
}

TEST_F(Assessments, WaitAYearForTheDrillOfAnEncryptedStore)
{
  answer_.status = healthy();
  Json& status = *answer_.status;
  status["encrypted"] = true;
  status["last_drill"] = status["drill_proven"] = "2025-01-01T06:00:00Z";
  EXPECT_EQ(assessment().colour, Colour::green);
  status["last_drill"] = status["drill_proven"] = "2024-11-01T06:00:00Z";
  EXPECT_EQ(assessment().colour, Colour::yellow);
  ASSERT_THAT(assessment().concerns, SizeIs(1));
  EXPECT_THAT(assessment().concerns[0].text, HasSubstr("more than 400 days ago"));
}

TEST_F(Assessments, KnowWhatNeverReachedTheStore)
{
  const RecordedRun failed{.id = "a",
                           .job = Job::backup,
                           .run = {.due = kNow, .began = kNow, .ended = kNow, .exit_status = 2}};
  service_.runs = {failed};
  EXPECT_EQ(assessment().colour, Colour::yellow);
  EXPECT_THAT(assessment().concerns[0].text, HasSubstr("exit status 2"));
  service_.running = RunningJob{.id = "a", .job = Job::backup};
  EXPECT_EQ(assessment().colour, Colour::green);
  service_.running.reset();
  RecordedRun well = failed;
  well.id = "b";
  well.run.exit_status = 0;
  service_.runs.push_back(well);
  EXPECT_EQ(assessment().colour, Colour::green);
}

TEST_F(Assessments, AreGreyWhereTheStoreDoesNotAnswer)
{
  answer_.failure = Problem{.code = "unavailable", .message = "no route to host"};
  const Assessment known = assessment();
  EXPECT_EQ(known.colour, Colour::grey);
  EXPECT_THAT(known.sentence, StartsWith("The store does not answer. As of 2026-01-15T12:00:00Z: "
                                         "48,213 of 48,213 originals would come back"));
  // Nor where nobody has noticed that it does not.
  answer_.failure.reset();
  EXPECT_EQ(assessment(kNow + minutes(30)).colour, Colour::green);
  EXPECT_EQ(assessment(kNow + minutes(31)).colour, Colour::grey);
  answer_.failure = Problem{.code = "unavailable", .message = "no route to host"};
  answer_.status.reset();
  EXPECT_EQ(assessment().colour, Colour::grey);
  EXPECT_THAT(assessment().sentence, HasSubstr("no route to host"));
  answer_.failure.reset();
  EXPECT_EQ(assessment().colour, Colour::grey);
}

TEST_F(Assessments, AreRedWithoutAStore)
{
  service_.obstacle = Error{.message = "no store at file:///x", .hint = "immich-backup init"};
  const Assessment assessment = this->assessment();
  EXPECT_EQ(assessment.colour, Colour::red);
  EXPECT_EQ(assessment.concerns[0].fix, "immich-backup init");
}

TEST_F(Assessments, DoNotTrustTheShapeOfAnAnswer)
{
  for (const std::string_view text :
       {"{}", R"({"newest":7})", R"({"newest":{"time":"x","files":[]},"restores":3})",
        R"({"newest":{"audit":{"protected":"many"}},"doubts":"x","problems":[1,{"message":2}]})"}) {
    answer_.status = Json::parse(text);
    EXPECT_NE(assessment().colour, Colour::green) << text;
  }
}

}  // namespace
}  // namespace ib::test
