// SPDX-License-Identifier: Apache-2.0
//
// How the text of all reports looks: lines with a leading word, then the problems. Names from
// outside are escaped.
#pragma once

#include "core/records/restore_point.hpp"
#include "core/selection/shard.hpp"
#include "report/header.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// Where the text of a row begins.
inline constexpr std::size_t kRowWord = 15;

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

/// "no damage found, 4 min 50 s": `well` is what it says where the outcome is ok.
std::string verdict_and_time(const ReportHeader& header, Outcome outcome, std::string_view well);

/// A message that is safe to print as one line. Names within it may have been made printable
/// already, so backslashes stay as they are.
std::string printable_message(std::string_view message);

/// "a, b, c", without what is empty.
std::string list(const std::vector<std::string>& parts);

/// "37 new", or "" for none.
std::string some(std::uint64_t count, std::string_view what);

/// "214,031 files (1.2 TiB)"
std::string files_of_size(std::uint64_t count, std::uint64_t bytes);
std::string objects_of_size(std::uint64_t count, std::uint64_t bytes);

/// Spaces before or after `text`, up to `width` bytes.
std::string padded_left(const std::string& text, std::size_t width);
std::string padded_right(std::string text, std::size_t width);
/// " 812 MiB"
std::string size_column(std::uint64_t bytes);

/// "part 3 of 8 (--shard 2)", or "" for the whole.
std::string describe(const std::optional<Shard>& shard);
/// "database/2026-01-15T03-00-00-immich-v2.3.1.sql.gz (812 MiB, Immich v2.3.1, 201,344 assets)"
std::string describe(const DumpInfo& dump);
/// "seeding 38 %, 5 days left"
std::string describe(const Seeding& seeding);
/// "europe-west3, of 2026-11, before taxes, discounts and the free tier"
std::string describe_prices(const std::string& location, const std::string& date);
/// Whether every file has been read back, and of which library. Absent: not every file was.
std::string describe_proof(std::optional<Timestamp> proven_since);

}  // namespace ib
