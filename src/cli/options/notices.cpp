// SPDX-License-Identifier: Apache-2.0
#include "cli/options/notices.hpp"

#include "cli/commands/all.hpp"
#include "net/http_message.hpp"
#include "net/smtp.hpp"

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

Result<NoticeOn> notice_on(const Settings& settings, std::string_view option)
{
  const std::optional<std::string> when = TRY(settings.choice(option));
  if (when == "problems") return NoticeOn::problems;
  return when == "always" ? NoticeOn::always : NoticeOn::failure;
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

/// The server, and that no password goes there without TLS.
Result<MailServer> mail_server(const Settings& settings, const Setting& url)
{
  std::optional<MailServer> server = MailServer::parse(url.values.front());
  if (!server)
    return fail(Errc::invalid,
                url.name + ": this is not smtps://HOST, smtp://HOST or one of them with :PORT",
                "A user is named with --mail-user, and the password's file with "
                "--mail-password-file. The address is not repeated here, because it may contain a "
                "secret.");
  server->user = settings.text("mail-user").value_or("");
  server->password = TRY(read_password(settings, "mail-password")).value_or("");
  if (server->user.empty() != server->password.empty())
    return fail(Errc::invalid,
                url.name + (server->user.empty() ? ": a password without --mail-user"
                                                 : ": --mail-user without a password"),
                "The password is in --mail-password-file, or in IMMICH_BACKUP_MAIL_PASSWORD.");
  const bool without_tls = TRY(settings.flag("mail-without-tls"));
  if (without_tls && !server->user.empty())
    return fail(Errc::invalid,
                settings.find("mail-without-tls")->name + ": a password is never sent without TLS",
                "Leave out either this or --mail-user.");
  if (without_tls && server->url.starts_with("smtps://"))
    return fail(Errc::invalid, settings.find("mail-without-tls")->name +
                                   ": the address begins with smtps://, which is TLS");
  server->starttls = !without_tls && (server->starttls || !server->user.empty());
  return *std::move(server);
}

Result<std::optional<MailJob>> mail(const Settings& settings)
{
  const Setting* url = settings.find("mail-server");
  const Setting* from = settings.find("mail-from");
  const Setting* to = settings.find("mail-to");
  if (url == nullptr || url->values.front().empty()) {
    // Somebody waits for mail.
    if (to != nullptr) return fail(Errc::invalid, to->name + ": there is no --mail-server");
    return std::nullopt;
  }
  MailJob job{.server = TRY(mail_server(settings, *url))};
  if (from == nullptr || to == nullptr)
    return fail(Errc::invalid, url->name + ": --mail-from and --mail-to are needed, too");
  for (const Setting* setting : {from, to})
    if (!std::ranges::all_of(setting->values, is_mail_address))
      return fail(Errc::invalid, setting->name + ": this is not a mail address",
                  "An address is like me@example.org, without a name before it.");
  job.from = from->values.front();
  job.to = to->values;
  job.on = TRY(notice_on(settings, "mail-on"));
  return job;
}

Option notice_option(std::string_view name, std::string_view metavar, std::string help)
{
  return {.name = name, .metavar = metavar, .group = OptionGroup::notices, .help = std::move(help)};
}

/// When, for what is sent at the end.
Option when_option(std::string_view name)
{
  Option option = notice_option(name, "WHEN",
                                "failure: if the exit status is not 0 (default); "
                                "problems: also if the report has notes; always");
  option.choices = {"failure", "problems", "always"};
  return option;
}

Options mail_options()
{
  Option password = notice_option(
      "mail-password", "PASSWORD",
      "the password; only in the environment or the config file, never on the command line");
  password.secret = true;
  Option to = notice_option("mail-to", "ADDRESS", "who gets the mail");
  to.repeatable = true;
  return {notice_option("mail-server", "URL",
                        "send a mail at the end: smtps://mail.example.org, or "
                        "smtp://mail.example.org:587 with STARTTLS"),
          notice_option("mail-user", "USER", "who logs in there (default: nobody)"),
          password,
          notice_option("mail-password-file", "FILE", "a file that holds the password"),
          notice_option("mail-from", "ADDRESS", "who sends the mail: backup@example.org"),
          to,
          when_option("mail-on"),
          notice_option("mail-without-tls", "",
                        "send it in the clear to a server that offers no STARTTLS; never together "
                        "with a password")};
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
  return joined({metrics_options(),
                 {ping,
                  notice_option("webhook", "URL",
                                "post a message there at the end; "
                                "put an address with a token into the environment"),
                  when_option("webhook-on"),
                  notice_option("webhook-template", "TEXT",
                                "the message as JSON or plain text, or @FILE that contains it: "
                                R"('{"text": "{summary}"}')")},
                 mail_options()});
}

Result<NoticeJob> notice_job(const Settings& settings, const Command& command)
{
  NoticeJob job{.command = std::string(command.formats_name())};
  job.metrics_file = settings.text("metrics-file");
  job.pushgateway = TRY(address(settings, "pushgateway"));
  job.pings = TRY(pings(settings, command));
  job.webhook = TRY(address(settings, "webhook"));
  job.webhook_on = TRY(notice_on(settings, "webhook-on"));
  job.webhook_template = TRY(webhook_template(settings));
  job.mail = TRY(mail(settings));
  job.ca_bundle = settings.text("ca-bundle").value_or("");
  if (TRY(settings.flag("dry-run")) || settings.find("shards") != nullptr)
    return NoticeJob{.command = job.command};
  return job;
}

}  // namespace ib
