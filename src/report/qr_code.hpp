// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace ib {

/// A QR code of `text`, which has a hundred characters or so, for black ink on white paper: lines
/// of spaces and half and full blocks in UTF-8, two rows of the code to a line, with the margin
/// that readers need. Of the correction levels the highest: a third of it may be stained.
std::string qr_code(const std::string& text);

}  // namespace ib
