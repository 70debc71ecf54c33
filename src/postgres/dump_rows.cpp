// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump_rows.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace ib {
namespace {

constexpr std::size_t kLongestRow = std::size_t{16} * 1024 * 1024;
constexpr std::string_view kEndOfData = "\\.";

/// Reads names that PostgreSQL may have quoted: asset, "user", "with "" in it".
class NameReader {
public:
  explicit NameReader(std::string_view text) : rest_(text) {}

  bool skip(std::string_view token)
  {
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }

  std::optional<std::string> name()
  {
    if (!rest_.starts_with('"')) {
      const std::string_view plain = rest_.substr(0, rest_.find_first_of(" .,()"));
      rest_.remove_prefix(plain.size());
      return plain.empty() ? std::nullopt : std::optional(std::string(plain));
    }
    std::string name;
    for (std::size_t at = 1; at < rest_.size(); ++at) {
      if (rest_[at] != '"') {
        name += rest_[at];
      } else if (at + 1 < rest_.size() && rest_[at + 1] == '"') {
        name += rest_[++at];
      } else {
        rest_.remove_prefix(at + 1);
        return name;
      }
    }
    return std::nullopt;
  }

private:
  std::string_view rest_;
};

/// Reads the numbers of a time.
class NumberReader {
public:
  explicit NumberReader(std::string_view text) : rest_(text) {}

  std::optional<int> number()
  {
    int value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc() || value < 0) return std::nullopt;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }
  std::optional<int> number_after(char separator)
  {
    if (!next_is(separator)) return std::nullopt;
    rest_.remove_prefix(1);
    return number();
  }
  void skip_fraction()
  {
    if (next_is('.'))
      rest_.remove_prefix(std::min(rest_.find_first_not_of("0123456789", 1), rest_.size()));
  }
  bool next_is(char c) const { return rest_.starts_with(c); }
  bool at_end() const { return rest_.empty(); }

private:
  std::string_view rest_;
};

char unescaped(char c)
{
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'v':
      return '\v';
    default:
      return c;
  }
}

}  // namespace

std::optional<std::size_t> DumpTable::column(std::string_view wanted) const
{
  const auto found = std::ranges::find(columns, wanted);
  if (found == columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns.begin());
}

std::optional<DumpTable> parse_copy_header(std::string_view line)
{
  NameReader reader(line);
  DumpTable table;
  if (!reader.skip("COPY ")) return std::nullopt;
  for (std::string* part : {&table.schema, &table.name}) {
    std::optional<std::string> name = reader.name();
    if (!name) return std::nullopt;
    *part = std::move(*name);
    if (part == &table.schema && !reader.skip(".")) return std::nullopt;
  }
  if (!reader.skip(" (")) return std::nullopt;
  do {
    std::optional<std::string> column = reader.name();
    if (!column) return std::nullopt;
    table.columns.push_back(std::move(*column));
  } while (reader.skip(", "));
  if (!reader.skip(") FROM stdin;")) return std::nullopt;
  return table;
}

std::optional<std::string> copy_value(std::string_view cell)
{
  if (cell == "\\N") return std::nullopt;
  std::string value;
  value.reserve(cell.size());
  for (;;) {
    const std::size_t backslash = cell.find('\\');
    value += cell.substr(0, backslash);
    if (backslash == std::string_view::npos || backslash + 1 == cell.size()) return value;
    // PostgreSQL reads octal and hexadecimal escapes too, but never writes them.
    value += unescaped(cell[backslash + 1]);
    cell.remove_prefix(backslash + 2);
  }
}

std::optional<Timestamp> parse_copy_timestamp(std::string_view cell)
{
  NumberReader reader(cell);
  const std::optional<int> year = reader.number();
  const std::optional<int> month = reader.number_after('-');
  const std::optional<int> day = reader.number_after('-');
  const std::optional<int> hour = reader.number_after(' ');
  const std::optional<int> minute = reader.number_after(':');
  const std::optional<int> second = reader.number_after(':');
  if (!year || !month || !day || !hour || !minute || !second || *year > 9999) return std::nullopt;
  reader.skip_fraction();
  // The time zone: "+02", "-03:30", "+00:53:28".
  const bool west = reader.next_is('-');
  const std::chrono::hours offset_hours(reader.number_after(west ? '-' : '+').value_or(0));
  const std::chrono::minutes offset_minutes(reader.number_after(':').value_or(0));
  const std::chrono::seconds offset_seconds(reader.number_after(':').value_or(0));
  const std::chrono::seconds offset = offset_hours + offset_minutes + offset_seconds;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!reader.at_end() || !date.ok()) return std::nullopt;  // nobody took a photo in a year BC
  constexpr int kMostHours = 24, kMostMinutes = 59, kMostSeconds = 60;
  if (*hour > kMostHours || *minute > kMostMinutes || *second > kMostSeconds ||
      offset > std::chrono::hours(kMostHours))
    return std::nullopt;
  const Timestamp time = std::chrono::sys_days(date) + std::chrono::hours(*hour) +
                         std::chrono::minutes(*minute) + std::chrono::seconds(*second) -
                         (west ? -offset : offset);
  // Midnight of the first day in the east is of the year before.
  return is_nameable(time) ? std::optional(time) : std::nullopt;
}

void split_copy_row(std::string_view row, std::vector<std::string_view>& cells)
{
  cells.clear();
  for (;;) {
    // A tab inside a cell is escaped.
    const std::size_t tab = row.find('\t');
    cells.push_back(row.substr(0, tab));
    if (tab == std::string_view::npos) return;
    row.remove_prefix(tab + 1);
  }
}

Result<> DumpRows::write(ByteView plain_sql)
{
  return lines_.update(
      text_of(plain_sql), [this](std::string_view line) { return begin_table(line); },
      [this](std::string_view data) { return take_data(data); });
}

Result<> DumpRows::begin_table(std::string_view line)
{
  table_.reset();
  // Data follows only if DumpLines takes this line for a header too.
  if (!lines_.in_copy()) return {};
  std::optional<DumpTable> table = parse_copy_header(line);
  if (!table) return {};
  RowSink sink = TRY(tables_(*table));
  if (!sink) return {};
  table_ = std::move(table);
  sink_ = std::move(sink);
  return {};
}

Result<> DumpRows::take_data(std::string_view data)
{
  while (table_ && !data.empty()) {
    const std::size_t newline = data.find('\n');
    const std::string_view piece = data.substr(0, newline);
    if (newline == std::string_view::npos || !open_row_.empty()) open_row_ += piece;
    if (open_row_.size() > kLongestRow)
      return fail(Errc::corrupt,
                  "the dump: a row of table " + printable(table_->name) + " has no end");
    if (newline == std::string_view::npos) return {};
    data.remove_prefix(newline + 1);
    TRY(take_row(open_row_.empty() ? piece : std::string_view(open_row_)));
    open_row_.clear();
  }
  return {};
}

Result<> DumpRows::take_row(std::string_view row)
{
  if (row == kEndOfData) {
    table_.reset();
    return {};
  }
  split_copy_row(row, cells_);
  if (cells_.size() != table_->columns.size()) {
    return fail(Errc::corrupt, "the dump: a row of table " + printable(table_->name) + " has " +
                                   std::to_string(cells_.size()) + " cells, not " +
                                   std::to_string(table_->columns.size()));
  }
  return sink_(cells_);
}

}  // namespace ib
