// SPDX-License-Identifier: Apache-2.0
//
// What people remember of their photos: which of Immich's assets are meant.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// Days by the clock of the place, from the first until before the last.
struct TakenRange {
  Timestamp from = Timestamp::min();
  Timestamp until = Timestamp::max();

  bool contains(Timestamp taken) const { return from <= taken && taken < until; }
};

/// "2021", "2021-07" or "2021-07-04", and ranges of them whose ends both count: "2021-07..2021-09",
/// "2021-12-24..", "..2019". invalid for anything else, and for a range that ends before it begins;
/// `option` is what the message begins with.
Result<TakenRange> parse_taken(std::string_view text, std::string_view option = "--taken");

/// Which assets are meant: those that fit at least one of each kind that is named.
struct AssetSelectors {
  std::vector<std::string> ids;
  std::vector<std::string>
      names;  ///< of the files that were uploaded: a part, or a pattern (NameQuery)
  std::vector<std::string> albums;  ///< names, or ids
  std::vector<std::string> users;   ///< e-mail addresses
  std::vector<TakenRange> taken;
  std::optional<bool> trashed;  ///< only those in the trash, or only the others

  bool any() const
  {
    return !ids.empty() || !names.empty() || !albums.empty() || !users.empty() || !taken.empty() ||
           trashed;
  }
};

}  // namespace ib
