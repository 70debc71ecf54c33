// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "net/http.hpp"
#include "store/gcs/credential_file.hpp"
#include "store/gcs/token_messages.hpp"

#include <memory>
#include <stop_token>
#include <string>

namespace ib {

/// Where access tokens come from: one for each type of credential. Used by one thread at a time.
class TokenSource {
public:
  virtual ~TokenSource() = default;
  /// A new token. denied where it is refused, unavailable where trying again may help, invalid
  /// where the configuration is to be changed; the error says who refused what, and never a secret.
  virtual Result<Token> fetch(Timestamp now, const std::stop_token& stop) = 0;
  /// Whose tokens they are: "service account backup@project.iam.gserviceaccount.com".
  virtual std::string describe() const = 0;
};

/// Tokens for reading and writing objects. invalid where the credential's key cannot be used.
/// `http` must outlive what is returned.
Result<std::unique_ptr<TokenSource>> open_token_source(const CredentialFile& credential,
                                                       HttpClient& http);

/// The metadata server of Google's own machines, at `host`. `account` may be empty where it is not
/// known.
std::unique_ptr<TokenSource> open_metadata_server(const std::string& host,
                                                  const std::string& account, HttpClient& http);

/// What is found at `host` within two seconds.
struct MetadataServer {
  bool is_present = false;
  bool has_account = true;
  std::string account = {};
};
MetadataServer look_for_metadata_server(const std::string& host, HttpClient& http);

}  // namespace ib
