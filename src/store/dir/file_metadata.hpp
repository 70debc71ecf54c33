// SPDX-License-Identifier: Apache-2.0
//
// A store in a folder keeps an object's metadata in the extended attribute user.immich-backup of
// its file: lines of "key=value" with %-escapes, which getfattr shows.
#pragma once

#include "store/object_store.hpp"
#include "sys/file.hpp"

namespace ib {

/// Empty where the file or its file system has no attributes.
Metadata metadata_of(const InputFile& file);

/// Best effort: a file system without attributes keeps none (see dir_store.hpp).
void keep_metadata(PendingFile& file, const Metadata& metadata);

}  // namespace ib
