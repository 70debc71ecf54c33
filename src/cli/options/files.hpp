// SPDX-License-Identifier: Apache-2.0
// Options of several commands that choose files, a point in time or an owner.
#pragma once

#include "base/text.hpp"
#include "cli/option.hpp"
#include "cli/settings.hpp"
#include "core/names/extra_root.hpp"
#include "sys/file.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ib {

/// Immich's media root.
Option library_option(std::string help);
/// --at, a point in time. `what` begins the help: "the state to restore".
Option at_option(const std::string& what);
/// `what` begins the help: "restore".
Option as_in_library_option(const std::string& what);
Option dry_run_option(std::string help);
Option sha256_option(std::string help);

/// --sample, the number of objects to read back.
Option sample_option(std::string help);
/// The value of --sample. Absent if it is not set or 0.
Result<std::optional<std::uint64_t>> sample(const Settings& settings);

/// --extra-root, a folder outside the media root.
Option extra_root_option();
/// The values of --extra-root.
Result<std::vector<ExtraRoot>> extra_roots(const Settings& settings);

/// --chown, the owner of the files and folders that a command writes.
Option owner_option();
/// The value of --chown, such as "1000:1000". Absent if it is not set.
Result<std::optional<Owner>> owner(const Settings& settings);

/// The digests that an option lists in hexadecimal.
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
