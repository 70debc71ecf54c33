// SPDX-License-Identifier: Apache-2.0
//
// Stores that hold a manifest of version 2.0, which this program's predecessor wrote.
#pragma once

#include "app/catalog.hpp"
#include "core/report.hpp"
#include "core/scope.hpp"
#include "manifest/older_manifest.hpp"
#include "scan/library.hpp"

#include <string>

namespace ib {

/// What the older manifest in `scratch`'s `file` claims, as far as the store's listing bears it
/// out, in a manifest of this version that does not count as changed. `name` is what messages call
/// it.
struct TakenOverManifest {
  Manifest manifest;
  TakenOver what;
};
Result<TakenOverManifest> take_over_manifest(const Session& session, const ScratchFolder& scratch,
                                             const std::string& file, std::string_view name);

/// For a backup whose catalog was taken over: marks it to be committed, and reports what was
/// dropped. invalid where under 1 % of the recorded files are in the library: something else is
/// mounted there, or the paths were recorded with another beginning.
Result<> accept_taken_over(const Session& session, const Library& library, const Scope& scope,
                           Catalog& catalog, ReportHeader& header);

}  // namespace ib
