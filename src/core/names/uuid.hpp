// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/digest.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace ib {

/// What Immich's database calls a user, an album or an asset by.
using Uuid = Digest<struct UuidTag, 16>;

/// Parses "3f2b8c1e-0000-4000-8000-000000000001", in either case. Absent for anything else.
std::optional<Uuid> parse_uuid(std::string_view text);
std::string to_text(const Uuid& id);

}  // namespace ib
