// SPDX-License-Identifier: Apache-2.0
//
// How the text of all reports looks: lines with a leading word, then the problems.
#pragma once

#include "core/records/path_history.hpp"
#include "core/report.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// Lines of a leading word and what is to be said, in two columns.
class Rows {
public:
  /// Adds nothing if `text` is empty.
  void add(std::string_view word, const std::string& text);
  /// One row for each note.
  void add_notes(const std::vector<std::string>& notes);
  std::string text() const { return text_; }

private:
  std::string text_;
};

/// The first twenty problems with their hints, and how many more there are. `point` is the restore
/// point whose document names the others, where there is one. Empty if there are no problems.
std::string problems_text(const std::vector<Problem>& problems, std::optional<Timestamp> point);

/// "a, b, c", without what is empty.
std::string list(const std::vector<std::string>& parts);

/// "part 3 of 8 (--shard 2)", or "" for the whole.
std::string describe(const std::optional<Shard>& shard);

/// "37 new", or "" for none.
std::string some(std::uint64_t count, std::string_view what);

/// "214,031 files (1.2 TiB)"
std::string files_of_size(std::uint64_t count, std::uint64_t bytes);
std::string objects_of_size(std::uint64_t count, std::uint64_t bytes);

/// "ok", "warning", "problem", "unknown": the same in text and JSON.
std::string_view verdict_word(Verdict verdict);

/// "new", "changed", "gone", "back", "stored again"; "added", "changed", "gone", "moved".
std::string_view event_word(PathEvent event);
std::string_view difference_word(DifferenceKind kind);

/// The command line that brings a state back that was not archived: by a restore point, or else by
/// its content.
std::string restore_command(const HistoryEntry& entry, const std::string& restore);

/// "database/2026-01-15T03-00-00-immich-v2.3.1.sql.gz (812 MiB, Immich v2.3.1, 201,344 assets)"
std::string describe(const DumpInfo& dump);

}  // namespace ib
