// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/pricing/cost.hpp"
#include "core/pricing/usage.hpp"
#include "core/records/restore_point.hpp"
#include "report/header.hpp"

#include <optional>
#include <string>
#include <vector>

namespace ib {

/// What `recovery-kit` puts on paper.
struct RecoveryKitReport {
  ReportHeader header;
  Timestamp now{};
  std::string program_version;
  RestorePoint restore_point;  ///< what a restore takes where nobody names another
  std::optional<Timestamp> last_verified;
  bool last_verified_ok = false;
  bool may_not_read_proofs = false;             ///< so that nothing is known of verifications
  std::optional<Timestamp> drill_proven;        ///< the last drill in which a restore worked
  std::optional<std::uint64_t> opened_objects;  ///< as in StatusReport
  std::string opened_photo;  ///< the path of the photo that the given identity has opened
  std::string folder;        ///< of the store; empty for a bucket
  std::string bucket;        ///< as GCS_BUCKET names it, "photos/home"; empty for a folder
  std::vector<std::string> trusted_keys;  ///< public; empty for a folder where nothing is signed
  std::string image;             ///< of this program, with a digest where the person has named one
  std::string immich_release;    ///< "v3.1.0", safe in a shell; empty where it is not known
  bool immich_restores = false;  ///< a restore puts the dump where that release restores it
  Usage restore;                 ///< reading every file of the library and its dump once
  Prices prices;                 ///< all zero for a folder
};

Outcome outcome_of(const RecoveryKitReport& report);
/// Lines that end in a newline.
std::string to_text(const RecoveryKitReport& report);
/// One JSON object on one line, with a newline (docs/formats/report-json.md).
std::string to_json(const RecoveryKitReport& report);

}  // namespace ib
