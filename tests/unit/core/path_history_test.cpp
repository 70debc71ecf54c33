// SPDX-License-Identifier: Apache-2.0
#include "core/records/path_history.hpp"

#include "support/builders.hpp"

namespace ib::test {
namespace {

/// The run of a generation that `name` tells from the others of that generation.
RecordingRun run(std::uint64_t generation, std::string name = "")
{
  return {.generation = generation,
          .run = "run-" + std::to_string(generation) + std::move(name),
          .started = at(0)};
}

PathState state(std::string_view bytes, RecordingRun since,
                std::optional<RecordingRun> until = std::nullopt, bool archived = false)
{
  PathState state{.record = file_record("/upload/a.jpg", bytes),
                  .since = std::move(since),
                  .until = std::move(until)};
  state.record.archived = archived;
  return state;
}

PathState state(std::string_view bytes, std::uint64_t since,
                std::optional<std::uint64_t> until = std::nullopt, bool archived = false)
{
  return state(bytes, run(since), until ? std::optional(run(*until)) : std::nullopt, archived);
}

PathState placed(std::string_view bytes)
{
  return {.record = file_record("/upload/a.jpg", bytes), .placed = true};
}

/// The restore point of a run, whose time says the number of both.
RestorablePoint point(std::int64_t time, const RecordingRun& recorded_by)
{
  return {.time = at(time),
          .generation = recorded_by.generation,
          .run = recorded_by.run,
          .places = true};
}

RestorablePoint point(std::uint64_t generation)
{
  return point(static_cast<std::int64_t>(generation), run(generation));
}

/// As of version 3: a second stands for the generation, and no run is known.
RestorablePoint point_of_version_3(std::uint64_t second)
{
  return {.time = at(static_cast<std::int64_t>(second)), .generation = second};
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
  PathState moved = state("one", 50);
  moved.record.object = ObjectName{"versions/upload/a.jpg/x"};
  const PathHistory history =
      history_of({state("one", 10, 20), state("two", 20, 30), state("two", 30, 40, true),
                  state("one", 40, 50), moved, placed("three")},
                 {});
  EXPECT_EQ(history.path, "/upload/a.jpg");
  EXPECT_THAT(events(history),
              ElementsAre(PathEvent::added, PathEvent::changed, PathEvent::archived,
                          PathEvent::returned, PathEvent::stored_again, PathEvent::placed));
}

TEST(PathHistories, TellWhatWasKeptAsideFromWhatThePathHeld)
{
  const PathHistory history = history_of({state("one", 10), state("rot", 20, 20), state("one", 30)},
                                         std::vector{point(25)});
  EXPECT_THAT(events(history),
              ElementsAre(PathEvent::added, PathEvent::kept_aside, PathEvent::stored_again));
  EXPECT_THAT(points(history), ElementsAre(at(25), std::nullopt, std::nullopt));
}

TEST(PathHistories, KeepAsideWhatOneRunSinceAndUntilNamesAndNotOneGeneration)
{
  // Two runs that did not know of each other have one generation: the second one's state follows.
  const PathHistory history =
      history_of({state("one", run(10, "a"), run(10, "b")), state("two", run(10, "b"))},
                 std::vector{point(1, run(10, "a")), point(2, run(10, "b"))});
  EXPECT_THAT(events(history), ElementsAre(PathEvent::added, PathEvent::changed));
  EXPECT_THAT(points(history), ElementsAre(at(1), at(2)));
}

TEST(PathHistories, NameTheNewestRestorePointThatBringsAStateBack)
{
  const std::vector<RestorablePoint> restore_points{point(11), point(15), point(21), point(31),
                                                    point(41)};
  const PathHistory history = history_of(
      {state("one", 10, 20), state("two", 20, 30), state("two", 30, 40, true), state("one", 40)},
      restore_points);
  EXPECT_THAT(points(history), ElementsAre(at(15), at(21), std::nullopt, at(41)));
}

TEST(PathHistories, GoByGenerationsAndNotByTimes)
{
  // The clock of the machine that made the first was two days ahead of the other's.
  const std::vector<RestorablePoint> restore_points{point(100, run(20)), point(300, run(10))};
  const PathHistory history = history_of({state("one", 10, 20), state("two", 20)}, restore_points);
  EXPECT_THAT(points(history), ElementsAre(at(300), at(100)));
}

TEST(PathHistories, TakeTheBeginningInAndTheEndOut)
{
  for (const auto make : {+[](std::uint64_t n) { return point(n); }, &point_of_version_3}) {
    const PathHistory history =
        history_of({state("one", 10, 20), state("two", 20)}, std::vector{make(10), make(20)});
    EXPECT_THAT(points(history), ElementsAre(at(10), at(20)));
  }
}

TEST(PathHistories, NameNoRestorePointWhereNoneWasWrittenMeanwhile)
{
  const PathHistory history =
      history_of({state("one", 10, 20), state("two", 20)}, std::vector{point(5), point(25)});
  EXPECT_THAT(points(history), ElementsAre(std::nullopt, at(25)));
}

TEST(PathHistories, TellTwoRunsOfOneGenerationApart)
{
  // Both build on the ninth, and neither knew of the other. The eleventh merged them.
  const std::vector<PathState> states{state("old", run(9), run(10, "a")),
                                      state("of a", run(10, "a"), run(10, "b")),
                                      state("of b", run(10, "b"))};
  EXPECT_THAT(points(history_of(states, std::vector{point(1, run(10, "a"))})),
              ElementsAre(std::nullopt, at(1), std::nullopt));
  EXPECT_THAT(points(history_of(states, std::vector{point(2, run(10, "b"))})),
              ElementsAre(std::nullopt, std::nullopt, at(2)));
  EXPECT_THAT(points(history_of(states, std::vector{point(3, run(11))})),
              ElementsAre(std::nullopt, std::nullopt, at(3)));
}

TEST(PathHistories, BringWhatIsPlacedByTheNewestRestorePointAlone)
{
  const PathHistory history = history_of({state("one", 10, 20, true), placed("one")},
                                         std::vector{point(10), point(20), point(30)});
  EXPECT_THAT(events(history), ElementsAre(PathEvent::archived, PathEvent::placed));
  EXPECT_THAT(points(history), ElementsAre(std::nullopt, at(30)));
  EXPECT_THAT(points(history_of({placed("one")}, {})), ElementsAre(std::nullopt));
}

TEST(PathHistories, BringTheLibrarysOwnBytesByNoRestorePointThatPlacesOthersThere)
{
  RestorablePoint without_database = point(20);
  without_database.places = false;
  const std::vector<PathState> states{state("edited", 10), placed("as Immich knows it")};
  EXPECT_THAT(points(history_of(states, std::vector{point(15), point(30)})),
              ElementsAre(std::nullopt, at(30)));
  EXPECT_THAT(points(history_of(states, std::vector{without_database, point(30)})),
              ElementsAre(at(20), at(30)));
}

TEST(PathHistories, BringWhatIsPlacedOnlyByARestorePointThatHasAnAudit)
{
  RestorablePoint without_database = point(30);
  without_database.places = false;
  EXPECT_THAT(points(history_of({placed("one")}, std::vector{point(20), without_database})),
              ElementsAre(at(20)));
  EXPECT_THAT(points(history_of({placed("one")}, std::vector{point_of_version_3(20)})),
              ElementsAre(std::nullopt));
}

}  // namespace
}  // namespace ib::test
