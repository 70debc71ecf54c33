// SPDX-License-Identifier: Apache-2.0
#include "app/query/status.hpp"
#include "cli/command.hpp"
#include "cli/invocation.hpp"
#include "cli/options/common.hpp"
#include "cli/options/notices.hpp"
#include "cli/options/trust.hpp"
#include "report/strangers.hpp"
#include "store/open_store.hpp"

namespace ib {
namespace {

/// Of another store than the session's, with the same settings otherwise.
Result<StatusReport> status_of(const std::string& url, const Session& session,
                               Invocation& invocation)
{
  const StoreAddress address = TRY(StoreAddress::parse(url));
  const OpenStore open = TRY(open_store(address, open_options(invocation.settings(), environment)));
  const StoreLayers layers = TRY(
      layers_of(*open.store, KeyUse::verifies, invocation.settings(), environment, session.stop));
  // NOLINTNEXTLINE(misc-const-correctness): clang-tidy 19 does not see that it changes below
  StatusReport report = TRY(run_status({{.store = layers.top(),
                                         .progress = session.progress,
                                         .stop = session.stop,
                                         .scratch_parent = session.scratch_parent,
                                         .ignored_manifests = session.ignored_manifests,
                                         .signatures = layers.signatures.get(),
                                         .encryption = layers.encryption.get()},
                                        *open.inspector,
                                        *open.usage_meter}));
  if (const std::optional<Problem> strangers = problem_of(strangers_in(layers)))
    report.header.problems.push_back(*strangers);
  return report;
}

/// A store that is out of reach must not hide how the others are.
StatusReport status_or_problem(const std::string& url, Result<StatusReport> status)
{
  if (status) return *std::move(status);
  StatusReport report{.header = {.command = "status", .store = url}};
  report.header.problems.push_back(
      problem_from(status.error(), to_string(status.error().code), ""));
  return report;
}

Result<Conclusion> run(const Session& session, Invocation& invocation)
{
  const std::vector<std::string> urls = invocation.settings().list("store");
  if (urls.size() < 2) return invocation.conclude(run_status(session));
  StatusOfStores report{.header = {.command = "status"}};
  for (const std::string& url : urls) {
    report.header.store += (report.header.store.empty() ? "" : " ") + url;
    report.stores.push_back(status_or_problem(url, status_of(url, session, invocation)));
  }
  if (session.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
  return invocation.conclude(Result<StatusOfStores>(std::move(report)));
}

Option stores_option()
{
  Option option = store_option();
  option.help += "; give it several times to see several stores side by side";
  option.repeatable_on_line = true;
  return option;
}

}  // namespace

Command make_status_command()
{
  return {
      .name = "status",
      .group = CommandGroup::needed,
      .summary = "show the state of the backup",
      .description = R"(
          Shows how old and how complete the newest restore point is, what it holds, when the store
          was last verified, and which restore point to restore from.)",
      .statuses = {{3, "there is no restore point, or the newest is incomplete"},
                   {4, "the last verification found damage"}},
      .examples = {{"immich-backup status"},
                   {"immich-backup status --store file:///mnt/usb/immich --store gs://photos",
                    "a disk and a bucket in one table"},
                   {"immich-backup status --json | jq .age_s", "for a script that watches"}},
      .options = joined({{stores_option()}, common_options(), metrics_options()}),
      .shows_progress = false,
      .watches = true,
      .run = run,
  };
}

}  // namespace ib
