// SPDX-License-Identifier: Apache-2.0
//
// How what the page has to say becomes a response of HTTP.
#pragma once

#include "web/page_answer.hpp"
#include "web/photos.hpp"

#include <httplib.h>
#include <variant>

namespace ib {

void answer(httplib::Response& response, const PageAnswer& answer);

/// Sends a download as it comes: its end only once it is known to be a good one. What fails before
/// the first byte is answered instead. `is_saved`: the browser is to save it rather than show it.
void send(std::variant<OpenDownload, PageAnswer> open, bool is_saved, httplib::Response& response);

}  // namespace ib
