// SPDX-License-Identifier: Apache-2.0
#include "cli/invocation.hpp"

#include "app/outside_stores.hpp"
#include "app/session.hpp"
#include "cli/commands/all.hpp"
#include "cli/confirm.hpp"
#include "cli/help.hpp"
#include "cli/options/bandwidth.hpp"
#include "cli/options/common.hpp"
#include "cli/options/notices.hpp"
#include "cli/options/spending.hpp"
#include "cli/options/trust.hpp"
#include "cli/progress.hpp"
#include "cli/public_secrets.hpp"
#include "cli/signals.hpp"
#include "report/failure.hpp"
#include "report/listing.hpp"
#include "report/log_json.hpp"
#include "report/strangers.hpp"
#include "store/open_store.hpp"

#include <algorithm>
#include <iterator>

namespace ib {
namespace {

constexpr std::chrono::minutes kHeartbeat{1};
constexpr std::string_view kNoClock =
    "the bucket's replies carry no date, perhaps since a proxy removes it: this machine's clock "
    "was taken";

std::string_view result_word(ExitCode code)
{
  switch (code) {
    case ExitCode::ok:
      return "ok";
    case ExitCode::incomplete:
      return "incomplete";
    case ExitCode::damage:
      return "damaged";
    case ExitCode::interrupted:
      return "interrupted";
    case ExitCode::failed:
    case ExitCode::usage:
    case ExitCode::surprise:
      return "failed";
  }
  std::unreachable();
}

/// Whether stderr should be JSON. A guess for errors that occur before the settings are read.
bool may_want_json_log(const std::vector<std::string>& words)
{
  const auto option = std::ranges::find(words, "--log-format");
  if (option != words.end()) return option + 1 != words.end() && option[1] == "json";
  if (std::ranges::find(words, "--log-format=json") != words.end()) return true;
  return environment("IMMICH_BACKUP_LOG_FORMAT") == "json";
}

}  // namespace

ExitCode Invocation::run(std::string_view program)
{
  // A guess until the settings are read.
  json_ = std::ranges::find(words_, "--json") != words_.end();
  json_log_ = may_want_json_log(words_);
  Result<CommandLine> line = parse_command_line(program, words_);
  if (!line) return end(std::unexpected(std::move(line).error()));
  line_ = std::move(*line);
  if (line_.help) {
    return end(
        Conclusion{.results = line_.command == nullptr ? help_text() : help_text(*line_.command)});
  }
  if (line_.version) line_.command = find_command("version");
  if (line_.command == nullptr) {
    write_stderr(help_text());
    return ExitCode::usage;
  }
  command_ = line_.command->formats_name();
  return end(work());
}

Result<Conclusion> Invocation::work()
{
  // The version can be shown even if the config file is broken.
  if (!line_.command->options.empty()) TRY(read_settings());
  const Result<std::string> url = store_url(settings_, environment);
  store_url_ = url.value_or("");
  const auto& run = line_.command->run;
  if (const auto* alone = std::get_if<Command::Alone>(&run)) return (*alone)(*this);
  const auto* either = std::get_if<Command::Either>(&run);
  if (either != nullptr && either->is_alone(settings_)) {
    store_url_.clear();
    return either->alone(*this);
  }
  if (!url) return std::unexpected(url.error());
  return work_on_store(either != nullptr ? either->on_store : std::get<Command::OnStore>(run));
}

/// Also sends the notices that the run begins.
Result<> Invocation::read_settings()
{
  settings_ = TRY(load_settings(line_));
  json_ = TRY(settings_.flag("json"));
  json_log_ = TRY(wants_json_log(settings_));
  notices_.emplace(TRY(notice_job(settings_, *line_.command)));
  metrics_.emplace(command_);
  for (const std::string& warning : notices_->begin({})) warn(warning);
  quiet_ = TRY(settings_.flag("quiet"));
  log_interval_ = TRY(settings_.duration("log-interval")).value_or(log_interval_);
  hooks_ = TRY(Hooks::of(settings_));
  return {};
}

void Invocation::note_warnings(Progress& progress) const
{
  std::vector<std::string> warnings = warnings_about(line_, settings_);
  std::ranges::move(warnings_about_names(environment_of("IMMICH_BACKUP_")),
                    std::back_inserter(warnings));
  for (const std::string& warning : warnings) progress.note("warning: " + warning);
}

Result<Conclusion> Invocation::attended(
    const std::function<Result<Conclusion>(Progress&, const std::stop_token&)>& work)
{
  const std::unique_ptr<Progress> display =
      stderr_progress(quiet_ || !line_.command->shows_progress, json_log_, log_interval_);
  LoggedProgress progress(*display, log_);
  note_warnings(progress);
  const SignalWatch signals(progress);
  const Heartbeat heartbeat(*notices_, log_, progress, kHeartbeat);
  return work(progress, signals.token());
}

/// Sets up the store, the display and the signals, and runs the command.
Result<Conclusion> Invocation::work_on_store(Command::OnStore command)
{
  const StoreAddress address = TRY(StoreAddress::parse(store_url_));
  const bool in_bucket = address.bucket() != nullptr;
  Spending spending = TRY(spending_of(settings_, in_bucket));
  const std::shared_ptr<Bandwidth> bandwidth = TRY(limited_bandwidth(settings_));
  StoreOptions options = open_options(settings_, environment);
  options.classes = spending.classes;
  options.bandwidth = bandwidth;
  std::vector<PathMapping> mappings = TRY(path_mappings(settings_));
  Workers workers = TRY(workers_of(settings_, in_bucket));

  const bool silent = quiet_ || !line_.command->shows_progress;
  const std::unique_ptr<Progress> display = stderr_progress(silent, json_log_, log_interval_);
  LoggedProgress progress(*display, log_);
  note_warnings(progress);
  if (bandwidth != nullptr)
    bandwidth->announce([&](const std::string& text) { progress.note(text); });
  const SignalWatch signals(progress);
  options.hurry = signals.token();
  options.tell_of_wait = [&](const Error& error) {
    progress.note("waiting for the store: " + error.message +
                  (error.hint.empty() ? "" : ". " + error.hint));
  };
  stop_ = signals.token();
  TRY(hooks_.before(stop_));
  const OpenStore open = TRY(open_store(address, options));
  const StoreLayers layers =
      TRY(layers_of(*open.store, line_.command->keys, settings_, environment, signals.token()));
  const Heartbeat heartbeat(*notices_, log_, progress, kHeartbeat);
  workers.meter = open.usage_meter.get();
  std::function<Result<>()> require_readable;
  if (line_.command->reads_contents != nullptr && line_.command->reads_contents(settings_)) {
    require_readable = [this, &layers, &signals] {
      return layers.encryption->require_identity(command_, signals.token());
    };
  }
  const Session session{{.store = layers.top(),
                         .progress = progress,
                         .stop = signals.token(),
                         .scratch_parent = settings_.text("scratch").value_or(""),
                         .ignored_manifests = settings_.list("ignore-manifest"),
                         .path_mappings = std::move(mappings),
                         .signatures = layers.signatures.get(),
                         .encryption = layers.encryption.get(),
                         .require_readable = require_readable,
                         .leaves_proofs = !TRY(settings_.flag("unsigned"))},
                        *open.inspector,
                        *open.usage_meter,
                        workers,
                        std::move(spending),
                        someone_can_answer() ? ask_on_terminal : nullptr};
  if (!session.scratch_parent.empty())
    TRY(require_outside_stores(session, "--scratch", session.scratch_parent));
  layers_ = &layers;
  inspector_ = open.inspector.get();
  Result<Conclusion> conclusion = command(session, *this);
  // A listing has no room for it, and an error may be what came of it.
  if (layers_ != nullptr) {
    const std::optional<Problem> strangers = problem_of(strangers_in(*layers_));
    if (strangers) progress.note("warning: " + strangers->message);
  }
  layers_ = nullptr;
  if (inspector_ != nullptr && !inspector_->tells_time())
    progress.note("warning: " + std::string(kNoClock));
  inspector_ = nullptr;
  return conclusion;
}

/// That its clock is unknown, and what was set aside, which belongs to every report. It is a
/// problem where somebody looks for problems.
void Invocation::tell_of_store(ReportHeader& header)
{
  const StoreInspector* inspector = std::exchange(inspector_, nullptr);
  if (inspector != nullptr && !inspector->tells_time()) header.notes.emplace_back(kNoClock);
  const StoreLayers* layers = std::exchange(layers_, nullptr);
  if (layers == nullptr) return;
  const std::vector<Stranger> strangers = strangers_in(*layers);
  if (const Setting* distrust = settings_.find("distrust")) {
    const bool is_kept = distrust->origin != Origin::command_line;
    header.notes.push_back(distrust_note(strangers) +
                           (is_kept ? "" : ". " + distrust_to_keep(distrust->values)));
  }
  std::optional<Problem> problem = problem_of(strangers);
  if (!problem) return;
  if (line_.command->watches) {
    header.problems.push_back(*std::move(problem));
  } else {
    header.notes.push_back(problem->message);
  }
}

/// Before anybody is told of the end: it belongs to the backup.
void Invocation::run_after_hook(std::string_view json, ExitCode code, ReportHeader& header)
{
  const Result<> run = hooks_.after(json, std::to_underlying(code), stop_);
  if (!run) header.problems.push_back(problem_from(run.error(), "hook", ""));
}

std::chrono::milliseconds Invocation::elapsed() const
{
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               began_);
}

