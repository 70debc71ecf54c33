// SPDX-License-Identifier: Apache-2.0
//
// The edge of the program: arguments, environment and config file in, results and an exit status
// out.
#pragma once

namespace ib {

/// All of main() but its last resort. Returns the exit status.
int run_program(int argc, const char* const* argv);

}  // namespace ib
