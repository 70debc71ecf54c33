// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/backup.hpp"

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/invocation.hpp"
#include "cli/options/common.hpp"
#include "cli/options/database.hpp"
#include "cli/options/files.hpp"
#include "cli/options/notices.hpp"
#include "cli/options/shard.hpp"
#include "cli/options/spending.hpp"
#include "core/selection/scope.hpp"

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

/// Which files and what else is backed up.
Options scope_options()
{
  return {
      {.name = "extra-root",
       .metavar = "NAME=DIR",
       .help = "back up this folder as well, which lies outside the media root, "
               "such as an external library of Immich's; its files are called /@external/NAME/...",
       .repeatable = true},
      {.name = "include",
       .metavar = "GLOB",
       .help = "back up these as well, a pattern as in .gitignore: /thumbs/",
       .repeatable = true},
      {.name = "exclude", .metavar = "GLOB", .help = "leave these out", .repeatable = true},
      {.name = "no-database", .help = "files alone, no dump"},
      {.name = "no-files", .help = "the database alone"},
      dry_run_option("say what a backup would do, and store nothing"),
      {.name = "time-limit",
       .metavar = "TIME",
       .help = "begin no more files after so long (20h, 90m, 2d), and go on with the next run; "
               "exit status 3"},
      keep_last_option("how many good dumps are kept: "
                       "older ones are removed where the credential may; "
                       "the class of new dumps is the cheapest for so many days"),
      {.name = "accept-changes", .help = "whatever has vanished or changed was meant to"},
      {.name = "accept-lost",
       .metavar = "ASSET=WHY",
       .help = "this asset (its id, or its path below the media root) is lost, "
               "and its owner knows: it no longer makes a restore point incomplete",
       .repeatable = true},
  };
}

/// How carefully the library is looked at.
Options care_options()
{
  return {
      {.name = "rehash",
       .group = OptionGroup::tuning,
       .help = "read every file again, also those whose size and time are as before"},
      {.name = "rehash-share",
       .metavar = "1/N",
       .group = OptionGroup::tuning,
       .help = "read a part of those again, another one each run: "
               "1/60 finds bit rot within two months of nights"},
      {.name = "max-loss",
       .metavar = "PERCENT",
       .group = OptionGroup::tuning,
       .help = "when more of the files (and at least 100) have vanished or changed at once, "
               "leave what is stored alone and say so (default: 30)"},
  };
}

Option immich_version_option()
{
  return {.name = "immich-version",
          .metavar = "VERSION",
          .group = OptionGroup::database,
          .environment = {"IMMICH_VERSION"},
          .help = "what to call Immich's version where the database does not say it"};
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
                "Use --library DIR or set LIBRARY_PATH to Immich's media root "
                "(its UPLOAD_LOCATION), or say --no-files.");
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

Command make_backup_command()
{
  return {
      .name = "backup",
      .is_a_program = true,
      .group = CommandGroup::needed,
      .summary = "back up the database and the library",
      .description = R"(
          Dumps the database, stores every file of the library that the store does not hold yet, and
          writes a restore point. What is stored already is neither sent again nor overwritten; the
          library is only read.)",
      .statuses = {{3, "incomplete: some of it was saved, and the report names what was not"}},
      .examples = {{"immich-backup backup --store file:///mnt/usb/immich --library /srv/immich",
                    "with DB_HOSTNAME and DB_PASSWORD in the environment"},
                   {"immich-backup backup --dry-run", "what would it do?"},
                   {"immich-backup backup --no-database --include /thumbs/",
                    "files alone, thumbnails too"},
                   {"immich-backup backup --extra-root photos=/mnt/photos",
                    "an external library, too"}},
      .options = joined(
          {{store_option(),
            library_option("Immich's media root, the folder that holds upload/ and library/")},
           scope_options(),
           database_options(),
           {immich_version_option()},
           class_options(),
           price_options(),
           care_options(),
           shard_options(
               "several machines at once, each with one of N parts; "
               "a backup of the whole puts them together",
               "with --shards: which part this is, from 0; the first also takes the dump"),
           common_options(),
           notice_options()}),
      .run = run,
  };
}

}  // namespace ib
