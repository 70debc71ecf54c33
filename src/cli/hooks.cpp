// SPDX-License-Identifier: Apache-2.0
#include "cli/hooks.hpp"

#include "sys/subprocess.hpp"
#include "sys/timing.hpp"

#include <utility>

namespace ib {
namespace {

constexpr std::chrono::minutes kUsualLimit{10};

/// The last lines that it printed on stderr, as one.
std::string last_words(std::string text)
{
  for (char& c : text)
    if (c == '\n') c = ' ';
  const std::size_t end = text.find_last_not_of(' ');
  return end == std::string::npos ? "" : ": " + text.substr(0, end + 1);
}

}  // namespace

Options hook_options()
{
  return {
      {.name = "before-backup",
       .metavar = "COMMAND",
       .group = OptionGroup::notices,
       .help = "run this before the backup, such as a mount or a snapshot; "
               "if it fails, nothing is backed up, exit status 1"},
      {.name = "after-backup",
       .metavar = "COMMAND",
       .group = OptionGroup::notices,
       .help = "run this after the backup, also after one that failed: it gets the report as JSON "
               "on stdin, and IMMICH_BACKUP_EXIT_STATUS; if it fails, the exit status is 3"},
      {.name = "hook-time-limit",
       .metavar = "TIME",
       .group = OptionGroup::notices,
       .help = "end either of these commands after this time (default: 10m)"},
  };
}

Result<Hooks> Hooks::of(const Settings& settings)
{
  Hooks hooks;
  hooks.limit_ = TRY(settings.duration("hook-time-limit")).value_or(kUsualLimit);
  if (TRY(settings.flag("dry-run"))) return hooks;
  const auto named = [&](const std::string& name) -> std::optional<Hook> {
    std::optional<std::string> command = settings.text(name);
    if (!command || command->empty()) return std::nullopt;
    return Hook{.name = name, .command = *std::move(command)};
  };
  hooks.before_ = named("before-backup");
  hooks.after_ = named("after-backup");
  return hooks;
}

Result<> Hooks::before(const std::stop_token& stop)
{
  const std::optional<Hook> hook = std::exchange(before_, std::nullopt);
  return hook ? run(*hook, "", "", stop) : Result<>();
}

Result<> Hooks::after(std::string_view report, int exit_status, const std::stop_token& stop)
{
  const std::optional<Hook> hook = std::exchange(after_, std::nullopt);
  const std::stop_token while_it_runs = stop.stop_requested() ? std::stop_token() : stop;
  return hook ? run(*hook, report, std::to_string(exit_status), while_it_runs) : Result<>();
}

Result<> Hooks::run(const Hook& hook, std::string_view input, const std::string& exit_status,
                    const std::stop_token& stop) const
{
  std::stop_source ends;
  const std::stop_callback interrupted(stop, [&] { ends.request_stop(); });
  const Periodic clock(limit_, [&](const std::stop_token&) { ends.request_stop(); });
  const auto work = [&]() -> Result<Exit> {
    Program program{.argv = {"/bin/sh", "-c", hook.command}, .with_children = true};
    if (!exit_status.empty())
      program.environment.emplace_back("IMMICH_BACKUP_EXIT_STATUS", exit_status);
    Subprocess process = TRY(Subprocess::start(program, ends.get_token()));
    // One that does not want the report may close its stdin.
    const Result<> written = process.write(bytes_of(input));
    if (!written && written.error().code != Errc::io) return std::unexpected(written.error());
    return process.finish();
  };
  const Result<Exit> exit = work();
  const std::string name = "--" + hook.name;
  if (exit && exit->status == 0) return {};
  if (exit) {
    return fail(Errc::io, name + ": ended with status " + std::to_string(exit->status) +
                              last_words(exit->stderr_tail));
  }
  if (exit.error().code != Errc::cancelled) return std::unexpected(in_context(name, exit.error()));
  if (stop.stop_requested()) return fail(Errc::cancelled, name + ": interrupted");
  return fail(Errc::io, name + ": did not end within " + format_duration(limit_),
              "--hook-time-limit gives it more time. What it leaves in the background has to close "
              "its output, or is ended with it.");
}

}  // namespace ib
