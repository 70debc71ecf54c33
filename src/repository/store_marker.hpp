// SPDX-License-Identifier: Apache-2.0
//
// The marker of a store: what tells a place that was begun on purpose from an unmounted disk and a
// mistyped prefix.
#pragma once

#include "core/records/store_marker.hpp"
#include "repository/context.hpp"
#include "repository/listing.hpp"

#include <optional>
#include <string>
#include <vector>

namespace ib {

/// The metadata of the marker that repeats its document.
inline const std::string kMarkerDocumentKey = "store-marker";

/// The marker of a store with this id (empty: a new random one). `key` is the public one of its
/// machine, or empty.
StoreMarker new_marker(std::string id, std::vector<std::string> immich, Timestamp now,
                       std::string key = {});

bool is_marker(const ObjectName& name);
/// The document of a marker that was listed: the metadata tells it too, so that a nightly run needs
/// no request more. Fetches it where that was lost.
Result<std::string> marker_document(ObjectStore& store, const ObjectInfo& marker,
                                    const std::stop_token& stop);

/// The store's marker, from the listing where its metadata tells it. Absent if there is none.
/// invalid if it is of a format that this program does not know, or damaged.
Result<std::optional<StoreMarker>> find_marker(const RepositoryContext& repository,
                                               const ManifestListing& listing);

/// Creates the marker. Returns the one that is there then: another run may have been first.
Result<StoreMarker> create_marker(const RepositoryContext& repository, const StoreMarker& marker);

/// Replaces the marker that `listing` has seen. denied where the credential may not.
Result<> replace_marker(const RepositoryContext& repository, const ManifestListing& listing,
                        const StoreMarker& marker);

/// Whether both may be the same Immich: one user is enough, since users come and go. True where
/// either is not known.
bool may_be_same_immich(const std::vector<std::string>& one, const std::vector<std::string>& other);

/// The address of a store in the folder above, or in one right below, of an address that has none:
/// a disk may be mounted one level higher or lower than it was.
std::optional<std::string> store_nearby(const StoreAddress& address);
/// invalid: the place holds no store. Says what is there, and what to do.
std::unexpected<Error> no_store(const StoreAddress& address);
/// invalid: the marker is not of the store that its restore points name.
std::unexpected<Error> another_stores_marker(const std::string& url);
/// invalid: the store is of another Immich than the one of `database`.
std::unexpected<Error> another_immich(const std::string& url, const std::string& database);

}  // namespace ib
