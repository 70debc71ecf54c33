// SPDX-License-Identifier: Apache-2.0
#include "report/drill.hpp"

#include "support/builders.hpp"
#include "support/matchers.hpp"
#include "support/parsed_json.hpp"

#include <chrono>

namespace ib::test {
namespace {

using namespace std::chrono_literals;

DrillReport proven()
{
  DrillReport report{.header = {.command = "verify-restore", .elapsed = 61s},
                     .restore_point = time_of("2026-01-15T03:00:00Z")};
  report.dump = DumpInfo{.object = {"database/d.sql.gz"},
                         .bytes = 812ULL << 20U,
                         .immich_version = "v2.3.1",
                         .assets = 2};
  report.dump_read = report.restored = true;
  report.server = "PostgreSQL 17.2";
  report.tables = 52;
  report.rows = 1'200'000;
  report.originals = report.protected_originals = 201'344;
  report.files = 214'031;
  report.due = report.read_back = 4116;
  report.read_back_bytes = 5ULL << 30U;
  report.weeks = 52;
  report.verdict = Proof::Verdict::proven;
  return report;
}

TEST(DrillText, SaysWhatIsProven)
{
  EXPECT_EQ(
      to_text(proven()),
      "dump           database/d.sql.gz (812 MiB, Immich v2.3.1, 2 assets): whole, to its last "
      "line\n"
      "database       restored on PostgreSQL 17.2: 1,200,000 rows in 52 tables\n"
      "proof          201,344 of 201,344 originals that it names come back where it names "
      "them, as Immich recorded them\n"
      "read back      4,116 files of 214,031 (5.0 GiB), each restored and compared byte for "
      "byte\n"
      "all of them    within 52 weeks, with a drill in each\n"
      "               not every file of the library has been read back yet\n"
      "proven         2026-01-15T03:00:00Z: it can be restored, 1 min 1 s\n");
  EXPECT_EQ(outcome_of(proven()), Outcome::ok);
}

TEST(DrillText, SaysWhichOriginalsAreKnownNotToComeBack)
{
  DrillReport report = proven();
  report.protected_originals -= 3;
  EXPECT_THAT(to_text(report),
              EndsWith("proven         2026-01-15T03:00:00Z: it can be restored, but for 3 "
                       "originals, 1 min 1 s\n"));
}

TEST(DrillText, NamesWhatTheServerCouldNotTake)
{
  DrillReport report = proven();
  report.left_out = {"index public.clip_index", "table public.\nsmart_search"};
  EXPECT_THAT(to_text(report), HasSubstr("\nleft out       index public.clip_index\n"
                                         "left out       table public.\\nsmart_search\n"));
}

TEST(DrillText, ProvesFilesAloneWhereThereIsNoDump)
{
  DrillReport report = proven();
  report.dump.reset();
  report.dump_read = report.restored = false;
  report.originals = report.protected_originals = 0;
  const std::string text = to_text(report);
  EXPECT_THAT(text, StartsWith("read back "));
  EXPECT_THAT(text, EndsWith("proven         2026-01-15T03:00:00Z: its files can be restored, 1 "
                             "min 1 s\n"));
}

TEST(DrillText, SaysThatWithoutAServerNothingIsProven)
{
  DrillReport report = proven();
  report.restored = false;
  report.verdict = Proof::Verdict::not_proven;
  report.header.problems = {{.path = "",
                             .code = "not_proven",
                             .message = "the dump was read and not restored",
                             .hint = "Install PostgreSQL."}};
  const std::string text = to_text(report);
  EXPECT_THAT(text, HasSubstr("not proven     2026-01-15T03:00:00Z: incomplete, 1 problem, 1 min 1 "
                              "s\n\n1 problem:\n  the dump was read and not restored\n"));
  EXPECT_THAT(text, Not(HasSubstr("proof ")));
  EXPECT_EQ(outcome_of(report), Outcome::incomplete);
}

TEST(DrillText, NamesDamage)
{
  DrillReport report = proven();
  report.damaged = 1;
  report.verdict = Proof::Verdict::damaged;
  report.header.problems = {{.path = "/upload/a.jpg", .code = "object_damaged", .message = "bad"}};
  EXPECT_THAT(to_text(report),
              HasSubstr("damaged        1 thing is not as recorded\n"
                        "damaged        2026-01-15T03:00:00Z: damage was found, 1 min 1 s\n"));
  EXPECT_EQ(outcome_of(report), Outcome::damaged);
}

TEST(DrillJson, HasTheVerdictAndWhatItRestsOn)
{
  DrillReport report = proven();
  report.left_out = {"index public.clip_index"};
  json out = parsed(to_json(report));
  EXPECT_THAT(keys(out), IsSupersetOf(kHeader));
  EXPECT_EQ(out["result"], "ok");
  EXPECT_EQ(out["verdict"], "proven");
  EXPECT_EQ(out["restore_point"], "2026-01-15T03:00:00Z");
  EXPECT_EQ(out["dump"], json({{"object", "database/d.sql.gz"}, {"read", true}}));
  EXPECT_EQ(out["database"], json({{"restored", true},
                                   {"server", "PostgreSQL 17.2"},
                                   {"tables", 52},
                                   {"rows", 1'200'000},
                                   {"left_out", {"index public.clip_index"}},
                                   {"more_than_immichs", nullptr}}));
  report.more_than_immichs = 2;
  EXPECT_EQ(parsed(to_json(report))["database"]["more_than_immichs"], 2);
  EXPECT_EQ(out["originals"], json({{"named", 201'344}, {"protected", 201'344}}));
  EXPECT_EQ(out["files"], json({{"total", 214'031}, {"due", 4116}}));
  EXPECT_TRUE(out["proven_since"].is_null());
  report.verdict = Proof::Verdict::not_proven;
  report.dump.reset();
  report.header.problems = {{.path = "", .code = "not_proven", .message = "m"}};
  out = parsed(to_json(report));
  EXPECT_EQ(out["verdict"], "not_proven");
  EXPECT_EQ(out["result"], "incomplete");
  EXPECT_TRUE(out["dump"].is_null());
  report.verdict = Proof::Verdict::damaged;
  report.damaged = 1;
  out = parsed(to_json(report));
  EXPECT_EQ(out["verdict"], "damaged");
  EXPECT_EQ(out["result"], "failed");
}

}  // namespace
}  // namespace ib::test
