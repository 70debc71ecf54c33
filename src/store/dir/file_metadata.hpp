// SPDX-License-Identifier: Apache-2.0
// A store in a folder keeps an object's metadata in the extended attribute user.immich-backup of
// its file, as lines of "key=value" with %-escapes. getfattr shows them.
#pragma once

#include "store/object_store.hpp"
#include "sys/file.hpp"

#include <string>
#include <string_view>

namespace ib {

/// The attribute's value. No key has a "=" or a newline.
std::string to_attribute(const Metadata& metadata);
/// The inverse. Lines without a "=" are passed over.
Metadata parse_attribute(std::string_view value);

/// Empty if the file has no such attribute, or if the file system has no attributes.
Metadata metadata_of(const InputFile& file);

/// Best effort: on a file system without attributes it does nothing (see dir_store.hpp).
void keep_metadata(PendingFile& file, const Metadata& metadata);

}  // namespace ib
