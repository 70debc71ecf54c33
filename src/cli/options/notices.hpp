// SPDX-License-Identifier: Apache-2.0
// The options that tell whom to tell about a run.
#pragma once

#include "cli/command.hpp"
#include "cli/notices.hpp"
#include "cli/option.hpp"
#include "cli/settings.hpp"

namespace ib {

/// The options of a command that has numbers for Prometheus.
Options metrics_options();
/// The options of a command that runs unattended, so that somebody must be told. Includes
/// metrics_options().
Options notice_options();

/// Whom the settings want to be told about a run of `command`. A dry run tells nobody, because it
/// saves nothing. A part of a fleet tells nobody, because its success is not yet the backup's.
/// Errors do not repeat an address.
Result<NoticeJob> notice_job(const Settings& settings, const Command& command);

}  // namespace ib
