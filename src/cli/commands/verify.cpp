// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/verify.hpp"

#include "cli/command.hpp"
#include "cli/invocation.hpp"
#include "cli/options/common.hpp"
#include "cli/options/files.hpp"
#include "cli/options/notices.hpp"
#include "cli/options/shard.hpp"
#include "cli/options/spending.hpp"

namespace ib {
namespace {

Result<Conclusion> run(const Session& session, Invocation& invocation)
{
  return invocation.conclude(run_verify(session, TRY(verify_job(invocation.settings()))));
}

}  // namespace

Result<VerifyJob> verify_job(const Settings& settings)
{
  VerifyJob job;
  job.all = TRY(settings.flag("all"));
  job.sample = TRY(sample(settings));
  job.shard = TRY(shard(settings));
  if (job.shard && !job.all)
    return fail(Errc::invalid, "--shards without --all: there is nothing to divide", "Add --all.");
  return job;
}

Command make_verify_command()
{
  return {
      .name = "verify",
      .group = CommandGroup::proving,
      .summary = "compare the store with the manifest",
      .description = R"(
          Checks that the store has every object of the newest manifest with the recorded size, and
          with the recorded checksum if the store tells it. With --sample or --all, also reads
          objects back and compares their bytes.)",
      .statuses = {{3, "incomplete: the report names what could not be checked"},
                   {4, "damage was found, and the report names it"}},
      .examples = {{"immich-backup verify", "list the store, which is quick at any size"},
                   {"immich-backup verify --sample 500", "also read 500 objects back"},
                   {"immich-backup verify --all", "also read everything back"}},
      .options =
          joined({{store_option(),
                   sample_option("read N objects back, chosen at random, and compare their bytes"),
                   {.name = "all", .help = "read back every object and the dump"},
                   budget_option("spend at most this, and read back as much as it pays for"),
                   ask_above_option(),
                   yes_option()},
                  price_options(),
                  shard_options(
                      "with --all: divide the work among several machines, "
                      "each reads one of N parts back",
                      "with --shards: the number of this part, from 0; part 0 also reads the dump"),
                  common_options(),
                  notice_options()}),
      .reads_contents =
          [](const Settings& settings) {
            const Result<VerifyJob> job = verify_job(settings);
            return job && (job->all || job->sample.value_or(0) > 0);
          },
      .watches = true,
      .run = run,
  };
}

}  // namespace ib
