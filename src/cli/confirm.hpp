// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace ib {

/// Whether a person can be asked: stdin and stderr are both terminals.
bool someone_can_answer();

/// Asks on stderr and reads one line from stdin. True only for "y", "Y" and "yes".
bool ask_on_terminal(const std::string& question);

}  // namespace ib
