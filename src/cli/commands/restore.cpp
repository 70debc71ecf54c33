// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/restore.hpp"

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/invocation.hpp"
#include "cli/options/bandwidth.hpp"
#include "cli/options/common.hpp"
#include "cli/options/files.hpp"
#include "cli/options/spending.hpp"
#include "core/selection/scope.hpp"
#include "immich/dumped_assets.hpp"
#include "sys/system.hpp"

#include <algorithm>

namespace ib {
namespace {

Result<std::optional<Overwrite>> overwrite(const Settings& settings)
{
  const std::optional<std::string> when = TRY(settings.choice("overwrite"));
  if (!when) return std::nullopt;
  if (*when == "never") return Overwrite::never;
  return *when == "always" ? Overwrite::always : Overwrite::if_different;
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
      return fail(Errc::invalid, "--asset " + printable(id) + ": is not the id of an asset",
                  "The id ends the address at which Immich shows a photo: "
                  "3f2b8c1e-0000-4000-8000-000000000001.");
    }
  }
  for (const std::string& email : selectors.users) {
    const std::size_t at = email.find('@');
    if (at == 0 || at == std::string::npos || at + 1 == email.size()) {
      return fail(Errc::invalid, "--user " + printable(email) + ": is not an e-mail address",
                  "Name users by the address with which they log in: --user anna@example.org.");
    }
  }
  for (const auto& [option, values] :
       {std::pair{"name", &selectors.names}, {"album", &selectors.albums}}) {
    if (std::ranges::any_of(*values, &std::string::empty))
      return fail(Errc::invalid, "--" + std::string(option) + ": is empty");
  }
  const std::string trashed = TRY(settings.choice("trashed")).value_or("also");
  if (trashed != "also") selectors.trashed = trashed == "only";
  return selectors;
}

Option asset_option(std::string_view name, std::string_view metavar, std::string help)
{
  return {.name = name,
          .metavar = metavar,
          .help = std::move(help),
          .repeatable = true,
          .command_line_only = true};
}

/// The options that choose photos by what people remember of them. Of each option that is given, a
/// photo must match one value.
Options asset_options()
{
  return {
      asset_option("album", "NAME",
                   "the photos of this album, by name (see `immich-backup albums`) or by id"),
      asset_option("user", "EMAIL", "the photos of this user"),
      asset_option("taken", "DATE",
                   "the photos of this time: 2021, 2021-07, 2021-07-04, or 2021-07..2021-09"),
      asset_option("name", "TEXT",
                   "the photos with this in the name of the uploaded file; "
                   "or a pattern: 'IMG_1*'"),
      asset_option("asset", "ID", "the photo with this id, which is in Immich's address of it"),
      {.name = "trashed",
       .metavar = "WHICH",
       .help = "only: the photos in Immich's trash; no: all others; also: both (default)",
       .command_line_only = true,
       .choices = {"only", "no", "also"}},
      {.name = "album-json",
       .metavar = "FILE",
       .help = "with --album: also write the list of the album's photos, in order, to this file; "
               "when an album is deleted, Immich keeps the photos but loses the list",
       .command_line_only = true},
  };
}

Options target_options()
{
  return {
      {.name = "target", .metavar = "DIR", .help = "the folder for the files; required"},
      at_option("the state to restore"),
      dry_run_option("only show what would be restored, what it costs and how long it takes; "
                     "write nothing"),
      {.name = "overwrite",
       .metavar = "WHEN",
       .help = "when to overwrite existing files: never, if-different or always; "
               "by default, the folder may contain only files of this restore; "
               "they are compared and left alone, and those that differ are named",
       .choices = {"never", "if-different", "always"}},
      as_in_library_option("restore"),
      owner_option(),
      sha256_option("restore the content with this digest, from any restore point"),
  };
}

Result<Conclusion> run(const Session& session, Invocation& invocation)
{
  const RestoreJob job =
      TRY(restore_job(invocation.settings(), invocation.arguments(), wall_clock_now()));
  return invocation.conclude(run_restore(session, job));
}

}  // namespace

Result<RestoreJob> restore_job(const Settings& settings, std::vector<std::string> patterns,
                               Timestamp now)
{
  RestoreJob job{.target = settings.text("target").value_or(""), .patterns = std::move(patterns)};
  if (job.target.empty())
    return fail(Errc::invalid, "no target folder is named for the files", "Use --target DIR.");
  TRY(parse_patterns(job.patterns));
  job.at = TRY(settings.point_in_time("at", now));
  job.overwrite = TRY(overwrite(settings));
  job.as_in_library = TRY(settings.flag("as-in-library"));
  job.dry_run = TRY(settings.flag("dry-run"));
  job.assets = TRY(asset_selectors(settings));
  job.sha256s = TRY(digests<Sha256>(settings, "sha256"));
  if (!job.sha256s.empty() && (job.at || job.assets.any() || job.as_in_library)) {
    return fail(Errc::invalid, "--sha256 already names one content, from any restore point",
                "Leave out --at, --album and the like. A PATTERN may choose among its paths.");
  }
  job.owner = TRY(owner(settings));
  job.album_json = settings.text("album-json");
  if (job.album_json && job.assets.albums.empty())
    return fail(Errc::invalid, "--album-json: no album is named", "Name one with --album NAME.");
  job.bandwidth = TRY(bandwidth_timetable(settings));
  return job;
}

Command make_restore_command()
{
  return {
      .name = "restore",
      .group = CommandGroup::needed,
      .summary = "put files back",
      .description = R"(
          Fetches the files of a restore point into a folder. Compares each file with its recorded
          checksum before the file gets its name. Without a PATTERN, restores everything, each
          original at the path that the restore point's database names, and the folder is ready for
          Immich. If the newest restore point looks as it would after a loss, asks first which one
          is meant. --album, --user, --taken, --name, --asset and --trashed choose photos by the
          restore point's own dump, without a database. If several of them are given, a photo must
          match each one. The other halves of live photos and sidecars are included. After an
          interruption, run it again: it does not fetch finished files again.)",
      .arguments = "[PATTERN...]",
      .statuses = {{3, "incomplete: the report names what could not be restored"},
                   {4, "the store is damaged; nothing damaged was written"}},
      .examples = {{"immich-backup restore --target /srv/immich",
                    "everything from the newest restore point"},
                   {"immich-backup restore --target /tmp/r --at 30d '*.heic'",
                    "these files as they were 30 days ago"},
                   {"immich-backup restore --target /tmp/r --album Holidays --album-json list.json",
                    "an album and the list of its photos"},
                   {"immich-backup restore --target /tmp/r --user anna@example.org --taken 2021-07",
                    "Anna's photos of July 2021"},
                   {"immich-backup restore --target /tmp/r -- -odd-name.jpg",
                    "a name that begins with a dash"}},
      .options = joined(
          {{store_option()},
           target_options(),
           asset_options(),
           {budget_option("refuse if it costs more than this"), ask_above_option(), yes_option()},
           price_options(),
           common_options()}),
      .run = run,
  };
}

}  // namespace ib
