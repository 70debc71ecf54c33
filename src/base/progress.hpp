// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ib {

/// The step of a backup that sends files to the store.
inline constexpr std::string_view kSendingFiles = "backing up files";

/// Shows a person how far a long step is. Any thread may call the members. They return at once.
class Progress {
public:
  virtual ~Progress() = default;

  /// Begins a step, which ends the one before it. A total is absent if it is not known yet.
  virtual void begin(std::string_view step, std::optional<std::uint64_t> total_files,
                     std::optional<std::uint64_t> total_bytes) = 0;
  /// Tells that more of the current step is done.
  virtual void advance(std::uint64_t files, std::uint64_t bytes) = 0;
  /// Ends the last step.
  virtual void end() = 0;
  /// Shows a line that a person must read now: a warning or a problem. It does not disturb the
  /// display.
  virtual void note(std::string_view line) = 0;
};

/// Shows nothing.
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
