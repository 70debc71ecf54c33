// SPDX-License-Identifier: Apache-2.0
//
// What a person writes as the value of an option. The first line is the value; the second is a path
// that a pattern is matched with.
#include "cli/settings.hpp"
#include "core/names/extra_root.hpp"
#include "core/selection/asset_selectors.hpp"
#include "core/selection/name_query.hpp"
#include "core/selection/point_in_time.hpp"
#include "core/selection/scope.hpp"
#include "core/selection/typed_paths.hpp"
#include "fuzz/fuzz.hpp"
#include "manifest/older_manifest.hpp"
#include "net/bandwidth_timetable.hpp"
#include "postgres/client_tools.hpp"
#include "repository/signed_store.hpp"
#include "store/store_address.hpp"

namespace {

using namespace ib;

const Timestamp kNow = std::chrono::sys_days(std::chrono::year(2026) / 1 / 15);

template <class T>
const T* checked(const Result<T>& result)
{
  if (!result) fuzz::require_safe_to_show(result.error());
  return result ? &*result : nullptr;
}

/// As the walk of a library makes one.
bool is_path(std::string_view path)
{
  return path.size() > 1 && path.starts_with('/') && !path.ends_with('/') && !path.contains("//");
}

void check_pattern(const std::string& text, std::string_view path)
{
  const Result<PathPattern> parsed = PathPattern::parse(text);
  const PathPattern* pattern = checked(parsed);
  static_cast<void>(NameQuery(text).matches(path));
  if (pattern == nullptr || !is_path(path)) return;
  const std::string_view folder = path.substr(0, path.rfind('/'));
  if (folder.empty()) return;
  const bool matches = pattern->matches_file(path);
  fuzz::require(matches || !pattern->matches_folder(folder),
                "a pattern that matches a folder matches what is below it");
  fuzz::require(!matches || pattern->may_match_below(folder),
                "a folder is read where a file in it can match");
}

void check_own_pattern(std::string_view path)
{
  if (!is_path(path)) return;
  const Result<PathPattern> own = PathPattern::parse(pattern_of_path(path));
  fuzz::require(own && own->matches_file(path), "the pattern of a path matches it");
  Result<TypedPaths> typed = TypedPaths::parse({std::string(path)});
  if (!typed) return;
  typed->see(path);
  fuzz::require(typed->guesses().empty() && typed->patterns().front().matches_file(path),
                "a path that is typed exactly is found");
}

void check_times(const std::string& text)
{
  const Result<Timestamp> time = parse_timestamp(text);
  if (time)
    fuzz::require(parse_timestamp(format_iso(*time)) == *time &&
                      parse_timestamp(format_compact(*time)) == *time &&
                      parse_timestamp(format_filename(*time)) == *time,
                  "a time is written as it was read");
  else
    fuzz::require_safe_to_show(time.error());
  const auto point = parse_point_in_time(text, kNow);
  if (const auto* at = checked(point); at != nullptr && *at)
    fuzz::require(is_nameable(**at), "a point in time has a name");
  const auto taken = parse_taken(text);
  if (const auto* range = checked(taken))
    fuzz::require(range->from < range->until, "a range has a day");
  static_cast<void>(Distrusted::parse(text));
}

void check_settings(const std::string& text)
{
  CommandLine line;
  constexpr std::string_view kName = "time-limit";  // any option's
  line.options.emplace(kName, std::vector{text});
  const auto none = [](const char*) -> std::optional<std::string> { return std::nullopt; };
  const Settings settings = Settings::collect(line, none, {});
  checked(settings.flag(kName));
  if (const auto number = settings.number(kName, 1, 100); number && *number)
    fuzz::require(**number >= 1 && **number <= 100, "a number lies within its limits");
  if (const auto duration = settings.duration(kName); duration && *duration)
    fuzz::require(duration->value().count() > 0 && **duration <= std::chrono::days(366),
                  "a duration lies within its limits");
  if (const auto dollars = settings.dollars(kName); dollars && *dollars)
    fuzz::require(**dollars >= 0 && **dollars <= 1e9, "an amount lies within its limits");
}

void check_places(const std::string& text)
{
  const Result<StoreAddress> parsed = StoreAddress::parse(text);
  if (const StoreAddress* address = checked(parsed)) {
    const Result<StoreAddress> again = StoreAddress::parse(address->url());
    fuzz::require(again && again->url() == address->url(), "a store's address is its URL");
  }
  const Result<BandwidthTimetable> limits = BandwidthTimetable::parse(text);
  if (const BandwidthTimetable* table = checked(limits)) {
    for (const int hour : {0, 12, 23}) {
      const std::chrono::minutes time = std::chrono::hours(hour);
      const ByteRate rate = table->rate_at(time);
      fuzz::require(!rate || *rate >= 1024, "a rate is at least 1 KiB per second");
      const auto next = table->next_change(time);
      fuzz::require(!next || *next < std::chrono::hours(24), "rates change within a day");
      fuzz::require_safe_to_show(table->describe(time));
    }
  }
  checked(PathMapping::parse(text));
  checked(parse_extra_root(text));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  fuzz::Input input(data, size);
  const std::string text(input.until('\n'));
  const std::string_view path = input.until('\n');
  check_pattern(text, path);
  check_own_pattern(path);
  check_times(text);
  check_settings(text);
  check_places(text);
  static_cast<void>(parse_client_version(text));
  fuzz::require_safe_to_show(client_complaint(fuzz::text_of_input(data, size)));
  return 0;
}