Result<> Invocation::begin_listing(std::string_view elements, std::string_view heading)
{
  if (!json_) {
    if (!terminal_ || heading.empty()) return {};
    return output_.write(heading_for_terminal(heading, *terminal_));
  }
  TRY(output_.write(listing_json_begin(command_, store_url_, elements)));
  listing_open_ = true;
  return {};
}

Result<> Invocation::show(const std::string& element)
{
  if (!json_) return output_.write(terminal_ ? with_local_times(element, *terminal_) : element);
  return output_.write((std::exchange(first_element_, false) ? "" : ",") + element);
}

Conclusion Invocation::end_listing() const
{
  return {.results = json_ ? listing_json_end(elapsed(), nullptr) : ""};
}

/// Prints results and the error, and sends the notices. Returns the exit status.
ExitCode Invocation::end(const Result<Conclusion>& conclusion)
{
  ExitCode code = conclusion ? exit_code(conclusion->outcome) : exit_code(conclusion.error());
  std::string results = conclusion ? conclusion->results : "";
  if (!conclusion) {
    show_error(conclusion.error());
    SilentProgress nobody;
    // The first interrupt has ended the backup; another one ends the hook.
    const SignalWatch signals(nobody);
    const Result<> run =
        hooks_.after(failure_to_json(command_, store_url_, elapsed(), conclusion.error()),
                     std::to_underlying(code), signals.token());
    if (!run) warn(run.error().message);
  }
  if (!conclusion && json_) {
    results = listing_open_ ? listing_json_end(elapsed(), &conclusion.error())
                            : failure_to_json(command_, store_url_, elapsed(), conclusion.error());
  }
  if (conclusion && conclusion->is_report) {
    // Who asks for quiet wants to hear only of what is wrong. What a person has asked to see is
    // shown.
    if (quiet_ && code == ExitCode::ok && line_.command->shows_progress) results.clear();
    if (terminal_) results = for_terminal(results, *terminal_);
  }
  Result<> written = output_.write(results);
  if (written) written = output_.flush();
  if (!written && conclusion) {
    show_error(written.error());
    notice_.problems.push_back(problem_from(written.error(), to_string(written.error().code), ""));
    if (code == ExitCode::ok) code = ExitCode::failed;
  }
  tell_others(code, conclusion);
  return code;
}

