// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/restore.hpp"

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/invocation.hpp"
#include "cli/options/assets.hpp"
#include "cli/options/bandwidth.hpp"
#include "cli/options/common.hpp"
#include "cli/options/files.hpp"
#include "cli/options/spending.hpp"
#include "core/selection/scope.hpp"
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

Option album_json_option()
{
  return {.name = "album-json",
          .metavar = "FILE",
          .help =
              "with --album: also write the list of the album's photos, in order, to this "
              "file; when an album is deleted, Immich keeps the photos but loses the list",
          .command_line_only = true};
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
           {album_json_option()},
           {budget_option("refuse if it costs more than this"), ask_above_option(), yes_option()},
           price_options(),
           common_options()}),
      .reads_contents = Command::always,
      .run = run,
  };
}

}  // namespace ib
