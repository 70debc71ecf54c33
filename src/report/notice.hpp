// SPDX-License-Identifier: Apache-2.0
//
// What a run tells people who are not looking: the text of a webhook, by a template of theirs, a
// mail's subject, and the last lines of the log.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "core/records/problem.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// How a run ended.
struct Notice {
  std::string command;
  std::string store;
  std::string_view result;  ///< "ok", "incomplete", "damaged", "failed", "interrupted"
  int exit_status = 0;
  std::chrono::milliseconds elapsed{};
  Timestamp ended{};
  std::vector<Problem> problems = {};
  std::vector<std::string> notes = {};
  std::optional<Timestamp> restore_point = std::nullopt;
  std::vector<std::string> log = {};  ///< its last lines, oldest first
};

/// "backup: incomplete, 3 problems, restore point 2026-01-15T03:00:00Z, 4 min 50 s"
std::string summary_of(const Notice& notice);

/// "immich-backup: backup failed (gs://bucket)", 300 bytes at most.
std::string subject_of(const Notice& notice);

/// The summary, the first problems and the last lines of the log, 10,000 bytes at most.
std::string last_lines_of(const Notice& notice);

/// A text with {placeholders}. A JSON object or array is filled within its texts, so that it stays
/// JSON whatever a file is called; anything else is plain text.
class NoticeTemplate {
public:
  /// `invalid` for a placeholder that does not exist, and for what begins like JSON and is none.
  static Result<NoticeTemplate> parse(std::string text);

  bool is_json() const { return is_json_; }
  std::string fill(const Notice& notice) const;

private:
  NoticeTemplate(std::string text, bool is_json) : text_(std::move(text)), is_json_(is_json) {}
  std::string text_;
  bool is_json_;
};

}  // namespace ib
