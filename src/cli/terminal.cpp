// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.hpp"

#include "base/text.hpp"
#include "report/layout.hpp"
#include "sys/system.hpp"

#include <sys/ioctl.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <vector>

namespace ib {
namespace {

constexpr std::size_t kNarrowest = 60;
constexpr std::size_t kWidest = 120;
constexpr std::size_t kStamp = std::string_view("2026-01-15T03:00:00Z").size();
constexpr std::size_t kLocalStamp = std::string_view("2026-01-15 04:00+01:00").size();
constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kPlain = "\x1b[0m";

/// Each byte but those that continue a character.
std::size_t columns_of(std::string_view text)
{
  constexpr unsigned char kMask = 0xC0;
  constexpr unsigned char kContinues = 0x80;
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & kMask) != kContinues; }));
}

// ---- times

bool looks_like_stamp(std::string_view text)
{
  constexpr std::string_view kForm = "0000-00-00T00:00:00Z";
  return std::ranges::equal(text, kForm, [](char c, char form) {
    return form == '0' ? c >= '0' && c <= '9' : c == form;
  });
}

std::string local_form(Timestamp time, std::chrono::minutes offset)
{
  std::string text =
      format_iso(time + offset).substr(0, std::string_view("2026-01-15T03:00").size());
  text[text.find('T')] = ' ';
  const auto two = [](auto number) {
    const std::string digits = std::to_string(std::abs(number));
    return digits.size() < 2 ? "0" + digits : digits;
  };
  constexpr int kHour = 60;
  return text + (offset.count() < 0 ? "-" : "+") + two(offset.count() / kHour) + ":" +
         two(offset.count() % kHour);
}

// ---- lines

