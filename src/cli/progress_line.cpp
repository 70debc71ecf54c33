// SPDX-License-Identifier: Apache-2.0
#include "cli/progress_line.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace ib {
namespace {

// Long enough to contain the transfer of a large file. Short enough to notice that the network has
// become slow.
constexpr std::chrono::milliseconds kWindow = std::chrono::seconds(20);
constexpr std::chrono::milliseconds kTooEarlyToTell = std::chrono::seconds(3);

std::string files_done(const StepView& view)
{
  if (view.total_files)
    return format_count(view.done.files) + " of " + count_of(*view.total_files, "file", "files");
  return view.done.files == 0 ? "" : count_of(view.done.files, "file", "files");
}

std::string bytes_done(const StepView& view)
{
  if (view.total_bytes)
    return format_bytes(view.done.bytes) + " of " + format_bytes(*view.total_bytes);
  return view.done.bytes == 0 ? "" : format_bytes(view.done.bytes);
}

/// Rounded down: 100 only where all is done.
std::optional<unsigned> percent_done(const StepView& view)
{
  const std::uint64_t done = view.total_bytes ? view.done.bytes : view.done.files;
  const std::uint64_t total = view.total_bytes ? *view.total_bytes : view.total_files.value_or(0);
  if (total == 0) return std::nullopt;
  constexpr double kPercent = 100;
  return static_cast<unsigned>(std::min(
      kPercent, std::floor(kPercent * static_cast<double>(done) / static_cast<double>(total))));
}

/// The parts of the line, the most important first.
std::vector<std::string> parts_of(const StepView& view)
{
  std::vector<std::string> parts;
  if (const std::optional<unsigned> percent = percent_done(view))
    parts.push_back(std::to_string(*percent) + " %");
  for (std::string part : {files_done(view), bytes_done(view)}) {
    if (!part.empty()) parts.push_back(std::move(part));
  }
  if (view.bytes_per_second >= 1)
    parts.push_back(format_bytes(static_cast<std::uint64_t>(view.bytes_per_second)) + "/s");
  if (const auto left = time_left(view); left > std::chrono::milliseconds(0))
    parts.push_back(format_duration(*left) + " left");
  return parts;
}

/// The first `width` columns. A column is a byte, because the names of our steps are ASCII.
std::string cut(std::string text, std::size_t width)
{
  if (text.size() > width) text.resize(width);
  return text;
}

std::optional<double> seconds_left(std::optional<std::uint64_t> total, std::uint64_t done,
                                   double rate)
{
  if (!total || rate <= 0) return std::nullopt;
  return *total <= done ? 0 : static_cast<double>(*total - done) / rate;
}

}  // namespace

void Rate::sample(std::chrono::milliseconds at, Amount total)
{
  samples_.push_back({at, total});
  // One sample from before the window stays, so that the window is always full.
  while (samples_.size() > 2 && samples_[1].at + kWindow <= at) samples_.pop_front();
}

double Rate::per_second(std::uint64_t Amount::*member) const
{
  if (samples_.size() < 2) return 0;
  const Sample& first = samples_.front();
  const Sample& last = samples_.back();
  const auto elapsed = std::chrono::duration<double>(last.at - first.at).count();
  return elapsed <= 0 ? 0 : static_cast<double>(last.total.*member - first.total.*member) / elapsed;
}

double Rate::files_per_second() const
{
  return per_second(&Amount::files);
}
double Rate::bytes_per_second() const
{
  return per_second(&Amount::bytes);
}

std::optional<std::chrono::milliseconds> time_left(const StepView& view)
{
  if (view.elapsed < kTooEarlyToTell) return std::nullopt;
  constexpr double kLongest = 100.0 * 24 * 3600;  // a longer time means that nothing moves
  std::optional<double> seconds =
      seconds_left(view.total_bytes, view.done.bytes, view.bytes_per_second);
  if (!view.total_bytes)
    seconds = seconds_left(view.total_files, view.done.files, view.files_per_second);
  if (!seconds || *seconds > kLongest) return std::nullopt;
  return std::chrono::seconds(std::llround(*seconds));
}

std::string progress_line(const StepView& view, std::size_t width)
{
  std::string line = view.step;
  std::string_view between = "  ";
  for (const std::string& part : parts_of(view)) {
    if (line.size() + between.size() + part.size() > width) break;
    line += between;
    line += part;
    between = ", ";
  }
  return cut(std::move(line), width);
}

std::string log_line(const StepView& view, Timestamp now)
{
  std::string line = format_iso(now) + " " + view.step;
  std::string_view between = ": ";
  for (const std::string& part : parts_of(view)) {
    line += between;
    line += part;
    between = ", ";
  }
  return line;
}

std::string log_end_line(const StepView& view, Timestamp now)
{
  std::string line = format_iso(now) + " " + view.step + ": done";
  if (view.done.files > 0) line += ", " + count_of(view.done.files, "file", "files");
  if (view.done.bytes > 0) line += ", " + format_bytes(view.done.bytes);
  return line + " in " + format_duration(view.elapsed);
}

}  // namespace ib
