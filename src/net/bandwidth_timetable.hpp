// SPDX-License-Identifier: Apache-2.0
// How many bytes may move per second: the timetable that a person writes, and the arithmetic that
// enforces it. Reads no clock: instants are arguments.
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

/// Bytes per second. Absent: no limit.
using ByteRate = std::optional<std::uint64_t>;

/// "2.0 MiB/s"
std::string format_rate(std::uint64_t bytes_per_second);

/// A rate for each time of day.
class BandwidthTimetable {
public:
  /// Parses "2M" (2 MiB per second), "512k", "1.5G" or "off", or times of day in any order:
  /// "08:00,2M 23:00,off". Each rate holds until the next time, the last one over midnight. A
  /// number without a unit is KiB per second, as in rclone. A rate is at least 1 KiB per second.
  /// invalid for anything else.
  static Result<BandwidthTimetable> parse(std::string_view text);

  /// `time_of_day`: since local midnight. Days on which the clock changes need no rule of their
  /// own, because only the local time counts.
  ByteRate rate_at(std::chrono::minutes time_of_day) const;
  /// The time of day at which the next rate begins. Absent if the rate never changes.
  std::optional<std::chrono::minutes> next_change(std::chrono::minutes time_of_day) const;

  /// Whether the rate changes during a day, so that the time zone matters.
  bool changes() const;
  /// Whether there is never a limit.
  bool is_off() const { return !lowest(); }
  /// The lowest rate of the day. Absent if there is never a limit.
  ByteRate lowest() const;

  /// The rate in words: "limited to 2.0 MiB/s until 23:00", "not limited until 08:00".
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

/// Hands out bytes at a rate. Saves at most half a second's bytes: enough to make up for a thread
/// that woke up late, too few for a burst. Bytes that moved in advance are owed: take() hands out
/// nothing until they are paid.
class TokenBucket {
public:
  using Instant = std::chrono::steady_clock::time_point;

  /// Begins empty.
  TokenBucket(ByteRate rate, Instant now) : rate_(rate), settled_(now) {}

  ByteRate rate() const { return rate_; }
  /// Bytes handed out or saved before `now` stay counted at the old rate.
  void set_rate(ByteRate rate, Instant now);

  /// How many of `wanted` bytes may move now: at most 1/64 of a second's worth, so that many
  /// threads take turns. 0 means none yet. Hands out at least 256 bytes at a time, unless fewer are
  /// wanted.
  std::size_t take(std::size_t wanted, Instant now);
  /// How long take() will return 0 at this rate. Zero if take() would return bytes now.
  std::chrono::nanoseconds wait_for(std::size_t wanted, Instant now);
  /// Counts bytes that moved without take(). Negative: bytes that were taken but did not move.
  void count(std::int64_t bytes) { saved_ -= static_cast<double>(bytes); }

  /// The most bytes that take() hands out at once at this rate.
  static std::size_t piece(ByteRate rate);

private:
  void settle(Instant now);

  ByteRate rate_;
  Instant settled_;
  double saved_ = 0;  // bytes; negative if bytes are owed
};

}  // namespace ib
