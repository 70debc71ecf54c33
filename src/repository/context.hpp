// SPDX-License-Identifier: Apache-2.0
//
// What everything in this module works with.
#pragma once

#include "base/progress.hpp"
#include "manifest/older_manifest.hpp"
#include "store/object_store.hpp"

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace ib {

class EncryptedStore;
class SignedStore;

/// A store that holds a backup, and how to go about it.
struct RepositoryContext {
  ObjectStore& store;
  Progress& progress;
  std::stop_token stop;        ///< requested by SIGINT and SIGTERM
  std::string scratch_parent;  ///< where temporary folders are made; empty: $TMPDIR or /tmp
  std::vector<std::string> ignored_manifests;  ///< names that --ignore-manifest gave
  std::vector<PathMapping> path_mappings;      ///< --map-prefix, for a manifest of version 2.0
  /// `store` itself, where it holds only what a trusted key has signed; null: everything that lies
  /// in it is believed, whoever has put it there.
  const SignedStore* signatures = nullptr;
  /// What encrypts and decrypts, below `signatures`; null: nothing does.
  EncryptedStore* encryption = nullptr;
  /// Asked once the store was listed: of a command that reads photos or dumps, whether it can.
  /// Empty: it need not.
  std::function<Result<>()> require_readable = {};
  /// False where the person believes what lies there, whoever has written it (--unsigned): what
  /// comes of that is no evidence for others, who may trust a key.
  bool leaves_proofs = true;
};

}  // namespace ib
