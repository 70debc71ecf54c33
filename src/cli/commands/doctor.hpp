// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/doctor/doctor.hpp"
#include "cli/settings.hpp"

namespace ib {

/// What is not set, or cannot be understood, is for the doctor to say.
DoctorJob doctor_job(const Settings& settings, const EnvironmentLookup& environment);

}  // namespace ib
