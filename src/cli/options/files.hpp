// SPDX-License-Identifier: Apache-2.0
//
// What several commands say of files: which they are, as of when, and whose.
#pragma once

#include "base/text.hpp"
#include "cli/option.hpp"
#include "cli/settings.hpp"
#include "sys/file.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ib {

/// Immich's media root.
Option library_option(std::string help);
/// A point in time. `what` begins the help: "the state to restore".
Option at_option(const std::string& what);
Option dry_run_option(std::string help);
Option sha256_option(std::string help);

/// How many objects are read back.
Option sample_option(std::string help);
/// Absent: nobody says it, or 0.
Result<std::optional<std::uint64_t>> sample(const Settings& settings);

/// To whom the files and folders belong that a command writes.
Option owner_option();
/// "1000:1000"; absent where nobody says it.
Result<std::optional<Owner>> owner(const Settings& settings);

/// The digests that an option names, in hexadecimal.
template <class Digest>
Result<std::vector<Digest>> digests(const Settings& settings, std::string_view option)
{
  std::vector<Digest> digests;
  for (const std::string& text : settings.list(option)) {
    const Result<Digest> digest = Digest::parse(text);
    if (!digest) {
      return fail(Errc::invalid, "--" + std::string(option) + ": '" + printable(text) +
                                     "' is not " + std::to_string(2 * Digest::kSize) +
                                     " hexadecimal digits");
    }
    digests.push_back(*digest);
  }
  return digests;
}

}  // namespace ib
