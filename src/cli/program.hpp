// SPDX-License-Identifier: Apache-2.0
// The program as a function of its arguments.
#pragma once

namespace ib {

/// Does everything that main() does, except to catch exceptions. Returns the exit status.
int run_program(int argc, const char* const* argv);

}  // namespace ib
