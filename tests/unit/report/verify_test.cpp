// SPDX-License-Identifier: Apache-2.0
#include "report/verify.hpp"

#include "support/builders.hpp"
#include "support/matchers.hpp"
#include "support/parsed_json.hpp"

#include <chrono>

namespace ib::test {
namespace {

using namespace std::chrono_literals;

VerifyReport verified()
{
  return {.header = {.elapsed = 4s},
          .restore_point = time_of("2026-01-15T03:00:00Z"),
          .objects = 214'031,
          .object_bytes = 1ULL << 40U,
          .present = 214'031};
}

TEST(VerifyText, SaysWhatAListingDoesNotProve)
{
  EXPECT_EQ(to_text(verified()),
            "listing        214,031 of 214,031 objects (1.0 TiB): there, with the recorded size\n"
            "not proven     a folder's listing proves names and sizes; --all reads the bytes\n"
            "verified       2026-01-15T03:00:00Z: no damage found, 4.0 s\n");
  VerifyReport cloud = verified();
  cloud.listing_has_checksums = true;
  EXPECT_TRUE(to_text(cloud).contains("with the recorded size and CRC32C\n"));
}

TEST(VerifyText, LeavesNothingUnprovenAfterReadingAll)
{
  VerifyReport report = verified();
  report.read_back = report.objects;
  report.read_back_bytes = report.object_bytes;
  report.dump_checked = true;
  EXPECT_EQ(to_text(report),
            "listing        214,031 of 214,031 objects (1.0 TiB): there, with the recorded size\n"
            "read back      214,031 objects (1.0 TiB): byte for byte as recorded\n"
            "database       the dump was read to its end: whole\n"
            "verified       2026-01-15T03:00:00Z: no damage found, 4.0 s\n");
}

TEST(VerifyText, NamesDamage)
{
  VerifyReport report = verified();
  report.present -= 1;
  report.damaged = 1;
  report.unknown_objects = 2;
  report.header.problems = {{.path = "/upload/a.jpg",
                             .code = "object_missing",
                             .message = "library/upload/a.jpg: missing from the store"}};
  EXPECT_EQ(to_text(report),
            "listing        214,030 of 214,031 objects (1.0 TiB): there, with the recorded size\n"
            "damaged        1 object is missing or not what was recorded\n"
            "unknown        2 objects that no manifest names: of a run that was interrupted, or a "
            "stranger's\n"
            "not proven     a folder's listing proves names and sizes; --all reads the bytes\n"
            "verified       2026-01-15T03:00:00Z: damage was found, 4.0 s\n"
            "\n"
            "1 problem:\n"
            "  library/upload/a.jpg: missing from the store\n");
  EXPECT_EQ(outcome_of(report), Outcome::damaged);
}

TEST(VerifyJson, CallsDamageFailed)
{
  const json out = parsed(to_json(VerifyReport{.objects = 3, .present = 2, .damaged = 1}));
  EXPECT_THAT(keys(out), IsSupersetOf(kHeader));
  EXPECT_EQ(out["result"], "failed");
  EXPECT_EQ(out["objects"]["named"], 3);
  EXPECT_EQ(out["objects"]["damaged"], 1);
}

}  // namespace
}  // namespace ib::test
