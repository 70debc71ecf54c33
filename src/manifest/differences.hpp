// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "core/records/difference.hpp"
#include "core/records/file_record.hpp"

#include <memory>
#include <string>

namespace ib {

/// Compares two streams of files in the byte order of their paths. Content that is gone from one
/// path and is new at another was moved; of several that could be meant, the first in order are
/// paired. Only what differs is kept meanwhile, and that in `spool`, a file that must not exist; it
/// must outlive the cursor.
Result<std::unique_ptr<DifferenceCursor>> find_differences(RecordCursor& before,
                                                           RecordCursor& after,
                                                           const std::string& spool);

}  // namespace ib
