// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"
#include "report/header.hpp"

#include <cstdint>

namespace ib {

/// The program's exit statuses (docs/running.md).
enum class ExitCode : std::uint8_t {
  ok = 0,
  failed = 1,      ///< another try may succeed; some of it may be done (`result` in the report)
  usage = 2,       ///< wrong usage or configuration: a person must change something
  incomplete = 3,  ///< a part is missing, the report names it, and a person must act
  damage = 4,      ///< the store's content is not what was stored
  surprise = 70,   ///< a bug in this program, or no memory
  interrupted = 130,
};

ExitCode exit_code(const Error& error);
ExitCode exit_code(Outcome outcome);

}  // namespace ib