/// The words of a line. A `command` is one word if it fits into a line.
std::vector<std::string_view> words_of(std::string_view line, std::size_t longest)
{
  std::vector<std::string_view> words;
  while (true) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    if (line.empty()) return words;
    std::size_t end = std::min(line.find(' '), line.size());
    const std::size_t tick = line.substr(0, end).find('`');
    if (tick != std::string_view::npos) {
      const std::size_t closed = line.find('`', tick + 1);
      if (closed != std::string_view::npos) {
        const std::size_t whole = std::min(line.find(' ', closed), line.size());
        if (columns_of(line.substr(0, whole)) <= longest) end = std::max(end, whole);
      }
    }
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

/// Where the text of a row begins (Rows); absent where the line is none.
std::optional<std::size_t> row_text(std::string_view line)
{
  const bool is_row = line.size() > kRowWord && line[kRowWord - 1] == ' ' && line[kRowWord] != ' ';
  if (!is_row) return std::nullopt;
  const std::string_view word = line.substr(0, line.find_last_not_of(' ', kRowWord - 1) + 1);
  const bool is_word = std::ranges::all_of(
      word, [](char c) { return c == ' ' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
  return is_word && !word.starts_with(' ') && !word.contains("  ") ? std::optional(kRowWord)
                                                                   : std::nullopt;
}

bool is_of_a_table(std::string_view line)
{
  const std::size_t begin = line.find_first_not_of(' ');
  return begin != std::string_view::npos && line.find("  ", begin) != std::string_view::npos;
}

std::string filled(std::string_view line, std::size_t indent, std::size_t width)
{
  const std::size_t head =
      std::min(row_text(line).value_or(line.find_first_not_of(' ')), line.size());
  std::string text(line.substr(0, head));
  std::size_t column = head;
  bool begins = true;  // a line
  for (const std::string_view word : words_of(line.substr(head), width - indent)) {
    const std::size_t size = columns_of(word);
    if (!begins && column + 1 + size > width) {
      text += "\n" + std::string(indent, ' ');
      column = indent;
      begins = true;
    }
    if (!begins) {
      text += ' ';
      ++column;
    }
    text += word;
    column += size;
    begins = false;
  }
  return text;
}

std::string wrapped_line(std::string_view line, std::size_t width)
{
  if (columns_of(line) <= width) return std::string(line);
  if (const std::optional<std::size_t> text = row_text(line)) return filled(line, *text, width);
  if (is_of_a_table(line)) return std::string(line);
  // Further than a hint, which is at 4; a hint itself goes on where it began.
  constexpr std::size_t kMore = 4;
  const std::size_t begin = line.find_first_not_of(' ');
  return filled(line, begin < kMore ? begin + kMore : std::min(begin, width / 2), width);
}

// ---- colours

struct State {
  std::string_view words;
  std::string_view colour;
};

constexpr std::string_view kGood = "\x1b[32m";
constexpr std::string_view kDoubtful = "\x1b[33m";
constexpr std::string_view kBad = "\x1b[31m";
// The first that is found in a line is coloured.
constexpr std::array kStates{
    State{"damage was found", kBad}, State{"DAMAGE WAS FOUND", kBad}, State{"failed", kBad},
    State{"not proven", kDoubtful},  State{"incomplete", kDoubtful},  State{"suspect", kDoubtful},
    State{"no damage found", kGood}, State{"complete", kGood},        State{"proven", kGood},
};

bool is_part_of_word(char c)
{
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '/' ||
         c == '.';
}

std::string coloured(std::string line)
{
  for (const State& state : kStates) {
    const std::size_t at = line.find(state.words);
    if (at == std::string::npos) continue;
    const std::size_t end = at + state.words.size();
    const bool is_whole = (at == 0 || !is_part_of_word(line[at - 1])) &&
                          (end == line.size() || !is_part_of_word(line[end]));
    if (!is_whole) continue;
    line.insert(end, kPlain);
    line.insert(at, state.colour);
    return line;
  }
  return line;
}

/// Rows but notes, which quote others, and the list of restore points.
bool tells_states(std::string_view line)
{
  if (line.size() >= kStamp && looks_like_stamp(line.substr(0, kStamp))) return true;
  return row_text(line) && !line.starts_with("note ");
}

template <class Change>
std::string each_line(std::string_view text, const Change& change)
{
  std::string out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    out += change(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    out += '\n';
    text.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace

std::optional<Terminal> terminal_of(int fd)
{
  if (::isatty(fd) == 0) return std::nullopt;
  winsize size{};
  constexpr std::size_t kUsual = 80;
  std::size_t columns = kUsual;
  if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) columns = size.ws_col;
  return Terminal{
      .columns = std::clamp(columns, kNarrowest, kWidest),
      .coloured = !environment("NO_COLOR") && environment("TERM").value_or("dumb") != "dumb"};
}

std::string with_local_times(std::string_view text, const Terminal& terminal)
{
  constexpr std::string_view kOption = "--at ";
  constexpr std::string_view kHeading = "{time";
  const bool is_utc = terminal.offset(Timestamp{}).count() == 0 &&
                      terminal.offset(Timestamp(std::chrono::days(182))).count() == 0;
  std::string out;
  bool in_command = false;
  bool in_name = false;
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view rest = text.substr(i);
    if (rest.starts_with(kHeading)) {
      out += padded_right("time", is_utc ? kStamp : kLocalStamp);
      i += std::min(rest.find('}'), rest.size() - 1) + 1;
      continue;
    }
    if (rest.front() == '\n') in_command = in_name = false;
    if (rest.front() == '`') in_command = !in_command;
    // Paths and addresses have one: what follows may be a part of a name.
    in_name = in_name || rest.front() == '/';
    const bool is_time =
        !in_command && !in_name && rest.size() >= kStamp &&
        looks_like_stamp(rest.substr(0, kStamp)) && (out.empty() || !is_part_of_word(out.back())) &&
        (rest.size() == kStamp || !is_part_of_word(rest[kStamp])) && !out.ends_with(kOption);
    const Result<Timestamp> time =
        is_time ? parse_timestamp(rest.substr(0, kStamp)) : fail(Errc::invalid, "");
    if (time && !is_utc) {
      out += local_form(*time, terminal.offset(*time));
      i += kStamp;
    } else {
      out += rest.front();
      ++i;
    }
  }
  return out;
}

std::string for_terminal(std::string_view report, const Terminal& terminal)
{
  return each_line(report, [&](std::string_view line) {
    std::string text = wrapped_line(with_local_times(line, terminal), terminal.columns);
    return terminal.coloured && tells_states(line) ? coloured(std::move(text)) : text;
  });
}

std::string heading_for_terminal(std::string_view heading, const Terminal& terminal)
{
  const std::string text = with_local_times(heading, terminal);
  return terminal.coloured ? std::string(kBold) + text + std::string(kPlain) + "\n" : text + "\n";
}

std::string message_for_terminal(std::string_view message, const Terminal& terminal)
{
  return each_line(with_local_times(message, terminal), [&](std::string_view line) {
    constexpr std::size_t kIndent = 4;
    return columns_of(line) <= terminal.columns ? std::string(line)
                                                : filled(line, kIndent, terminal.columns);
  });
}

}  // namespace ib
