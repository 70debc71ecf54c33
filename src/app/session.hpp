// SPDX-License-Identifier: Apache-2.0
//
// What every command shares: the store that it works on, and what it may cost the person's
// patience.
#pragma once

#include "app/spending.hpp"
#include "core/progress.hpp"
#include "manifest/older_manifest.hpp"
#include "store/object_store.hpp"

#include <stop_token>
#include <string>
#include <vector>

namespace ib {

struct Session {
  ObjectStore& store;
  Progress& progress;
  std::stop_token stop;        ///< requested by SIGINT and SIGTERM
  std::string scratch_parent;  ///< where temporary folders are made; empty: $TMPDIR or /tmp
  std::vector<std::string> ignored_manifests;  ///< names that --ignore-manifest gave
  std::vector<PathMapping> path_mappings;      ///< --map-prefix, for a manifest of version 2.0
  unsigned workers = 4;
  Spending spending = {};
};

}  // namespace ib
