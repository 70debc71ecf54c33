// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ib {

/// The content of a credential's JSON, by its "type". Everything except the names of accounts is
/// secret.
struct ServiceAccountKey {
  std::string client_email;
  std::string private_key_id;
  std::string private_key;  ///< PEM
};

struct AuthorizedUser {
  std::string account;  ///< may be empty, and often is
  std::string client_id;
  std::string client_secret;
  std::string refresh_token;
  std::string token_uri;
};

/// Where to find the token that another identity provider has issued.
struct SubjectToken {
  std::string file;  ///< either this
  std::string url;   ///< or this
  std::vector<std::string> headers;
  std::string json_field;  ///< empty: the whole text is the token
};

/// Workload identity federation.
struct ExternalAccount {
  std::string audience;
  std::string subject_token_type;
  std::string token_url;
  SubjectToken subject;
  std::string impersonation_url;  ///< empty: the federated token itself is used
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

/// Parses a credential. invalid if it is not JSON, lacks something, has an unknown type, or would
/// send a secret to an address without TLS (this machine's own addresses are allowed). No error
/// repeats a secret.
Result<CredentialFile> parse_credential_file(std::string_view json);

/// The account in ".../serviceAccounts/backup@p.iam.gserviceaccount.com:generateAccessToken".
std::string account_of(std::string_view impersonation_url);

}  // namespace ib
