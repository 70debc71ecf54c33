// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/verify/verify.hpp"
#include "cli/settings.hpp"

namespace ib {

Result<VerifyJob> verify_job(const Settings& settings);

}  // namespace ib
