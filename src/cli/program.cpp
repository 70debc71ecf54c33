// SPDX-License-Identifier: Apache-2.0
#include "cli/program.hpp"

#include "cli/invocation.hpp"

#include <utility>

namespace ib {

int run_program(int argc, const char* const* argv)
{
  const std::string program = argc > 0 ? argv[0] : "";
  Invocation invocation(argc > 1 ? std::vector<std::string>(argv + 1, argv + argc)
                                 : std::vector<std::string>());
  return std::to_underlying(invocation.run(program));
}

}  // namespace ib
