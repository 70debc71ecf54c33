// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/bandwidth.hpp"
#include "store/object_store.hpp"

#include <memory>

namespace ib {

/// Holds the bytes that put(), create(), replace() and get() move to `bandwidth`. For stores that
/// have no network of their own, such as a folder on a mounted share; what stat() reads of a folder
/// to know a checksum is not counted. Over a bucket the limit lies deeper (see Bandwidth).
std::unique_ptr<ObjectStore> make_limited_store(std::unique_ptr<ObjectStore> inner,
                                                std::shared_ptr<Bandwidth> bandwidth);

}  // namespace ib
