// SPDX-License-Identifier: Apache-2.0
//
// The owner's own commands, before and after a backup.
#pragma once

#include "base/result.hpp"
#include "cli/option.hpp"
#include "cli/settings.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace ib {

Options hook_options();

/// Runs the commands that the settings name, each at most once. A shell runs them, with the
/// harmless part of this program's environment: none of its credentials. What they print is shown
/// only where they fail.
class Hooks {
public:
  Hooks() = default;
  /// With --dry-run there are none.
  static Result<Hooks> of(const Settings& settings);

  /// A failure means that nothing may be backed up.
  Result<> before(const std::stop_token& stop);
  /// `report` is its stdin: the JSON of --json. It also runs where before() or the backup failed.
  /// It knows the status from IMMICH_BACKUP_EXIT_STATUS. A stop that is requested while it runs
  /// ends it; one that was requested before, as of the backup, does not.
  Result<> after(std::string_view report, int exit_status, const std::stop_token& stop);

private:
  struct Hook {
    std::string name;
    std::string command;
  };
  Result<> run(const Hook& hook, std::string_view input, const std::string& exit_status,
               const std::stop_token& stop) const;

  std::optional<Hook> before_, after_;
  std::chrono::seconds limit_{};
};

}  // namespace ib
