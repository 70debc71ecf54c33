// SPDX-License-Identifier: Apache-2.0
//
// Text for a person at a terminal: lines of its width, times of its clock, states in colour. What
// goes into a file or a pipe stays as the reports have written it.
#pragma once

#include "base/time.hpp"
#include "sys/time_zone.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ib {

struct Terminal {
  std::size_t columns = 80;  ///< 60 to 120, whatever the window has: longer lines are hard to read
  bool coloured = false;     ///< not with NO_COLOR (https://no-color.org)
  /// How far its clock is ahead of UTC at a time.
  std::function<std::chrono::minutes(Timestamp)> offset = utc_offset;
};

/// That of a stream of this process; absent where it is none.
std::optional<Terminal> terminal_of(int fd);

/// A report. Breaks lines between words, and not within `commands`; a table's lines stay whole.
/// Writes times as "2026-01-15 04:00+01:00", but not in commands, and colours what a report says of
/// its own: complete, damaged. Names within it cannot do that: they are on other lines.
std::string for_terminal(std::string_view report, const Terminal& terminal);

/// A listing's line: changes the times alone, and none that comes after a slash, where it may be a
/// part of a name.
std::string with_local_times(std::string_view text, const Terminal& terminal);
/// A listing's heading, in which "{time" and "}" enclose the place of a time.
std::string heading_for_terminal(std::string_view heading, const Terminal& terminal);

/// A message of any length, with what follows its first line indented.
std::string message_for_terminal(std::string_view message, const Terminal& terminal);

}  // namespace ib
