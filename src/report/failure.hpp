// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"

#include <chrono>
#include <string>

namespace ib {

/// What --json prints of a command that failed as a whole: one line with a newline.
std::string failure_to_json(const std::string& command, const std::string& store,
                            std::chrono::milliseconds elapsed, const Error& error);

}  // namespace ib
