// SPDX-License-Identifier: Apache-2.0
//
// The head of an HTTP reply, line by line, and what is read out of its headers.
#include "base/text.hpp"
#include "fuzz/fuzz.hpp"
#include "net/http_message.hpp"
#include "store/gcs/gcs_api.hpp"

#include <algorithm>

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  using namespace ib;
  HttpResponse response;
  for (const std::string_view line : fuzz::split(fuzz::text_of_input(data, size), '\n'))
    response.take_head_line(line);
  fuzz::require(response.status >= 0 && response.status <= 999, "a status has three digits");
  for (const auto& [name, value] : response.headers) {
    fuzz::require(std::ranges::none_of(name, [](char c) { return c >= 'A' && c <= 'Z'; }),
                  "names are in lower case");
    fuzz::require(trimmed(response.header(name)).size() == value.size() || value.contains(','),
                  "values have no blanks around them");
  }
  const std::string host = host_of(response.header("location"));
  fuzz::require(host.find_first_of("/?#@\\") == std::string::npos, "a host has no path");
  fuzz::require_safe_to_show(error_from(response, "an object"));
  static_cast<void>(crc32c_in(response.header("x-goog-hash")));
  static_cast<void>(stored_bytes(response));
  if (const auto date = parse_http_date(response.header("date")))
    fuzz::require(is_nameable(*date), "a date has four digits for the year");
  return 0;
}
