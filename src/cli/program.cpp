// SPDX-License-Identifier: Apache-2.0
#include "cli/program.hpp"

#include "app/query/cost.hpp"
#include "app/query/recovery_kit.hpp"
#include "app/rebuild.hpp"
#include "app/session.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "cli/command_line.hpp"
#include "cli/completion.hpp"
#include "cli/confirm.hpp"
#include "cli/exit_code.hpp"
#include "cli/help.hpp"
#include "cli/jobs.hpp"
#include "cli/notices.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "cli/run_log.hpp"
#include "cli/settings.hpp"
#include "cli/signals.hpp"
#include "core/records/file_record.hpp"
#include "report/diff.hpp"
#include "report/failure.hpp"
#include "report/find.hpp"
#include "report/history.hpp"
#include "report/listing.hpp"
#include "report/log_json.hpp"
#include "report/ls.hpp"
#include "report/metrics.hpp"
#include "store/open_store.hpp"
#include "sys/system.hpp"
#include "sys/time_zone.hpp"

#include <unistd.h>
#include <algorithm>
#include <chrono>
#include <utility>

namespace ib {
namespace {

/// What a command has to say at its end.
struct Conclusion {
  std::string results;
  Outcome outcome = Outcome::ok;
};

constexpr std::chrono::minutes kHeartbeat{1};

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

/// Whether stderr is to be JSON, as far as that can be known before the settings are read.
bool may_want_json_log(const std::vector<std::string>& arguments)
{
  const auto option = std::ranges::find(arguments, "--log-format");
  if (option != arguments.end()) return option + 1 != arguments.end() && option[1] == "json";
  if (std::ranges::find(arguments, "--log-format=json") != arguments.end()) return true;
  return environment("IMMICH_BACKUP_LOG_FORMAT") == "json";
}

/// One call of the program, from its first word to its exit status.
class Call {
public:
  explicit Call(std::vector<std::string> arguments) : arguments_(std::move(arguments)) {}

  ExitCode run(std::string_view program)
  {
    // Until the settings are read, only the arguments can say it.
    json_ = std::ranges::find(arguments_, "--json") != arguments_.end();
    json_log_ = may_want_json_log(arguments_);
    Result<CommandLine> line = parse_command_line(program, arguments_);
    if (!line) return end(std::unexpected(std::move(line).error()));
    line_ = std::move(*line);
    if (line_.help) return say(line_.command ? help_text(*line_.command) : help_text());
    if (line_.version || line_.command == Verb::version)
      return say("immich-backup " + std::string(kVersion) + "\n");
    if (!line_.command) {
      write_stderr(help_text());
      return ExitCode::usage;
    }
    if (line_.command == Verb::completion) {
      Result<std::string> script =
          completion_script(line_.arguments.size() == 1 ? line_.arguments.front() : "");
      return script ? say(*script) : end(std::unexpected(std::move(script).error()));
    }
    command_ = info_of(*line_.command).name;
    return end(work());
  }

private:
  ExitCode say(const std::string& text) { return end(Conclusion{.results = text}); }

  /// The settings, and those who want to be told of the run, around all of it.
  Result<Conclusion> work()
  {
    const Settings settings = TRY(load_settings(line_));
    json_ = TRY(settings.flag("json"));
    json_log_ = TRY(wants_json_log(settings));
    notices_.emplace(TRY(notice_job(settings, *line_.command)));
    metrics_.emplace(command_);
    for (const std::string& warning : notices_->begin({})) warn(warning);
    return perform(settings);
  }

  static Result<bool> wants_json_log(const Settings& settings)
  {
    const Setting* setting = settings.find("log-format");
    if (setting == nullptr || setting->values.front() == "text") return false;
    if (setting->values.front() == "json") return true;
    return fail(Errc::invalid, setting->name + ": '" + printable(setting->values.front()) +
                                   "' is not one of text, json");
  }

