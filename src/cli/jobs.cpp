// SPDX-License-Identifier: Apache-2.0
#include "cli/jobs.hpp"

#include "app/session.hpp"
#include "base/text.hpp"
#include "cli/price_file.hpp"
#include "core/selection/point_in_time.hpp"
#include "core/selection/scope.hpp"
#include "postgres/database_settings.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace ib {
namespace {

constexpr std::uint64_t kLargestPasswordFile = std::uint64_t{64} * 1024;
constexpr std::uint64_t kLargestPriceFile = std::uint64_t{1024} * 1024;
constexpr std::uint64_t kKeptForDays = std::uint64_t{5} * 365;
// Dumps are large enough for their class to depend on the time alone.
constexpr std::uint64_t kTypicalDump = std::uint64_t{256} * 1024 * 1024;

/// Whether `setting` comes from a stronger source than `other`: it then has the word.
bool stronger(const Setting* setting, const Setting* other)
{
  return setting != nullptr && (other == nullptr || setting->origin < other->origin);
}

Result<std::optional<std::string>> password(const Settings& settings)
{
  const Setting* value = settings.find("db-password");
  const Setting* file = settings.find("db-password-file");
  if (file == nullptr || (value != nullptr && !stronger(file, value)))
    return settings.text("db-password");
  std::string text = TRY(read_configured_file(*file, kLargestPasswordFile));
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  if (text.empty()) return fail(Errc::invalid, file->name + ": this file is empty");
  return text;
}

Result<> check_port(const Settings& settings)
{
  TRY(settings.number("db-port", 1, 65535));
  return {};
}

/// Puts single settings over what the URL says, as far as they come from a stronger source than it.
void apply_parts(const Settings& settings, const Setting* url, DatabaseAddress& address)
{
  struct Part {
    std::string_view option;
    std::string DatabaseAddress::*member;
  };
  for (const Part& part :
       {Part{"db-host", &DatabaseAddress::host}, Part{"db-port", &DatabaseAddress::port},
        Part{"db-user", &DatabaseAddress::user}, Part{"db-name", &DatabaseAddress::database}}) {
    const Setting* setting = settings.find(part.option);
    if (stronger(setting, url) && !setting->values.front().empty())
      address.*part.member = setting->values.front();
  }
}

constexpr std::string_view kHowToName =
    "Set DB_HOSTNAME (and DB_PASSWORD), or DB_URL, as Immich has them";

Result<DatabaseSettings> require_database(const Settings& settings, const std::string& way_out)
{
  std::optional<DatabaseSettings> database = TRY(database_settings(settings));
  if (!database)
    return fail(Errc::invalid, "no database is named", std::string(kHowToName) + way_out + ".");
  return std::move(*database);
}

Result<> check_patterns(const Settings& settings, std::string_view option)
{
  const Setting* setting = settings.find(option);
  if (setting == nullptr) return {};
  const Result<std::vector<PathPattern>> parsed = parse_patterns(setting->values);
  if (!parsed) return std::unexpected(in_context(setting->name, parsed.error()));
  return {};
}

Result<std::vector<ExtraRoot>> extra_roots(const Settings& settings)
{
  std::vector<ExtraRoot> roots;
  const Setting* setting = settings.find("extra-root");
  if (setting == nullptr) return roots;
  for (const std::string& text : setting->values)
    roots.push_back(TRY(parse_extra_root(text).context(setting->name)));
  return roots;
}

/// "ASSET=WHY"
Result<std::vector<AcceptedLoss>> accepted_losses(const Settings& settings)
{
  std::vector<AcceptedLoss> losses;
  const Setting* setting = settings.find("accept-lost");
  if (setting == nullptr) return losses;
  for (const std::string& text : setting->values) {
    // A path may hold this sign, a reason need not.
    const std::size_t equals = text.rfind('=');
    if (equals == std::string::npos || equals == 0 ||
        text.find_first_not_of(' ', equals + 1) == std::string::npos) {
      return fail(Errc::invalid, setting->name + ": '" + printable(text) + "' gives no reason",
                  "Write ASSET=WHY, such as '8f5f....=disk died in 2019'.");
    }
    losses.push_back({.what = text.substr(0, equals), .reason = text.substr(equals + 1)});
  }
  return losses;
}

Result<std::optional<StorageClass>> class_setting(const Settings& settings, std::string_view option)
{
  const Setting* setting = settings.find(option);
  if (setting == nullptr) return std::nullopt;
  const std::string& value = setting->values.front();
  if (const std::optional<StorageClass> known = parse_storage_class(value)) return known;
  return fail(Errc::invalid, setting->name + ": there is no class '" + printable(value) + "'",
              "One of STANDARD, NEARLINE, COLDLINE, ARCHIVE.");
}

Result<StorageClasses> storage_classes(const Settings& settings, const Prices& prices,
                                       double kept_days)
{
  StorageClasses classes;
  if (settings.text("storage-class") == "auto") {
    classes.files = [prices, kept_days](std::uint64_t size) {
      return cheapest_class(size, kept_days, prices);
    };
  } else if (const std::optional<StorageClass> fixed =
                 TRY(class_setting(settings, "storage-class"))) {
    classes.files = [fixed](std::uint64_t) { return *fixed; };
  }
  // One dump a night: as many days as dumps are kept. What nobody deletes is kept for ever.
  const std::optional<std::uint64_t> kept = TRY(settings.number("keep-last", 0, 1'000'000));
  const double days = static_cast<double>(kept.value_or(0) == 0 ? 36500 : *kept);
  classes.dumps = TRY(class_setting(settings, "dump-class"))
                      .value_or(cheapest_class(kTypicalDump, days, prices));
  return classes;
}

/// "1/60"
Result<std::uint32_t> rehash_share(const Settings& settings)
{
  const Setting* setting = settings.find("rehash-share");
  if (setting == nullptr || setting->values.front().empty()) return 0U;
  const std::string_view value = setting->values.front();
  constexpr std::string_view kOneOf = "1/";
  const std::uint32_t share =
      value.starts_with(kOneOf)
          ? parse_number<std::uint32_t>(value.substr(kOneOf.size())).value_or(0)
          : 0;
  if (share == 0 || share > 1'000'000)
    return fail(Errc::invalid,
                setting->name + ": '" + printable(value) + "' is not a share such as 1/60");
  return share;
}

/// The part that this machine has of `--shards`. Kubernetes sets the index in every Indexed Job, so
/// that alone it says nothing.
Result<std::optional<Shard>> shard(const Settings& settings)
{
  constexpr std::uint64_t kMostParts = 10'000;
  const std::optional<std::uint64_t> parts = TRY(settings.number("shards", 1, kMostParts));
  const Setting* named = settings.find("shard");
  if (!parts) {
    if (named == nullptr || named->origin != Origin::command_line) return std::nullopt;
    return fail(Errc::invalid, "--shard: of how many parts?", "Say --shards N, too.");
  }
  const std::optional<std::uint64_t> part = TRY(settings.number("shard", 0, *parts - 1));
  if (!part) {
    return fail(Errc::invalid,
                "--shards " + std::to_string(*parts) + ": which of the parts is this?",
                "Say --shard 0 to " + std::to_string(*parts - 1) +
                    ", another one on each machine. An Indexed Job sets JOB_COMPLETION_INDEX.");
  }
  return Shard{.parts = *parts, .part = *part};
}

Result<std::optional<Overwrite>> overwrite(const Settings& settings)
{
  const Setting* setting = settings.find("overwrite");
  if (setting == nullptr) return std::nullopt;
  const std::string& value = setting->values.front();
  if (value == "never") return Overwrite::never;
  if (value == "if-different") return Overwrite::if_different;
  if (value == "always") return Overwrite::always;
  return fail(Errc::invalid,
              setting->name + ": '" + value + "' is not one of never, if-different, always");
}

/// "999:1000"
Result<std::optional<Owner>> owner(const Settings& settings)
{
  const Setting* setting = settings.find("chown");
  if (setting == nullptr || setting->values.front().empty()) return std::nullopt;
  const std::string_view text = setting->values.front();
  const std::size_t colon = text.find(':');
  const std::optional<std::uint32_t> user = parse_number<std::uint32_t>(text.substr(0, colon));
  const std::optional<std::uint32_t> group =
      colon == std::string_view::npos ? std::nullopt
                                      : parse_number<std::uint32_t>(text.substr(colon + 1));
  // The last number means "leave it" to the kernel.
  if (user && group && *user != UINT32_MAX && *group != UINT32_MAX)
    return Owner{.user = *user, .group = *group};
  return fail(Errc::invalid,
              setting->name + ": '" + printable(text) + "' is not UID:GID, two numbers",
              "Such as 1000:1000; `id` says a user's.");
}

Result<AssetSelectors> asset_selectors(const Settings& settings)
{
  AssetSelectors selectors{.ids = settings.list("asset"),
                           .names = settings.list("name"),
                           .albums = settings.list("album"),
                           .users = settings.list("user"),
                           .taken = {},
                           .trashed = std::nullopt};
  for (const std::string& text : settings.list("taken"))
    selectors.taken.push_back(TRY(parse_taken(text)));
  for (const std::string& id : selectors.ids) {
    if (!parse_uuid(id)) {
      return fail(Errc::invalid, "--asset " + printable(id) + ": is no id of an asset's",
                  "It is what ends the address that Immich shows a photo under: "
                  "3f2b8c1e-0000-4000-8000-000000000001.");
    }
  }
  for (const std::string& email : selectors.users) {
    const std::size_t at = email.find('@');
    if (at == 0 || at == std::string::npos || at + 1 == email.size()) {
      return fail(Errc::invalid, "--user " + printable(email) + ": is no e-mail address",
                  "Users are named as they log in: --user anna@example.org.");
    }
  }
  for (const auto& [option, values] :
       {std::pair{"name", &selectors.names}, {"album", &selectors.albums}}) {
    if (std::ranges::any_of(*values, &std::string::empty))
      return fail(Errc::invalid, "--" + std::string(option) + ": is empty");
  }
  const std::string trashed = settings.text("trashed").value_or("also");
  if (trashed != "only" && trashed != "no" && trashed != "also")
    return fail(Errc::invalid,
                "--trashed: '" + printable(trashed) + "' is not one of only, no, also");
  if (trashed != "also") selectors.trashed = trashed == "only";
  return selectors;
}

template <class Digest>
Result<std::vector<Digest>> digests(const Settings& settings, std::string_view option)
{
  std::vector<Digest> digests;
  for (const std::string& text : settings.list(option)) {
    const Result<Digest> digest = Digest::parse(text);
    if (!digest) {
      return fail(Errc::invalid, "--" + std::string(option) + ": '" + printable(text) +
                                     "' is not " + std::to_string(2 * Digest::kSize) +
                                     " hexadecimal digits");
    }
    digests.push_back(*digest);
  }
  return digests;
}

}  // namespace

