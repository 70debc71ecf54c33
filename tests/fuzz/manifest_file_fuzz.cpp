// SPDX-License-Identifier: Apache-2.0
//
// An SQLite file that is said to be a manifest, of any version.
#include "fuzz/fuzz.hpp"
#include "fuzz/manifest_reading.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  using namespace ib;
  const std::string file = fuzz::scratch_file("manifest.db", fuzz::text_of_input(data, size));
  fuzz::take_over_manifest_file(file);
  fuzz::merge_manifest(file);
  fuzz::read_manifest(file);
  return 0;
}
