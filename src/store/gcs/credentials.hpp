// SPDX-License-Identifier: Apache-2.0
//
// Google's Application Default Credentials: who we are, found where Google's own tools look, and
// the tokens that prove it.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "net/http.hpp"
#include "sys/system.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace ib {

/// What the environment says; reading it is for the caller.
struct CredentialOptions {
  std::optional<std::string> json =
      std::nullopt;                          ///< GCS_CREDENTIALS: the credential's JSON itself
  std::string application_credentials = {};  ///< GOOGLE_APPLICATION_CREDENTIALS: the path of a file
  std::string cloudsdk_config = {};          ///< CLOUDSDK_CONFIG: gcloud's folder
  std::string home = {};                     ///< HOME: otherwise .config/gcloud in it
  std::string metadata_host = {};            ///< GCE_METADATA_HOST
};

/// A credential, and its current token. Thread-safe.
class Credentials {
public:
  /// The first of: `json`, `application_credentials`, gcloud's
  /// application_default_credentials.json, and the metadata server. One that is there but cannot be
  /// used is an error, never a reason to look further: invalid. Where there is none at all the
  /// error lists what was looked at: denied. The network is asked only whether there is a metadata
  /// server, and only where nothing else was found. `http` must outlive what is returned.
  static Result<std::unique_ptr<Credentials>> find(
      const CredentialOptions& options, HttpClient& http,
      std::function<Timestamp()> clock = wall_clock_now);

  /// Nobody: for emulators and public buckets.
  static std::unique_ptr<Credentials> anonymous();

  virtual ~Credentials() = default;

  /// The value of an Authorization header, "Bearer ...", or "" for nobody. Secret. A new token is
  /// fetched five minutes before the old one expires (half-way, if it lives less than ten), by one
  /// caller at a time: the others go on with the old one as long as it is valid, and so does
  /// everybody where the fetching fails. Every error begins with describe(), but `cancelled`.
  virtual Result<std::string> authorization(const std::stop_token& stop) = 0;

  /// A server has answered 401 to `authorization`: it is not given out again, if it is still the
  /// current one.
  virtual void reject(const std::string& authorization) = 0;

  /// "service account backup@project.iam.gserviceaccount.com, from
  /// GOOGLE_APPLICATION_CREDENTIALS=/etc/key.json"
  virtual std::string describe() const = 0;
};

}  // namespace ib
