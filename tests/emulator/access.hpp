// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "emulator/bucket.hpp"
#include "emulator/connection.hpp"

#include <set>

namespace ib::emulator {

/// A user and their permissions. Each permission is for all names or for some prefixes.
struct Identity {
  std::string name = {};
  bool everything = false;  ///< may do everything, because no access is configured
  std::map<std::string, std::vector<std::string>> permissions = {};

  bool may(const std::string& permission, std::string_view object = {}) const;
  /// Refuses with 403 and Google's message if the permission is missing.
  Outcome<> require(const std::string& permission, const std::string& bucket,
                    std::string_view object = {}) const;
};

using Who = std::shared_ptr<const Identity>;

/// Bearer tokens and the places that issue them: token endpoint, STS, impersonation, metadata
/// server. Without a configuration, every request may do everything. Thread-safe.
class Access {
public:
  /// Throws if the text is not a configuration.
  void configure(std::string_view json);

  /// The sender of the request. 401 if the token is missing, unknown or expired.
  Outcome<Who> identify(const Request& request) const;

  /// Answers requests to one of the places above. `kind` is "token", "metadata" or "impersonate".
  Response answer(std::string_view kind, const Request& request, BodyStream& body);
  static std::string_view kind_of(const Request& request);

private:
  struct Issued {
    Who who;
    std::chrono::steady_clock::time_point until;
  };
  struct Account {
    Who who;
    std::string public_key;
  };
  struct Grant {
    Who who;
    std::string subject_token;  ///< or the refresh token
    std::string audience;       ///< or the client id
    std::string client_secret;
  };
  std::string issue(const Who& who);
  Outcome<Who> of_jwt(std::string_view jwt, bool for_storage) const;
  Response token_endpoint(const Request& request, BodyStream& body);
  Response metadata_server(const Request& request);
  Response impersonate(const Request& request, BodyStream& body);

  bool asked_ = false;
  std::int64_t lifetime_seconds_ = 3600;
  std::map<std::string, Account> accounts_;
  std::vector<Grant> refresh_tokens_;
  std::vector<Grant> subject_tokens_;
  Who metadata_;
  mutable std::mutex mutex_;
  std::map<std::string, Issued, std::less<>> tokens_;
};

/// The payload of a JWT that this key signed with RS256. Absent otherwise.
std::optional<std::string> verified_jwt_payload(std::string_view jwt,
                                                const std::string& public_key_pem);
std::string jwt_payload_unverified(std::string_view jwt);

Response error_response(const Refusal& refusal);
std::string random_hex(std::size_t bytes);

}  // namespace ib::emulator
