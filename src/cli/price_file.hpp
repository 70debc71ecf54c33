// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "core/pricing/prices.hpp"

#include <string>
#include <string_view>

namespace ib {

/// Reads prices in the form of src/cli/prices.toml into `book`. `file` is what messages call it.
/// invalid, with a line, for anything that does not belong there: a price that is not understood
/// must not be taken for nothing.
Result<> read_prices(std::string_view toml, const std::string& file, PriceBook& book);

/// The prices that this version of the program came with.
PriceBook built_in_prices();

}  // namespace ib
