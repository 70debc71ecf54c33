// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/records/problem.hpp"
#include "repository/signed_store.hpp"

#include <optional>
#include <string>
#include <vector>

namespace ib {

/// What is set aside, in one sentence; absent where nothing is, and where the owner has asked for
/// all of it.
std::optional<Problem> problem_of(const std::vector<Stranger>& strangers);

/// What --distrust sets aside, in one sentence.
std::string distrust_note(const std::vector<Stranger>& strangers);

}  // namespace ib
