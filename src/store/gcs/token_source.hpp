// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "net/http.hpp"
#include "store/gcs/credential_file.hpp"
#include "store/gcs/token_messages.hpp"

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>

namespace ib {

/// A source of access tokens. There is one class for each type of credential. One thread at a time.
class TokenSource {
public:
  virtual ~TokenSource() = default;
  /// Fetches a new token. denied if it is refused, unavailable if another attempt may help, invalid
  /// if the configuration must change. The error says who refused what, and never holds a secret.
  virtual Result<Token> fetch(Timestamp now, const std::stop_token& stop) = 0;
  /// The owner of the tokens: "service account backup@project.iam.gserviceaccount.com".
  virtual std::string describe() const = 0;
};

/// Opens a source of tokens for reading and writing objects. invalid if the credential's key cannot
/// be used. `http` must outlive the result.
Result<std::unique_ptr<TokenSource>> open_token_source(const CredentialFile& credential,
                                                       HttpClient& http);

/// The metadata server of Google's machines, at `host`. `account` may be empty if it is not known.
std::unique_ptr<TokenSource> open_metadata_server(const std::string& host,
                                                  const std::string& account, HttpClient& http);

/// The metadata server that answered at `host` within two seconds, if any. One that refuses the
/// connection or is silent is asked again for as long as `patience`: that of a new pod of GKE
/// answers after some seconds
/// (https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity#limitations).
struct MetadataServer {
  bool is_present = false;
  bool is_silent = false;  ///< nobody answers there, or not yet
  bool has_account = true;
  std::string account = {};
};
MetadataServer look_for_metadata_server(const std::string& host, HttpClient& http,
                                        std::chrono::seconds patience, const std::stop_token& stop);

}  // namespace ib
