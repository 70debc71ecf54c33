// SPDX-License-Identifier: Apache-2.0
#include "report/header.hpp"

namespace ib {

Outcome outcome_by_problems(const ReportHeader& header)
{
  return header.problems.empty() ? Outcome::ok : Outcome::incomplete;
}

}  // namespace ib
