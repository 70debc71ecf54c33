// SPDX-License-Identifier: Apache-2.0
#include "cli/exit_code.hpp"

#include <utility>

namespace ib {

ExitCode exit_code(const Error& error)
{
  switch (error.code) {
    case Errc::invalid:
    case Errc::denied:
      return ExitCode::usage;
    case Errc::corrupt:
      return ExitCode::damage;
    case Errc::cancelled:
      return ExitCode::interrupted;
    case Errc::not_found:
    case Errc::precondition_failed:
    case Errc::unavailable:
    case Errc::io:
    case Errc::changed:
    case Errc::too_large:
      return ExitCode::failed;
  }
  std::unreachable();
}

ExitCode exit_code(Outcome outcome)
{
  switch (outcome) {
    case Outcome::ok:
      return ExitCode::ok;
    case Outcome::incomplete:
      return ExitCode::incomplete;
    case Outcome::damaged:
      return ExitCode::damage;
    case Outcome::retryable:
    case Outcome::failed:
      return ExitCode::failed;
  }
  std::unreachable();
}

}  // namespace ib
