// SPDX-License-Identifier: Apache-2.0
#include "service/job_journal.hpp"

#include "repository/json_reader.hpp"

#include <algorithm>
#include <ranges>
#include <set>
#include <utility>

namespace ib {
namespace {

constexpr std::uint64_t kLargest = std::uint64_t{16} << 20U;
/// Several times what the remembered runs take.
constexpr std::size_t kMostLines = 4 * JobJournal::kRuns;
const std::string kFile = "journal.jsonl";
const std::string kLogs = "logs";

std::size_t index_of(Job job)
{
  return static_cast<std::size_t>(job);
}

std::string log_name(const std::string& id)
{
  return id + ".log";
}

std::string line_of(const Json& json)
{
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string schedule_line(Job job, std::string_view schedule, Timestamp since)
{
  return line_of({{"event", "schedule"},
                  {"job", command_of(job)},
                  {"schedule", schedule},
                  {"time", format_iso(since)}});
}

std::string begin_line(const RecordedRun& run)
{
  return line_of({{"event", "begin"},
                  {"run", run.id},
                  {"job", command_of(run.job)},
                  {"by_hand", run.by_hand},
                  {"due", format_iso(run.run.due)},
                  {"attempt", run.run.attempt},
                  {"store", run.store},
                  {"time", format_iso(run.run.began)}});
}

std::string end_line(const std::string& id, Timestamp time, int exit_status)
{
  return line_of(
      {{"event", "end"}, {"run", id}, {"exit_status", exit_status}, {"time", format_iso(time)}});
}

/// The last one with this id.
RecordedRun* find_run(std::deque<RecordedRun>& runs, const std::string& id)
{
  const auto run = std::ranges::find(runs.rbegin(), runs.rend(), id, &RecordedRun::id);
  return run == runs.rend() ? nullptr : &*run;
}

}  // namespace

Result<JobJournal> JobJournal::open(const std::string& path)
{
  Folder folder = TRY(Folder::create(path, Readers::owner));
  folder.set_readers(Readers::owner);
  TRY(folder.lock());
  Folder logs = TRY(folder.create_folder(kLogs));
  JobJournal journal(std::move(folder), std::move(logs));
  TRY(journal.load());
  return journal;
}

Result<> JobJournal::load()
{
  Result<std::vector<std::string>> lines = read_lines(folder_, kFile, kLargest);
  if (!lines && lines.error().code != Errc::not_found)
    return std::unexpected(std::move(lines).error());
  if (lines) {
    for (const std::string& line : *lines) take(line);
    lines_ = lines->size();
  }
  file_ = TRY(LineFile::open(folder_, kFile));
  return {};
}

void JobJournal::take(const std::string& line)
{
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return;
  JsonReader reader(json, kFile);
  const std::string event = reader.text("event");
  const std::optional<Timestamp> time = reader.time("time");
  const std::optional<Job> job = job_of(reader.text("job"));
  const std::string id = reader.text("run");
  if (!time) return;
  if (event == "schedule" && job) {
    held_.at(index_of(*job)) = {.schedule = reader.text("schedule"), .since = *time};
  } else if (event == "begin" && job && !id.empty()) {
    runs_.push_back({.id = id,
                     .job = *job,
                     .run = {.due = reader.time("due").value_or(*time),
                             .attempt = static_cast<unsigned>(std::clamp<std::uint64_t>(
                                 reader.number("attempt"), 1, kRetries + 1)),
                             .began = *time},
                     .by_hand = reader.flag("by_hand"),
                     .store = reader.text("store")});
    if (runs_.size() > kRuns) runs_.pop_front();
  } else if (event == "end") {
    RecordedRun* run = find_run(runs_, id);
    if (run == nullptr) return;
    run->run.ended = *time;
    run->run.exit_status =
        static_cast<int>(std::min<std::uint64_t>(reader.number("exit_status"), 255));
  }
}

std::vector<std::string> JobJournal::as_lines() const
{
  std::vector<std::string> lines;
  for (const Job job : kJobs) {
    const std::optional<Held>& held = held_.at(index_of(job));
    if (held) lines.push_back(schedule_line(job, held->schedule, held->since));
  }
  for (const RecordedRun& run : runs_) {
    lines.push_back(begin_line(run));
    if (run.run.ended) lines.push_back(end_line(run.id, *run.run.ended, run.run.exit_status));
  }
  return lines;
}

Result<> JobJournal::rewrite()
{
  PendingFile file =
      TRY(PendingFile::create(folder_, "." + kFile + ".tmp", kFile, PendingFile::Sync::now));
  const std::vector<std::string> lines = as_lines();
  for (const std::string& line : lines) TRY(file.write(bytes_of(line + "\n")));
  TRY(file.commit_replacing());
  file_ = TRY(LineFile::open(folder_, kFile));
  lines_ = lines.size();
  return {};
}

/// What it is told holds already, so that a file that is written anew has it, too.
Result<> JobJournal::write(const std::string& line)
{
  if (lines_ >= kMostLines) return rewrite();
  TRY(file_->add_now(line));
  ++lines_;
  return {};
}

std::optional<JobRun> JobJournal::last_by_schedule(Job job) const
{
  for (const RecordedRun& run : runs_ | std::views::reverse)
    if (run.job == job && !run.by_hand) return run.run;
  return std::nullopt;
}

Timestamp JobJournal::schedule_since(Job job, std::string_view schedule, Timestamp now)
{
  std::optional<Held>& held = held_.at(index_of(job));
  if (held && held->schedule == schedule) return held->since;
  held = {.schedule = std::string(schedule), .since = now};
  // Without it, a night is missed at most once more.
  static_cast<void>(write(schedule_line(job, schedule, now)));
  return now;
}

Result<> JobJournal::begin(RecordedRun run)
{
  runs_.push_back(std::move(run));
  if (runs_.size() > kRuns) runs_.pop_front();
  forget_old_logs();
  return write(begin_line(runs_.back()));
}

Result<> JobJournal::end(const std::string& id, Timestamp now, int exit_status)
{
  if (RecordedRun* run = find_run(runs_, id)) {
    run->run.ended = now;
    run->run.exit_status = exit_status;
  }
  return write(end_line(id, now, exit_status));
}

Result<LineFile> JobJournal::open_log(const std::string& id)
{
  return LineFile::open(logs_, log_name(id));
}

Result<std::vector<std::string>> JobJournal::read_log(const std::string& id) const
{
  return read_lines(logs_, log_name(id), kLargest);
}

void JobJournal::forget_old_logs() const
{
  std::set<std::string> kept;
  for (const RecordedRun& run : runs_) kept.insert(log_name(run.id));
  const Result<std::vector<FolderEntry>> entries = logs_.entries();
  if (!entries) return;
  for (const FolderEntry& entry : *entries)
    if (entry.name.ends_with(".log") && !kept.contains(entry.name))
      static_cast<void>(logs_.remove_file(entry.name));
}

}  // namespace ib
