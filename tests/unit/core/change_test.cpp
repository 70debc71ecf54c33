// SPDX-License-Identifier: Apache-2.0
#include "core/planning/change.hpp"

#include "core/planning/plan.hpp"
#include "support/builders.hpp"

namespace ib::test {
namespace {

TEST(JudgeChange, AsksWhatImmichRecordedBeforeItBelievesSizeAndTime)
{
  const Content stored = content_of("stored");
  const Content read = content_of("read");
  const Content other = content_of("other");
  struct Row {
    ReadReason reason;
    std::optional<Sha1> immich;
    Change expected;
  };
  const Row rows[] = {
      {ReadReason::size_differs, std::nullopt, Change::edited},
      {ReadReason::mtime_differs, std::nullopt, Change::edited},
      {ReadReason::recheck, std::nullopt, Change::edited},
      {ReadReason::rehash, std::nullopt, Change::unexplained},
      {ReadReason::suspect, std::nullopt, Change::unexplained},
      {ReadReason::mtime_differs, stored.sha1, Change::edited_in_place},
      {ReadReason::size_differs, stored.sha1, Change::edited_in_place},
      {ReadReason::rehash, stored.sha1, Change::damaged},
      {ReadReason::suspect, stored.sha1, Change::damaged},
      {ReadReason::rehash, read.sha1, Change::edited},
      {ReadReason::suspect, read.sha1, Change::edited},
      {ReadReason::mtime_differs, other.sha1, Change::edited},
      {ReadReason::rehash, other.sha1, Change::unexplained},
  };
  for (const Row& row : rows)
    EXPECT_EQ(judge_change(row.reason, stored, read, row.immich), row.expected)
        << static_cast<int>(row.reason);
}

TEST(Tripwire, NeedsALargeShareAndNotJustAnAlbum)
{
  const Tripwire wire;  // 30 %, at least 100
  EXPECT_FALSE(wire.trips(0, 0));
  EXPECT_FALSE(wire.trips(99, 100));
  EXPECT_TRUE(wire.trips(100, 100));
  EXPECT_FALSE(wire.trips(300, 1000));
  EXPECT_TRUE(wire.trips(301, 1000));
  EXPECT_FALSE(wire.trips(100'000, 1'000'000));
  EXPECT_FALSE((Tripwire{.share = 1}.trips(1000, 1000)));
  EXPECT_TRUE((Tripwire{.share = 0}.trips(100, 1'000'000)));
}

}  // namespace
}  // namespace ib::test
