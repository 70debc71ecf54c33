// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/gcs/gcs_client.hpp"
#include "store/retrier.hpp"
#include "store/store_inspector.hpp"

#include <memory>

namespace ib {

/// Describes a bucket. `client` and `retrier` may be shared with a store in it.
std::unique_ptr<StoreInspector> make_bucket_inspector(std::shared_ptr<GcsClient> client,
                                                      std::shared_ptr<Retrier> retrier);

}  // namespace ib
