// SPDX-License-Identifier: Apache-2.0
//
// A text as an Internet message (RFC 5322), with the headers of MIME.
#pragma once

#include "base/time.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace ib {

struct MailHead {
  std::string from;             ///< "me@example.org"
  std::vector<std::string> to;  ///< the same
  std::string subject;
  Timestamp date{};
  std::string id;  ///< unique in the world: random digits
};

/// The message, whose lines end with CRLF and have at most 76 bytes, except where an address is
/// longer. It is ASCII whatever the subject and the text hold, and nothing in them or in an address
/// can become a header. Another program's mail is not to answer it by itself (RFC 3834).
std::string mail_of(const MailHead& head, std::string_view text);

}  // namespace ib
