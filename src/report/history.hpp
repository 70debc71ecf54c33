// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/records/path_history.hpp"

#include <string>

namespace ib {

/// The states of a path, one line each, with the command that restores it: `restore`
/// ("immich-backup restore --store ...") and what the state needs.
std::string history_text(const PathHistory& history, const std::string& restore);
/// The same as an element of the JSON's `paths`.
std::string history_json(const PathHistory& history, const std::string& restore);

}  // namespace ib
