// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace ib {

/// The system's clock.
Timestamp wall_clock_now();

/// `bytes` random bytes as hexadecimal, from the kernel.
std::string random_hex(std::size_t bytes);

/// The value of an environment variable; absent and empty are the same, as in most shells' eyes.
std::optional<std::string> environment(const char* name);

}  // namespace ib
