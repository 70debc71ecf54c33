// SPDX-License-Identifier: Apache-2.0
//
// What the page asks for, and what it gets: independent of how it travels.
#pragma once

#include "service/supervisor.hpp"
#include "web/answers.hpp"
#include "web/assessment.hpp"
#include "web/page_answer.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

struct PageJob {
  Supervisor& supervisor;
  /// The program that runs a command for the page, such as {"status", "--json"}.
  std::function<Program(const Answers::Arguments&)> program;
  std::string store;
  UtcOffset offset;
  std::optional<Schedule> backups;
  bool read_only = false;  ///< nothing can be started from the page
  std::string metrics_file;
  /// The options of this process's own command line, which `config` takes for the environment's.
  std::vector<std::string> given = {};
  std::function<Timestamp()> now;
};

/// Any thread may call the members.
class Page {
public:
  Page(PageJob job, std::stop_token stop);

  /// Asks the store again where a job has ended, or where the last answer is old. To be called
  /// every few seconds.
  void refresh();

  PageAnswer overview();
  PageAnswer now();
  PageAnswer runs();
  PageAnswer log(const std::string& run);
  /// One of the commands that only look: status, restore-points, cost, config, doctor.
  PageAnswer look(std::string_view command);
  PageAnswer recovery_kit();
  PageAnswer difference(const std::string& from, const std::string& to);
  /// `body` is {"command": "backup"}.
  PageAnswer start(std::string_view body);
  /// In the text format of Prometheus. Empty before the first run.
  std::string metrics() const;

  bool is_read_only() const { return job_.read_only; }
  /// The id of the running job; empty while nothing runs.
  std::string running();
  /// The lines that the running job has logged from number `from` on.
  std::vector<std::string> new_lines(std::size_t from);

private:
  PageAnswer settings();
  PageAnswer ask(const Answers::Arguments& arguments, std::chrono::seconds at_most_so_old);
  LastAnswer last_answer();

  const PageJob job_;
  Answers answers_;
  std::mutex mutex_;
  LastAnswer last_;       // guarded by mutex_, like the next two
  std::string last_run_;  // the last run that had ended when the store was asked
  std::optional<Timestamp> asked_;
};

}  // namespace ib
