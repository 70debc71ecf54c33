// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "core/pricing/prices.hpp"

#include <string>
#include <string_view>

namespace ib {

/// Reads prices in the format of src/cli/prices.toml into `book`. Messages call it `file`. Anything
/// unknown is `invalid`, with its line: a price that is not understood must not count as 0.
Result<> read_prices(std::string_view toml, const std::string& file, PriceBook& book);

/// The prices that are built into this version of the program.
PriceBook built_in_prices();

}  // namespace ib
