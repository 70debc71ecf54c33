// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/session.hpp"
#include "report/albums.hpp"

#include <optional>

namespace ib {

struct AlbumsJob {
  std::optional<Timestamp> at;  ///< absent: the restore point that a restore takes
};

/// The albums of a restore point, by their names.
Result<AlbumsReport> run_albums(const Session& session, const AlbumsJob& job);

}  // namespace ib
