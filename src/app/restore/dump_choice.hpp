// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/session.hpp"
#include "core/records/restore_point.hpp"

#include <optional>
#include <string>
#include <vector>

namespace ib {

/// A dump of the store that is to be restored.
struct DumpChoice {
  DumpInfo dump;  ///< the name alone where no restore point tells more
  std::optional<Timestamp> restore_point = std::nullopt;  ///< which vouches for it
  std::vector<std::string> notes = {};                    ///< why it is not that of the newest
};

/// The object `name` under database/; absent: that of the restore point which a restore of the
/// files as of `at` takes, too. Asks first where that looks as after a loss. `invalid` if there is
/// none.
Result<DumpChoice> choose_dump(const Session& session, const std::optional<std::string>& name,
                               std::optional<Timestamp> at);

}  // namespace ib
