// SPDX-License-Identifier: Apache-2.0
#include "store/object_streams.hpp"

namespace ib {

Result<std::optional<ObjectInfo>> FileObjects::next()
{
  constexpr std::array<std::string_view, 3> kPrefixes{kHashedPrefix, kLibraryPrefix,
                                                      kVersionsPrefix};
  while (prefix_ < kPrefixes.size()) {
    if (!cursor_) cursor_ = TRY(store_.list(std::string(kPrefixes.at(prefix_)), "", stop_));
    std::optional<ObjectInfo> info = TRY(cursor_->next());
    if (info) return info;
    cursor_.reset();
    ++prefix_;
  }
  return std::nullopt;
}

Result<std::optional<ObjectInfo>> CollectedObjects::next()
{
  if (next_ == objects_.size()) return std::nullopt;
  return std::move(objects_[next_++]);
}

}  // namespace ib
