// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ib {

/// The step of a backup that sends files to the store.
inline constexpr std::string_view kSendingFiles = "backing up files";

/// Shows a person how far a long step is. Members may be called from any thread and return at once.
class Progress {
public:
  virtual ~Progress() = default;

  /// A step begins; the one before it has ended. Totals are absent where nobody knows them yet.
  virtual void begin(std::string_view step, std::optional<std::uint64_t> total_files,
                     std::optional<std::uint64_t> total_bytes) = 0;
  /// More of the current step is done.
  virtual void advance(std::uint64_t files, std::uint64_t bytes) = 0;
  /// The last step has ended.
  virtual void end() = 0;
  /// A line that has to be read now: a warning, a problem. It does not disturb the display.
  virtual void note(std::string_view line) = 0;
};

/// Shows nothing. For tests.
class SilentProgress final : public Progress {
public:
  void begin(std::string_view /*step*/, std::optional<std::uint64_t> /*files*/,
             std::optional<std::uint64_t> /*bytes*/) override
  {}
  void advance(std::uint64_t /*files*/, std::uint64_t /*bytes*/) override {}
  void end() override {}
  void note(std::string_view /*line*/) override {}
};

}  // namespace ib
