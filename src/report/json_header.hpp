// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "report/render.hpp"

#include <string>

namespace ib {

/// What every report begins with, as one JSON object.
std::string header_json(const ReportHeader& header, Outcome outcome);

}  // namespace ib
