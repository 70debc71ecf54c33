// SPDX-License-Identifier: Apache-2.0
#include "core/selection/point_in_time.hpp"

#include "base/text.hpp"

#include <string>

namespace ib {

Result<std::optional<Timestamp>> parse_point_in_time(std::string_view text, Timestamp now,
                                                     std::string_view option)
{
  if (text.empty() || text == "latest") return std::nullopt;
  const std::optional<std::uint32_t> age =
      parse_number<std::uint32_t>(text.substr(0, text.size() - 1));
  if (age && *age < 1'000'000) {
    if (text.back() == 'h') return now - std::chrono::hours(*age);
    if (text.back() == 'd') return now - std::chrono::days(*age);
    if (text.back() == 'w') return now - std::chrono::weeks(*age);
  }
  const Result<Timestamp> time = parse_timestamp(text);
  if (!time) {
    return fail(Errc::invalid,
                std::string(option) + ": not a point in time: '" + std::string(text) + "'",
                "Write latest, a restore point from `immich-backup restore-points`, "
                "a date (2026-01-15) or an age (36h, 30d, 8w).");
  }
  // A date means its last second. Today's last second is after now, but today is allowed.
  if (*time - std::chrono::days(1) >= now) {
    return fail(
        Errc::invalid,
        std::string(option) + " " + std::string(text) + ": is after this machine's clock (" +
            format_iso(now) + ")",
        "A restore point is always in the past. `immich-backup restore-points` lists them.");
  }
  return *time;
}

}  // namespace ib
