// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/object_store.hpp"

#include <memory>
#include <stop_token>
#include <utility>
#include <vector>

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

/// Objects that were listed before.
class CollectedObjects final : public ObjectCursor {
public:
  explicit CollectedObjects(std::vector<ObjectInfo> objects) : objects_(std::move(objects)) {}
  Result<std::optional<ObjectInfo>> next() override;

private:
  std::vector<ObjectInfo> objects_;
  std::size_t next_ = 0;
};

}  // namespace ib
