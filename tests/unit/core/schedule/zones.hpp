// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/schedule/cron.hpp"

namespace ib::test {

inline Timestamp at(std::string_view iso)
{
  return *parse_timestamp(iso);
}

/// As the zones were in 2026 (tzdata).
inline std::chrono::minutes berlin(Timestamp time)
{
  const bool summer = time >= at("2026-03-29T01:00:00Z") && time < at("2026-10-25T01:00:00Z");
  return std::chrono::hours(summer ? 2 : 1);
}

inline std::chrono::minutes new_york(Timestamp time)
{
  const bool summer = time >= at("2026-03-08T07:00:00Z") && time < at("2026-11-01T06:00:00Z");
  return std::chrono::hours(summer ? -4 : -5);
}

inline std::chrono::minutes utc(Timestamp /*time*/)
{
  return {};
}

}  // namespace ib::test
