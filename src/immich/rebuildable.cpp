// SPDX-License-Identifier: Apache-2.0
#include "immich/rebuildable.hpp"

#include <algorithm>
#include <array>

namespace ib {
namespace {

struct Rebuildable {
  std::string_view table;
  std::string_view how;
};

// In 1.132 to 3.1. Both hold vectors that Immich computes from the photos. People enter nothing
// there.
constexpr std::array kRebuildable{
    Rebuildable{
        "face_search",
        "in Immich, run the job Face Detection with Refresh (not Reset, which forgets names)"},
    Rebuildable{"smart_search", "in Immich, run the job Smart Search for all assets"}};

}  // namespace

std::optional<std::string_view> how_to_rebuild(std::string_view table)
{
  constexpr std::string_view kPublic = "public.";
  if (table.starts_with(kPublic)) table.remove_prefix(kPublic.size());
  const auto* const found = std::ranges::find(kRebuildable, table, &Rebuildable::table);
  if (found == kRebuildable.end()) return std::nullopt;
  return found->how;
}

}  // namespace ib
