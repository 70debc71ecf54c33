// SPDX-License-Identifier: Apache-2.0
//
// What an object of a file says of itself, by its name and its metadata
// (docs/formats/bucket-layout.md): for finding objects again that no manifest names.
#pragma once

#include "store/object_store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ib {

/// The path that it was stored for; absent where nothing says it.
std::optional<std::string> path_of(const ObjectInfo& object);
/// The digest of what it holds, by its metadata, or by a version's or hashed object's name.
std::optional<Sha256> sha256_of(const ObjectInfo& object);
/// Whether the object's name says that it holds something else.
bool names_other_content(const ObjectName& name, const Sha256& content);
/// Whether the object's name says that it is of another path. Only that of a hashed one can.
bool names_other_path(const ObjectName& name, std::string_view path);
/// Absent where its metadata was lost.
std::optional<Sha1> sha1_of(const ObjectInfo& object);
/// The file's time in nanoseconds since 1970. Absent where the metadata has none.
std::optional<std::int64_t> mtime_of(const ObjectInfo& object);

}  // namespace ib
