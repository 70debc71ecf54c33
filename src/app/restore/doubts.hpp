// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/session.hpp"
#include "repository/point_choice.hpp"

#include <string_view>

namespace ib {

/// Gets leave to restore a point that looks as one does after ransomware, a wrong deletion or a
/// theft. Nothing was fetched until then. invalid where a person refuses, and where nobody is there
/// to ask; the error names the command for this point, and that for the one before. `command` is
/// what was called: "restore".
Result<> settle_doubts(const Session& session, const PointChoice& choice, std::string_view command);

}  // namespace ib
