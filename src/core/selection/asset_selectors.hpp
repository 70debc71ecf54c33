// SPDX-License-Identifier: Apache-2.0
// Which of Immich's assets a person means, by what the person remembers of them.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// A range of days in the local time of the place: from the first, and before the end.
struct TakenRange {
  Timestamp from = Timestamp::min();
  Timestamp until = Timestamp::max();
  bool undated = false;  ///< instead: what has no date

  bool contains(const std::optional<Timestamp>& taken) const
  {
    return undated ? !taken : taken && from <= *taken && *taken < until;
  }
};

/// Parses "2021", "2021-07" or "2021-07-04", or a range that includes both ends:
/// "2021-07..2021-09", "2021-12-24..", "..2019"; or "none" for what has no date. invalid for
/// anything else, and for a range that ends before it begins. The message begins with `option`.
Result<TakenRange> parse_taken(std::string_view text, std::string_view option = "--taken");

/// Which assets are meant: those that match at least one selector of each kind that is used.
struct AssetSelectors {
  std::vector<std::string> ids;
  std::vector<std::string>
      names;  ///< of uploaded files: a part of the name, or a pattern (NameQuery)
  std::vector<std::string> albums;  ///< names, or ids
  std::vector<std::string> users;   ///< e-mail addresses
  std::vector<TakenRange> taken;
  std::optional<bool> trashed;  ///< only assets in the trash, or only the others

  bool any() const
  {
    return !ids.empty() || !names.empty() || !albums.empty() || !users.empty() || !taken.empty() ||
           trashed;
  }
};

}  // namespace ib
