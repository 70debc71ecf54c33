// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/session.hpp"
#include "manifest/photo_list.hpp"

#include <optional>
#include <string>
#include <vector>

namespace ib {

/// Makes the list of a restore point's photos in `file`, which must not exist, out of the point's
/// dump and of what a restore brings. Left out are assets that Immich itself does not show: those
/// of the locked folder, and those of a kind that this version does not know. `at` absent: the
/// restore point that a restore takes. invalid where there is no dump.
Result<PhotoList> make_photo_list(const Session& session, std::optional<Timestamp> at,
                                  const std::string& file);

}  // namespace ib
