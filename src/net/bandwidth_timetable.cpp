// SPDX-License-Identifier: Apache-2.0
#include "net/bandwidth_timetable.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>

namespace ib {
namespace {

using std::chrono::minutes;

constexpr std::uint64_t kLeastRate = 1024;
constexpr double kMostRate = 1024.0 * 1024 * 1024 * 1024;
constexpr std::size_t kLeastPiece = 256;
constexpr std::size_t kMostPiece = std::size_t{512} * 1024;
constexpr double kPiecesPerSecond = 64;
constexpr double kSavedSeconds = 0.5;
constexpr std::chrono::seconds kLongestWait{3600};

constexpr std::string_view kHint =
    "Write 2M (2 MiB a second), 512k, off, or times of day such as \"08:00,2M 23:00,off\".";

std::unexpected<Error> malformed(std::string_view text, std::string_view what)
{
  return fail(Errc::invalid, "'" + printable(text) + "' " + std::string(what), std::string(kHint));
}

char lower(char c)
{
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// The factor for the unit after a number. "k", "K", "Ki" and "KiB" are the same, no unit means
/// KiB, and "b" means bytes.
std::optional<double> unit_of(std::string_view unit)
{
  if (unit.empty()) return 1024;
  constexpr std::string_view kUnits = "bkmgt";
  const std::size_t power = kUnits.find(lower(unit.front()));
  const std::string_view rest = unit.substr(1);
  if (power == std::string_view::npos) return std::nullopt;
  if (!rest.empty() && (power == 0 || (rest != "i" && rest != "iB" && rest != "ib")))
    return std::nullopt;
  return std::pow(1024.0, static_cast<double>(power));
}

Result<ByteRate> parse_rate(std::string_view text)
{
  if (text == "off") return ByteRate();
  if (text.contains(':'))
    return malformed(text, "names two rates, but one limit holds for both directions together");
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  const std::optional<double> unit = unit_of({end, text.data() + text.size()});
  const bool starts_as_number = !text.empty() && text.front() >= '0' && text.front() <= '9';
  if (error != std::errc() || !starts_as_number || !unit) return malformed(text, "is not a rate");
  const double bytes = number * *unit;
  if (bytes == 0) return ByteRate();  // as in rclone
  if (bytes < static_cast<double>(kLeastRate))
    return malformed(text, "is less than 1 KiB a second, which is too slow for servers");
  if (bytes > kMostRate) return malformed(text, "is more than 1 TiB a second");
  return ByteRate(static_cast<std::uint64_t>(bytes));
}

Result<minutes> parse_time_of_day(std::string_view text)
{
  const auto digits = [&](std::size_t begin, std::size_t count, int& value) {
    const char* first = text.data() + begin;
    const auto [end, error] = std::from_chars(first, first + count, value);
    return error == std::errc() && end == first + count;
  };
  const std::size_t colon = text.find(':');
  int hour = -1;
  int minute = -1;
  const bool well_formed = (colon == 1 || colon == 2) && text.size() == colon + 3 &&
                           text.front() != '-' && text[colon + 1] != '-' &&
                           digits(0, colon, hour) && digits(colon + 1, 2, minute);
  if (!well_formed || hour > 23 || minute > 59)
    return malformed(text, "is not a time of day from 00:00 to 23:59");
  return std::chrono::hours(hour) + minutes(minute);
}

std::vector<std::string_view> words_of(std::string_view text)
{
  constexpr std::string_view kSpace = " \t\r\n";
  std::vector<std::string_view> words;
  for (std::size_t begin = text.find_first_not_of(kSpace); begin != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(kSpace, begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(kSpace, end);
  }
  return words;
}

std::string format_time_of_day(minutes time)
{
  std::array<char, 32> text{};
  const int n =
      std::snprintf(text.data(), text.size(), "%02d:%02d", static_cast<int>(time.count() / 60),
                    static_cast<int>(time.count() % 60));
  return {text.data(), static_cast<std::size_t>(n)};
}

}  // namespace

std::string format_rate(std::uint64_t bytes_per_second)
{
  return format_bytes(bytes_per_second) + "/s";
}

// --- BandwidthTimetable ---

Result<BandwidthTimetable> BandwidthTimetable::parse(std::string_view text)
{
  const std::vector<std::string_view> words = words_of(text);
  if (words.empty()) return malformed(text, "is not a rate");
  std::vector<Entry> entries;
  for (const std::string_view word : words) {
    const std::size_t comma = word.find(',');
    if (comma == std::string_view::npos && words.size() > 1)
      return malformed(word, "has no time of day before it");
    Entry entry{.from = minutes(0), .rate = std::nullopt};
    if (comma != std::string_view::npos) entry.from = TRY(parse_time_of_day(word.substr(0, comma)));
    entry.rate = TRY(parse_rate(comma == std::string_view::npos ? word : word.substr(comma + 1)));
    if (std::ranges::find(entries, entry.from, &Entry::from) != entries.end())
      return malformed(word, "names a time of day a second time");
    entries.push_back(entry);
  }
  std::ranges::sort(entries, {}, &Entry::from);
  return BandwidthTimetable(std::move(entries));
}

const BandwidthTimetable::Entry& BandwidthTimetable::entry_at(minutes time_of_day) const
{
  const auto after = std::ranges::upper_bound(entries_, time_of_day, {}, &Entry::from);
  return after == entries_.begin() ? entries_.back() : *std::prev(after);
}

ByteRate BandwidthTimetable::rate_at(minutes time_of_day) const
{
  return entry_at(time_of_day).rate;
}

std::optional<minutes> BandwidthTimetable::next_change(minutes time_of_day) const
{
  const ByteRate rate = rate_at(time_of_day);
  const auto after = std::ranges::upper_bound(entries_, time_of_day, {}, &Entry::from);
  const auto offset = static_cast<std::size_t>(after - entries_.begin());
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[(offset + i) % entries_.size()];
    if (entry.rate != rate) return entry.from;
  }
  return std::nullopt;
}

bool BandwidthTimetable::changes() const
{
  return next_change(minutes(0)).has_value();
}

ByteRate BandwidthTimetable::lowest() const
{
  ByteRate lowest;
  for (const Entry& entry : entries_) {
    if (entry.rate && (!lowest || *entry.rate < *lowest)) lowest = entry.rate;
  }
  return lowest;
}

std::string BandwidthTimetable::describe(minutes time_of_day) const
{
  const ByteRate rate = rate_at(time_of_day);
  std::string text = rate ? "limited to " + format_rate(*rate) : "not limited";
  if (const auto next = next_change(time_of_day)) text += " until " + format_time_of_day(*next);
  return text;
}

// --- TokenBucket ---

std::size_t TokenBucket::piece(ByteRate rate)
{
  if (!rate) return std::numeric_limits<std::size_t>::max();
  return std::clamp(static_cast<std::size_t>(static_cast<double>(*rate) / kPiecesPerSecond),
                    kLeastPiece, kMostPiece);
}

void TokenBucket::settle(Instant now)
{
  if (rate_ && now > settled_) {
    const double seconds = std::chrono::duration<double>(now - settled_).count();
    const auto rate = static_cast<double>(*rate_);
    const double most = std::max(rate * kSavedSeconds, static_cast<double>(piece(rate_)));
    saved_ = std::min(saved_ + rate * seconds, std::max(saved_, most));
  }
  settled_ = std::max(settled_, now);
}

void TokenBucket::set_rate(ByteRate rate, Instant now)
{
  settle(now);
  // Bytes that moved without a limit are not owed. Bytes saved at a higher rate must not leave in a
  // burst.
  if (!rate_ || !rate) saved_ = 0;
  rate_ = rate;
  if (rate_) saved_ = std::min(saved_, static_cast<double>(*rate_) * kSavedSeconds);
}

std::size_t TokenBucket::take(std::size_t wanted, Instant now)
{
  if (!rate_) return wanted;
  settle(now);
  const std::size_t bytes = std::min(wanted, piece(rate_));
  if (saved_ < static_cast<double>(bytes)) return 0;
  saved_ -= static_cast<double>(bytes);
  return bytes;
}

std::chrono::nanoseconds TokenBucket::wait_for(std::size_t wanted, Instant now)
{
  if (!rate_) return std::chrono::nanoseconds(0);
  settle(now);
  const double missing = static_cast<double>(std::min(wanted, piece(rate_))) - saved_;
  if (missing <= 0) return std::chrono::nanoseconds(0);
  const std::chrono::duration<double> wait(missing / static_cast<double>(*rate_));
  if (wait >= kLongestWait) return kLongestWait;
  // One nanosecond more than the exact time: rounding down would cost another turn.
  return std::chrono::duration_cast<std::chrono::nanoseconds>(wait) + std::chrono::nanoseconds(1);
}

}  // namespace ib
