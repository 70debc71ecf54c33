// SPDX-License-Identifier: Apache-2.0
#include "core/selection/name_query.hpp"

#include "core/names/unicode.hpp"

namespace ib {

NameQuery::NameQuery(std::string_view text) : part_(folded(text))
{
  if (!text.contains('*') && !text.contains('?') && !text.contains('[')) return;
  if (Result<PathPattern> pattern = PathPattern::parse(text, PathPattern::Same::reading))
    pattern_ = std::move(*pattern);
}

bool NameQuery::matches(std::string_view path) const
{
  return pattern_ ? pattern_->matches_file(path) : folded(path).contains(part_);
}

}  // namespace ib
