// SPDX-License-Identifier: Apache-2.0
// Requests to and replies of the servers that issue tokens. Pure: nothing here sends a request.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ib {

/// An access token. `value` is secret.
struct Token {
  std::string value;
  Timestamp expires;
};

/// Parses OAuth's {"access_token": ..., "expires_in": ...}. unavailable if it is anything
/// else.
Result<Token> parse_token_reply(std::string_view json, Timestamp now);

/// Parses generateAccessToken's {"accessToken": ..., "expireTime": ...}. unavailable if it is
/// anything else.
Result<Token> parse_impersonation_reply(std::string_view json);

/// The reason in a refusal, in either of Google's forms: "invalid_grant: Token has been expired or
/// revoked". Empty if the body gives none. `secrets` were sent, and are removed if the body repeats
/// them.
std::string refusal_in(std::string_view body, const std::vector<std::string>& secrets);

/// The member `field` of a JSON object. invalid if there is none.
Result<std::string> subject_token_in(std::string_view json, const std::string& field);

/// The JWT with which a service account vouches for itself: Google accepts it like a token of its
/// own.
std::string jwt_header(const std::string& key_id);
std::string jwt_claims(const std::string& account, const std::string& audience, Timestamp now,
                       std::chrono::seconds lifetime);

std::string impersonation_request(const std::vector<std::string>& delegates,
                                  const std::string& scope, std::chrono::seconds lifetime);

/// The `options` of a token exchange.
std::string exchange_options(const std::string& user_project);

/// application/x-www-form-urlencoded
std::string form(const std::vector<std::pair<std::string, std::string>>& fields);

}  // namespace ib
