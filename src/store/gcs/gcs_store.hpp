// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/gcs/gcs_client.hpp"
#include "store/object_store.hpp"
#include "store/retrier.hpp"
#include "store/storage_classes.hpp"

#include <memory>

namespace ib {

/// A bucket of Google Cloud Storage. It is enough if the credential may create and list objects and
/// get manifest* and runs/*. Nothing is overwritten, patched or deleted, except by replace() and
/// remove(). A listing tells a taken name from a missing permission. Each upload of a stream takes
/// 8 MiB of memory.
///
/// Only a resumable upload tries again by itself. RetryingStore does the rest, and may share the
/// retrier.
std::unique_ptr<ObjectStore> make_gcs_store(std::shared_ptr<GcsClient> client,
                                            StorageClasses classes,
                                            std::shared_ptr<Retrier> retrier);

}  // namespace ib