  /// Store, display and signals around the command itself.
  Result<Conclusion> perform(const Settings& settings)
  {
    const bool quiet = TRY(settings.flag("quiet"));
    if (line_.command == Verb::doctor) return examine(settings, quiet);
    store_url_ = TRY(store_url(settings, environment));
    const StoreAddress address = TRY(StoreAddress::parse(store_url_));
    const bool in_bucket = address.bucket() != nullptr;
    Spending spending = TRY(spending_of(settings, in_bucket));
    if (someone_can_answer()) spending.ask = ask_on_terminal;
    const std::shared_ptr<Bandwidth> bandwidth = TRY(limited_bandwidth(settings));
    StoreOptions options = store_options(settings, environment);
    options.classes = spending.classes;
    options.bandwidth = bandwidth;
    const OpenStore open = TRY(open_store(address, options));
    std::vector<PathMapping> mappings = TRY(path_mappings(settings));
    const std::optional<std::uint64_t> workers = TRY(settings.number("workers", 1, 256));

    const std::unique_ptr<Progress> display = stderr_progress(quiet || only_looks(), json_log_);
    LoggedProgress progress(*display, log_);
    for (const std::string& warning : warnings_about(line_)) progress.note("warning: " + warning);
    if (bandwidth != nullptr)
      bandwidth->announce([&](const std::string& line) { progress.note(line); });
    const SignalWatch signals(progress);
    const Heartbeat heartbeat(*notices_, log_, progress, kHeartbeat);
    const Session session{{.store = *open.store,
                           .progress = progress,
                           .stop = signals.token(),
                           .scratch_parent = settings.text("scratch").value_or(""),
                           .ignored_manifests = settings.list("ignore-manifest"),
                           .path_mappings = std::move(mappings)},
                          *open.inspector,
                          *open.usage_meter,
                          static_cast<unsigned>(workers.value_or(in_bucket ? 16 : 4)),
                          std::move(spending)};
    return carry_out(session, settings);
  }

  /// Where anything may be missing, the store too: what others fail for is what it reports.
  Result<Conclusion> examine(const Settings& settings, bool quiet)
  {
    const DoctorJob job = doctor_job(settings, environment);
    store_url_ = job.store_url.value_or("");
    const std::unique_ptr<Progress> progress = stderr_progress(quiet || only_looks(), json_log_);
    for (const std::string& warning : warnings_about(line_)) progress->note("warning: " + warning);
    const SignalWatch signals(*progress);
    return conclude(run_doctor(job, *progress, signals.token()));
  }

  /// What all transfers keep to; null where there is no limit. Sets the time zone, before there are
  /// threads.
  static Result<std::shared_ptr<Bandwidth>> limited_bandwidth(const Settings& settings)
  {
    const std::optional<BandwidthTimetable> timetable = TRY(bandwidth_timetable(settings));
    if (const Setting* zone = time_zone(settings, timetable && timetable->changes()))
      TRY(use_time_zone(zone->values.front()).context(zone->name));
    if (!timetable || timetable->is_off()) return nullptr;
    return std::make_shared<Bandwidth>(*timetable);
  }

  /// Such a command takes seconds, and its result may go to the same terminal line by line.
  bool only_looks() const
  {
    return line_.command == Verb::status || line_.command == Verb::snapshots ||
           line_.command == Verb::ls || line_.command == Verb::history ||
           line_.command == Verb::find || line_.command == Verb::diff ||
           line_.command == Verb::cost || line_.command == Verb::recovery_kit ||
           line_.command == Verb::doctor;
  }

