// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace ib {

/// Whether a person sits at a terminal that can be asked on: stdin and stderr both are one.
bool someone_can_answer();

/// Asks a question on stderr and reads a line from stdin: true for yes alone.
bool ask_on_terminal(const std::string& question);

}  // namespace ib
