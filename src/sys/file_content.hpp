// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/digest.hpp"
#include "base/result.hpp"
#include "sys/file.hpp"

#include <stop_token>

namespace ib {

/// Reads a file to its end and returns its size and digests. cancelled if `stop` is requested.
Result<Content> read_content(InputFile file, const std::stop_token& stop);

}  // namespace ib
