// SPDX-License-Identifier: Apache-2.0
// How replies of Google's servers are read: for their sources alone.
#pragma once

#include "base/nesting.hpp"

#include <nlohmann/json.hpp>
#include <string_view>

namespace ib {

/// A discarded value, which is no object, if `text` is not JSON or is nested too deep.
inline nlohmann::json parse_json(std::string_view text)
{
  if (nests_deeper(text)) return nlohmann::json::value_t::discarded;
  return nlohmann::json::parse(text, nullptr, false);
}

}  // namespace ib
