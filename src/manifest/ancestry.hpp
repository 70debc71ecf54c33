// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "manifest/manifest.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace ib {

/// Paths of which a manifest says what no run would have recorded.
struct Contradiction {
  std::uint64_t paths = 0;
  std::vector<std::string> examples = {};  ///< the first three
};

/// What a manifest says against one that it builds on.
struct Contradictions {
  Contradiction lost;  ///< content of the earlier one is not known any more, or not at its path
  Contradiction rewritten;  ///< other content under the same size and time
  Contradiction repointed;  ///< the same content, in an object that was not known to hold it
};

/// Compares a manifest with an earlier one at `file`, which Manifest::open() has read. `is_kept`: a
/// restore point rests on the earlier one, so no paths that had something then may be folded away
/// (fold_past()). Takes a pass over the rows of both. Nothing else may be attached or written
/// meanwhile.
Result<Contradictions> compare_with_earlier(Manifest& manifest, const std::string& file,
                                            bool is_kept);

/// Paths whose rows say of an object what others deny: two contents of one object. Takes a pass
/// over the rows.
Result<Contradiction> disputed_objects(Manifest& manifest);

}  // namespace ib