  Result<Conclusion> carry_out(const Session& session, const Settings& settings)
  {
    const Timestamp now = wall_clock_now();
    switch (*line_.command) {
      case Verb::backup:
        return conclude(run_backup(session, TRY(backup_job(settings))));
      case Verb::verify:
        return conclude(run_verify(session, TRY(verify_job(settings))));
      case Verb::verify_restore:
        return conclude(run_verify_restore(session, TRY(drill_job(settings, now))));
      case Verb::restore:
        return conclude(run_restore(session, TRY(restore_job(settings, line_.arguments, now))));
      case Verb::restore_database:
        return conclude(run_restore_database(session, TRY(database_restore_job(settings, now))));
      case Verb::heal:
        return conclude(run_heal(session, TRY(heal_job(settings, line_.arguments))));
      case Verb::status:
        return conclude(run_status(session));
      case Verb::snapshots:
        return conclude(run_restore_points(session));
      case Verb::cost:
        return conclude(run_cost(session));
      case Verb::recovery_kit:
        return conclude(run_recovery_kit(session));
      case Verb::prune:
        return conclude(run_prune(session, TRY(prune_job(settings))));
      case Verb::ls:
        return list_files(session, TRY(ls_job(settings, line_.arguments, now)));
      case Verb::albums:
        return conclude(run_albums(session, TRY(albums_job(settings, now))));
      case Verb::history:
        return show_history(session, TRY(history_job(line_.arguments)));
      case Verb::find:
        return find_files(session, TRY(find_job(settings, line_.arguments)));
      case Verb::diff:
        return show_differences(session, TRY(diff_job(line_.arguments, now)));
      case Verb::rebuild_manifest:
        return conclude(run_rebuild_manifest(session));
      case Verb::doctor:
      case Verb::completion:
      case Verb::version:
        break;  // answered before
    }
    std::unreachable();
  }

  template <class Report>
  Result<Conclusion> conclude(Result<Report> report)
  {
    if (!report) return std::unexpected(std::move(report).error());
    report->header.elapsed = elapsed();
    notice_.problems = report->header.problems;
    notice_.notes = report->header.notes;
    if constexpr (requires { notice_.restore_point = report->restore_point; })
      notice_.restore_point = report->restore_point;
    tell(*metrics_, *report, wall_clock_now());
    return Conclusion{.results = json_ ? to_json(*report) : to_text(*report),
                      .outcome = outcome_of(*report)};
  }

  // What follows is written as it comes: memory does not grow with the number of files.

  Result<> begin_listing(std::string_view elements)
  {
    if (!json_) return {};
    TRY(output_.write(listing_json_begin(command_, store_url_, elements)));
    listing_open_ = true;
    return {};
  }

  Result<> write_element(const std::string& json)
  {
    return output_.write((std::exchange(first_element_, false) ? "" : ",") + json);
  }

  Result<Conclusion> list_files(const Session& session, const LsJob& job)
  {
    TRY(begin_listing("files"));
    TRY(run_ls(session, job, [&](const FileRecord& record) {
      return json_ ? write_element(ls_json(record)) : output_.write(ls_line(record));
    }));
    return Conclusion{.results = json_ ? listing_json_end(elapsed(), nullptr) : ""};
  }

  Result<Conclusion> show_history(const Session& session, const HistoryJob& job)
  {
    const std::string restore = restore_command_of(line_);
    TRY(begin_listing("paths"));
    TRY(run_history(session, job, [&](const PathHistory& history) {
      return json_ ? write_element(history_json(history, restore))
                   : output_.write(history_text(history, restore));
    }));
    return Conclusion{.results = json_ ? listing_json_end(elapsed(), nullptr) : ""};
  }

  Result<Conclusion> find_files(const Session& session, const FindJob& job)
  {
    TRY(begin_listing("found"));
    FindReport report =
        TRY(run_find(session, job,
                     {.found =
                          [&](const FoundPath& found) {
                            return json_ ? write_element(found_json(found.state, found.file))
                                         : output_.write(found_line(found.state, found.file));
                          },
                      .problem =
                          [&](const Problem& problem) {
                            return json_ ? Result<>() : output_.write(not_found_line(problem));
                          }}));
    report.header.elapsed = elapsed();
    return Conclusion{.results = json_ ? listing_json_end(report) : find_summary(report),
                      .outcome = outcome_of(report)};
  }

