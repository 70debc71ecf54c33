// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace ib::test {

/// One member. `level` is zlib's.
std::string gzip(std::string_view plain, int level = 6);
/// A stream that is not whole fails the test.
std::string gunzip(std::string_view bytes);

}  // namespace ib::test
