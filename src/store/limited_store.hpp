// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/bandwidth.hpp"
#include "store/object_store.hpp"

#include <memory>

namespace ib {

/// Limits the bytes that put(), create(), replace() and get() move to `bandwidth`. For stores that
/// have no network of their own, such as a folder on a mounted share. Bytes that stat() reads to
/// compute a checksum are not counted. For a bucket the limit is deeper (see Bandwidth).
std::unique_ptr<ObjectStore> make_limited_store(std::unique_ptr<ObjectStore> inner,
                                                std::shared_ptr<Bandwidth> bandwidth);

}  // namespace ib
