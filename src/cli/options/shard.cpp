// SPDX-License-Identifier: Apache-2.0
#include "cli/options/shard.hpp"

namespace ib {

Options shard_options(std::string shards_help, std::string shard_help)
{
  return {{.name = "shards",
           .metavar = "N",
           .group = OptionGroup::tuning,
           .help = std::move(shards_help)},
          {.name = "shard",
           .metavar = "K",
           .group = OptionGroup::tuning,
           .environment = {"JOB_COMPLETION_INDEX"},
           .help = std::move(shard_help)}};
}

Result<std::optional<Shard>> shard(const Settings& settings)
{
  constexpr std::uint64_t kMostParts = 10'000;
  const std::optional<std::uint64_t> parts = TRY(settings.number("shards", 1, kMostParts));
  const Setting* named = settings.find("shard");
  if (!parts) {
    // Kubernetes sets the index in every Indexed Job, so the index alone means nothing.
    if (named == nullptr || named->origin != Origin::command_line) return std::nullopt;
    return fail(Errc::invalid, "--shard: the number of parts is missing", "Add --shards N.");
  }
  const std::optional<std::uint64_t> part = TRY(settings.number("shard", 0, *parts - 1));
  if (!part) {
    return fail(Errc::invalid,
                "--shards " + std::to_string(*parts) + ": the number of this part is missing",
                "Add --shard 0 to " + std::to_string(*parts - 1) +
                    ", a different one on each machine. An Indexed Job sets JOB_COMPLETION_INDEX.");
  }
  return Shard{.parts = *parts, .part = *part};
}

}  // namespace ib
