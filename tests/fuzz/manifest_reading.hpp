// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace ib::fuzz {

/// Opens the SQLite file as a manifest, asks everything that the program asks of one, and records
/// something in it. The file may be changed meanwhile.
void read_manifest(const std::string& file);

/// Merges it into an empty one, compares the two, and packs that.
void merge_manifest(const std::string& file);

/// Takes it over as a manifest of version 2.0, where it is one, from a store with a few objects.
void take_over_manifest_file(const std::string& file);

}  // namespace ib::fuzz
