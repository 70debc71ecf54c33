// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/byte_source.hpp"
#include "base/result.hpp"
#include "store/gcs/gcs_client.hpp"
#include "store/object_store.hpp"
#include "store/retrier.hpp"

#include <cstdint>
#include <stop_token>

namespace ib {

/// Inserts an object of known size, or replaces its version `generation` (0: there is none yet). A
/// small object takes one request. A larger one takes a resumable upload, which `retrier` continues
/// after breaks. corrupt if the source, or the object that the server confirms, differs from what
/// `object` announces.
Result<ObjectInfo> insert_object(GcsClient& client, Retrier& retrier, const NewObject& object,
                                 StorageClass storage_class, ByteSource& source,
                                 std::uint64_t generation, const std::stop_token& stop);

}  // namespace ib
