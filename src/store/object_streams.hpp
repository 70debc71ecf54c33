// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/object_store.hpp"

#include <memory>

namespace ib {

/// The objects that hold files (hashed/, library/, versions/), in the byte order of their names.
class FileObjects {
public:
  explicit FileObjects(ObjectStore& store) : store_(store) {}
  Result<std::optional<ObjectInfo>> next();

private:
  ObjectStore& store_;
  std::size_t prefix_ = 0;
  std::unique_ptr<ObjectCursor> cursor_;
};

}  // namespace ib
