// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.hpp"

#include "cli/progress_line.hpp"
#include "support/matchers.hpp"

#include <algorithm>
#include <mutex>
#include <thread>

namespace ib::test {
namespace {

using namespace std::chrono_literals;

StepView uploading()
{
  return {.step = "backing up files",
          .done = {.files = 12'345, .bytes = 12ULL << 30U},
          .total_files = 214'031,
          .total_bytes = 214ULL << 30U,
          .files_per_second = 10,
          .bytes_per_second = 87.0 * 1024 * 1024,
          .elapsed = 60s};
}

TEST(ProgressLine, SaysAsMuchAsFits)
{
  const StepView view = uploading();
  const std::string whole =
      "backing up files  5 %, 12,345 of 214,031 files, 12 GiB of 214 GiB, 87 MiB/s, "
      "39 min 38 s left";
  struct Row {
    std::size_t width;
    std::string line;
  };
  for (const Row& row :
       {Row{200, whole}, Row{whole.size(), whole},
        Row{whole.size() - 1,
            "backing up files  5 %, 12,345 of 214,031 files, 12 GiB of 214 GiB, 87 MiB/s"},
        Row{50, "backing up files  5 %, 12,345 of 214,031 files"}, Row{22, "backing up files  5 %"},
        Row{20, "backing up files"}, Row{7, "backing"}, Row{0, ""}}) {
    EXPECT_EQ(progress_line(view, row.width), row.line) << row.width;
  }
}

TEST(ProgressLine, SaysOnlyWhatIsKnown)
{
  EXPECT_EQ(progress_line({.step = "committing"}, 80), "committing");
  EXPECT_EQ(progress_line({.step = "comparing", .done = {.files = 1}}, 80), "comparing  1 file");
  EXPECT_EQ(
      progress_line(
          {.step = "dumping", .done = {.bytes = 2048}, .bytes_per_second = 1024, .elapsed = 9s},
          80),
      "dumping  2.0 KiB, 1.0 KiB/s");
}

TEST(TimeLeft, IsToldOnlyWhereItCanBeKnown)
{
  struct Row {
    const char* why;
    StepView view;
    std::optional<std::chrono::milliseconds> left;
  };
  StepView early = uploading();
  early.elapsed = 2s;
  StepView stalled = uploading();
  stalled.bytes_per_second = 0;
  StepView slow = uploading();
  slow.bytes_per_second = 0.001;
  StepView over = uploading();
  over.done.bytes = *over.total_bytes + 1;
  StepView files = uploading();
  files.total_bytes.reset();
  files.total_files = 12'445;
  for (const Row& row :
       {Row{"too early", early, std::nullopt}, Row{"stalled", stalled, std::nullopt},
        Row{"standing still", slow, std::nullopt}, Row{"more than was planned", over, 0s},
        Row{"by files", files, 10s}}) {
    EXPECT_EQ(time_left(row.view), row.left) << row.why;
  }
}

TEST(Rate, IsThatOfTheLastTwentySeconds)
{
  Rate rate;
  EXPECT_EQ(rate.bytes_per_second(), 0);
  rate.sample(0ms, {});
  EXPECT_EQ(rate.bytes_per_second(), 0);
  rate.sample(0ms, {.bytes = 5});
  EXPECT_EQ(rate.bytes_per_second(), 0) << "no time has passed";
  for (int second = 1; second <= 100; ++second)
    rate.sample(std::chrono::seconds(second),
                {.files = 1, .bytes = static_cast<std::uint64_t>(second) * 100});
  EXPECT_DOUBLE_EQ(rate.bytes_per_second(), 100);
  for (int second = 101; second <= 140; ++second)
    rate.sample(std::chrono::seconds(second), {.files = 1, .bytes = 10'000});
  EXPECT_DOUBLE_EQ(rate.bytes_per_second(), 0);
}

TEST(Rate, WorksFromOneSampleAMinute)
{
  Rate rate;
  rate.sample(0ms, {});
  rate.sample(60s, {.files = 60, .bytes = 600});
  EXPECT_DOUBLE_EQ(rate.files_per_second(), 1);
  rate.sample(120s, {.files = 180, .bytes = 600});
  EXPECT_DOUBLE_EQ(rate.files_per_second(), 2);
  EXPECT_DOUBLE_EQ(rate.bytes_per_second(), 0);
}

TEST(LogLine, HasTheTime)
{
  const Timestamp now = *parse_timestamp("2026-01-15T03:00:00Z");
  EXPECT_EQ(
      log_line(uploading(), now),
      "2026-01-15T03:00:00Z backing up files: 5 %, 12,345 of 214,031 files, 12 GiB of 214 GiB, "
      "87 MiB/s, 39 min 38 s left");
  EXPECT_EQ(log_end_line(uploading(), now),
            "2026-01-15T03:00:00Z backing up files: done, 12,345 files, 12 GiB in 1 min 0 s");
}

/// Collects what a display writes, and can wait for it.
class Screen {
public:
  DisplayOutput output()
  {
    return {.write =
                [this](std::string_view text) {
                  const std::lock_guard lock(mutex_);
                  text_ += text;
                },
            .columns = [] { return std::size_t{80}; }};
  }
  std::string text()
  {
    const std::lock_guard lock(mutex_);
    return text_;
  }

private:
  std::mutex mutex_;
  std::string text_;
};

TEST(TerminalProgress, ShowsNotesAboveTheLineAndClearsItAtTheEnd)
{
  Screen screen;
  {
    const auto progress = terminal_progress(screen.output());
    progress->begin("scanning", 10, std::nullopt);
    progress->advance(3, 0);
    progress->note("bad\x1b[2J name\n");
    while (!screen.text().contains("3 of 10 files")) {
    }
  }
  const std::string text = screen.text();
  EXPECT_THAT(text, HasSubstr("bad\\x1b[2J name\\n\nscanning  30 %, 3 of 10 files"));
  EXPECT_TRUE(text.ends_with("\r\x1b[K")) << testing::PrintToString(text);
}

TEST(LogProgress, WritesNotesWithTheTimeAndNothingOfShortSteps)
{
  Screen screen;
  {
    const auto progress = log_progress(screen.output());
    progress->advance(1, 1);
    progress->begin("scanning", std::nullopt, std::nullopt);
    progress->note("one");
    progress->begin("uploading", 1, 1);
    progress->note("two");
    progress->end();
  }
  EXPECT_THAT(screen.text(), testing::MatchesRegex("[-0-9]+T[:0-9]+Z one\n[-0-9]+T[:0-9]+Z two\n"));
}

TEST(LogProgress, TellsHowFarAStepIsInEachInterval)
{
  Screen screen;
  DisplayOutput output = screen.output();
  output.log_interval = std::chrono::milliseconds(100);
  const auto progress = log_progress(output);
  progress->begin("scanning", 10, std::nullopt);
  progress->advance(3, 1);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (screen.text().empty() && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_THAT(screen.text(), AllOf(HasSubstr("scanning"), HasSubstr("3 of 10 files")));
}

TEST(JsonLogProgress, WritesNotesAsObjects)
{
  Screen screen;
  {
    const auto progress = json_log_progress(screen.output());
    progress->begin("scanning", std::nullopt, std::nullopt);
    progress->note("warning: two\nlines");
    progress->end();
  }
  EXPECT_THAT(screen.text(),
              testing::MatchesRegex(
                  R"(\{"time":"[-0-9]+T[:0-9]+Z","level":"warning","message":"two\\nlines"\})"
                  "\n"));
}

TEST(Progress, LosesNoNoteFromAnyThread)
{
  Screen screen;
  {
    const auto progress = log_progress(screen.output());
    const auto work = [&] {
      for (int i = 0; i < 100; ++i) {
        progress->begin("step", 1, 1);
        progress->advance(1, 1);
        progress->note("n");
      }
    };
    std::jthread other(work);
    work();
  }
  const std::string text = screen.text();
  EXPECT_EQ(std::ranges::count(text, '\n'), 200);
}

}  // namespace
}  // namespace ib::test
