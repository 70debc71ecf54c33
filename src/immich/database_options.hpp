// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ib {

/// What ALTER DATABASE ... SET takes to set again what was set on Immich's database
/// ("vchordrq.probes=1", as the server's catalog has it). Absent for what Immich does not set, and
/// for a value that could do more than it: those are for a person to decide. `schemas`: those of
/// the database's extensions, which it may search, too.
std::optional<std::string> setting_to_restore(std::string_view setting,
                                              std::span<const std::string> schemas = {});

}  // namespace ib
