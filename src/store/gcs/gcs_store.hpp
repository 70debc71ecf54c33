// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/gcs/gcs_client.hpp"
#include "store/object_store.hpp"
#include "store/retrier.hpp"
#include "store/storage_classes.hpp"

#include <memory>

namespace ib {

/// A bucket of Google Cloud Storage. Works with a credential that may only create and list objects,
/// and get manifest* and runs/*: nothing is ever overwritten, patched or deleted, and a name that
/// is taken is told from a missing permission by listing it. Memory: 8 MiB for each upload of a
/// stream.
///
/// It tries again only within a resumable upload; see RetryingStore, which may share the retrier.
std::unique_ptr<ObjectStore> make_gcs_store(std::shared_ptr<GcsClient> client,
                                            StorageClasses classes,
                                            std::shared_ptr<Retrier> retrier);

}  // namespace ib
