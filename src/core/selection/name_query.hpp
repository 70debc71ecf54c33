// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/selection/scope.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace ib {

/// Turns the letters A to Z into lower case. Leaves other bytes alone, because their encoding is
/// not known.
std::string in_lower_case(std::string_view text);

/// What a person remembers of a file's name: a part of its path, or a pattern as in .gitignore
/// (PathPattern) if it holds `*`, `?` or `[`. Ignores the case of the letters A to Z.
class NameQuery {
public:
  /// A text that is no valid pattern, for example with an open bracket, counts as a part of a path.
  explicit NameQuery(std::string_view text);
  bool matches(std::string_view path) const;

private:
  std::string part_;
  std::optional<PathPattern> pattern_;
};

}  // namespace ib
