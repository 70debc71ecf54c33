// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/session.hpp"
#include "report/rebuild_manifest.hpp"

namespace ib {

/// Makes the manifest again from the store: the newest manifest that can be read, plus every object
/// that it does not know, less every row whose object is missing. Where the store's listing tells
/// no checksums, every object is read, and rows whose object is damaged go as well, so that the
/// next backup stores those files again. Nothing is overwritten: the result is a new manifest and a
/// new restore point.
Result<RebuildReport> run_rebuild_manifest(const Session& session);

/// Gives what is dated after the store's clock the date of today (redate()), and nothing else.
Result<RebuildReport> run_redate(const Session& session);

}  // namespace ib
