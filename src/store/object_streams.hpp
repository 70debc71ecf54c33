// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/object_store.hpp"

#include <memory>
#include <stop_token>
#include <utility>

namespace ib {

/// The objects that hold files (hashed/, library/, versions/), in the byte order of their names.
class FileObjects {
public:
  FileObjects(ObjectStore& store, std::stop_token stop) : store_(store), stop_(std::move(stop)) {}
  Result<std::optional<ObjectInfo>> next();

private:
  ObjectStore& store_;
  std::stop_token stop_;
  std::size_t prefix_ = 0;
  std::unique_ptr<ObjectCursor> cursor_;
};

}  // namespace ib
