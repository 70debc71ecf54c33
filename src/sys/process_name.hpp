// SPDX-License-Identifier: Apache-2.0
//
// A name for a process that another process can look up later.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ib {

/// Names this process so that no other one has the same name, also after a restart of the machine
/// and in a container. Holds no secret and no name of the machine. Empty where /proc does not tell.
std::string this_process();
/// Whether the process that this_process() has named there still runs. Absent where that cannot be
/// seen from here: it is of another machine, of one that has been restarted, or of a container.
std::optional<bool> is_running(std::string_view process);

}  // namespace ib