  Result<Conclusion> show_differences(const Session& session, const DiffJob& job)
  {
    TRY(begin_listing("differences"));
    DiffReport report = TRY(run_diff(session, job, [&](const Difference& difference) {
      return json_ ? write_element(difference_json(difference))
                   : output_.write(difference_line(difference));
    }));
    report.header.elapsed = elapsed();
    return Conclusion{.results = json_ ? listing_json_end(report) : diff_summary(report),
                      .outcome = outcome_of(report)};
  }

  std::chrono::milliseconds elapsed() const
  {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 began_);
  }

  /// Says how it ended, on both streams.
  ExitCode end(const Result<Conclusion>& conclusion)
  {
    ExitCode code = conclusion ? exit_code(conclusion->outcome) : exit_code(conclusion.error());
    std::string results = conclusion ? conclusion->results : "";
    if (!conclusion) show(conclusion.error());
    if (!conclusion && json_) {
      results = listing_open_
                    ? listing_json_end(elapsed(), &conclusion.error())
                    : failure_to_json(command_, store_url_, elapsed(), conclusion.error());
    }
    Result<> written = output_.write(results);
    if (written) written = output_.flush();
    if (!written && conclusion) {
      show(written.error());
      notice_.problems.push_back(
          problem_from(written.error(), to_string(written.error().code), ""));
      if (code == ExitCode::ok) code = ExitCode::failed;
    }
    tell_others(code, conclusion);
    return code;
  }

  /// Last of all, when the exit status is known. It changes nothing of it.
  void tell_others(ExitCode code, const Result<Conclusion>& conclusion)
  {
    if (!notices_) return;
    if (!conclusion)
      notice_.problems = {problem_from(conclusion.error(), to_string(conclusion.error().code), "")};
    notice_.command = command_;
    notice_.store = store_url_;
    notice_.result = result_word(code);
    notice_.exit_status = std::to_underlying(code);
    notice_.elapsed = elapsed();
    notice_.ended = wall_clock_now();
    notice_.log = log_.lines();
    tell_end(*metrics_, notice_.ended, notice_.elapsed, notice_.exit_status,
             notice_.problems.size());
    SilentProgress nobody;
    const SignalWatch signals(nobody);  // who interrupts this does not wait for a server
    for (const std::string& warning : notices_->end(notice_, *metrics_, signals.token()))
      warn(warning);
  }

  void show(const Error& error)
  {
    log_.add(error.message);
    if (!error.hint.empty()) log_.add(error.hint);
    if (json_log_) {
      write_stderr(log_json(wall_clock_now(), error) + "\n");
    } else {
      print_error(error);
    }
  }

  /// Also with --quiet: who is not told has to learn of it somewhere.
  void warn(const std::string& text)
  {
    log_.add("warning: " + text);
    if (json_log_) {
      write_stderr(log_json(wall_clock_now(), "warning: " + text) + "\n");
    } else {
      print_error({.message = "warning: " + text});
    }
  }

  std::vector<std::string> arguments_;
  CommandLine line_;
  std::string command_;
  std::string store_url_;
  bool json_ = false;
  bool json_log_ = false;
  bool listing_open_ = false;
  bool first_element_ = true;
  RunLog log_;
  Notice notice_;  // what is known of it so far
  std::optional<Metrics> metrics_;
  std::optional<Notices> notices_;
  ResultOutput output_{STDOUT_FILENO};
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace

int run_program(int argc, const char* const* argv)
{
  const std::string program = argc > 0 ? argv[0] : "";
  Call call(argc > 1 ? std::vector<std::string>(argv + 1, argv + argc)
                     : std::vector<std::string>());
  return std::to_underlying(call.run(program));
}

}  // namespace ib
