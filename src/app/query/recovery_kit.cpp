// SPDX-License-Identifier: Apache-2.0
#include "app/query/recovery_kit.hpp"

#include "app/query/cost.hpp"
#include "app/query/status.hpp"
#include "base/version.hpp"
#include "immich/version.hpp"
#include "repository/signed_store.hpp"

#include <utility>

namespace ib {

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
