// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/selection/scope.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace ib {

/// What a person remembers of a file's name: a part of its path, or a pattern as in .gitignore
/// (PathPattern) if it holds `*`, `?` or `[`. Names that read the same are the same
/// (folded()).
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
