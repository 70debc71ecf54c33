// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <string>
#include <vector>

namespace ib {

/// What makes a place a store: `init` writes it, and no backup goes to a place without it
/// (docs/formats/store-marker.md).
struct StoreMarker {
  std::string id;  ///< 32 hexadecimal digits; each restore point repeats it
  Timestamp created{};
  /// Whose Immich: see ImmichFacts::identity. Empty where init could not ask the database.
  std::vector<std::string> immich;
  std::string program_version;
  /// The public key of the machine that began it, for messages alone: whose word counts is told by
  /// each reader's settings. Empty where nothing is signed.
  std::string key = {};
  /// To whom its photos and dumps are encrypted: age recipients, sorted. For messages and for
  /// comparing with the settings, from which alone a backup takes them. Empty where nothing is
  /// encrypted.
  std::vector<std::string> recipients = {};
};

}  // namespace ib
