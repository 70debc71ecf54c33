// SPDX-License-Identifier: Apache-2.0
#include "cli/run_log.hpp"

#include "sys/system.hpp"

namespace ib {
namespace {

constexpr std::size_t kLines = 50;
constexpr std::size_t kLongestLine = 2000;

std::string with_time(std::string_view line)
{
  return format_iso(wall_clock_now()) + " " + std::string(line);
}

}  // namespace

void RunLog::add(std::string line)
{
  if (line.size() > kLongestLine) line.resize(kLongestLine);
  const std::lock_guard lock(mutex_);
  lines_.push_back(std::move(line));
  if (lines_.size() > kLines) lines_.pop_front();
}

std::vector<std::string> RunLog::lines() const
{
  const std::lock_guard lock(mutex_);
  return {lines_.begin(), lines_.end()};
}

void LoggedProgress::begin(std::string_view step, std::optional<std::uint64_t> total_files,
                           std::optional<std::uint64_t> total_bytes)
{
  sends_files_ = step == kSendingFiles;
  log_.add(with_time(step));
  shown_.begin(step, total_files, total_bytes);
}

void LoggedProgress::advance(std::uint64_t files, std::uint64_t bytes)
{
  if (sends_files_) log_.count(bytes);
  shown_.advance(files, bytes);
}

void LoggedProgress::note(std::string_view line)
{
  log_.add(with_time(line));
  shown_.note(line);
}

}  // namespace ib
