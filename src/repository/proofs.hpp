// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "repository/context.hpp"
#include "repository/documents.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ib {

/// Leaves the evidence with the backup, as proofs/<time>.json, at the store's time. A credential
/// that may not write is no fault of the backup's, and says nothing; what else fails is a note. So
/// is a machine that has no key to sign it with.
void store_proof(const RepositoryContext& repository, Proof proof, std::vector<std::string>& notes);

/// The restore point of the newest proof that proved something, or found damage.
Result<std::optional<Timestamp>> last_verified_point(const RepositoryContext& repository);

/// Whether `later`, which found nothing, shows that what `earlier` found is mended: it must have
/// looked for it in the same way. Everything read back settles all.
bool settles(const Proof& later, const Proof& earlier);

/// What the proofs come to, out of one listing of them.
struct ProofHistory {
  /// When `verify` last compared a listing of the store with the manifest, whatever it found.
  std::optional<Timestamp> listed;
  /// When a drill last ended, whatever it found, and when one last proved that a restore works.
  std::optional<Timestamp> drilled, drill_proven;
  /// Each file of the library as of this time has been read back since, and found whole: by drills
  /// of another part each time, or by reading everything. Absent as long as some never was. Of
  /// files that were gone by then, and of earlier versions, only reading everything tells.
  std::optional<Timestamp> proven_since;
};
Result<ProofHistory> proof_history(const RepositoryContext& repository);

/// A part of the files of the restore point of `time` that was read back and found whole.
struct ProvenPart {
  Timestamp time{};
  Shard part;
};
/// As in ProofHistory. Drills divide the library into as many parts as they are told to: those of
/// one division count together, and the best division counts.
std::optional<Timestamp> proven_since(std::span<const ProvenPart> parts);

/// What verifications have come to. Those that proved nothing do not count.
struct Verified {
  Timestamp last{};
  std::optional<Timestamp> damage;  ///< found then, and not settled since
};

/// Out of the newest 60 proofs; absent where nothing was verified yet. Damage that was found before
/// the manifest was last rebuilt is settled: nothing relies on it. One listing, and a small object
/// for each proof that has to be read.
Result<std::optional<Verified>> last_verified(const RepositoryContext& repository,
                                              std::optional<Timestamp> rebuilt);

}  // namespace ib
