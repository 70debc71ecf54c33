// SPDX-License-Identifier: Apache-2.0
#include "app/query/photos.hpp"

#include "cli/command.hpp"
#include "cli/invocation.hpp"
#include "cli/options/assets.hpp"
#include "cli/options/common.hpp"
#include "cli/options/files.hpp"
#include "cli/options/photos.hpp"
#include "cli/options/spending.hpp"
#include "sys/system.hpp"

#include <array>
#include <limits>
#include <utility>

namespace ib {
namespace {

constexpr std::array<std::pair<std::string_view, PhotoGrouping>, 6> kGroupings{
    {{"year", PhotoGrouping::year},
     {"month", PhotoGrouping::month},
     {"day", PhotoGrouping::day},
     {"album", PhotoGrouping::album},
     {"user", PhotoGrouping::user},
     {"folder", PhotoGrouping::folder}}};

Options own_options()
{
  return {
      below_option(),
      {.name = "by",
       .metavar = "WHAT",
       .help = "count them by year, month, day, album, user, or folder below that of --below",
       .command_line_only = true,
       .choices = {"year", "month", "day", "album", "user", "folder"}},
      {.name = "skip",
       .metavar = "N",
       .help = "leave out the first N of them",
       .command_line_only = true},
      {.name = "limit",
       .metavar = "N",
       .help = "show at most N of them",
       .command_line_only = true},
      list_option(),
      {.name = "write-list",
       .metavar = "FILE",
       .help = "also write the whole list to FILE, an SQLite database for --list",
       .command_line_only = true},
  };
}

Result<PhotosJob> photos_job(const Settings& settings)
{
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  PhotosJob job{.selectors = TRY(asset_selectors(settings)), .below = TRY(below(settings))};
  if (const std::optional<std::string> by = TRY(settings.choice("by")))
    for (const auto& [name, grouping] : kGroupings)
      if (*by == name) job.by = grouping;
  job.skip = TRY(settings.number("skip", 0, kMost)).value_or(0);
  job.limit = TRY(settings.number("limit", 0, kMost));
  return job;
}

Result<Conclusion> show(const PhotoList& list, Invocation& invocation, const std::stop_token& stop)
{
  const PhotosJob job = TRY(photos_job(invocation.settings()));
  const bool json = invocation.json();
  TRY(invocation.begin_listing(job.by ? "groups" : "photos"));
  PhotosReport report =
      TRY(run_photos(list, job,
                     {.photo =
                          [&](const ListedPhoto& photo) {
                            return invocation.show(json ? photo_json(photo) : photo_line(photo));
                          },
                      .group =
                          [&](const PhotoGroup& group) {
                            return invocation.show(json ? group_json(group) : group_line(group));
                          }},
                     stop));
  report.header.elapsed = invocation.elapsed();
  return Conclusion{.results = json ? listing_json_end(report) : photos_summary(report),
                    .outcome = outcome_of(report)};
}

Result<Conclusion> run(const Session& session, Invocation& invocation)
{
  const Settings& settings = invocation.settings();
  TRY(photos_job(settings));  // before a dump is read for nothing
  const ScratchFolder scratch = TRY(ScratchFolder::create(session.scratch_parent));
  const PhotoList list =
      TRY(list_photos(session, TRY(settings.point_in_time("at", wall_clock_now())),
                      settings.text("write-list"), scratch));
  return show(list, invocation, session.stop);
}

Result<Conclusion> run_alone(Invocation& invocation)
{
  const Settings& settings = invocation.settings();
  for (const std::string_view option : {"at", "write-list"})
    if (settings.find(option) != nullptr)
      return fail(Errc::invalid, "--list and --" + std::string(option) +
                                     " cannot be combined: a list is of one "
                                     "restore point, and written already");
  const PhotoList list = TRY(PhotoList::open(*settings.text("list")));
  return invocation.attended(
      [&](Progress&, const std::stop_token& stop) { return show(list, invocation, stop); });
}

}  // namespace

Command make_photos_command()
{
  return {
      .name = "photos",
      .group = CommandGroup::looking,
      .summary = "list the photos of a restore point as Immich knows them",
      .description = R"(
          Reads the dump of a restore point and lists its photos and videos by the time that they
          were taken: size, time, name, owner and path, and what a restore would not bring back.
          With --by, counts them. Photos of Immich's locked folder are left out. The same options
          choose what restore and download bring. Reading a dump takes a while: --write-list keeps
          the list, and --list reads it.)",
      .statuses = {{3, "the restore point's own manifest is lost: the list may lack photos"},
                   {4, "the dump is damaged"}},
      .examples = {{"immich-backup photos --by year"},
                   {"immich-backup photos --taken 2021-07 --user anna@example.org"},
                   {"immich-backup photos --at 30d --album Holidays",
                    "an album as it was 30 days ago"}},
      .options = joined({{store_option(), at_option("the restore point whose photos are listed")},
                         asset_options(),
                         own_options(),
                         {budget_option("refuse if reading the dump costs more than this"),
                          ask_above_option(), yes_option()},
                         price_options(),
                         common_options()}),
      .reads_contents = Command::always,
      .run =
          Command::Either{
              .is_alone = [](const Settings& settings) { return settings.find("list") != nullptr; },
              .alone = run_alone,
              .on_store = run},
  };
}

}  // namespace ib
