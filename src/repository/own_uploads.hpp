// SPDX-License-Identifier: Apache-2.0
//
// Which objects that hold files are this backup's own, and no stranger's.
#pragma once

#include "repository/context.hpp"
#include "store/object_store.hpp"

namespace ib {

/// By this machine's tag, or by a name that only the keys of the encrypted store can make, which a
/// machine key that is lost may have stored. Where nothing is signed, whoever stored it is
/// believed. `object` has its metadata.
bool is_own_upload(const RepositoryContext& repository, const ObjectInfo& object);

}  // namespace ib
