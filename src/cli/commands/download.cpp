// SPDX-License-Identifier: Apache-2.0
#include "app/restore/download.hpp"

#include "cli/command.hpp"
#include "cli/invocation.hpp"
#include "cli/options/assets.hpp"
#include "cli/options/bandwidth.hpp"
#include "cli/options/common.hpp"
#include "cli/options/files.hpp"
#include "cli/options/photos.hpp"
#include "cli/options/spending.hpp"
#include "sys/system.hpp"

#include <unistd.h>
#include <utility>

namespace ib {
namespace {

Options own_options()
{
  return {
      {.name = "zip",
       .help = "all files of all photos that fit, as a ZIP file",
       .command_line_only = true},
      {.name = "part",
       .metavar = "PART",
       .help = "without --zip: the photo's original (default), the video of a live photo, or its "
               "sidecar",
       .command_line_only = true,
       .choices = {"original", "video", "sidecar"}},
      dry_run_option("only show what would be downloaded and what it costs"),
      below_option(),
      list_option(),
  };
}

Result<DownloadJob> download_job(const Settings& settings)
{
  DownloadJob job{.selectors = TRY(asset_selectors(settings)), .below = TRY(below(settings))};
  job.zip = TRY(settings.flag("zip"));
  job.dry_run = TRY(settings.flag("dry-run"));
  const std::optional<std::string> part = TRY(settings.choice("part"));
  if (part && job.zip)
    return fail(Errc::invalid, "--part and --zip cannot be combined: a ZIP file has all parts");
  if (part == "video") job.part = PhotoPart::video;
  if (part == "sidecar") job.part = PhotoPart::sidecar;
  if (!job.zip && !job.selectors.any() && job.below == "/")
    return fail(Errc::invalid, "no photo is named",
                "Choose one by its id: --asset ID. `immich-backup photos --json` tells ids.");
  return job;
}

Result<Conclusion> run(const Session& session, Invocation& invocation)
{
  const Settings& settings = invocation.settings();
  const DownloadJob job = TRY(download_job(settings));
  if (!job.dry_run && invocation.json())
    return fail(Errc::invalid, "--json is for --dry-run: what is written is the file");
  if (!job.dry_run && ::isatty(STDOUT_FILENO) == 1)
    return fail(Errc::invalid, "a photo is nothing for a terminal",
                "Write it to a file: `immich-backup download ... > FILE`.");
  const std::optional<Timestamp> at = TRY(settings.point_in_time("at", wall_clock_now()));
  const ScratchFolder scratch = TRY(ScratchFolder::create(session.scratch_parent));
  const std::optional<std::string> file = settings.text("list");
  if (file && at)
    return fail(Errc::invalid,
                "--list and --at cannot be combined: a list is of one restore point");
  const PhotoList list =
      TRY(file ? PhotoList::open(*file) : list_photos(session, at, std::nullopt, scratch));
  for (const std::string& note : list.origin().notes) session.progress.note(note);
  DownloadReport report = TRY(
      run_download(session, list, job, [&](ByteView bytes) { return invocation.write(bytes); }));
  if (job.dry_run) return invocation.conclude(Result<DownloadReport>(std::move(report)));
  return Conclusion{.results = {}, .outcome = outcome_of(report)};
}

}  // namespace

Command make_download_command()
{
  return {
      .name = "download",
      .group = CommandGroup::looking,
      .summary = "write a photo, or many as a ZIP file, to standard output",
      .description = R"(
          Chooses photos by the same options as restore. Writes one of them, or with --zip all of
          them with the other halves of live photos and sidecars. Each file is compared with its
          recorded checksum before any of it is written. To bring back everything, or into a
          folder, use restore: it goes on where it was interrupted.)",
      .statuses = {{3,
                    "incomplete: messages and MISSING.txt in the ZIP file name what could not be "
                    "downloaded"},
                   {4, "the store is damaged; nothing damaged was written"}},
      .examples = {{"immich-backup download --album Holidays --zip > holidays.zip"},
                   {"immich-backup download --name IMG_2041 --taken 2021-07-04 > IMG_2041.jpg"}},
      .options = joined(
          {{store_option(), at_option("the restore point whose photos are meant")},
           asset_options(),
           own_options(),
           {budget_option("refuse if it costs more than this"), ask_above_option(), yes_option()},
           price_options(),
           common_options()}),
      .reads_contents = Command::always,
      .run = run,
  };
}

}  // namespace ib
