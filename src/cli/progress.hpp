// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/progress.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

namespace ib {

/// Where a display goes. Called by the display's own thread.
struct DisplayOutput {
  std::function<void(std::string_view)> write;
  std::function<std::size_t()> columns;  ///< of the terminal, now; unused by a log
  bool bold = false;                     ///< whether the step's name is printed bold
};

/// One line that is redrawn at most five times a second, and gone at the end. Notes stay, above it.
std::unique_ptr<Progress> terminal_progress(DisplayOutput output);

/// Lines with the time: one a minute, and one at the end of a step that took a minute or more.
/// Notes at once.
std::unique_ptr<Progress> log_progress(DisplayOutput output);

/// The same lines, each as one JSON object.
std::unique_ptr<Progress> json_log_progress(DisplayOutput output);

/// What suits stderr: nothing with `quiet`, JSON where that is wanted, a line on a terminal, else a
/// log. Destroying it ends the display.
std::unique_ptr<Progress> stderr_progress(bool quiet, bool json);

}  // namespace ib
