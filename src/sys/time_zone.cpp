// SPDX-License-Identifier: Apache-2.0
#include "sys/time_zone.hpp"

#include "base/text.hpp"
#include "sys/system.hpp"

#include <sys/stat.h>
#include <array>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string_view>

namespace ib {
namespace {

/// The folder in which glibc looks for a zone's file (tzset(3)).
std::string zone_folder()
{
  return environment("TZDIR").value_or("/usr/share/zoneinfo");
}

bool is_folder(const std::string& path)
{
  struct stat st {};
  return ::stat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode);
}

/// Looks at the first bytes (RFC 8536), because the folder also holds zone.tab and the like.
bool is_zone_file(const std::string& path)
{
  std::array<char, 4> magic{};
  std::ifstream file(path, std::ios::binary);
  return file.read(magic.data(), magic.size()) &&
         std::string_view(magic.data(), magic.size()) == "TZif";
}

bool is_letter(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// "CET-1CEST,...", "<+03>-3", "UTC0": an abbreviation and the distance from UTC.
bool is_posix_rule(std::string_view text)
{
  std::size_t end = 0;
  if (text.starts_with('<')) {
    end = text.find('>');
    if (end == std::string_view::npos || end < 4) return false;
    ++end;
  } else {
    while (end < text.size() && is_letter(text[end])) ++end;
    if (end < 3) return false;
  }
  if (end < text.size() && (text[end] == '+' || text[end] == '-')) ++end;
  return end < text.size() && text[end] >= '0' && text[end] <= '9';
}

Result<> check(std::string_view zone)
{
  const std::string name(zone.substr(zone.starts_with(':') ? 1 : 0));
  const std::string folder = zone_folder();
  const bool leads_out = name.empty() || name.contains("..") || name.contains('\0');
  if (!leads_out && is_zone_file(name.starts_with('/') ? name : folder + "/" + name)) return {};
  // These need no file.
  if (name == "UTC" || name == "Etc/UTC" || is_posix_rule(name)) return {};
  if (!is_folder(folder)) {
    return fail(Errc::invalid,
                "the time zone '" + printable(name) +
                    "' is not known: this system has no time zones (" + folder + ")",
                "Install the package tzdata, which small containers lack. Or mount the folder into "
                "the container, or name the zone UTC.");
  }
  return fail(
      Errc::invalid, "there is no time zone '" + printable(name) + "' in " + folder,
      "Names are like Europe/Berlin or America/New_York; `timedatectl list-timezones` lists them.");
}

}  // namespace

Result<> use_time_zone(const std::string& zone)
{
  TRY(check(zone));
  // Without tzdata, glibc still takes Etc/UTC for UTC.
  if (::setenv("TZ", zone.c_str(), 1) != 0)
    return fail(Errc::invalid, "the time zone cannot be set");
  ::tzset();
  return {};
}

std::chrono::minutes local_time_of_day(std::chrono::sys_seconds time)
{
  const std::time_t seconds = time.time_since_epoch().count();
  std::tm local{};
  if (::localtime_r(&seconds, &local) == nullptr) return {};  // beyond the year 2147485547
  return std::chrono::hours(local.tm_hour) + std::chrono::minutes(local.tm_min);
}

std::chrono::minutes utc_offset(std::chrono::sys_seconds time)
{
  const std::time_t seconds = time.time_since_epoch().count();
  std::tm local{};
  if (::localtime_r(&seconds, &local) == nullptr) return {};
  return std::chrono::floor<std::chrono::minutes>(std::chrono::seconds(local.tm_gmtoff));
}

}  // namespace ib
