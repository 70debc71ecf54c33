// SPDX-License-Identifier: Apache-2.0
//
// What a command reads and writes instead of the store itself.
#pragma once

#include "repository/encrypted_store.hpp"
#include "repository/signed_store.hpp"

#include <memory>
#include <vector>

namespace ib {

/// The plain form of a store, and above it what trusted keys have signed of it.
struct StoreLayers {
  std::unique_ptr<EncryptedStore> encryption;
  std::unique_ptr<SignedStore> signatures;  ///< null where nothing is signed, or all is believed

  ObjectStore& top() const
  {
    if (signatures) return *signatures;
    return *encryption;
  }
};

/// What either has set aside.
inline std::vector<Stranger> strangers_in(const StoreLayers& layers)
{
  std::vector<Stranger> strangers = layers.encryption->strangers();
  if (!layers.signatures) return strangers;
  std::vector<Stranger> others = layers.signatures->strangers();
  strangers.insert(strangers.end(), others.begin(), others.end());
  return strangers;
}

}  // namespace ib
