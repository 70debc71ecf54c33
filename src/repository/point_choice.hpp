// SPDX-License-Identifier: Apache-2.0
//
// Which restore point a command takes: one answer for all of them.
#pragma once

#include "repository/restore_points.hpp"

#include <optional>
#include <string>
#include <vector>

namespace ib {

struct PointChoice {
  RestorePoint point;
  bool has_its_dump = false;       ///< its dump is in the store
  std::vector<std::string> notes;  ///< of newer points that were not taken, and why
  /// Why the newest looks as it would after a wrong deletion, ransomware or a theft: a person
  /// should say which point is meant. Only where `at` was left open.
  std::vector<std::string> doubts;
  /// An older point with a good dump, of which none of them holds. Absent where none is, and where
  /// the only doubt is of a newer point: the one that was taken is from before that.
  std::optional<Timestamp> before_doubt;
};

/// The restore point of exactly the time `at`; else the newest, until `at` (absent: of all), whose
/// dump is good and in the store, and that covers files if any with such a dump does. Where no dump
/// is good, the newest that covers files, or the newest. One listing of the dumps. invalid where
/// there is none until `at`, corrupt where there is none at all.
Result<PointChoice> choose_point(const RepositoryContext& repository,
                                 const ManifestListing& listing, std::optional<Timestamp> at);

}  // namespace ib
