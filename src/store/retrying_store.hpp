// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/object_store.hpp"
#include "store/retrier.hpp"

#include <memory>

namespace ib {

/// A store that repeats calls which the network broke. If the reply to a put was lost, the put may
/// have succeeded: if the next attempt finds the name taken by the same bytes, it is a success.
///
/// The inner store may share the retrier.
std::unique_ptr<ObjectStore> make_retrying_store(std::unique_ptr<ObjectStore> inner,
                                                 std::shared_ptr<Retrier> retrier);

}  // namespace ib
