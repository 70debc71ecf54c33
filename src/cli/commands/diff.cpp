// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/diff.hpp"

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/invocation.hpp"
#include "cli/options/common.hpp"
#include "core/selection/point_in_time.hpp"
#include "report/diff.hpp"
#include "sys/system.hpp"

namespace ib {
namespace {

Result<Conclusion> run(const Session& session, Invocation& invocation)
{
  const DiffJob job = TRY(diff_job(invocation.arguments(), wall_clock_now()));
  const bool json = invocation.json();
  TRY(invocation.begin_listing("differences", "what         size  path"));
  DiffReport report = TRY(run_diff(session, job, [&](const Difference& difference) {
    return invocation.show(json ? difference_json(difference) : difference_line(difference));
  }));
  report.header.elapsed = invocation.elapsed();
  return Conclusion{.results = json ? listing_json_end(report) : diff_summary(report),
                    .outcome = outcome_of(report)};
}

}  // namespace

Result<DiffJob> diff_job(const std::vector<std::string>& times, Timestamp now)
{
  if (times.empty() || times.size() > 2) {
    return fail(Errc::invalid,
                times.empty() ? "diff: the restore point is missing"
                              : "'" + printable(times[2]) + "': diff compares two restore points",
                "For example `immich-backup diff 7d`; `immich-backup restore-points` lists them.");
  }
  DiffJob job;
  job.from = TRY(parse_point_in_time(times[0], now, "diff"));
  if (times.size() == 2) job.to = TRY(parse_point_in_time(times[1], now, "diff"));
  return job;
}

Command make_diff_command()
{
  return {
      .name = "diff",
      .group = CommandGroup::looking,
      .summary = "show what changed between two restore points",
      .description = R"(
          Lists the files that were added, changed, removed or moved (the same content under another
          path) between the restore points A and B, and sums them up. A and B are like --at: a
          restore point, a date (2026-01-15), an age (30d) or latest. Without B, it is latest.)",
      .arguments = "A [B]",
      .examples = {{"immich-backup diff 7d", "the changes of the last week"},
                   {"immich-backup diff 2026-01-01 2026-01-31"}},
      .options = joined({{store_option()}, common_options()}),
      .shows_progress = false,
      .run = run,
  };
}

}  // namespace ib
