// SPDX-License-Identifier: Apache-2.0
#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "cli/program.hpp"
#include "cli/signals.hpp"
#include "sys/system.hpp"

#include <exception>
#include <string>
#include <utility>

int main(int argc, char** argv)
{
  ib::occupy_standard_streams();
  ib::block_signals();
  ib::forbid_core_dumps();
  ib::share_memory_among_threads();
  // Our own code never throws. An exception here is a library's, or memory is exhausted.
  try {
    return ib::run_program(argc, argv);
  } catch (const std::exception& error) {
    ib::print_error({.message = "unexpected failure: " + std::string(error.what()),
                     .hint = "This is a bug. Please report it."});
  } catch (...) {
    ib::write_stderr("immich-backup: unexpected failure\n");
  }
  return std::to_underlying(ib::ExitCode::surprise);
}
