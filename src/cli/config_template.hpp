// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace ib {

/// A config file with every option that may stand in one, each as a comment, so that it sets
/// nothing.
std::string config_template();

}  // namespace ib
