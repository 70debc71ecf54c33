// SPDX-License-Identifier: Apache-2.0
#include "scan/library_scan.hpp"

#include "scan/walk.hpp"

#include <utility>

namespace ib {
namespace {

PathPattern own_pattern(const std::string& text)
{
  return *PathPattern::parse(text);  // cannot fail, since the name is valid
}

const std::string& key_of(const ScanItem& item)
{
  if (const auto* file = std::get_if<SourceFile>(&item)) return file->path;
  return std::get<UncertainFolder>(item).prefix;
}

}  // namespace

LibraryScan::LibraryScan(const Library& library, ScanOptions options)
    : library_(library), options_(std::move(options))
{
  media_scope_ = options_.scope.excluding(own_pattern("/@external"));
  media_ =
      std::make_unique<Walk>(library_, Walk::Tree::media_root, options_, media_scope_, left_out_);
  extra_scope_ = options_.scope;
  for (const auto& [name, folder] : library_.extra_roots())
    extra_scope_ = extra_scope_.including(own_pattern(extra_root_prefix(name)));
  if (library_.extra_roots().empty()) return;
  extra_ =
      std::make_unique<Walk>(library_, Walk::Tree::extra_roots, options_, extra_scope_, left_out_);
}

LibraryScan::~LibraryScan() = default;

bool LibraryScan::covers(const std::string& path) const
{
  const std::optional<std::string_view> name = extra_root_of(path);
  if (!name) return media_scope_.covers(path);
  return library_.extra_roots().contains(*name) && extra_scope_.covers(path);
}

Result<std::optional<ScanItem>> LibraryScan::next()
{
  if (!media_item_) media_item_ = TRY(media_->next());
  // The extra roots are one stretch of the order, and no path of the media root falls into it.
  if (extra_ && (!media_item_ || key_of(*media_item_) > kExtraRootsPrefix)) {
    if (std::optional<ScanItem> item = TRY(extra_->next())) return item;
    extra_.reset();
  }
  return std::exchange(media_item_, std::nullopt);
}

}  // namespace ib
