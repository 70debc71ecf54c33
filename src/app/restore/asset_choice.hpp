// SPDX-License-Identifier: Apache-2.0
//
// Which assets a person means: of a dump, or of a list that was made out of one.
#pragma once

#include "base/result.hpp"
#include "core/names/uuid.hpp"
#include "core/records/albums.hpp"
#include "core/records/photo.hpp"
#include "core/selection/asset_selectors.hpp"
#include "core/selection/name_query.hpp"
#include "core/selection/scope.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ib {

/// A sorted set of ids: 16 bytes each, however many.
class IdSet {
public:
  void add(const Uuid& id) { ids_.push_back(id); }
  /// To be called once all are added, and before the next.
  void seal();
  bool contains(const Uuid& id) const;
  std::size_t size() const { return ids_.size(); }

private:
  std::vector<Uuid> ids_;
};

/// What there is to choose by.
struct AssetFacts {
  const Uuid& id;
  const Uuid& owner;
  const std::string& file_name;
  const std::optional<Timestamp>& taken;
  bool trashed;
};

/// The selectors, with the users and albums that they name. The object keeps references to
/// `selectors` and `patterns`.
class AssetChoice {
public:
  /// `albums` may be empty where no selector names one. invalid where a name is unknown or means
  /// several things, with those that there are.
  static Result<AssetChoice> resolve(const AssetSelectors& selectors,
                                     const std::vector<PathPattern>& patterns,
                                     const std::vector<PhotoUser>& users,
                                     const std::vector<AlbumSummary>& albums);

  /// Those that are named, in their order, each once.
  const std::vector<AlbumSummary>& albums() const { return albums_; }
  /// The place of an album in that list.
  std::optional<std::size_t> place_of(const Uuid& album) const;
  bool names(const Uuid& asset) const { return ids_.contains(asset); }

  /// `path`: in the backup, if it has one. `in_album`: whether one of albums() holds it.
  bool fits(const AssetFacts& asset, const std::optional<std::string>& path, bool in_album) const;

private:
  AssetChoice(const AssetSelectors& selectors, const std::vector<PathPattern>& patterns)
      : selectors_(&selectors),
        patterns_(&patterns),
        names_(selectors.names.begin(), selectors.names.end())
  {}

  const AssetSelectors* selectors_;
  const std::vector<PathPattern>* patterns_;
  std::vector<NameQuery> names_;
  std::set<Uuid> owners_;
  std::vector<AlbumSummary> albums_;
  std::map<Uuid, std::size_t> places_;
  IdSet ids_;
};

}  // namespace ib