Result<std::optional<DatabaseSettings>> database_settings(const Settings& settings)
{
  const Setting* url = settings.find("db-url");
  if (url == nullptr && settings.find("db-host") == nullptr) return std::nullopt;
  TRY(check_port(settings));
  DatabaseSettings database;
  if (url != nullptr) {
    database.address = TRY(parse_database_url(url->values.front()).context(url->name));
  } else {
    database.address.user = "postgres";
    database.address.database = "immich";
  }
  apply_parts(settings, url, database.address);
  if (database.address.password.empty())
    database.address.password = TRY(password(settings)).value_or("");
  database.client_folder = settings.text("pg-bin").value_or("");
  return database;
}

Result<BackupJob> backup_job(const Settings& settings)
{
  const bool files = !TRY(settings.flag("no-files"));
  const bool database = !TRY(settings.flag("no-database"));
  if (!files && !database)
    return fail(Errc::invalid, "--no-files and --no-database: nothing is left to back up");
  BackupJob job;
  job.dry_run = TRY(settings.flag("dry-run"));
  job.include = settings.list("include");
  job.exclude = settings.list("exclude");
  if (const std::optional<std::chrono::seconds> limit = TRY(settings.duration("time-limit")))
    job.time_limit = std::chrono::steady_clock::now() + *limit;
  job.rehash = TRY(settings.flag("rehash"));
  job.rehash_share = TRY(rehash_share(settings));
  if (const auto percent = TRY(settings.number("max-loss", 0, 100)))
    job.tripwire.share = static_cast<double>(*percent) / 100;
  job.accepted_losses = TRY(accepted_losses(settings));
  job.accept_changes = TRY(settings.flag("accept-changes"));
  job.immich_version = settings.text("immich-version").value_or("");
  job.keep_dumps = TRY(settings.number("keep-last", 0, 1'000'000)).value_or(0);
  if (files) job.library = settings.text("library");
  if (files && !job.library) {
    return fail(Errc::invalid, "no library is named: which files are to be backed up?",
                "Use --library DIR or set LIBRARY_PATH to Immich's media root (its "
                "UPLOAD_LOCATION), or say --no-files.");
  }
  if (files) job.extra_roots = TRY(extra_roots(settings));
  TRY(check_patterns(settings, "include"));
  TRY(check_patterns(settings, "exclude"));
  job.shard = TRY(shard(settings));
  if (job.shard && !files)
    return fail(Errc::invalid, "--shards and --no-files: there is nothing to divide");
  const bool another_dumps = job.shard && job.shard->part > 0;
  if (database && !another_dumps)
    job.database =
        TRY(require_database(settings, "; or say --no-database to back up the files alone"));
  return job;
}

