// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace ib {

/// The system's clock.
Timestamp wall_clock_now();

/// `bytes` random bytes as hexadecimal, from the kernel.
std::string random_hex(std::size_t bytes);

/// The value of an environment variable; absent and empty are the same, as in most shells' eyes.
std::optional<std::string> environment(const char* name);

/// How often the calling thread has had to wait so far: for a disk, a network, another thread.
/// (Being held up for others to run is not waiting.)
std::uint64_t times_this_thread_waited();

}  // namespace ib
