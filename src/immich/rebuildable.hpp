// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace ib {

/// How Immich makes the rows of a table again, for people. For such a table, a dump without its
/// rows is better than none. `table` is its name with or without "public.". Absent for every other
/// table.
std::optional<std::string_view> how_to_rebuild(std::string_view table);

}  // namespace ib
