// SPDX-License-Identifier: Apache-2.0
#include "app/query/recovery_kit.hpp"

#include "app/query/cost.hpp"
#include "app/query/status.hpp"
#include "base/version.hpp"
#include "immich/version.hpp"
#include "repository/catalog.hpp"
#include "repository/documents.hpp"
#include "repository/encrypted_store.hpp"
#include "repository/signed_store.hpp"
#include "sys/hash.hpp"

#include <utility>

namespace ib {
namespace {

/// Opens the restore point, its manifest and the smallest of its photos with the owner's identities
/// alone, as on a day on which there is no machine key. Returns the photo's path.
Result<std::string> open_as_the_owner(const Session& session, const RestorePoint& point)
{
  EncryptionKeys keys = session.encryption->keys();
  keys.machine = nullptr;
  EncryptedStore as_owner(session.encryption->inner(), std::move(keys));
  const std::string name = restore_point_name(point.time).value;
  TRY(get_small(as_owner, {name}, kLargestDocument, session.stop));
  const Catalog catalog = TRY(require_catalog(session));
  const auto contents = TRY(catalog.manifest.stored_contents());
  std::optional<StoredContent> smallest;
  while (std::optional<StoredContent> stored = TRY(contents->next()))
    if (!smallest || smallest->content.size == 0 ||
        (stored->content.size > 0 && stored->content.size < smallest->content.size))
      smallest = std::move(stored);
  if (!smallest) return fail(Errc::invalid, session.store.url() + ": has no photo to open yet");
  ContentHasher hasher;
  TRY(as_owner.get(
      smallest->name,
      [&](ByteView bytes) -> Result<> {
        hasher.update(bytes);
        return {};
      },
      session.stop, 0));
  if (!smallest->content.agrees_with(hasher.finish()))
    return fail(Errc::corrupt, smallest->name.value + ": its bytes are not those that were stored");
  return smallest->path;
}

}  // namespace

Result<RecoveryKitReport> run_recovery_kit(const Session& session, std::string image)
{
  StatusReport status = TRY(run_status(session));
  if (!status.newest) {
    return fail(Errc::invalid, session.store.url() + ": there is no restore point yet",
                "Make the first backup, then this page.");
  }
  const CostReport cost = TRY(run_cost(session));
  RecoveryKitReport report;
  report.header.command = "recovery-kit";
  report.header.store = session.store.url();
  report.header.notes = std::move(status.header.notes);
  report.now = status.now;
  report.program_version = kVersion;
  report.restore_point = std::move(*status.restores);
  report.last_verified = status.last_verified;
  report.last_verified_ok = status.last_verified_ok;
  report.may_not_read_proofs = status.may_not_read_proofs;
  report.drill_proven = status.drill_proven;
  report.opened_objects = status.opened_objects;
  if (report.opened_objects)
    report.opened_photo = TRY(open_as_the_owner(session, report.restore_point));
  if (const BucketAddress* bucket = session.store.address().bucket())
    report.bucket = bucket->path();
  if (const FolderAddress* folder = session.store.address().folder()) report.folder = folder->path;
  if (session.signatures != nullptr) {
    for (const PublicKey& key : session.signatures->keys().all())
      report.trusted_keys.push_back(to_text(key));
  }
  report.image = std::move(image);
  const std::optional<DumpInfo>& dump = report.restore_point.database;
  if (dump && is_release(dump->immich_version)) {
    report.immich_release = dump->immich_version;
    // As place_dump_for_immich() does it.
    report.immich_restores = session.signatures != nullptr && restores_dumps(dump->immich_version);
  }
  report.restore = cost.restore;
  report.prices = cost.prices;
  return report;
}

}  // namespace ib
