// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.hpp"

#include "report/layout.hpp"
#include "support/builders.hpp"

namespace ib::test {
namespace {

Terminal terminal(std::size_t columns, std::chrono::minutes offset = {}, bool coloured = false)
{
  return {
      .columns = columns, .coloured = coloured, .offset = [offset](Timestamp) { return offset; }};
}

TEST(TerminalText, BreaksRowsAtTheirSecondColumnAndOtherLinesAtTheirIndent)
{
  Rows rows;
  rows.add("library", "214,031 files: 37 new (214 MiB), 1 changed, and 2 that are gone since");
  EXPECT_EQ(for_terminal(rows.text(), terminal(60)),
            "library        214,031 files: 37 new (214 MiB), 1 changed,\n"
            "               and 2 that are gone since\n");
  EXPECT_EQ(for_terminal("  the file changed while it was being read, and the next run takes it\n",
                         terminal(60)),
            "  the file changed while it was being read, and the next run\n"
            "      takes it\n");
  EXPECT_EQ(for_terminal(rows.text(), terminal(120)), rows.text());
}

TEST(TerminalText, BreaksNeitherWordsNorCommandsNorTables)
{
  const std::string path(100, 'x');
  EXPECT_EQ(for_terminal("see " + path + " there\n", terminal(60)),
            "see\n    " + path + "\n    there\n");
  EXPECT_EQ(for_terminal("It is best to do it with `immich-backup verify --all` afterwards.\n",
                         terminal(60)),
            "It is best to do it with `immich-backup verify --all`\n    afterwards.\n");
  EXPECT_EQ(for_terminal("one ` alone in a line that is so long that it has to be broken once\n",
                         terminal(60)),
            "one ` alone in a line that is so long that it has to be\n    broken once\n");
  const std::string table =
      "    1.2 KiB  2026-01-15  /a path with spaces that is as long as this one\n";
  EXPECT_EQ(for_terminal(table, terminal(60)), table);
  EXPECT_EQ(for_terminal("", terminal(60)), "");
  EXPECT_EQ(for_terminal("\n\n", terminal(60)), "\n\n");
  EXPECT_EQ(for_terminal("   ", terminal(60)), "   ");
}

TEST(TerminalText, CountsCharactersAndNotBytes)
{
  std::string line;
  for (int i = 0; i < 30; ++i) line += "ü";
  line += " ";
  for (int i = 0; i < 29; ++i) line += "ö";
  EXPECT_EQ(for_terminal(line + "\n", terminal(60)), line + "\n");
}

TEST(TerminalText, ShowsTimesOfTheWallButNotInCommandsAndNames)
{
  const Terminal india = terminal(120, std::chrono::minutes(330));
  EXPECT_EQ(with_local_times("2026-01-15T20:00:00Z /a", india), "2026-01-16 01:30+05:30 /a");
  EXPECT_EQ(with_local_times("at 2026-01-15T03:00:00Z", terminal(120, std::chrono::minutes(-210))),
            "at 2026-01-14 23:30-03:30");
  for (const std::string same :
       {"`restore --at 2026-01-15T03:00:00Z ...` takes it", "restore --at 2026-01-15T03:00:00Z",
        "/a 2026-01-15T03:00:00Z", "2026-01-15T03:00:00Z.jpg", "/x-2026-01-15T03:00:00Z",
        "/2026-01-15T03:00:00Z", "2026-13-15T03:00:00Z", "2026-01-15T03:00:00", "2026-01-15"}) {
    EXPECT_EQ(with_local_times(same, india), same);
  }
  EXPECT_EQ(with_local_times("2026-01-15T03:00:00Z", terminal(120)), "2026-01-15T03:00:00Z");
  EXPECT_EQ(heading_for_terminal("{time              }  path", india),
            "time                    path\n");
  EXPECT_EQ(heading_for_terminal("{time              }  path", terminal(120)),
            "time                  path\n");
}

TEST(TerminalText, ColoursWhatTheReportSaysAndNotWhatItQuotes)
{
  const Terminal coloured = terminal(120, {}, true);
  Rows rows;
  rows.add("restore point", "2026-01-15T03:00:00Z: complete, 4 min 50 s");
  EXPECT_EQ(for_terminal(rows.text(), coloured),
            "restore point  2026-01-15T03:00:00Z: \x1b[32mcomplete\x1b[0m, 4 min 50 s\n");
  Rows bad;
  bad.add("verdict", "incomplete, 2 problems");
  EXPECT_EQ(for_terminal(bad.text(), coloured),
            "verdict        \x1b[33mincomplete\x1b[0m, 2 problems\n");
  for (const std::string same : {"  /upload/complete: is gone\n", "note           it is complete\n",
                                 "library        /incomplete-1/ is left out\n"}) {
    EXPECT_EQ(for_terminal(same, coloured), same);
  }
}

TEST(TerminalText, IndentsWhatFollowsTheFirstLineOfAMessage)
{
  EXPECT_EQ(message_for_terminal("immich-backup: the database was not dumped: it does not answer\n"
                                 "    Start it.\n",
                                 terminal(60)),
            "immich-backup: the database was not dumped: it does not\n    answer\n    Start it.\n");
}

}  // namespace
}  // namespace ib::test
