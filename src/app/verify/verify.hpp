// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/session.hpp"
#include "core/selection/shard.hpp"
#include "report/verify.hpp"

#include <cstdint>
#include <optional>

namespace ib {

struct VerifyJob {
  /// How many objects to read back, chosen at random; absent: none. All of them with `all`.
  std::optional<std::uint64_t> sample;
  bool all = false;
  std::optional<Shard> shard =
      std::nullopt;  ///< with `all`: of the objects, those of this part; the dump with the first
};

/// Compares the store with the newest manifest: every object that any row relies on must be listed
/// with its size (and its CRC32C, where the store lists those); what is read back must have its
/// SHA-256 and SHA-1. Writes proofs/<time>.json, where the credential may.
Result<VerifyReport> run_verify(const Session& session, const VerifyJob& job);

}  // namespace ib
