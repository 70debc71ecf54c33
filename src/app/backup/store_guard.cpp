// SPDX-License-Identifier: Apache-2.0
#include "app/backup/store_guard.hpp"

#include "postgres/address.hpp"
#include "repository/encrypted_store.hpp"
#include "repository/signed_store.hpp"
#include "repository/store_marker.hpp"

#include <utility>

namespace ib {

Result<> StoreGuard::require_store(const ManifestListing& listing, bool has_backup,
                                   const RestorePoint* newest)
{
  marker_ = TRY(find_marker(session_, listing));
  if (session_.encryption != nullptr) TRY(session_.encryption->require_recipients(session_.stop));
  if (newest != nullptr) {
    known_id_ = newest->store;
    has_dumps_ = newest->covers.database;
  }
  if (marker_) {
    if (known_id_.empty() || known_id_ == marker_->id) return {};
    return another_stores_marker(session_.store.url());
  }
  if (has_backup) return {};
  if (!job_.dry_run) return no_store(session_.store.address());
  findings_.note("no store was begun here yet: `immich-backup init` does it");
  return {};
}

Result<> StoreGuard::require_own_immich(const ImmichFacts& facts)
{
  immich_ = facts.identity;
  if (!marker_ || may_be_same_immich(marker_->immich, immich_)) return {};
  return another_immich(session_.store.url(), describe(job_.database->address));
}

Result<> StoreGuard::keep_marker()
{
  if (marker_ || job_.dry_run || job_.shard) return {};
  // Whose Immich it is should be told from the beginning: where the database is down tonight, the
  // next run writes it.
  if (immich_.empty() && (job_.database || has_dumps_)) return {};
  StoreMarker marker = new_marker(known_id_, immich_, TRY(session_.store.now(session_.stop)));
  // By its key a reader of a folder knows that the store is signed.
  const SignedStore* signatures = session_.signatures;
  if (signatures != nullptr && signatures->keys().own)
    marker.key = to_text(signatures->keys().own->public_key());
  if (session_.encryption != nullptr) marker.recipients = session_.encryption->owners();
  marker_ = TRY(create_marker(session_, marker));
  findings_.note(known_id_.empty()
                     ? "the store has its marker now: manifest.store.json"
                     : "the store's marker manifest.store.json was gone: it was written again");
  return {};
}

}  // namespace ib
