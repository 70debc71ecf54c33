// SPDX-License-Identifier: Apache-2.0
#include "immich/database_options.hpp"

#include <algorithm>
#include <array>

namespace ib {
namespace {

// Of the extensions for vectors that Immich uses or has used: how many lists or neighbours a search
// looks at.
constexpr std::array<std::string_view, 4> kOfVectors{"vchordrq.", "vectors.", "hnsw.", "ivfflat."};
// https://github.com/immich-app/immich sets a search_path with `vectors` for pgvecto.rs.
constexpr std::array<std::string_view, 5> kSchemas{"\"$user\"", "$user", "public", "vectors",
                                                   "\"\""};

bool is_plain(std::string_view text)
{
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == ',' || c == '-' || c == '+';
  });
}

/// Whether each schema of a list is one of Immich's.
bool are_known_schemas(std::string_view list, std::span<const std::string> more)
{
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view schema = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    while (schema.starts_with(' ')) schema.remove_prefix(1);
    while (schema.ends_with(' ')) schema.remove_suffix(1);
    if (std::ranges::find(kSchemas, schema) == kSchemas.end() &&
        std::ranges::find(more, schema) == more.end())
      return false;
  }
  return true;
}

}  // namespace

std::optional<std::string> setting_to_restore(std::string_view setting,
                                              std::span<const std::string> schemas)
{
  const std::size_t equals = setting.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  const std::string_view name = setting.substr(0, equals);
  const std::string_view value = setting.substr(equals + 1);
  if (name == "search_path" && are_known_schemas(value, schemas)) {
    return "search_path = " + (value.empty() ? std::string("''") : std::string(value));
  }
  const bool of_vectors =
      is_plain(name) && std::ranges::any_of(kOfVectors, [&](std::string_view prefix) {
        return name.starts_with(prefix);
      });
  if (!of_vectors || !is_plain(value)) return std::nullopt;
  return std::string(name) + " = '" + std::string(value) + "'";
}

}  // namespace ib
