// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/session.hpp"
#include "report/documents.hpp"

#include <optional>
#include <string>
#include <vector>

namespace ib {

/// Leaves the evidence with the backup, as proofs/<time>.json, at the store's time. A credential that may not
/// write is no fault of the backup's, and says nothing; what else fails is a note.
void store_proof(const Session& session, Proof proof, std::vector<std::string>& notes);

/// What was proven last; absent where nothing was yet. One listing, one small object.
Result<std::optional<Proof>> newest_proof(const Session& session);

}  // namespace ib
