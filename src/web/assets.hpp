// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace ib {

/// A file of the page: those in src/web/assets, and Chart.js as "chart.js". They are part of the
/// program (cmake/EmbedAssets.cmake).
struct Asset {
  std::string_view name;
  const char* type;  ///< of its content, as HTTP writes it
  std::string_view text;
};

/// Null if there is none.
const Asset* asset(std::string_view name);

}  // namespace ib
