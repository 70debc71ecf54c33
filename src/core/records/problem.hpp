// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"

#include <string>
#include <string_view>

namespace ib {

/// One thing that went wrong without stopping the rest: it is named in the report, and the run does
/// not end as "ok". `code` is a stable word that scripts match on (docs/formats/report-json.md).
struct Problem {
  std::string path;  ///< the file, folder or object; empty where it is the run itself
  std::string code;
  std::string message;
  std::string hint = {};
  bool may_pass = false;  ///< another try may succeed, without a person's doing
};

inline Problem problem_from(const Error& error, std::string_view code, std::string path)
{
  return {.path = std::move(path),
          .code = std::string(code),
          .message = error.message,
          .hint = error.hint};
}

}  // namespace ib
