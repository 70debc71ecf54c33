// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/session.hpp"
#include "report/heal.hpp"
#include "sys/file.hpp"

#include <optional>
#include <string>
#include <vector>

namespace ib {

struct HealJob {
  std::string library;
  /// Each is named: below the media root ("/upload/a.jpg", "upload/a.jpg"), or as a path of this
  /// machine.
  std::vector<std::string> files;
  bool write = false;                         ///< else it is only shown
  std::optional<Owner> owner = std::nullopt;  ///< of what is written
};

/// Puts what is stored of these files back into the library, where it is missing or holds other
/// bytes: the only command that writes there. Bytes that the backup does not hold are never
/// replaced, and nothing is written below a top folder without its marker, which may be an
/// unmounted disk. A copy is compared with its recorded digests before it takes the file's place.
Result<HealReport> run_heal(const Session& session, const HealJob& job);

}  // namespace ib
