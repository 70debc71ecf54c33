// SPDX-License-Identifier: Apache-2.0
//
// A part of a library, for several machines at once.
#pragma once

#include "cli/option.hpp"
#include "cli/settings.hpp"
#include "core/selection/shard.hpp"

#include <optional>
#include <string>

namespace ib {

/// --shards and --shard.
Options shard_options(std::string shards_help, std::string shard_help);

/// The part that this machine has of --shards; absent: it has all.
Result<std::optional<Shard>> shard(const Settings& settings);

}  // namespace ib
