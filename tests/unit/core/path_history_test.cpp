// SPDX-License-Identifier: Apache-2.0
#include "core/records/path_history.hpp"

#include "support/builders.hpp"

namespace ib::test {
namespace {

PathState state(std::string_view bytes, std::int64_t since, std::optional<std::int64_t> until,
                bool archived = false)
{
  PathState state{.record = file_record("/upload/a.jpg", bytes, since)};
  state.record.archived = archived;
  if (until) state.until = at(*until);
  return state;
}

std::vector<PathEvent> events(const PathHistory& history)
{
  std::vector<PathEvent> events;
  for (const HistoryEntry& entry : history.entries) events.push_back(entry.event);
  return events;
}

std::vector<std::optional<Timestamp>> points(const PathHistory& history)
{
  std::vector<std::optional<Timestamp>> points;
  for (const HistoryEntry& entry : history.entries) points.push_back(entry.restore_at);
  return points;
}

TEST(PathHistories, SayWhatBeganWithEachState)
{
  PathState moved = state("one", 50, std::nullopt);
  moved.record.object = ObjectName{"versions/upload/a.jpg/x"};
  const PathHistory history = history_of({state("one", 10, 20), state("two", 20, 30),
                                          state("two", 30, 40, true), state("one", 40, 50), moved},
                                         {});
  EXPECT_EQ(history.path, "/upload/a.jpg");
  EXPECT_THAT(events(history),
              ElementsAre(PathEvent::added, PathEvent::changed, PathEvent::archived,
                          PathEvent::returned, PathEvent::stored_again));
}

TEST(PathHistories, TellWhatWasKeptAsideFromWhatThePathHeld)
{
  const PathHistory history = history_of(
      {state("one", 10, std::nullopt), state("rot", 20, 20), state("one", 30, std::nullopt)},
      std::vector{at(25)});
  EXPECT_THAT(events(history),
              ElementsAre(PathEvent::added, PathEvent::kept_aside, PathEvent::stored_again));
  EXPECT_THAT(points(history), ElementsAre(at(25), std::nullopt, std::nullopt));
}

TEST(PathHistories, NameTheNewestRestorePointThatBringsAStateBack)
{
  const std::vector<Timestamp> restore_points{at(11), at(15), at(21), at(31), at(41)};
  const PathHistory history =
      history_of({state("one", 10, 20), state("two", 20, 30), state("two", 30, 40, true),
                  state("one", 40, std::nullopt)},
                 restore_points);
  EXPECT_THAT(points(history), ElementsAre(at(15), at(21), std::nullopt, at(41)));
}

TEST(PathHistories, TakeTheBeginningInAndTheEndOut)
{
  const PathHistory history = history_of({state("one", 10, 20), state("two", 20, std::nullopt)},
                                         std::vector{at(10), at(20)});
  EXPECT_THAT(points(history), ElementsAre(at(10), at(20)));
}

TEST(PathHistories, NameNoRestorePointWhereNoneWasWrittenMeanwhile)
{
  const PathHistory history = history_of({state("one", 10, 20), state("two", 20, std::nullopt)},
                                         std::vector{at(5), at(25)});
  EXPECT_THAT(points(history), ElementsAre(std::nullopt, at(25)));
}

TEST(PathHistories, NameNoRestorePointThatWouldBringBackAnotherStateOfTheSameTime)
{
  // Two runs that did not know of each other: from 20 to 30 both states hold, and a restore takes
  // the later.
  const PathHistory history =
      history_of({state("one", 10, 30), state("two", 20, 30), state("three", 30, std::nullopt)},
                 std::vector{at(15), at(25)});
  EXPECT_THAT(points(history), ElementsAre(at(15), at(25), std::nullopt));
}

}  // namespace
}  // namespace ib::test
