// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"
#include "report/header.hpp"

#include <cstdint>

namespace ib {

/// The program's exit statuses (docs/operations.md).
enum class ExitCode : std::uint8_t {
  ok = 0,
  failed = 1,      ///< worth another try
  usage = 2,       ///< usage or configuration: a person has to change something
  incomplete = 3,  ///< some of it was saved, and the report says what was not
  damage = 4,      ///< what is stored is not what was stored
  surprise = 70,   ///< a bug of ours, or no memory
  interrupted = 130,
};

ExitCode exit_code(const Error& error);
ExitCode exit_code(Outcome outcome);

}  // namespace ib
