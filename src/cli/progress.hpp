// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/progress.hpp"
#include "cli/terminal.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

namespace ib {

/// The output of a display. The display's own thread calls it.
struct DisplayOutput {
  std::function<void(std::string_view)> write;
  std::function<std::size_t()> columns;  ///< the terminal's current width; a log does not use it
  Terminal terminal = {};  ///< for notes; where it is coloured, the step's name is bold
  /// How often a log tells how far a step is; a terminal does not use it.
  std::chrono::milliseconds log_interval = std::chrono::minutes(1);
};

/// Shows one line, redraws it at most five times a second, and clears it at the end. Notes stay
/// above it.
std::unique_ptr<Progress> terminal_progress(DisplayOutput output);

/// Writes lines with the time: one in each log_interval, and one at the end of a step that took as
/// long or longer. Writes notes at once.
std::unique_ptr<Progress> log_progress(DisplayOutput output);

/// Writes the same lines, each as one JSON object.
std::unique_ptr<Progress> json_log_progress(DisplayOutput output);

/// The display for stderr. It shows nothing if `quiet`, JSON if `json`, one line on a terminal, and
/// a log otherwise. Destroying it ends the display.
std::unique_ptr<Progress> stderr_progress(bool quiet, bool json,
                                          std::chrono::milliseconds log_interval);

}  // namespace ib
