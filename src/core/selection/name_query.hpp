// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/selection/scope.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace ib {

/// Letters A to Z in lower case; what other bytes mean is not known.
std::string in_lower_case(std::string_view text);

/// What somebody remembers of a file's name: a part of its path, or with `*`, `?` or `[` a pattern
/// as in .gitignore (PathPattern). Letters A to Z of either case are the same.
class NameQuery {
public:
  /// What is no pattern, such as an open bracket without its end, is taken as a part of a path.
  explicit NameQuery(std::string_view text);
  bool matches(std::string_view path) const;

private:
  std::string part_;
  std::optional<PathPattern> pattern_;
};

}  // namespace ib
