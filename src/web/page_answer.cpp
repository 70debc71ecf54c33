// SPDX-License-Identifier: Apache-2.0
#include "web/page_answer.hpp"

namespace ib {

PageAnswer refusal(int status, std::string_view why)
{
  return {.status = status, .body = text_of(Json{{"error", why}})};
}

std::string text_of(const Json& json)
{
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace ib