Result<VerifyJob> verify_job(const Settings& settings)
{
  VerifyJob job;
  job.all = TRY(settings.flag("all"));
  job.sample = TRY(settings.number("sample", 0, 1'000'000'000));
  if (job.sample == std::uint64_t{0}) job.sample.reset();
  job.shard = TRY(shard(settings));
  if (job.shard && !job.all)
    return fail(Errc::invalid, "--shards without --all: there is nothing to divide",
                "Say --all, too.");
  return job;
}

Result<DrillJob> drill_job(const Settings& settings, Timestamp now)
{
  constexpr std::uint64_t kMostMonths = 1200;
  DrillJob job;
  job.server = TRY(database_settings(settings));
  job.client_folder = settings.text("pg-bin").value_or("");
  job.at = TRY(settings.point_in_time("at", now));
  job.sample = TRY(settings.number("sample", 0, 1'000'000'000));
  if (job.sample == std::uint64_t{0}) job.sample.reset();
  job.months = static_cast<unsigned>(
      TRY(settings.number("proven-within", 1, kMostMonths)).value_or(job.months));
  return job;
}

Result<RestoreJob> restore_job(const Settings& settings, std::vector<std::string> patterns,
                               Timestamp now)
{
  RestoreJob job{.target = settings.text("target").value_or(""), .patterns = std::move(patterns)};
  if (job.target.empty())
    return fail(Errc::invalid, "no target is named: where are the files to go?",
                "Use --target DIR.");
  TRY(parse_patterns(job.patterns));
  job.at = TRY(settings.point_in_time("at", now));
  job.overwrite = TRY(overwrite(settings));
  job.dry_run = TRY(settings.flag("dry-run"));
  job.assets = TRY(asset_selectors(settings));
  job.sha256s = TRY(digests<Sha256>(settings, "sha256"));
  if (!job.sha256s.empty() && (job.at || job.assets.any())) {
    return fail(Errc::invalid, "--sha256 means one content, of whatever restore point",
                "Leave --at, --album and the like out; a PATTERN may say which of its paths.");
  }
  job.owner = TRY(owner(settings));
  job.album_json = settings.text("album-json");
  if (job.album_json && job.assets.albums.empty())
    return fail(Errc::invalid, "--album-json: no album is named", "Name one by --album NAME.");
  job.bandwidth = TRY(bandwidth_timetable(settings));
  return job;
}

Result<HealJob> heal_job(const Settings& settings, std::vector<std::string> files)
{
  HealJob job{.library = settings.text("library").value_or(""), .files = std::move(files)};
  if (job.library.empty())
    return fail(Errc::invalid, "no library is named: where are the files to be healed?",
                "Use --library DIR.");
  if (job.files.empty()) {
    return fail(Errc::invalid, "no file is named: which ones are to be healed?",
                "The reports of `backup` and `verify` name them.");
  }
  job.write = TRY(settings.flag("yes"));
  job.owner = TRY(owner(settings));
  return job;
}

Result<AlbumsJob> albums_job(const Settings& settings, Timestamp now)
{
  return AlbumsJob{.at = TRY(settings.point_in_time("at", now))};
}

Result<DatabaseRestoreJob> database_restore_job(const Settings& settings, Timestamp now)
{
  DatabaseSettings database = TRY(require_database(settings, ", for the empty database"));
  DatabaseRestoreJob job{.database = std::move(database)};
  job.at = TRY(settings.point_in_time("at", now));
  job.dump = settings.text("dump");
  job.create = TRY(settings.flag("create"));
  job.replace_empty_immich = TRY(settings.flag("replace-empty-immich"));
  return job;
}

Result<LsJob> ls_job(const Settings& settings, std::vector<std::string> patterns, Timestamp now)
{
  TRY(parse_patterns(patterns));
  const std::optional<Timestamp> at = TRY(settings.point_in_time("at", now));
  return LsJob{.patterns = std::move(patterns), .at = at};
}

Result<HistoryJob> history_job(std::vector<std::string> paths)
{
  const bool named = !paths.empty() && std::ranges::none_of(paths, &std::string::empty);
  if (!named)
    return fail(Errc::invalid, "no path is named: whose history?",
                "`immich-backup find` looks for a file.");
  return HistoryJob{.paths = std::move(paths)};
}

Result<FindJob> find_job(const Settings& settings, std::vector<std::string> arguments)
{
  FindJob job;
  job.sha256s = TRY(digests<Sha256>(settings, "sha256"));
  job.sha1s = TRY(digests<Sha1>(settings, "sha1"));
  const bool content = TRY(settings.flag("content"));
  const bool digest = !job.sha256s.empty() || !job.sha1s.empty();
  const bool named = !arguments.empty() && std::ranges::none_of(arguments, &std::string::empty);
  if (content && digest)
    return fail(Errc::invalid,
                "--content and a digest: one or the other says which content is meant");
  if (digest && !arguments.empty()) {
    return fail(Errc::invalid,
                "'" + printable(arguments.front()) + "': a digest says all; no TEXT goes with it",
                "Look for the name by itself, without --sha256 and --sha1.");
  }
  if (!digest && !named) {
    return fail(Errc::invalid,
                content ? "--content: no file is named" : "nothing is named: what is to be found?",
                content ? "Name files or folders of this machine."
                        : "Name a part of a path, or use --content, --sha256 or --sha1.");
  }
  (content ? job.files : job.names) = std::move(arguments);
  return job;
}

Result<PruneJob> prune_job(const Settings& settings)
{
  constexpr std::uint64_t kMost = 1'000'000;
  const auto number = [&](std::string_view option) -> Result<unsigned> {
    return static_cast<unsigned>(TRY(settings.number(option, 0, kMost)).value_or(0));
  };
  PruneJob job;
  job.rules = {.last = TRY(number("keep-last")),
               .daily = TRY(number("keep-daily")),
               .weekly = TRY(number("keep-weekly")),
               .monthly = TRY(number("keep-monthly")),
               .yearly = TRY(number("keep-yearly"))};
  job.remove = TRY(settings.flag("yes"));
  return job;
}

Result<DiffJob> diff_job(const std::vector<std::string>& times, Timestamp now)
{
  if (times.empty() || times.size() > 2) {
    return fail(Errc::invalid,
                times.empty() ? "no restore point is named: compare with what?"
                              : "'" + printable(times[2]) + "': diff compares two restore points",
                "For example `immich-backup diff 7d`; `immich-backup snapshots` lists them.");
  }
  DiffJob job;
  job.from = TRY(parse_point_in_time(times[0], now, "diff"));
  if (times.size() == 2) job.to = TRY(parse_point_in_time(times[1], now, "diff"));
  return job;
}

std::string restore_command_of(const CommandLine& line)
{
  std::string command = "immich-backup restore";
  for (const std::string_view option : {"store", "config"}) {
    const auto given = line.options.find(option);
    if (given != line.options.end())
      command += " --" + std::string(option) + " " + shell_quoted(given->second.front());
  }
  return command;
}

Result<Spending> spending_of(const Settings& settings, bool charges)
{
  Spending spending;
  spending.budget = TRY(settings.dollars("budget"));
  spending.ask_above = TRY(settings.dollars("ask-above")).value_or(spending.ask_above);
  spending.approved = TRY(settings.flag("yes"));
  spending.location = settings.text("location");
  spending.kept_days =
      static_cast<double>(TRY(settings.number("kept-for", 1, 36500)).value_or(kKeptForDays));
  PriceBook prices = built_in_prices();
  if (const Setting* file = settings.find("prices"))
    TRY(read_prices(TRY(read_configured_file(*file, kLargestPriceFile)), file->values.front(),
                    prices));
  spending.classes =
      TRY(storage_classes(settings, prices.at(spending.location), spending.kept_days));
  if (charges) spending.prices = std::move(prices);
  return spending;
}

Result<std::vector<PathMapping>> path_mappings(const Settings& settings)
{
  std::vector<PathMapping> mappings;
  for (const std::string& text : settings.list("map-prefix"))
    mappings.push_back(TRY(PathMapping::parse(text)));
  return mappings;
}

DoctorJob doctor_job(const Settings& settings, const EnvironmentLookup& environment)
{
  const Result<Spending> spending = spending_of(settings, false);
  DoctorJob job{.store_options = store_options(settings, environment),
                .class_error = spending ? std::nullopt : std::optional(spending.error()),
                .library = settings.text("library"),
                .database = database_settings(settings),
                .scratch_parent = settings.text("scratch").value_or(""),
                .ignored_manifests = settings.list("ignore-manifest")};
  if (const Result<std::string> url = store_url(settings, environment)) job.store_url = *url;
  return job;
}

Result<std::optional<BandwidthTimetable>> bandwidth_timetable(const Settings& settings)
{
  const Setting* setting = settings.find("bwlimit");
  if (setting == nullptr || setting->values.front().empty()) return std::nullopt;
  return TRY(BandwidthTimetable::parse(setting->values.front()).context(setting->name));
}

const Setting* time_zone(const Settings& settings, bool needed)
{
  const Setting* setting = settings.find("timezone");
  if (setting == nullptr || setting->values.front().empty()) return nullptr;
  return needed || setting->name != "TZ in the environment" ? setting : nullptr;
}

std::vector<std::string> warnings_about(const CommandLine& line)
{
  constexpr std::string_view kPublic =
      ": every user of this machine can read a program's arguments; set it in the environment "
      "instead";
  std::vector<std::string> warnings;
  if (const auto url = line.options.find("db-url"); url != line.options.end()) {
    const Result<DatabaseAddress> address = parse_database_url(url->second.front());
    if (address && !address->password.empty())
      warnings.push_back("--db-url holds a password" + std::string(kPublic));
  }
  if (const auto given = line.options.find("env"); given != line.options.end()) {
    for (const std::string_view name :
         {"DB_PASSWORD", "IMMICH_BACKUP_DB_PASSWORD", "GCS_CREDENTIALS"}) {
      const bool secret = std::ranges::any_of(given->second, [&](const std::string& text) {
        return text.starts_with(std::string(name) + "=");
      });
      if (secret) warnings.push_back("--env " + std::string(name) + "=..." + std::string(kPublic));
    }
  }
  return warnings;
}

}  // namespace ib
