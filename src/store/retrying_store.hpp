// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/object_store.hpp"
#include "store/retrier.hpp"

#include <memory>

namespace ib {

/// A store that tries again what the network broke. A put whose reply was lost may have had its
/// effect: if the name is taken at the next try and holds the same bytes, it was ours.
///
/// The retrier may be shared with the inner store.
std::unique_ptr<ObjectStore> make_retrying_store(std::unique_ptr<ObjectStore> inner,
                                                 std::shared_ptr<Retrier> retrier);

}  // namespace ib
