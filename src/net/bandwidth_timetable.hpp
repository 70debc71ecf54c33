// SPDX-License-Identifier: Apache-2.0
//
// How many bytes may move in a second: what a person writes of it, and the arithmetic that holds
// it. Without a clock: instants are arguments.
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// Bytes a second; absent: as many as there are.
using ByteRate = std::optional<std::uint64_t>;

/// "2.0 MiB/s"
std::string format_rate(std::uint64_t bytes_per_second);

/// A rate for each time of the day.
class BandwidthTimetable {
public:
  /// "2M" (2 MiB a second), "512k", "1.5G", "off"; or times of the day in any order, "08:00,2M
  /// 23:00,off", each of which holds until the next, the last one over midnight. A number without a
  /// unit is KiB a second, as in rclone. A rate is at least 1 KiB a second. invalid for anything
  /// else.
  static Result<BandwidthTimetable> parse(std::string_view text);

  /// `time_of_day`: since local midnight. Days on which the clock is put forward or back need no
  /// rule of their own: it is the clock on the wall that counts.
  ByteRate rate_at(std::chrono::minutes time_of_day) const;
  /// When another rate begins, a time of the day; absent where it never changes.
  std::optional<std::chrono::minutes> next_change(std::chrono::minutes time_of_day) const;

  /// Whether it changes in the course of a day, so that the time zone matters.
  bool changes() const;
  /// Whether it never limits anything.
  bool is_off() const { return !lowest(); }
  /// Of all the day; absent: it never limits anything.
  ByteRate lowest() const;

  /// For people: "limited to 2.0 MiB/s until 23:00", "not limited until 08:00".
  std::string describe(std::chrono::minutes time_of_day) const;

private:
  struct Entry {
    std::chrono::minutes from;
    ByteRate rate;
  };
  explicit BandwidthTimetable(std::vector<Entry> entries) : entries_(std::move(entries)) {}
  const Entry& entry_at(std::chrono::minutes time_of_day) const;

  std::vector<Entry> entries_;  // in the order of their times, at least one
};

/// Hands out bytes at a rate. What was not used in time is saved up for half a second and no
/// longer, which makes good for a thread that woke late and is no burst to speak of. What was used
/// in advance is owed: nothing is handed out before it is paid.
class TokenBucket {
public:
  using Instant = std::chrono::steady_clock::time_point;

  /// Empty.
  TokenBucket(ByteRate rate, Instant now) : rate_(rate), settled_(now) {}

  ByteRate rate() const { return rate_; }
  /// What was handed out or saved before `now` stays as it was at the old rate.
  void set_rate(ByteRate rate, Instant now);

  /// How many of `wanted` bytes may move now: 1/64 of a second's worth at the most, so that many
  /// threads take turns; 0: none yet. At least 256 bytes are handed out at a time, where so many
  /// are wanted.
  std::size_t take(std::size_t wanted, Instant now);
  /// How long take() will return 0 at this rate; zero if it would not now.
  std::chrono::nanoseconds wait_for(std::size_t wanted, Instant now);
  /// Bytes that moved without being asked for; negative: that were taken and did not move.
  void count(std::int64_t bytes) { saved_ -= static_cast<double>(bytes); }

  /// The most that take() hands out at once at a rate.
  static std::size_t piece(ByteRate rate);

private:
  void settle(Instant now);

  ByteRate rate_;
  Instant settled_;
  double saved_ = 0;  // bytes; negative: owed
};

}  // namespace ib
