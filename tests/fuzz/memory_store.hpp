// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/object_store.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace ib::fuzz {

/// Objects as a stranger may have put them: any names, any metadata, any content.
class MemoryStore final : public ObjectStore {
public:
  struct Object {
    Metadata metadata = {};
    std::string content = {};
  };
  /// By name.
  std::map<std::string, Object> objects;

  const StoreAddress& address() const override { return address_; }
  Result<ObjectInfo> put(const NewObject& object, ByteSource& source,
                         const std::stop_token& stop) override;
  Result<std::unique_ptr<ObjectWriter>> create(const ObjectName& name, const Metadata& metadata,
                                               const std::string& content_type,
                                               const std::stop_token& stop) override;
  Result<ObjectInfo> replace(const NewObject& object, ByteSource& source, std::uint64_t generation,
                             const std::stop_token& stop) override;
  Result<> remove(const RemovableName& name, const std::stop_token& stop) override;
  Result<ObjectInfo> stat(const ObjectName& name, const std::stop_token& stop) override;
  Result<> get(const ObjectName& name, const ByteSink& sink, const std::stop_token& stop,
               std::uint64_t offset) override;
  Result<std::unique_ptr<ObjectCursor>> list(const std::string& prefix, const std::string& start,
                                             const std::stop_token& stop,
                                             ListedMetadata metadata) override;
  StoreFeatures features() const override { return {}; }
  /// A day of 2026.
  Result<Timestamp> now(const std::stop_token& stop) override;

private:
  StoreAddress address_ = StoreAddress::of_bucket({.bucket = "photos"});
};

/// The store that an input describes: objects that the byte 1E separates, each of a name, metadata
/// as in a folder store's attribute, and content, with the byte 1F in between.
MemoryStore store_of(std::string_view input);

}  // namespace ib::fuzz
