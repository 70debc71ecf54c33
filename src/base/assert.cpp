// SPDX-License-Identifier: Apache-2.0
#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace ib {

void assertion_failed(const char* condition, const std::source_location& where)
{
  static_cast<void>(std::fprintf(
      stderr, "immich-backup: bug: %s does not hold in %s (%s:%u). Please report it.\n", condition,
      where.function_name(), where.file_name(), where.line()));
  std::abort();
}

}  // namespace ib
