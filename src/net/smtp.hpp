// SPDX-License-Identifier: Apache-2.0
// Mail over libcurl's SMTP: one message to one server. The caller writes the message, and decides
// whether to try again.
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// Where mail is handed in, and by whom.
struct MailServer {
  std::string url;  ///< "smtps://HOST[:PORT]" or "smtp://HOST[:PORT]"
  /// Whether a server at smtp:// has to change to TLS (STARTTLS) before it is told anything.
  bool starttls = true;
  std::string user = {};  ///< empty: there is no login
  std::string password = {};

  /// Absent unless `url` has one of the forms above. Nothing else has a place in it, neither a user
  /// nor a path. This machine itself (localhost, 127.0.0.1, ::1) needs no STARTTLS.
  static std::optional<MailServer> parse(std::string url);

  bool is_encrypted() const { return starttls || url.starts_with("smtps://"); }
};

/// Whether `text` is an address such as "me@example.org", as it stands in commands and headers
/// without quotes: letters, digits, and no line break.
bool is_mail_address(std::string_view text);

struct Mail {
  std::string from;
  std::vector<std::string> to;
  std::string message;  ///< headers and body; its lines end with CRLF
};

struct MailOptions {
  std::string ca_bundle = {};  ///< a PEM file to trust instead of the system's certificates
  /// Of everything up to the server's last word about the message: some servers greet late, on
  /// purpose. To say goodbye takes as long at most.
  std::chrono::milliseconds timeout{10'000};
};

/// Hands in the mail once, for all of its recipients that the server takes. An error names the host
/// and neither user nor password, and quotes nothing that the server says. Errors are
///   - unavailable: the network failed, there was no reply in time, or the server refused with a
///     status from 400 to 499: a later attempt may succeed. If only the last reply was lost, the
///     mail may have gone;
///   - denied: the server's certificate does not verify, it offers no TLS, or it refused the login;
///   - invalid: another refusal, also of some of the recipients while the others have their mail;
///   an
///     address that is none; a password for a server without TLS;
///   - cancelled: `stop` was requested (noticed within a second).
Result<> send_mail(const MailServer& server, const Mail& mail, const MailOptions& options,
                   const std::stop_token& stop);

}  // namespace ib
