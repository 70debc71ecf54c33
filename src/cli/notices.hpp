// SPDX-License-Identifier: Apache-2.0
// Tells others about a run: Prometheus, a dead-man's switch, a webhook, people by mail. A notice
// cannot make the run fail: its errors become warnings, and every request has a short timeout.
// Addresses are secrets, so a warning names only the option and the host.
#pragma once

#include "base/progress.hpp"
#include "base/result.hpp"
#include "cli/run_log.hpp"
#include "net/http.hpp"
#include "net/smtp.hpp"
#include "report/metrics.hpp"
#include "report/notice.hpp"
#include "sys/timing.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace ib {

/// When a webhook or a mail is sent.
enum class NoticeOn : std::uint8_t {
  failure,   ///< the exit status is not 0
  problems,  ///< also if the report has notes
  always,
};

/// A mail to people.
struct MailJob {
  MailServer server;
  std::string from;
  std::vector<std::string> to;
  NoticeOn on = NoticeOn::failure;
};

/// Whom to tell about a run, and what.
struct NoticeJob {
  std::string command;  ///< its name in the formats
  std::optional<std::string> metrics_file;
  std::optional<std::string> pushgateway;
  std::vector<std::string> pings;
  std::optional<std::string> webhook;
  NoticeOn webhook_on = NoticeOn::failure;
  std::optional<NoticeTemplate> webhook_template;  ///< absent: summary and problems as plain text
  std::optional<MailJob> mail;
  std::string ca_bundle;
  std::chrono::milliseconds timeout{10'000};  ///< of each request

  bool tells_metrics() const { return metrics_file || pushgateway; }
};

/// Several threads may call the members, except end().
class Notices {
public:
  explicit Notices(NoticeJob job);

  /// Tells that the run begins. Returns warnings, like all of these.
  std::vector<std::string> begin(const std::stop_token& stop);
  /// Tells that more bytes are done. Updates only the metrics.
  std::vector<std::string> get_on(Timestamp now, const std::stop_token& stop);
  /// Tells that the run has ended. Does nothing if the job names nobody.
  std::vector<std::string> end(const Notice& notice, const Metrics& metrics,
                               const std::stop_token& stop);

  const NoticeJob& job() const { return job_; }

private:
  std::vector<std::string> tell_metrics(const Metrics& metrics, unsigned tries,
                                        const std::stop_token& stop);
  Result<> write_metrics(const std::string& file, const Metrics& metrics) const;
  Result<> send(HttpRequest request, std::string_view body, unsigned tries,
                const std::stop_token& stop);
  Result<> mail(const MailJob& mail, const Notice& notice, const std::stop_token& stop) const;

  NoticeJob job_;
  HttpClient client_;
};

/// While it lives, a thread checks after each `period` whether more bytes are done, and if so calls
/// get_on(). The references must outlive it.
class Heartbeat {
public:
  Heartbeat(Notices& notices, const RunLog& log, Progress& progress,
            std::chrono::milliseconds period);

private:
  void beat(const std::stop_token& stop);

  Notices& notices_;
  const RunLog& log_;
  Progress& progress_;
  std::uint64_t seen_ = 0;
  bool warned_ = false;
  std::optional<Periodic> clock_;  // last: its thread uses all of the above
};

/// Adds a step to the path: "https://hc-ping.com/UUID?rid=1" and "start" become
/// "https://hc-ping.com/UUID/start?rid=1".
std::string with_step(const std::string& url, std::string_view step);

/// The address for the metrics of `command` at a Pushgateway. `url` is the gateway's root, or it
/// names the job and more labels ("http://host:9091/metrics/job/photos/instance/home").
std::string push_address(std::string url, std::string_view command);

}  // namespace ib
