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
    return fail(Errc::invalid, "--shards without --all: there is nothing to divide",
                "Say --all, too.");
  return job;
}

Command make_verify_command()
{
  return {
      .name = "verify",
      .group = CommandGroup::proving,
      .summary = "compare the store with the manifest",
      .description = R"(
          Checks that every object which the newest manifest names is in the store with its recorded
          size and, where the store tells it, its checksum. With --sample or --all it also reads
          objects back and compares their bytes.)",
      .statuses = {{3, "incomplete: the report names what could not be checked"},
                   {4, "damage was found, and the report names it"}},
      .examples = {{"immich-backup verify", "by listing: quick, whatever the size"},
                   {"immich-backup verify --sample 500", "and read 500 objects back"},
                   {"immich-backup verify --all", "and read everything back"}},
      .options =
          joined({{store_option(),
                   sample_option("read N objects back, chosen at random, and compare their bytes"),
                   {.name = "all", .help = "read every object back, and the dump"},
                   budget_option("spend no more than this: read back as much as it pays for"),
                   ask_above_option(),
                   yes_option()},
                  price_options(),
                  shard_options(
                      "with --all: several machines at once, each reads one of N parts back",
                      "with --shards: which part this is, from 0; the first also reads the dump"),
                  common_options(),
                  notice_options()}),
      .run = run,
  };
}

}  // namespace ib
