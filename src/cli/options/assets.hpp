// SPDX-License-Identifier: Apache-2.0
// The options that choose photos by what people remember of them. Of each option that is given, a
// photo must match one value.
#pragma once

#include "cli/option.hpp"
#include "cli/settings.hpp"
#include "core/selection/asset_selectors.hpp"

namespace ib {

Options asset_options();
Result<AssetSelectors> asset_selectors(const Settings& settings);

}  // namespace ib
