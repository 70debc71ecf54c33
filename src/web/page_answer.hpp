// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "repository/json_reader.hpp"

#include <string>
#include <string_view>

namespace ib {

/// An answer in JSON.
struct PageAnswer {
  int status = 200;  ///< of HTTP
  std::string body;
};

/// {"error": "..."}
PageAnswer refusal(int status, std::string_view why);

/// On one line; what is no UTF-8 is replaced.
std::string text_of(const Json& json);

}  // namespace ib
