// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "store/store_description.hpp"

#include <stop_token>
#include <string>

namespace ib {

/// Asks a store about itself, not about its objects: for `doctor`, and to learn where a bucket is.
/// Changes nothing. Retries what is unavailable. Thread-safe.
class StoreInspector {
public:
  virtual ~StoreInspector() = default;

  /// Describes a bucket (its location and settings, as far as the credential may know them, with
  /// one Class B operation) or a folder (its file system). What it may not know is absent. A bucket
  /// that does not exist is `invalid`.
  virtual Result<StoreDescription> describe(const std::stop_token& stop) = 0;

  /// What the credential may do with this store. Costs one Class B operation.
  virtual Result<StoreAccess> access(const std::stop_token& stop) = 0;

  /// Who the store thinks we are, for people, without a secret: "service account
  /// backup@p.iam.gserviceaccount.com, from GOOGLE_APPLICATION_CREDENTIALS=/etc/key.json". Empty if
  /// the store does not ask.
  virtual std::string credential() const = 0;

  /// False once the store's replies carried no date, so that its now() is this machine's clock: a
  /// proxy may remove it.
  virtual bool tells_time() const { return true; }
};

}  // namespace ib
