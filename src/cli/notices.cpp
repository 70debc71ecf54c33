// SPDX-License-Identifier: Apache-2.0
#include "cli/notices.hpp"

#include "report/mail.hpp"
#include "sys/file.hpp"
#include "sys/system.hpp"
#include "sys/timing.hpp"

#include <algorithm>
#include <utility>

namespace ib {
namespace {

constexpr std::uint64_t kLargestMetrics = std::uint64_t{1024} * 1024;
constexpr std::uint64_t kLargestReply = std::uint64_t{64} * 1024;
constexpr std::chrono::milliseconds kConnectTimeout{5'000};
constexpr std::chrono::milliseconds kBeforeSecondTry{1'000};

void append(std::vector<std::string>& warnings, std::string_view option, const Result<>& result)
{
  if (!result) warnings.push_back("--" + std::string(option) + ": " + result.error().message);
}

bool is_meant(NoticeOn on, const Notice& notice)
{
  switch (on) {
    case NoticeOn::failure:
      return notice.exit_status != 0;
    case NoticeOn::problems:
      return notice.exit_status != 0 || !notice.notes.empty();
    case NoticeOn::always:
      return true;
  }
  std::unreachable();
}

/// Tries what may pass once more, until `tries` are over.
template <class Attempt>
Result<> tried(unsigned tries, const std::stop_token& stop, const Attempt& attempt)
{
  for (unsigned left = tries;; --left) {
    Result<> done = attempt();
    if (done || left <= 1 || done.error().code != Errc::unavailable ||
        !wait_for(kBeforeSecondTry, stop))
      return done;
  }
}

}  // namespace

std::string with_step(const std::string& url, std::string_view step)
{
  const std::size_t end = std::min(url.find_first_of("?#"), url.size());
  std::string path = url.substr(0, end);
  while (path.ends_with('/')) path.pop_back();
  return path + "/" + std::string(step) + url.substr(end);
}

std::string push_address(std::string url, std::string_view command)
{
  while (url.ends_with('/')) url.pop_back();
  if (!url.contains("/metrics/job")) url += "/metrics/job/immich-backup";
  return url + "/command/" + std::string(command);
}

Notices::Notices(NoticeJob job)
    : job_(std::move(job)),
      client_(HttpOptions{.ca_bundle = job_.ca_bundle,
                          .connect_timeout = kConnectTimeout,
                          .stall_timeout = job_.timeout + std::chrono::seconds(1)})
{}

std::vector<std::string> Notices::begin(const std::stop_token& stop)
{
  std::vector<std::string> warnings;
  for (const std::string& url : job_.pings)
    append(warnings, "ping", send({.method = "POST", .url = with_step(url, "start")}, "", 1, stop));
  return warnings;
}

std::vector<std::string> Notices::get_on(Timestamp now, const std::stop_token& stop)
{
  Metrics metrics(job_.command);
  tell_progress(metrics, now);
  return tell_metrics(metrics, 1, stop);
}

std::vector<std::string> Notices::end(const Notice& notice, const Metrics& metrics,
                                      const std::stop_token& stop)
{
  std::vector<std::string> warnings = tell_metrics(metrics, 2, stop);
  for (const std::string& url : job_.pings) {
    const bool ok = notice.exit_status == 0;
    append(warnings, "ping",
           send({.method = "POST",
                 .url = ok ? url : with_step(url, std::to_string(notice.exit_status)),
                 .headers = {"Content-Type: text/plain; charset=utf-8"}},
                ok ? summary_of(notice) : last_lines_of(notice), 2, stop));
  }
  if (job_.webhook && is_meant(job_.webhook_on, notice)) {
    static const NoticeTemplate kUsual = *NoticeTemplate::parse("{summary}\n{problems}");
    const NoticeTemplate& text = job_.webhook_template ? *job_.webhook_template : kUsual;
    append(warnings, "webhook",
           send({.method = "POST",
                 .url = *job_.webhook,
                 .headers = {text.is_json() ? "Content-Type: application/json"
                                            : "Content-Type: text/plain; charset=utf-8"}},
                text.fill(notice), 2, stop));
  }
  if (job_.mail && is_meant(job_.mail->on, notice))
    append(warnings, "mail-server", mail(*job_.mail, notice, stop));
  return warnings;
}

Result<> Notices::mail(const MailJob& mail, const Notice& notice, const std::stop_token& stop) const
{
  constexpr std::size_t kIdBytes = 16;
  // Both tries send the same message, so that a mailbox may recognise the second one.
  const Mail message{.from = mail.from,
                     .to = mail.to,
                     .message = mail_of({.from = mail.from,
                                         .to = mail.to,
                                         .subject = subject_of(notice),
                                         .date = notice.ended,
                                         .id = random_hex(kIdBytes)},
                                        last_lines_of(notice))};
  const MailOptions options{.ca_bundle = job_.ca_bundle, .timeout = job_.timeout};
  return tried(2, stop, [&] { return send_mail(mail.server, message, options, stop); });
}

std::vector<std::string> Notices::tell_metrics(const Metrics& metrics, unsigned tries,
                                               const std::stop_token& stop)
{
  std::vector<std::string> warnings;
  if (job_.metrics_file)
    append(warnings, "metrics-file", write_metrics(*job_.metrics_file, metrics));
  if (job_.pushgateway) {
    // POST replaces only the metrics that it names, so the last success stays after a failure.
    append(warnings, "pushgateway",
           send({.method = "POST",
                 .url = push_address(*job_.pushgateway, job_.command),
                 .headers = {"Content-Type: text/plain; version=0.0.4"}},
                metrics.text(), tries, stop));
  }
  return warnings;
}

Result<> Notices::write_metrics(const std::string& file, const Metrics& metrics) const
{
  const std::size_t slash = file.rfind('/');
  const std::string name = slash == std::string::npos ? file : file.substr(slash + 1);
  Folder folder = TRY(Folder::open(slash == std::string::npos ? "." : file.substr(0, slash + 1)));
  folder.set_readers(Readers::all);  // node_exporter is another user
  const Result<std::string> previous = read_file(file, kLargestMetrics);
  // The new file repeats the last success from the old one. If the old one cannot be read, leave
  // it.
  if (!previous && previous.error().code != Errc::not_found)
    return std::unexpected(previous.error());
  PendingFile pending = TRY(PendingFile::create(folder, "." + name + "." + job_.command + ".tmp",
                                                name, PendingFile::Sync::now));
  TRY(pending.write(bytes_of(metrics.text(previous ? *previous : ""))));
  return pending.commit_replacing();
}

Result<> Notices::send(HttpRequest request, std::string_view body, unsigned tries,
                       const std::stop_token& stop)
{
  request.body = bytes_of(body);
  request.body_limit = kLargestReply;
  request.connect_timeout = std::min(kConnectTimeout, job_.timeout);
  request.timeout = job_.timeout;
  return tried(tries, stop, [&]() -> Result<> {
    const HttpResponse response = TRY(client_.perform(request, stop));
    if (response.is_success()) return {};
    // The message leaves out the reply's body, because some servers repeat the address in it.
    return fail(response.is_transient() ? Errc::unavailable : Errc::invalid,
                host_of(request.url) + ": answered with status " + std::to_string(response.status));
  });
}

Heartbeat::Heartbeat(Notices& notices, const RunLog& log, Progress& progress,
                     std::chrono::milliseconds period)
    : notices_(notices), log_(log), progress_(progress)
{
  if (notices_.job().tells_metrics())
    clock_.emplace(period, [this](const std::stop_token& stop) { beat(stop); });
}

void Heartbeat::beat(const std::stop_token& stop)
{
  const std::uint64_t bytes = log_.bytes();
  if (bytes == seen_) return;
  seen_ = bytes;
  const std::vector<std::string> warnings = notices_.get_on(wall_clock_now(), stop);
  // Warns only once, because the end of the run warns again.
  if (!warnings.empty() && !warned_ && !stop.stop_requested())
    progress_.note("warning: " + warnings.front());
  warned_ = warned_ || !warnings.empty();
}

}  // namespace ib
