// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/history.hpp"

#include "support/matchers.hpp"
#include "support/settings.hpp"

namespace ib::test {
namespace {

TEST(HistoryJob, NeedsAPath)
{
  EXPECT_EQ(history_job({}).error().code, Errc::invalid);
  EXPECT_EQ(history_job({""}).error().code, Errc::invalid);
  EXPECT_THAT(history_job({"/a"})->paths, ElementsAre("/a"));
}

TEST(RestoreCommand, RepeatsWhatTheCommandLineSaysOfTheStore)
{
  EXPECT_EQ(restore_command_of(*parse_command_line("immich-backup", {"history", "/a"})),
            "immich-backup restore");
  EXPECT_EQ(restore_command_of(*parse_command_line(
                "immich-backup", {"history", "/a", "--store", "file:///my disk"})),
            "immich-backup restore --store 'file:///my disk'");
}

}  // namespace
}  // namespace ib::test
