// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/findings.hpp"
#include "postgres/address.hpp"

#include <cstdint>
#include <optional>
#include <stop_token>

namespace ib {

/// What a dump was restored for, which tells a person what to do.
enum class RestoredFor : std::uint8_t { use, drill };

/// Names what a restored database holds beside what Immich has made, each as a problem
/// `more_than_immichs`. Where the database says that its Immich is newer than this program knows, a
/// note has what such an Immich may have made itself.
///
/// `address` logs in as the role that has restored it. Returns how many problems there are. Absent,
/// with a problem that says why, where the database could not be asked.
std::optional<std::uint64_t> name_extra_objects(const DatabaseAddress& address, RestoredFor purpose,
                                                Findings& findings, const std::stop_token& stop);

}  // namespace ib
