// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/exit_code.hpp"
#include "cli/hooks.hpp"
#include "cli/notices.hpp"
#include "cli/output.hpp"
#include "cli/run_log.hpp"
#include "cli/settings.hpp"
#include "cli/terminal.hpp"
#include "report/metrics.hpp"
#include "report/notice.hpp"
#include "sys/system.hpp"

#include <unistd.h>
#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ib {

struct StoreLayers;

/// One invocation of the program, from its arguments to its exit status. Run it once, on one
/// thread.
class Invocation {
public:
  explicit Invocation(std::vector<std::string> arguments) : words_(std::move(arguments)) {}

  /// `program` is argv[0]. Prints results and errors.
  ExitCode run(std::string_view program);

  // ---- for the command that runs

  const CommandLine& line() const { return line_; }
  const std::vector<std::string>& arguments() const { return line_.arguments; }
  const Settings& settings() const { return settings_; }
  bool json() const { return json_; }
  std::chrono::milliseconds elapsed() const;

  /// The report as text or JSON. Also keeps the parts that notices and metrics need.
  template <class Report>
  Result<Conclusion> conclude(Result<Report> report)
  {
    if (!report) return std::unexpected(std::move(report).error());
    report->header.elapsed = elapsed();
    tell_of_store(report->header);
    run_after_hook(to_json(*report), exit_code(outcome_of(*report)), report->header);
    notice_.problems = report->header.problems;
    notice_.notes = report->header.notes;
    if constexpr (requires { notice_.restore_point = report->restore_point; })
      notice_.restore_point = report->restore_point;
    tell(*metrics_, *report, wall_clock_now());
    return Conclusion{.results = json_ ? to_json(*report) : to_text(*report),
                      .outcome = outcome_of(*report),
                      .is_report = !json_};
  }

  /// For a command that opens no store and takes its time: shows its progress, and stops it by a
  /// signal.
  Result<Conclusion> attended(
      const std::function<Result<Conclusion>(Progress&, const std::stop_token&)>& work);

  /// For a command that shows its results as it finds them, so that memory does not grow with their
  /// number. `elements` is the name of their list in the JSON. A terminal gets the heading, in
  /// which
  /// "{time" and "}" enclose the place of a time.
  Result<> begin_listing(std::string_view elements, std::string_view heading = "");
  /// Shows one result: an element of the list if json(), otherwise lines of text.
  Result<> show(const std::string& element);
  Conclusion end_listing() const;

  /// Writes the bytes of a file to stdout, as they are.
  Result<> write(ByteView bytes) { return output_.write(text_of(bytes)); }

private:
  Result<Conclusion> work();
  Result<> read_settings();
  /// What of the settings a person should hear of who watches.
  void note_warnings(Progress& progress) const;
  Result<Conclusion> work_on_store(Command::OnStore command);
  ExitCode end(const Result<Conclusion>& conclusion);
  void tell_of_store(ReportHeader& header);
  void run_after_hook(std::string_view json, ExitCode code, ReportHeader& header);
  void tell_others(ExitCode code, const Result<Conclusion>& conclusion);
  void show_error(const Error& error);
  void warn(const std::string& text);

  std::vector<std::string> words_;
  CommandLine line_;
  Settings settings_;
  std::string command_;  // its name in the formats
  std::string store_url_;
  bool json_ = false;
  bool json_log_ = false;
  bool quiet_ = false;
  std::chrono::seconds log_interval_ = std::chrono::minutes(1);
  bool listing_open_ = false;
  bool first_element_ = true;
  const StoreLayers* layers_ = nullptr;        // until a report has told of its strangers
  const StoreInspector* inspector_ = nullptr;  // until a report has told of its clock
  RunLog log_;
  Notice notice_;  // filled while the command runs
  std::optional<Metrics> metrics_;
  std::optional<Notices> notices_;
  Hooks hooks_;
  std::stop_token stop_;  // of the command on a store
  ResultOutput output_{STDOUT_FILENO};
  std::optional<Terminal> terminal_ = terminal_of(STDOUT_FILENO);
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace ib
