// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/pricing/usage.hpp"
#include "core/records/restore_point.hpp"
#include "report/header.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ib {

struct StatusReport {
  ReportHeader header;
  Timestamp now{};
  std::optional<RestorePoint> newest;
  std::optional<RestorePoint> newest_complete;
  std::optional<RestorePoint> restores;  ///< what a restore takes where nobody names another
  std::vector<std::string> doubts;       ///< about which it asks first
  std::uint64_t restore_points = 0;
  StoredAmount manifests = {};  ///< all numbered ones, as stored
  std::optional<Timestamp> last_verified;
  bool last_verified_ok = false;          ///< and nothing that was found earlier is left
  std::optional<Timestamp> damage_found;  ///< when what is left was found
  std::optional<Timestamp> last_drill;    ///< whatever it found
  std::optional<Timestamp> drill_proven;  ///< the last one in which a restore worked
  std::optional<Timestamp> proven_since;  ///< as in DrillReport
  std::vector<std::string> unfinished_runs;
  bool may_not_read_proofs = false;  ///< so that nothing is known of verifications
  /// It is encrypted, and no drill and no reading of everything has opened a photo of it yet.
  bool nobody_has_opened_it = false;
  /// Of the objects of `newest` that are encrypted, those that the given identities open. Absent
  /// where none was given.
  std::optional<std::uint64_t> opened_objects = std::nullopt;
};

/// "age1... and age1...: 12 objects", for each set of recipients.
std::vector<std::string> encryption_rows(const RestorePoint& point,
                                         std::optional<std::uint64_t> opened_objects);

/// Also less than ok where the backup is: no restore point, an incomplete one, a verification that
/// found damage.
Outcome outcome_of(const StatusReport& report);
/// Lines that end in a newline.
std::string to_text(const StatusReport& report);
/// One JSON object on one line, with a newline (docs/formats/report-json.md).
std::string to_json(const StatusReport& report);

/// How several stores of one Immich are, side by side. One that could not be asked has a problem
/// and nothing else.
struct StatusOfStores {
  ReportHeader header;
  std::vector<StatusReport> stores;
};

/// That of the store that is worst.
Outcome outcome_of(const StatusOfStores& report);
/// A table, and the problems of each store.
std::string to_text(const StatusOfStores& report);
/// One JSON object on one line, with a newline (docs/formats/report-json.md).
std::string to_json(const StatusOfStores& report);

}  // namespace ib
