// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "store/store_description.hpp"

#include <stop_token>
#include <string>

namespace ib {

/// Asks a store about itself, and not about its objects: for `doctor`, and to learn where a bucket
/// lies. It changes nothing, and tries again what is unavailable. Thread-safe.
class StoreInspector {
public:
  virtual ~StoreInspector() = default;

  /// Of a bucket its location and settings, as far as the credential may know them, by one Class B
  /// operation; of a folder its file system. What may not be known is absent; a bucket that does
  /// not exist is `invalid`.
  virtual Result<StoreDescription> describe(const std::stop_token& stop) = 0;

  /// What may be done with this store, by one Class B operation.
  virtual Result<StoreAccess> access(const std::stop_token& stop) = 0;

  /// Who we are to the store, for people, without a secret: "service account
  /// backup@p.iam.gserviceaccount.com, from GOOGLE_APPLICATION_CREDENTIALS=/etc/key.json". Empty
  /// where nobody asks.
  virtual std::string credential() const = 0;
};

}  // namespace ib
