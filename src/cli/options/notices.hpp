// SPDX-License-Identifier: Apache-2.0
//
// Who is told of a run.
#pragma once

#include "cli/command.hpp"
#include "cli/notices.hpp"
#include "cli/option.hpp"
#include "cli/settings.hpp"

namespace ib {

/// For a command that has numbers for Prometheus.
Options metrics_options();
/// For what runs by itself, and has to be told of; a person looks at the others. With the metrics.
Options notice_options();

/// What the settings ask to be told of a run of `command`. A dry run tells nobody anything: it
/// saved nothing. Nor does a part of a fleet, whose success is not a backup's. An error does not
/// repeat an address.
Result<NoticeJob> notice_job(const Settings& settings, const Command& command);

}  // namespace ib
