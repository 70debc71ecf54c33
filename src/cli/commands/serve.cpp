// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/commands/all.hpp"
#include "cli/invocation.hpp"
#include "cli/job_program.hpp"
#include "cli/options/bandwidth.hpp"
#include "cli/options/common.hpp"
#include "cli/options/database.hpp"
#include "cli/options/files.hpp"
#include "cli/options/notices.hpp"
#include "cli/options/page.hpp"
#include "repository/store_marker.hpp"
#include "service/supervisor.hpp"
#include "store/open_store.hpp"
#include "sys/time_zone.hpp"
#include "sys/timing.hpp"
#include "web/server.hpp"

#include <algorithm>
#include <iterator>
#include <ranges>
#include <set>
#include <utility>

namespace ib {
namespace {

constexpr std::chrono::minutes kUsualDelay{10};
constexpr std::chrono::seconds kRefresh{1};

/// The option of a job's schedule, and its usual value.
struct ScheduleOption {
  Job job;
  std::string_view name;
  std::string_view usual;
};
constexpr std::array<ScheduleOption, kJobs.size()> kScheduleOptions{
    {{Job::backup, "schedule", "30 3 * * *"},
     {Job::verify, "verify-schedule", "0 5 * * sun"},
     {Job::drill, "drill-schedule", "0 6 1 * *"},
     {Job::prune, "prune-schedule", "off"}}};

Options schedule_options()
{
  return {
      {.name = "schedule",
       .metavar = "CRON",
       .help = "when to back up: minute, hour, day, month and day of the week as in crontab, or "
               "@daily; off (default: \"30 3 * * *\", each night at 03:30)"},
      {.name = "verify-schedule",
       .metavar = "CRON",
       .help = "when to compare the store with the manifest (default: \"0 5 * * sun\")"},
      {.name = "drill-schedule",
       .metavar = "CRON",
       .help = "when to prove that a restore works (default: \"0 6 1 * *\", once a month)"},
      {.name = "prune-schedule",
       .metavar = "CRON",
       .help = "when to remove old restore points by the rules of prune, such as keep-last in the "
               "config file (default: off)"},
      {.name = "expected-schedule",
       .metavar = "CRON",
       .help = "with --schedule off: when something else starts backups, such as a CronJob; the "
               "page calls the newest late by it (default: 36 hours)"},
      {.name = "random-delay",
       .metavar = "TIME",
       .help = "start each job up to this much later, so that not all machines ask the cloud at "
               "once; off for none (default: 10m)"},
      {.name = "state",
       .metavar = "DIR",
       .help = "the folder of its journal and of the last logs (default: "
               "$XDG_STATE_HOME/immich-backup or ~/.local/state/immich-backup)"},
      {.name = "reader-credentials",
       .metavar = "FILE",
       .group = OptionGroup::bucket,
       .help = "the key of a service account that may read everything: for verify, the drill and "
               "the page, which then do without the backup's"},
      {.name = "prune-credentials",
       .metavar = "FILE",
       .group = OptionGroup::bucket,
       .help = "the key of a service account that may remove old restore points: for prune alone"},
  };
}

Options serve_options()
{
  return joined({schedule_options(), page_options()});
}

std::string state_folder(const Settings& settings)
{
  if (const std::optional<std::string> named = settings.text("state")) return *named;
  const auto state = environment("XDG_STATE_HOME");
  if (state && state->starts_with('/')) return *state + "/immich-backup";
  const auto home = environment("HOME");
  return home && home->starts_with('/') ? *home + "/.local/state/immich-backup" : "";
}

Result<std::optional<Schedule>> schedule_of(const Settings& settings, const ScheduleOption& option)
{
  const Setting* setting = settings.find(option.name);
  const std::string text(setting == nullptr ? option.usual : setting->values.front());
  if (text == "off") return std::nullopt;
  const std::string name = setting == nullptr ? "--" + std::string(option.name) : setting->name;
  return Schedule{.text = text, .times = TRY(CronSchedule::parse(text).context(name))};
}

Result<std::chrono::seconds> random_delay(const Settings& settings)
{
  if (settings.text("random-delay") == "off") return std::chrono::seconds(0);
  return TRY(settings.duration("random-delay")).value_or(kUsualDelay);
}

/// The settings of another command, in the same environment and config files.
Settings settings_of(const Command& command, std::span<const ConfigFile> files)
{
  return Settings::collect({.command = &command}, environment, files);
}

/// Without one, each prune would fail. Better now than at night.
Result<> require_rules(const Settings& settings)
{
  for (const std::string_view rule :
       {"keep-last", "keep-daily", "keep-weekly", "keep-monthly", "keep-yearly"})
    if (settings.find(rule) != nullptr) return {};
  return fail(Errc::invalid, "--prune-schedule without a rule of what to keep",
              "Set keep-last or another of prune's rules in the config file or the environment, "
              "such as IMMICH_BACKUP_KEEP_LAST=30.");
}

/// What the process itself may know of the store: with the reader's credential where there is one.
EnvironmentLookup as_reader(const JobCredentials& credentials)
{
  return [file = credentials.reader](const char* name) -> std::optional<std::string> {
    if (file && std::string_view(name) == "GCS_CREDENTIALS") return std::nullopt;
    if (file && std::string_view(name) == "GOOGLE_APPLICATION_CREDENTIALS") return file;
    return environment(name);
  };
}

/// Absent also where the store does not answer: the job will wait for it, and tell of it.
std::optional<Error> missing_store(const StoreAddress& address, StoreOptions options,
                                   const std::stop_token& stop)
{
  options.patient = false;
  const Result<OpenStore> open = open_store(address, options);
  if (!open) return std::nullopt;
  SilentProgress nobody;
  const RepositoryContext repository{.store = *open->store, .progress = nobody, .stop = stop};
  const Result<ManifestListing> listing = list_manifests(repository);
  if (!listing || listing->marker || listing->has_current_manifest || !listing->manifests.empty() ||
      !listing->restore_points.empty())
    return std::nullopt;
  Error error = no_store(address).error();
  error.message = "no store at " + error.message;
  return error;
}

/// When a run last reached this store; absent where none has.
std::optional<Timestamp> last_reached(const SupervisorState& state, const std::string& store)
{
  // 0, 3 and 4 say how the store is.
  for (const RecordedRun& run : state.runs | std::views::reverse)
    if (run.store == store && run.run.ended &&
        (run.run.exit_status == 0 || run.run.exit_status == 3 || run.run.exit_status == 4))
      return run.run.ended;
  return std::nullopt;
}

/// Where a store was is no place for a new one: its disk is away.
Error away(const StoreAddress& address, Timestamp last)
{
  return {.code = Errc::invalid,
          .message = "the store is not at " + address.url() + " any more, where it was on " +
                     format_iso(last),
          .hint = "Connect or mount its disk. `immich-backup init` would begin another store."};
}

/// Tells those of a run that it can't tell itself.
void tell_of(const SilentRun& run, const std::string& store, std::span<const ConfigFile> files,
             Progress& progress, const std::stop_token& stop)
{
  const Command& command = *find_command(command_of(run.job));
  Result<NoticeJob> job = notice_job(settings_of(command, files), command);
  if (!job) {
    progress.note("warning: " + job.error().message);
    return;
  }
  const Timestamp now = wall_clock_now();
  const Notice notice{
      .command = std::string(command.formats_name()),
      .store = store,
      .result = "failed",
      .exit_status = std::to_underlying(ExitCode::failed),
      .ended = now,
      .problems = {{.path = "",
                    .code = "no_run",
                    .message = "the run of " + format_iso(run.due) + ": " + run.what}}};
  Metrics metrics(notice.command);
  tell_end(metrics, now, {}, notice.exit_status, notice.problems.size());
  Notices notices(*std::move(job));
  for (const std::string& warning : notices.end(notice, metrics, stop))
    progress.note("warning: " + warning);
}

Result<Conclusion> run(Invocation& invocation)
{
  const Settings& settings = invocation.settings();
  static_cast<void>(own_program());  // before an upgrade replaces the file
  const std::string url = TRY(store_url(settings, environment));
  const StoreAddress address = TRY(StoreAddress::parse(url));
  const std::vector<ConfigFile> files = TRY(read_config_files(invocation.line()));
  const JobCredentials credentials{.reader = settings.text("reader-credentials"),
                                   .pruner = settings.text("prune-credentials")};
  if (const Setting* zone = time_zone(settings, true))
    TRY(use_time_zone(zone->values.front()).context(zone->name));
  const std::optional<ListenAddress> listen = TRY(listen_address(settings));
  const std::string state = state_folder(settings);
  if (state.empty())
    return fail(Errc::invalid, "there is no folder for the journal: HOME is not set",
                "Name one: --state DIR.");
  // What /metrics shows, and jobs write: a file of the owner's where there is one.
  const std::string metrics_file = settings_of(*find_command("backup"), files)
                                       .text("metrics-file")
                                       .value_or(state + "/metrics.prom");
  SupervisorJob job{
      .offset = utc_offset,
      .random_delay = TRY(random_delay(settings)),
      .state_folder = state,
      .store = url,
      .program =
          [&](Job each) {
            Variables variables = environment_of("");
            variables.emplace_back("IMMICH_BACKUP_METRICS_FILE", metrics_file);
            return program_of(each, invocation.line(), serve_options(), credentials,
                              std::move(variables));
          },
      .now = wall_clock_now,
  };
  for (std::size_t i = 0; i < kScheduleOptions.size(); ++i)
    job.schedules[i] = TRY(schedule_of(settings, kScheduleOptions[i]));
  // A drill opens photos. Where the identity is elsewhere, so are the drills, unless somebody says.
  const Settings drills = settings_of(*find_command("verify-restore"), files);
  const auto has = [&](std::string_view option) {
    return settings.find(option) != nullptr || drills.find(option) != nullptr;
  };
  const bool goes_without_drill =
      has("encrypt-to") && !has("identity") && settings.find("drill-schedule") == nullptr;
  if (goes_without_drill) job.schedules[static_cast<std::size_t>(Job::drill)] = std::nullopt;
  if (job.schedules[static_cast<std::size_t>(Job::prune)])
    TRY(require_rules(settings_of(*find_command("prune"), files)));
  std::optional<Schedule> backups = job.schedules.front();
  if (settings.find("expected-schedule") != nullptr) {
    if (backups)
      return fail(Errc::invalid,
                  "--expected-schedule is for --schedule off: here, --schedule starts the backups");
    backups = TRY(
        schedule_of(settings, {.job = Job::backup, .name = "expected-schedule", .usual = "off"}));
  }
  const StoreOptions reading = open_options(settings, as_reader(credentials));
  return invocation.attended([&](Progress& progress,
                                 const std::stop_token& stop) -> Result<Conclusion> {
    if (goes_without_drill)
      progress.note(
          "no drill is planned: it opens photos, and the settings have no identity. "
          "`immich-backup verify-restore` where the identity is leaves its proof in the store");
    Supervisor* asked = nullptr;
    job.obstacle = [&]() -> std::optional<Error> {
      std::optional<Error> missing = missing_store(address, reading, stop);
      if (!missing || asked == nullptr) return missing;
      const std::optional<Timestamp> last = last_reached(asked->state(), url);
      return last ? away(address, *last) : missing;
    };
    job.tell_of = [&](const SilentRun& run) { tell_of(run, url, files, progress, stop); };
    const std::unique_ptr<Supervisor> supervisor = TRY(Supervisor::create(job));
    asked = supervisor.get();
    PageJob page_job{.supervisor = *supervisor,
                     .program =
                         [&](const Answers::Arguments& arguments) {
                           return program_to_look(arguments, invocation.line(), serve_options(),
                                                  credentials, environment_of(""));
                         },
                     .store = url,
                     .offset = utc_offset,
                     .backups = backups,
                     .read_only = TRY(settings.flag("read-only")),
                     .metrics_file = metrics_file,
                     .now = wall_clock_now};
    for (const auto& [name, values] : invocation.line().options) page_job.given.push_back(name);
    if (!listen) {
      supervisor->run(progress, stop);
      return Conclusion{};
    }
    Access access(TRY(access_rules(settings, job.state_folder, progress)));
    const std::unique_ptr<Photos> photos =
        TRY(Photos::create(page_job.program, job.state_folder + "/photos", wall_clock_now, stop));
    Page page(std::move(page_job), stop);
    const std::unique_ptr<WebServer> server =
        TRY(WebServer::start(*listen, page, *photos, access, progress));
    const bool is_version_6 = listen->host.find(':') != std::string::npos;
    progress.note("the page is at http://" +
                  (is_version_6 ? "[" + listen->host + "]" : listen->host) + ":" +
                  std::to_string(server->port()) + "/");
    const Periodic refresh(kRefresh, [&](const std::stop_token&) { page.refresh(); });
    supervisor->run(progress, stop);
    return Conclusion{};
  });
}

/// Those that make sense for a process that never ends.
Options shared_options()
{
  Options options = common_options();
  std::erase_if(options, [](const Option& option) { return option.name == "json"; });
  for (Option& option : options)
    if (option.name == "timezone")
      option.help =
          "the time zone of the schedules and of --bwlimit, such as Europe/Berlin "
          "(default: the system's)";
  return options;
}

}  // namespace

Command make_serve_command()
{
  return {
      .name = "serve",
      .group = CommandGroup::needed,
      .summary = "run backup, verify and drill on a schedule, and show a page",
      .description = R"(
          Runs until it is stopped. Starts a backup each night, compares the store with the manifest
          each week, and proves each month that a restore works. Each job is a process of its own,
          and one runs at a time. A job that was missed because the machine was off runs once when
          the machine is on again. A job that ends with exit status 1, or is killed, is tried three
          more times, ten minutes apart. The jobs take their settings, and whom to notify, from the
          config file and the environment; this process sends the notice of a job that cannot send
          it. SIGTERM lets the running job end cleanly. The page shows whether everything would come
          back, what is wrong, and what mends it.)",
      .examples = {{"immich-backup serve --store file:///mnt/usb/immich --library /photos"},
                   {"immich-backup serve --schedule '0 2 * * *' --timezone Europe/Berlin",
                    "at two o'clock there, also in summer"},
                   {"immich-backup serve --drill-schedule '0 6 * * sat' --prune-schedule @weekly",
                    "with a drill a week, and prune as the config file says"}},
      .options =
          joined({{store_option(),
                   library_option("Immich's media root: the folder with upload/ and library/")},
                  serve_options(),
                  shared_options()}),
      .run = run,
  };
}

}  // namespace ib
