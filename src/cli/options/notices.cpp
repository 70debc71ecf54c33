// SPDX-License-Identifier: Apache-2.0
#include "cli/options/notices.hpp"

#include "cli/commands/all.hpp"
#include "net/http_message.hpp"

#include <algorithm>

namespace ib {
namespace {

constexpr std::uint64_t kLargestTemplate = std::uint64_t{64} * 1024;

/// Checks an address. The error quotes no part of it.
Result<std::string> address(const std::string& url, const std::string& name)
{
  const bool http = url.starts_with("http://") || url.starts_with("https://");
  const bool plain = std::ranges::all_of(url, [](char c) { return c > ' ' && c < '\x7f'; });
  if (http && plain && !host_of(url).empty()) return url;
  return fail(Errc::invalid, name + ": this is not an http:// or https:// address",
              "The address is not repeated here, because it may contain a secret.");
}

Result<std::optional<std::string>> address(const Settings& settings, std::string_view option)
{
  const Setting* setting = settings.find(option);
  if (setting == nullptr || setting->values.front().empty()) return std::nullopt;
  return TRY(address(setting->values.front(), setting->name));
}

/// The pings for `command`. A value is "COMMAND=URL" or only a URL. In the environment and the
/// config file, a URL without a command belongs to the backup; otherwise a verification would tell
/// that there was a backup.
Result<std::vector<std::string>> pings(const Settings& settings, const Command& command)
{
  const Setting* setting = settings.find("ping");
  std::vector<std::string> meant;
  if (setting == nullptr) return meant;
  for (const std::string& text : setting->values) {
    if (text.empty()) continue;
    const std::size_t equals = text.find('=');
    const Command* named = equals == std::string::npos
                               ? nullptr
                               : find_command(std::string_view(text).substr(0, equals));
    if (named == nullptr) {
      const std::string url = TRY(address(text, setting->name));
      if (command.name == "backup" || setting->origin == Origin::command_line) meant.push_back(url);
    } else {
      const std::string url = TRY(address(text.substr(equals + 1), setting->name));
      if (named->name == command.name) meant.push_back(url);
    }
  }
  return meant;
}

Result<WebhookOn> webhook_on(const Settings& settings)
{
  const std::optional<std::string> when = TRY(settings.choice("webhook-on"));
  if (when == "problems") return WebhookOn::problems;
  return when == "always" ? WebhookOn::always : WebhookOn::failure;
}

/// The setting is the template itself, or @FILE as with curl. The template may contain a token.
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

Option notice_option(std::string_view name, std::string_view metavar, std::string help)
{
  return {.name = name, .metavar = metavar, .group = OptionGroup::notices, .help = std::move(help)};
}

}  // namespace

Options metrics_options()
{
  return {
      notice_option("metrics-file", "FILE",
                    "write the run's metrics for Prometheus to this file, "
                    "for the textfile collector of node_exporter: "
                    "/var/lib/node_exporter/immich.prom"),
      notice_option("pushgateway", "URL",
                    "send the same metrics to a Pushgateway: http://pushgateway:9091"),
  };
}

Options notice_options()
{
  Option ping = notice_option(
      "ping", "[COMMAND=]URL",
      "a dead-man's switch like that of healthchecks: URL/start, then URL or URL/EXITSTATUS; "
      "in the environment and the config file, a URL without COMMAND is for the backup");
  ping.repeatable = true;
  Option webhook_on = notice_option("webhook-on", "WHEN",
                                    "failure: if the exit status is not 0 (default); "
                                    "problems: also if the report has notes; always");
  webhook_on.choices = {"failure", "problems", "always"};
  return joined({metrics_options(),
                 {ping,
                  notice_option("webhook", "URL",
                                "post a message there at the end; "
                                "put an address with a token into the environment"),
                  webhook_on,
                  notice_option("webhook-template", "TEXT",
                                "the message as JSON or plain text, or @FILE that contains it: "
                                R"('{"text": "{summary}"}')")}});
}

Result<NoticeJob> notice_job(const Settings& settings, const Command& command)
{
  NoticeJob job{.command = std::string(command.formats_name())};
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

}  // namespace ib
