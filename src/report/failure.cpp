// SPDX-License-Identifier: Apache-2.0
#include "report/failure.hpp"

#include "base/text.hpp"
#include "report/json.hpp"

namespace ib {

std::string failure_to_json(const std::string& command, const std::string& store,
                            std::chrono::milliseconds elapsed, const Error& error)
{
  ReportHeader header{.command = to_utf8(command), .store = store, .elapsed = elapsed};
  header.problems.push_back(problem_from(error, to_string(error.code), ""));
  return json_line(header_object(header, Outcome::failed));
}

}  // namespace ib
