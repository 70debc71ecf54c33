// SPDX-License-Identifier: Apache-2.0
#include "cli/notices.hpp"

#include "base/text.hpp"
#include "sys/file.hpp"
#include "sys/system.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace ib {
namespace {

constexpr std::uint64_t kLargestMetrics = std::uint64_t{1024} * 1024;
constexpr std::uint64_t kLargestTemplate = std::uint64_t{64} * 1024;
constexpr std::uint64_t kLargestReply = std::uint64_t{64} * 1024;
constexpr std::chrono::milliseconds kConnectTimeout{5'000};
constexpr std::chrono::milliseconds kBeforeSecondTry{1'000};

/// The message names no part of what was given.
Result<std::string> address(const std::string& url, const std::string& name)
{
  const bool http = url.starts_with("http://") || url.starts_with("https://");
  const bool plain = std::ranges::all_of(url, [](char c) { return c > ' ' && c < '\x7f'; });
  if (http && plain && !host_of(url).empty()) return url;
  return fail(Errc::invalid, name + ": this is no http:// or https:// address",
              "It is not repeated here, since such an address may hold a secret.");
}

Result<std::optional<std::string>> address(const Settings& settings, std::string_view option)
{
  const Setting* setting = settings.find(option);
  if (setting == nullptr || setting->values.front().empty()) return std::nullopt;
  return TRY(address(setting->values.front(), setting->name));
}

/// Those that are meant for `command`: "COMMAND=URL", or a URL alone, which is the backup's unless
/// it was given with the command itself. Otherwise a verification would tell that there was a
/// backup.
Result<std::vector<std::string>> pings(const Settings& settings, Verb command)
{
  const Setting* setting = settings.find("ping");
  std::vector<std::string> meant;
  if (setting == nullptr) return meant;
  for (const std::string& text : setting->values) {
    if (text.empty()) continue;
    const std::size_t equals = text.find('=');
    const CommandInfo* named = equals == std::string::npos
                                   ? nullptr
                                   : find_command(std::string_view(text).substr(0, equals));
    if (named == nullptr) {
      const std::string url = TRY(address(text, setting->name));
      if (command == Verb::backup || setting->origin == Origin::command_line) meant.push_back(url);
    } else {
      const std::string url = TRY(address(text.substr(equals + 1), setting->name));
      if (named->command == command) meant.push_back(url);
    }
  }
  return meant;
}

Result<WebhookOn> webhook_on(const Settings& settings)
{
  const Setting* setting = settings.find("webhook-on");
  if (setting == nullptr || setting->values.front() == "failure") return WebhookOn::failure;
  if (setting->values.front() == "problems") return WebhookOn::problems;
  if (setting->values.front() == "always") return WebhookOn::always;
  return fail(Errc::invalid, setting->name + ": '" + printable(setting->values.front()) +
                                 "' is not one of failure, problems, always");
}

/// The text itself, or with a @ in front the file that holds it, as curl has it. It may hold a
/// token, too.
Result<std::optional<NoticeTemplate>> webhook_template(const Settings& settings)
{
  const Setting* setting = settings.find("webhook-template");
  if (setting == nullptr || setting->values.front().empty()) return std::nullopt;
  std::string text = setting->values.front();
  if (text.starts_with('@')) {
    Setting file = *setting;
    file.values.front() = text.substr(1);
    text = TRY(read_configured_file(file, kLargestTemplate));
  }
  return TRY(NoticeTemplate::parse(std::move(text)).context(setting->name));
}

void append(std::vector<std::string>& warnings, std::string_view option, const Result<>& result)
{
  if (!result) warnings.push_back("--" + std::string(option) + ": " + result.error().message);
}

/// False where `stop` was requested meanwhile.
bool wait_for(std::chrono::milliseconds time, const std::stop_token& stop)
{
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace

Result<NoticeJob> notice_job(const Settings& settings, Verb command)
{
  NoticeJob job{.command = std::string(info_of(command).name)};
  job.metrics_file = settings.text("metrics-file");
  job.pushgateway = TRY(address(settings, "pushgateway"));
  job.pings = TRY(pings(settings, command));
  job.webhook = TRY(address(settings, "webhook"));
  job.webhook_on = TRY(webhook_on(settings));
  job.webhook_template = TRY(webhook_template(settings));
  job.ca_bundle = settings.text("ca-bundle").value_or("");
  if (TRY(settings.flag("dry-run")) || settings.find("shards") != nullptr)
    return NoticeJob{.command = job.command};
  return job;
}

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
  if (job_.webhook && wants_webhook(notice)) {
    static const NoticeTemplate kUsual = *NoticeTemplate::parse("{summary}\n{problems}");
    const NoticeTemplate& text = job_.webhook_template ? *job_.webhook_template : kUsual;
    append(warnings, "webhook",
           send({.method = "POST",
                 .url = *job_.webhook,
                 .headers = {text.is_json() ? "Content-Type: application/json"
                                            : "Content-Type: text/plain; charset=utf-8"}},
                text.fill(notice), 2, stop));
  }
  return warnings;
}

bool Notices::wants_webhook(const Notice& notice) const
{
  switch (job_.webhook_on) {
    case WebhookOn::failure:
      return notice.exit_status != 0;
    case WebhookOn::problems:
      return notice.exit_status != 0 || !notice.notes.empty();
    case WebhookOn::always:
      return true;
  }
  std::unreachable();
}

std::vector<std::string> Notices::tell_metrics(const Metrics& metrics, unsigned tries,
                                               const std::stop_token& stop)
{
  std::vector<std::string> warnings;
  if (job_.metrics_file)
    append(warnings, "metrics-file", write_metrics(*job_.metrics_file, metrics));
  if (job_.pushgateway) {
    // POST replaces what this names and leaves the rest: the last success stays after a failure.
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
  folder.make_readable_by_all(std::nullopt);  // node_exporter is another user
  const Result<std::string> previous = read_file(file, kLargestMetrics);
  // Without it, the last success would be forgotten: better to leave the file as it is.
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
  for (unsigned left = tries;; --left) {
    Result<HttpResponse> response = client_.perform(request, stop);
    if (response && response->is_success()) return {};
    // The reply's body is left out: some servers repeat the address in it.
    Error error = response
                      ? Error{.code = response->is_transient() ? Errc::unavailable : Errc::invalid,
                              .message = host_of(request.url) + ": answered with status " +
                                         std::to_string(response->status)}
                      : std::move(response).error();
    if (left <= 1 || error.code != Errc::unavailable || !wait_for(kBeforeSecondTry, stop))
      return std::unexpected(std::move(error));
  }
}

Heartbeat::Heartbeat(Notices& notices, const RunLog& log, Progress& progress,
                     std::chrono::milliseconds period)
    : notices_(notices),
      log_(log),
      progress_(progress),
      period_(period),
      thread_([this](const std::stop_token& stop) { watch(stop); })
{}

void Heartbeat::watch(const std::stop_token& stop)
{
  if (!notices_.job().tells_metrics()) return;
  bool warned = false;
  for (std::uint64_t seen = 0; wait_for(period_, stop);) {
    const std::uint64_t bytes = log_.bytes();
    if (bytes == seen) continue;
    seen = bytes;
    const std::vector<std::string> warnings = notices_.get_on(wall_clock_now(), stop);
    // Once is enough: the end of the run says it again.
    if (!warnings.empty() && !warned && !stop.stop_requested())
      progress_.note("warning: " + warnings.front());
    warned = warned || !warnings.empty();
  }
}

}  // namespace ib
