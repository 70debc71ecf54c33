// SPDX-License-Identifier: Apache-2.0
// Google's Application Default Credentials: the credential, which is looked for where Google's own
// tools look, and the tokens that prove it.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "net/http.hpp"
#include "sys/system.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace ib {

/// The environment's values. The caller reads the environment.
struct CredentialOptions {
  std::optional<std::string> json =
      std::nullopt;                          ///< GCS_CREDENTIALS: the credential's JSON itself
  std::string application_credentials = {};  ///< GOOGLE_APPLICATION_CREDENTIALS: the path of a file
  std::string cloudsdk_config = {};          ///< CLOUDSDK_CONFIG: gcloud's folder
  std::string home = {};           ///< used for .config/gcloud if CLOUDSDK_CONFIG is empty
  std::string metadata_host = {};  ///< GCE_METADATA_HOST
  /// How long to wait for a metadata server that does not answer yet: see
  /// look_for_metadata_server().
  std::chrono::seconds metadata_patience{0};
  std::stop_token stop = {};  ///< ends that waiting, with cancelled
};

/// A credential and its current token. Thread-safe.
class Credentials {
public:
  /// Uses the first of `json`, `application_credentials`, gcloud's
  /// application_default_credentials.json and the metadata server. If one is there but cannot be
  /// used, it fails with invalid and looks no further. If there is none, it fails with denied and
  /// lists the places where it looked; with unavailable, if a metadata server was waited for in
  /// vain. Uses the network only to look for a metadata server, and only if it found nothing else.
  /// `http` must outlive the result.
  static Result<std::unique_ptr<Credentials>> find(
      const CredentialOptions& options, HttpClient& http,
      std::function<Timestamp()> clock = wall_clock_now);

  /// No credential: for emulators and public buckets.
  static std::unique_ptr<Credentials> anonymous();

  virtual ~Credentials() = default;

  /// The value of an Authorization header: "Bearer ...", or "" without a credential. Secret. One
  /// caller at a time fetches a new token, five minutes before the old one expires, or half-way if
  /// it lives less than ten minutes. The other callers use the old one while it is valid. So does
  /// everybody if the fetching fails. Every error except `cancelled` begins with describe().
  virtual Result<std::string> authorization(const std::stop_token& stop) = 0;

  /// Tells that a server answered 401 to `authorization`. If this is still the current one, it is
  /// not given out again.
  virtual void reject(const std::string& authorization) = 0;

  /// "service account backup@project.iam.gserviceaccount.com, from
  /// GOOGLE_APPLICATION_CREDENTIALS=/etc/key.json"
  virtual std::string describe() const = 0;
};

}  // namespace ib
