// SPDX-License-Identifier: Apache-2.0
//
// What is said to and by the servers that give out tokens. Pure: no request is made here.
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

/// OAuth's {"access_token": ..., "expires_in": ...}; corrupt where it is not that.
Result<Token> parse_token_reply(std::string_view json, Timestamp now);

/// generateAccessToken's {"accessToken": ..., "expireTime": ...}; corrupt where it is not that.
Result<Token> parse_impersonation_reply(std::string_view json);

/// What a refusal says, of either form that Google has, for a person: "invalid_grant: Token has
/// been expired or revoked", or "" where the body says nothing. `secrets` are what was sent, should
/// it be repeated.
std::string refusal_in(std::string_view body, const std::vector<std::string>& secrets);

/// The member `field` of a JSON object; invalid where there is none.
Result<std::string> subject_token_in(std::string_view json, const std::string& field);

/// A service account's token for itself: Google accepts it as it would one of its own.
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
