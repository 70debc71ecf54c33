// SPDX-License-Identifier: Apache-2.0
//
// What a machine whose clock was ahead has stored, under names that hide all that come after it.
#pragma once

#include "core/names/object_name.hpp"
#include "repository/context.hpp"

#include <vector>

namespace ib {

struct Redated {
  ObjectName from;
  ObjectName to;
};

/// Gives manifests, restore points and proofs that are dated after the store's clock the last
/// seconds before it, in their order and after all others. Each is stored under its new name before
/// any old one is removed, so nothing is missing where this is killed; run again, it goes on.
/// denied where the credential may not remove. invalid where one was written by version 3, which
/// counted by these times.
Result<std::vector<Redated>> redate(const RepositoryContext& repository);

}  // namespace ib
