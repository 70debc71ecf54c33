// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/session.hpp"
#include "store/store_address.hpp"

#include <string>

namespace ib {

/// invalid if `path` lies in a store, this one or another: what lies there is never written over.
/// `what` begins the message: "the target folder".
Result<> require_outside_stores(const Session& session, const std::string& what,
                                const std::string& path);

/// The same where no store is open. `own` is the folder of this one; null where it is none.
Result<> require_outside_stores(const FolderAddress* own, const std::string& what,
                                const std::string& path);

/// Also if this store lies in it: for a folder that is filled with files of any name.
Result<> require_apart_from_stores(const Session& session, const std::string& what,
                                   const std::string& path);

}  // namespace ib
