// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/backup.hpp"

#include "app/backup/backup.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/hooks.hpp"
#include "cli/invocation.hpp"
#include "cli/options/common.hpp"
#include "cli/options/database.hpp"
#include "cli/options/files.hpp"
#include "cli/options/notices.hpp"
#include "cli/options/shard.hpp"
#include "cli/options/spending.hpp"
#include "core/selection/scope.hpp"
#include "sys/file.hpp"

#include <algorithm>

namespace ib {
namespace {

Result<> check_patterns(const Settings& settings, std::string_view option)
{
  const Setting* setting = settings.find(option);
  if (setting == nullptr) return {};
  const Result<std::vector<PathPattern>> parsed = parse_patterns(setting->values);
  if (!parsed) return std::unexpected(in_context(setting->name, parsed.error()));
  return {};
}

/// "ASSET=WHY"
Result<AcceptedLoss> accepted_loss(std::string_view text)
{
  // A path may contain an equals sign. A reason can do without.
  const std::size_t equals = text.rfind('=');
  if (equals == std::string_view::npos || equals == 0 ||
      text.find_first_not_of(' ', equals + 1) == std::string_view::npos) {
    return fail(Errc::invalid, "'" + printable(text) + "' gives no reason",
                "Write ASSET=WHY, such as '8f5f....=disk died in 2019'.");
  }
  AcceptedLoss loss{.what = std::string(text.substr(0, equals)),
                    .reason = std::string(text.substr(equals + 1))};
  if (Result<PathPattern> pattern = PathPattern::parse(loss.what))
    loss.pattern = std::move(*pattern);
  return loss;
}

/// Those that a file lists, one on each line.
Result<> add_listed_losses(const std::string& file, std::vector<AcceptedLoss>& losses)
{
  constexpr std::uint64_t kLargest = std::uint64_t{4} << 20U;
  const Result<std::string> text = read_file(file, kLargest);
  if (!text)  // another try would not find it either
    return fail(Errc::invalid, text.error().message, "Name a file that this user may read.");
  std::string_view rest = *text;
  for (std::uint64_t number = 1; !rest.empty(); ++number) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    losses.push_back(
        TRY(accepted_loss(line).context(printable(file) + ", line " + std::to_string(number))));
  }
  return {};
}

/// Parses the values of --accept-lost, "ASSET=WHY" or "@FILE".
Result<std::vector<AcceptedLoss>> accepted_losses(const Settings& settings)
{
  std::vector<AcceptedLoss> losses;
  const Setting* setting = settings.find("accept-lost");
  if (setting == nullptr) return losses;
  for (const std::string& text : setting->values) {
    if (text.starts_with('@')) {
      TRY(add_listed_losses(text.substr(1), losses).context(setting->name));
    } else {
      losses.push_back(TRY(accepted_loss(text).context(setting->name)));
    }
  }
  return losses;
}

/// "PATH=SHA256"
Result<std::vector<AcceptedEdit>> accepted_edits(const Settings& settings)
{
  std::vector<AcceptedEdit> edits;
  const Setting* setting = settings.find("accept-edit");
  if (setting == nullptr) return edits;
  for (const std::string& text : setting->values) {
    const std::size_t equals = text.rfind('=');
    const Result<Sha256> sha256 =
        Sha256::parse(equals == std::string::npos ? std::string_view()
                                                  : std::string_view(text).substr(equals + 1));
    if (!text.starts_with('/') || !sha256) {
      return fail(
          Errc::invalid, setting->name + ": '" + printable(text) + "' is not PATH=SHA256",
          "PATH begins with a slash and is below the media root; `sha256sum FILE` tells the "
          "other half.");
    }
    edits.push_back({.path = text.substr(0, equals), .sha256 = *sha256});
  }
  return edits;
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

/// The options that choose what to back up.
Options scope_options()
{
  return {
      extra_root_option(),
      {.name = "include",
       .metavar = "GLOB",
       .help = "also back up these files; a pattern as in .gitignore, such as /thumbs/",
       .repeatable = true},
      {.name = "exclude",
       .metavar = "GLOB",
       .help = "do not back up these files",
       .repeatable = true},
      {.name = "no-database", .help = "back up only the files"},
      {.name = "no-files", .help = "back up only the database"},
      dry_run_option("only show what a backup would do, and store nothing"),
      {.name = "time-limit",
       .metavar = "TIME",
       .help = "begin no more files after this time (20h, 90m, 2d); the next run continues; "
               "exit status 3"},
      keep_last_option("keep N good dumps, "
                       "and remove older ones if the credential may delete; "
                       "new dumps get the class that is cheapest for N days"),
      {.name = "accept-changes",
       .help = "treat everything that vanished or changed as changed on purpose"},
      {.name = "accept-lost",
       .metavar = "ASSET=WHY",
       .help =
           "accept the loss of these assets (an id, a path below the media root, or a pattern as "
           "in .gitignore): they no longer make a restore point incomplete; @FILE has one such "
           "line for each",
       .repeatable = true},
      {.name = "accept-edit",
       .metavar = "PATH=SHA256",
       .help = "the file at this path was edited where it lies, and has this SHA-256 now: "
               "it is what a restore brings, and not what Immich recorded",
       .repeatable = true},
  };
}

/// The options that tell how carefully to look at the library.
Options care_options()
{
  return {
      {.name = "rehash",
       .group = OptionGroup::tuning,
       .help = "read every file again, even if its size and time are unchanged"},
      {.name = "rehash-share",
       .metavar = "1/N",
       .group = OptionGroup::tuning,
       .help = "read one part in N of the unchanged files again, another part in each run: "
               "1/60 each night finds bit rot within two months"},
      {.name = "max-loss",
       .metavar = "PERCENT",
       .group = OptionGroup::tuning,
       .help = "if more of the files (and at least 100) vanished or changed at once, "
               "report it and do not touch what is stored (default: 30)"},
  };
}

Option database_wait_option()
{
  return {.name = "database-wait",
          .metavar = "TIME",
          .group = OptionGroup::database,
          .help =
              "how long to wait for a database that does not answer (default: 10m); "
              "the files are saved all the same, exit status 1"};
}

Option immich_version_option()
{
  return {.name = "immich-version",
          .metavar = "VERSION",
          .group = OptionGroup::database,
          .environment = {"IMMICH_VERSION"},
          .help = "Immich's version, if the database does not tell it"};
}

Result<Conclusion> run(const Session& session, Invocation& invocation)
{
  return invocation.conclude(run_backup(session, TRY(backup_job(invocation.settings()))));
}

}  // namespace

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
  const std::optional<std::chrono::seconds> limit = TRY(settings.duration("time-limit"));
  if (limit) job.time_limit = std::chrono::steady_clock::now() + *limit;
  job.rehash = TRY(settings.flag("rehash"));
  job.rehash_share = TRY(rehash_share(settings));
  if (const auto percent = TRY(settings.number("max-loss", 0, 100)))
    job.tripwire.share = static_cast<double>(*percent) / 100;
  job.accepted_losses = TRY(accepted_losses(settings));
  job.accepted_edits = TRY(accepted_edits(settings));
  job.accept_changes = TRY(settings.flag("accept-changes"));
  job.immich_version = settings.text("immich-version").value_or("");
  job.keep_dumps = TRY(settings.number("keep-last", 0, 1'000'000)).value_or(0);
  if (files) job.library = settings.text("library");
  if (files && !job.library) {
    return fail(Errc::invalid, "no library is named, so there are no files to back up",
                "Use --library DIR or set LIBRARY_PATH to Immich's media root "
                "(its UPLOAD_LOCATION), or use --no-files.");
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
        TRY(require_database(settings, "; or use --no-database to back up only the files"));
  if (job.database) {
    if (const auto wait = TRY(settings.duration("database-wait"))) job.database->wait = *wait;
    if (limit) {
      job.database->wait = std::min<std::chrono::milliseconds>(job.database->wait, *limit);
      job.database->lock_wait = std::min<std::chrono::milliseconds>(kLockWait, *limit);
    }
  }
  return job;
}

Command make_backup_command()
{
  return {
      .name = "backup",
      .is_a_program = true,
      .group = CommandGroup::needed,
      .summary = "back up the database and the library",
      .description = R"(
          Dumps the database, stores every file of the library that the store does not have yet, and
          writes a restore point. It neither sends nor overwrites files that are already stored. It
          only reads the library.)",
      .statuses = {{1, "another try may succeed: what could be saved is saved"},
                   {3, "incomplete: a part was saved, and the report names the rest"}},
      .examples = {{"immich-backup backup --store file:///mnt/usb/immich --library /srv/immich",
                    "with DB_HOSTNAME and DB_PASSWORD in the environment"},
                   {"immich-backup backup --dry-run", "only show what it would do"},
                   {"immich-backup backup --no-database --include /thumbs/",
                    "only the files, and also the thumbnails"},
                   {"immich-backup backup --extra-root photos=/mnt/photos=/libraries/photos",
                    "also an external library, which is /libraries/photos in Immich's container"}},
      .options = joined(
          {{store_option(),
            library_option("Immich's media root, the folder that holds upload/ and library/")},
           scope_options(),
           database_options(),
           {database_wait_option(), immich_version_option()},
           class_options(),
           price_options(),
           care_options(),
           shard_options(
               "divide the work among several machines, each with one of N parts; "
               "a backup without --shards then puts the parts together",
               "with --shards: the number of this part, from 0; part 0 also takes the dump"),
           common_options(),
           hook_options(),
           notice_options()}),
      .keys = KeyUse::signs,
      .watches = true,
      .run = run,
  };
}

}  // namespace ib
