// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ib {

/// What a credential's JSON says, by its "type". All but the names of accounts is secret.
struct ServiceAccountKey {
  std::string client_email;
  std::string private_key_id;
  std::string private_key;  ///< PEM
};

struct AuthorizedUser {
  std::string account;  ///< often empty
  std::string client_id;
  std::string client_secret;
  std::string refresh_token;
  std::string token_uri;
};

/// Where the token that another identity provider has issued is found.
struct SubjectToken {
  std::string file;  ///< this or
  std::string url;   ///< that
  std::vector<std::string> headers;
  std::string json_field;  ///< empty: the whole text is the token
};

/// Workload identity federation.
struct ExternalAccount {
  std::string audience;
  std::string subject_token_type;
  std::string token_url;
  SubjectToken subject;
  std::string impersonation_url;  ///< empty: the federated token is used as it is
  std::chrono::seconds lifetime{3600};
  std::string client_id;
  std::string client_secret;
  std::string user_project;
};

struct ImpersonatedAccount {
  std::string impersonation_url;
  std::vector<std::string> delegates;
  std::variant<ServiceAccountKey, AuthorizedUser, ExternalAccount> source;
};

using CredentialFile =
    std::variant<ServiceAccountKey, AuthorizedUser, ExternalAccount, ImpersonatedAccount>;

/// invalid where it is not JSON, lacks something, has a type that is not known, or would send a
/// secret to an address without TLS (other than this machine's own). No error repeats a secret.
Result<CredentialFile> parse_credential_file(std::string_view json);

/// ".../serviceAccounts/backup@p.iam.gserviceaccount.com:generateAccessToken" -> the account.
std::string account_of(std::string_view impersonation_url);

}  // namespace ib
