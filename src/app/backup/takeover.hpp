// SPDX-License-Identifier: Apache-2.0
//
// Stores that hold a manifest of version 2.0, which this program's predecessor wrote.
#pragma once

#include "app/session.hpp"
#include "core/selection/scope.hpp"
#include "report/header.hpp"
#include "repository/catalog.hpp"
#include "scan/library.hpp"

namespace ib {

/// For a backup whose catalog was taken over: marks it to be committed, and reports what was
/// dropped. invalid where under 1 % of the recorded files are in the library: something else is
/// mounted there, or the paths were recorded with another beginning.
Result<> accept_taken_over(const Session& session, const Library& library, const Scope& scope,
                           Catalog& catalog, ReportHeader& header);

}  // namespace ib
