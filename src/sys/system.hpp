// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ib {

/// The time of the system's clock.
Timestamp wall_clock_now();

/// The time in nanoseconds since 1970: no earlier than the ctime of any change on a local disk that
/// is over, and no later than that of any change that comes. The kernel stamps files with a clock
/// that ticks every few milliseconds; this waits for the next tick.
std::int64_t instant_between_ctimes();

/// Fills `bytes`, at most 256 of them, with random ones from the kernel.
void fill_at_random(std::span<std::byte> bytes);
/// `bytes` such bytes in hexadecimal.
std::string random_hex(std::size_t bytes);

/// Lets neither this program nor those that it starts leave a core dump: it would hold passwords.
void forbid_core_dumps();

/// Makes threads share what others have freed. By itself glibc gives threads memory of their own,
/// up to eight times as often as there are processors, so that the same work takes more on a larger
/// machine. To be called before there are threads.
void share_memory_among_threads();

/// The file of the program that runs, by the name that it had when this was first asked: a package
/// that is upgraded puts another file there, and then that is meant. Empty where /proc does not
/// tell. Call it first before there are threads.
const std::string& own_program();

/// The value of an environment variable. An empty one counts as absent.
std::optional<std::string> environment(const char* name);
/// The environment variables whose names begin so, with their values.
std::vector<std::pair<std::string, std::string>> environment_of(std::string_view prefix);

/// How often the calling thread has waited so far for a disk, a network or another thread. Time in
/// which other threads had the processor does not count.
std::uint64_t times_this_thread_waited();

}  // namespace ib
