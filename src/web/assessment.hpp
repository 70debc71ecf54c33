// SPDX-License-Identifier: Apache-2.0
//
// Would I get it all back? One sentence and one colour, from what `status` says.
#pragma once

#include "base/time.hpp"
#include "core/records/problem.hpp"
#include "core/schedule/agenda.hpp"
#include "repository/json_reader.hpp"
#include "service/supervisor.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

enum class Colour : std::uint8_t {
  green,   ///< everything would come back, and it was proven lately
  yellow,  ///< everything would come back as far as is known; something is to be looked at
  red,     ///< something would not come back, or nothing is backed up any more
  grey,    ///< not known
};
std::string_view to_string(Colour colour);

struct Concern {
  bool is_problem = false;  ///< and not only worth knowing
  std::string text;
  std::string fix = {};  ///< what to do: a command or a sentence; empty where `text` says it
};

struct Assessment {
  Colour colour = Colour::grey;
  std::string sentence;  ///< times are as 2026-01-15T03:34:00Z
  std::vector<Concern> concerns;
};

/// The last answer of the store.
struct LastAnswer {
  std::optional<Json> status;                        ///< as `status --json` prints it
  std::optional<Timestamp> answered = std::nullopt;  ///< when it was that
  std::optional<Problem> failure = std::nullopt;     ///< why a later one did not come
};

/// Green only if the newest restore point is complete and no older than one and a half intervals of
/// the schedule, a drill has worked within 35 days, and no damage is open. Grey where the store has
/// not answered for half an hour. `backups`: their
/// schedule; absent where others start them, which is taken for every night.
Assessment judge(const LastAnswer& answer, const SupervisorState& service,
                 const std::optional<Schedule>& backups, const UtcOffset& offset, Timestamp now);

}  // namespace ib
