// SPDX-License-Identifier: Apache-2.0
#include "web/page.hpp"

#include "sys/file.hpp"

#include <algorithm>
#include <ranges>
#include <utility>

namespace ib {
namespace {

/// What the store says may change without us: by hand, or from another machine.
constexpr std::chrono::minutes kAskAgain{10};
/// While it does not answer.
constexpr std::chrono::minutes kTryAgain{1};
constexpr std::chrono::seconds kFresh{5};
constexpr std::uint64_t kLargestMetrics = std::uint64_t{4} << 20U;

Json time_or_null(const std::optional<Timestamp>& time)
{
  return time ? Json(format_iso(*time)) : Json(nullptr);
}

Json number_or_null(const std::optional<std::uint64_t>& number)
{
  return number ? Json(*number) : Json(nullptr);
}

Json next_of(const SupervisorState& state)
{
  Json next = Json::object();
  for (const Job job : kJobs) {
    const std::optional<Turn>& turn = state.next.at(static_cast<std::size_t>(job));
    next[std::string(command_of(job))] = turn ? Json(format_iso(turn->at)) : Json(nullptr);
  }
  return next;
}

Json running_of(const RunningJob& running)
{
  return {{"id", running.id},
          {"command", command_of(running.job)},
          {"by_hand", running.by_hand},
          {"attempt", running.attempt},
          {"began", format_iso(running.began)},
          {"step", running.step},
          {"step_began", format_iso(running.step_began)},
          {"files", running.files},
          {"bytes", running.bytes},
          {"total_files", number_or_null(running.total_files)},
          {"total_bytes", number_or_null(running.total_bytes)}};
}

/// The id of the last run that has ended; empty if none has.
std::string last_ended(const SupervisorState& state)
{
  for (const RecordedRun& run : state.runs | std::views::reverse)
    if (run.run.ended) return run.id;
  return "";
}

/// A point in time as restore points are named; nothing that a command could take for an option.
bool is_time(const std::string& text)
{
  return parse_timestamp(text).has_value();
}

}  // namespace

Page::Page(PageJob job, std::stop_token stop)
    : job_(std::move(job)), answers_(job_.program, job_.now, std::move(stop))
{}

void Page::refresh()
{
  const std::string run = last_ended(job_.supervisor.state());
  const Timestamp now = job_.now();
  {
    const std::lock_guard lock(mutex_);
    const std::chrono::seconds old = last_.failure ? kTryAgain : kAskAgain;
    const bool is_old = !asked_ || now < *asked_ || now >= *asked_ + old;
    if (run == last_run_ && !is_old) return;
    if (run != last_run_) answers_.forget();
    last_run_ = run;
    asked_ = now;
  }
  const auto answer = answers_.ask({"status", "--json"}, kFresh);
  std::optional<Json> status;
  Problem failure{.path = "", .code = "io", .message = "`immich-backup status` gave no answer"};
  if (answer) {
    Json json = Json::parse((*answer)->text, nullptr, false);
    if (json.is_object()) {
      JsonReader reader(json, "status");
      const Json* problems = reader.array_within("problems");
      // Whatever it found, it is an answer, unless it could not look.
      if (reader.text("result") != "failed" || json.contains("newest")) {
        status = std::move(json);
      } else if (problems != nullptr && !problems->empty() && problems->front().is_object()) {
        JsonReader problem(problems->front(), "problem");
        failure = {.path = "",
                   .code = problem.text("code"),
                   .message = problem.text("message"),
                   .hint = problem.text("hint")};
      }
    }
  } else {
    failure = problem_from(answer.error(), to_string(answer.error().code), "");
  }
  const std::lock_guard lock(mutex_);
  if (status) {
    last_ = {.status = std::move(status), .answered = (*answer)->time};
  } else {
    last_.failure = std::move(failure);
  }
}

LastAnswer Page::last_answer()
{
  const std::lock_guard lock(mutex_);
  return last_;
}

PageAnswer Page::overview()
{
  const LastAnswer answer = last_answer();
  const SupervisorState state = job_.supervisor.state();
  const Timestamp now = job_.now();
  const Assessment assessment = judge(answer, state, job_.backups, job_.offset, now);
  Json concerns = Json::array();
  for (const Concern& concern : assessment.concerns)
    concerns.push_back({{"level", concern.is_problem ? "problem" : "warning"},
                        {"text", concern.text},
                        {"fix", concern.fix}});
  return {.body = text_of({{"now", format_iso(now)},
                           {"store", job_.store},
                           {"answered", time_or_null(answer.answered)},
                           {"colour", to_string(assessment.colour)},
                           {"sentence", assessment.sentence},
                           {"concerns", std::move(concerns)},
                           {"next", next_of(state)}})};
}

PageAnswer Page::now()
{
  const SupervisorState state = job_.supervisor.state();
  Json asked = Json::array();
  for (const Job job : state.asked) asked.push_back(command_of(job));
  Json obstacle = nullptr;
  if (state.obstacle)
    obstacle = {{"message", state.obstacle->message}, {"hint", state.obstacle->hint}};
  return {.body = text_of({{"running", state.running ? running_of(*state.running) : Json(nullptr)},
                           {"asked", std::move(asked)},
                           {"next", next_of(state)},
                           {"obstacle", std::move(obstacle)},
                           {"answered", time_or_null(last_answer().answered)}})};
}

PageAnswer Page::runs()
{
  const SupervisorState state = job_.supervisor.state();
  Json runs = Json::array();
  for (const RecordedRun& run : state.runs | std::views::reverse)
    runs.push_back({{"id", run.id},
                    {"command", command_of(run.job)},
                    {"by_hand", run.by_hand},
                    {"attempt", run.run.attempt},
                    {"due", format_iso(run.run.due)},
                    {"began", format_iso(run.run.began)},
                    {"ended", time_or_null(run.run.ended)},
                    {"exit_status", run.run.exit_status}});
  return {.body = text_of({{"runs", std::move(runs)}})};
}

PageAnswer Page::log(const std::string& run)
{
  const Result<std::vector<std::string>> lines = job_.supervisor.log(run);
  if (!lines) return refusal(404, "this run has no log");
  Json json = Json::array();
  for (const std::string& line : *lines) json.push_back(line);
  return {.body = text_of({{"lines", std::move(json)}})};
}

std::string Page::running()
{
  const SupervisorState state = job_.supervisor.state();
  return state.running ? state.running->id : "";
}

std::vector<std::string> Page::new_lines(std::size_t from)
{
  const SupervisorState state = job_.supervisor.state();
  if (!state.running) return {};
  Result<std::vector<std::string>> lines = job_.supervisor.log(state.running->id);
  if (!lines || lines->size() <= from) return {};
  lines->erase(lines->begin(), lines->begin() + static_cast<std::ptrdiff_t>(from));
  return *std::move(lines);
}

PageAnswer Page::ask(const Answers::Arguments& arguments, std::chrono::seconds at_most_so_old)
{
  const auto answer = answers_.ask(arguments, at_most_so_old);
  if (!answer) return refusal(503, answer.error().message);
  // Another status than 0 is an answer as well: the JSON says what is wrong.
  if (!Json::accept((*answer)->text)) return refusal(503, "the command gave no answer");
  return {.body = (*answer)->text};
}

PageAnswer Page::settings()
{
  PageAnswer answer = ask({"config", "show", "--json"}, kFresh);
  Json json = Json::parse(answer.body, nullptr, false);
  const auto settings = json.is_object() ? json.find("settings") : json.end();
  if (answer.status != 200 || settings == json.end() || !settings->is_array()) return answer;
  for (Json& setting : *settings)
    for (const std::string& name : job_.given)
      if (setting.is_object() && setting.contains("name") && setting["name"] == name)
        setting["from"] = "--" + name;
  answer.body = text_of(json);
  return answer;
}

PageAnswer Page::look(std::string_view command)
{
  if (command == "config") return settings();
  if (command == "doctor") return ask({"doctor", "--json"}, kFresh);
  for (const std::string_view known : {"status", "restore-points", "cost"})
    if (command == known) return ask({std::string(command), "--json"}, kAskAgain);
  return refusal(404, "there is no such thing");
}

PageAnswer Page::recovery_kit()
{
  const auto answer = answers_.ask({"recovery-kit"}, kAskAgain);
  if (!answer) return refusal(503, answer.error().message);
  if ((*answer)->text.empty()) return refusal(503, "there is no recovery kit yet");
  return {.body = text_of({{"text", (*answer)->text}})};
}

PageAnswer Page::difference(const std::string& from, const std::string& to)
{
  if (!is_time(from) || !is_time(to))
    return refusal(400, "from and to are times of restore points");
  return ask({"diff", from, to, "--json"}, kAskAgain);
}

PageAnswer Page::start(std::string_view body)
{
  if (job_.read_only) return refusal(403, "nothing can be started from this page");
  const Json json = Json::parse(body, nullptr, false);
  const std::optional<Job> job =
      json.is_object() ? job_of(JsonReader(json, "").text("command")) : std::nullopt;
  // Prune removes, and that is a matter of the schedule or of a person at a terminal.
  if (!job || *job == Job::prune)
    return refusal(400, "the command is backup, verify or verify-restore");
  if (!job_.supervisor.ask_for(*job)) return refusal(409, "it is waiting or running already");
  return {.status = 202, .body = text_of({{"asked", command_of(*job)}})};
}

std::string Page::metrics() const
{
  return read_file(job_.metrics_file, kLargestMetrics).value_or("");
}

}  // namespace ib
