// SPDX-License-Identifier: Apache-2.0
#include "report/rebuild_manifest.hpp"

#include "support/builders.hpp"
#include "support/parsed_json.hpp"

#include <gtest/gtest.h>
#include <chrono>

namespace ib::test {
namespace {

using namespace std::chrono_literals;

TEST(RebuildText, TellsWhatWasRecovered)
{
  const RebuildReport report{.header = {.elapsed = 2s},
                             .based_on = std::nullopt,
                             .objects = 10,
                             .read_back = 10,
                             .added = 9,
                             .dropped = 1,
                             .totals = {.files = 9, .bytes = 100},
                             .manifest = std::nullopt,
                             .restore_point = time_of("2026-01-15T03:00:00Z")};
  EXPECT_EQ(to_text(report),
            "based on       the store's objects alone: no manifest could be read\n"
            "store          10 objects that hold files, 10 read back\n"
            "added          9 contents that the manifest did not know\n"
            "dropped        1 entry whose object is missing or damaged; the next backup stores the "
            "files again\n"
            "library        9 files (100 B)\n"
            "restore point  2026-01-15T03:00:00Z: rebuilt, 2.0 s\n");
}

TEST(RebuildText, NamesWhatHasAnotherDateNow)
{
  RebuildReport report{.header = {.command = "rebuild-manifest"},
                       .restore_point = at(1'700'000'000),
                       .redated = std::vector<Redated>{
                           {{"manifest-20270115T030000Z.db"}, {"manifest-20260115T030000Z.db"}}}};
  EXPECT_EQ(to_text(report),
            "redated        manifest-20270115T030000Z.db is manifest-20260115T030000Z.db now\n"
            "restore point  the newest is that of 2023-11-14T22:13:20Z\n");
  EXPECT_EQ(parsed(to_json(report))["redated"][0]["to"], "manifest-20260115T030000Z.db");
  report.redated->clear();
  report.restore_point.reset();
  EXPECT_THAT(to_text(report), HasSubstr("nothing is dated after this clock"));
  EXPECT_EQ(outcome_of(report), Outcome::ok);
}

TEST(RebuildJson, CountsContents)
{
  EXPECT_EQ(parsed(to_json(RebuildReport{.added = 4}))["objects"]["added"], 4);
}

}  // namespace
}  // namespace ib::test
