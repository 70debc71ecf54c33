// SPDX-License-Identifier: Apache-2.0
#include "report/header.hpp"

#include <algorithm>

namespace ib {

Outcome outcome_by_problems(const ReportHeader& header)
{
  if (header.problems.empty()) return Outcome::ok;
  return std::ranges::any_of(header.problems, &Problem::may_pass) ? Outcome::retryable
                                                                  : Outcome::incomplete;
}

}  // namespace ib
