// SPDX-License-Identifier: Apache-2.0
#include "core/selection/name_query.hpp"

#include <algorithm>

namespace ib {

std::string in_lower_case(std::string_view text)
{
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

NameQuery::NameQuery(std::string_view text) : part_(in_lower_case(text))
{
  if (!text.contains('*') && !text.contains('?') && !text.contains('[')) return;
  if (Result<PathPattern> pattern = PathPattern::parse(part_)) pattern_ = std::move(*pattern);
}

bool NameQuery::matches(std::string_view path) const
{
  const std::string lower = in_lower_case(path);
  return pattern_ ? pattern_->matches_file(lower) : lower.contains(part_);
}

}  // namespace ib
