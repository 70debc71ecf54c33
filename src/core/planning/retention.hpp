// SPDX-License-Identifier: Apache-2.0
//
// Which restore points are kept: a pure decision over times.
#pragma once

#include "base/time.hpp"

#include <span>
#include <string>
#include <vector>

namespace ib {

/// How many are kept: the last ones, and the newest of so many days, weeks (from Monday), months
/// and years that have one, all in UTC. Zero: none for this reason.
struct RetentionRules {
  unsigned last = 0;
  unsigned daily = 0;
  unsigned weekly = 0;
  unsigned monthly = 0;
  unsigned yearly = 0;

  bool any() const { return last + daily + weekly + monthly + yearly > 0; }
};

struct RetentionCandidate {
  Timestamp time{};
  /// It has what a rule is to keep: a good dump. What does not count takes nobody's place.
  bool counts = false;
  bool complete = false;
};

/// Why each of the candidates, oldest first, is kept: "last, monthly"; empty where it is not.
/// Whatever the rules: the newest, the newest that counts and the newest complete one are kept, and
/// all where none counts. One that does not count is kept as long as it is newer than the oldest
/// that is kept as one of the last.
std::vector<std::string> reasons_to_keep(std::span<const RetentionCandidate> candidates,
                                         const RetentionRules& rules);

}  // namespace ib
