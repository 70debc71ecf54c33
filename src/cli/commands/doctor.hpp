// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/doctor/doctor.hpp"
#include "cli/settings.hpp"

namespace ib {

/// Never fails: the doctor itself reports missing and wrong settings.
DoctorJob doctor_job(const Settings& settings, const EnvironmentLookup& environment);

}  // namespace ib
