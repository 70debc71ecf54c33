// SPDX-License-Identifier: Apache-2.0
// The options that divide a library among several machines.
#pragma once

#include "cli/option.hpp"
#include "cli/settings.hpp"
#include "core/selection/shard.hpp"

#include <optional>
#include <string>

namespace ib {

/// --shards and --shard, with these helps.
Options shard_options(std::string shards_help, std::string shard_help);

/// The part of the library that this machine works on. Absent: all of it.
Result<std::optional<Shard>> shard(const Settings& settings);

}  // namespace ib