/// Comes last, when the exit status is known, and cannot change it.
void Invocation::tell_others(ExitCode code, const Result<Conclusion>& conclusion)
{
  if (!notices_) return;
  if (!conclusion)
    notice_.problems = {problem_from(conclusion.error(), to_string(conclusion.error().code), "")};
  notice_.command = command_;
  notice_.store = store_url_;
  const bool some_is_done = conclusion && conclusion->outcome == Outcome::retryable;
  notice_.result = result_word(some_is_done ? ExitCode::incomplete : code);
  notice_.exit_status = std::to_underlying(code);
  notice_.elapsed = elapsed();
  notice_.ended = wall_clock_now();
  notice_.log = log_.lines();
  tell_end(*metrics_, notice_.ended, notice_.elapsed, notice_.exit_status, notice_.problems.size());
  SilentProgress nobody;
  const SignalWatch signals(nobody);  // an interrupt ends the waiting for a server
  for (const std::string& warning : notices_->end(notice_, *metrics_, signals.token()))
    warn(warning);
}

void Invocation::show_error(const Error& error)
{
  log_.add(error.message);
  if (!error.hint.empty()) log_.add(error.hint);
  if (json_log_) {
    write_stderr(log_json(wall_clock_now(), error) + "\n");
  } else {
    print_error(error);
  }
}

/// Prints also with --quiet, because a notice that was not delivered must show up somewhere.
void Invocation::warn(const std::string& text)
{
  log_.add("warning: " + text);
  if (json_log_) {
    write_stderr(log_json(wall_clock_now(), "warning: " + text) + "\n");
  } else {
    print_error({.message = "warning: " + text});
  }
}

}  // namespace ib
