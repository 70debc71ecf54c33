// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump_sections.hpp"

#include <algorithm>
#include <utility>

namespace ib {
namespace {

constexpr std::string_view kServerHeader = "-- PostgreSQL database cluster dump\n";
constexpr std::string_view kServerTrailer = "-- PostgreSQL database cluster dump complete";
constexpr std::string_view kDatabaseHeader = "-- PostgreSQL database dump\n";
// dumpDatabases() in PostgreSQL's pg_dumpall.c.
constexpr std::string_view kSectionBegins = "-- Database \"";
constexpr std::string_view kSectionEnds = "\" dump\n";
constexpr std::string_view kAlterDatabase = "ALTER DATABASE ";

bool is_plain_name(std::string_view name)
{
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

/// Takes what stands between two quotes, where a doubled one is one of the text, off the beginning
/// of `rest`.
std::optional<std::string> take_quoted(std::string_view& rest, char quote)
{
  if (!rest.starts_with(quote)) return std::nullopt;
  std::string text;
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == quote && i + 1 < rest.size() && rest[i + 1] == quote) {
      ++i;
    } else if (rest[i] == quote) {
      rest.remove_prefix(i + 1);
      return text;
    }
    text += rest[i];
  }
  return std::nullopt;
}

/// Takes a name, "quoted" or not, off the beginning of `rest`. Empty where there is none.
std::string take_name(std::string_view& rest)
{
  if (rest.starts_with('"')) return take_quoted(rest, '"').value_or("");
  std::string name(rest.substr(0, rest.find_first_of(" ;")));
  rest.remove_prefix(name.size());
  return name;
}

bool take_word(std::string_view& rest, std::string_view word)
{
  if (!rest.starts_with(word)) return false;
  rest.remove_prefix(word.size());
  return true;
}

}  // namespace

std::optional<std::string> setting_of_line(std::string_view line)
{
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (!take_word(line, kAlterDatabase) || take_name(line).empty() || !take_word(line, " SET "))
    return std::nullopt;
  const std::string name = take_name(line);
  if (name.empty() || !take_word(line, " TO ")) return std::nullopt;
  // A list has a literal for each element. The catalog has names there, with quotes where needed.
  std::vector<std::string> values;
  do {
    std::optional<std::string> value = take_quoted(line, '\'');
    if (!value) return std::nullopt;
    values.push_back(*std::move(value));
  } while (take_word(line, ", "));
  if (line != ";") return std::nullopt;
  std::string text = name + "=";
  for (std::string_view between; const std::string& value : values) {
    const bool is_bare = values.size() == 1 && value != "$user";
    text += between;
    text += is_bare || is_plain_name(value) ? value : '"' + value + '"';
    between = ", ";
  }
  return text;
}

Result<> DumpSections::write(ByteView plain_sql, const Sink& out)
{
  const std::string_view text = text_of(plain_sql);
  if (!is_of_terminal_) {
    const std::size_t newline = text.find('\n');
    if (newline != std::string_view::npos)
      is_of_terminal_ = newline == 0 ? after_cr_ : text[newline - 1] == '\r';
  }
  if (is_of_terminal_ == false && !after_cr_) return take(text, out);

  // A CR that no LF follows is the dump's own.
  std::string joined;
  joined.reserve(text.size() + 1);
  for (const char c : text) {
    if (std::exchange(after_cr_, false) && (c != '\n' || is_of_terminal_ == false)) joined += '\r';
    if (c == '\r') {
      after_cr_ = true;
    } else {
      joined += c;
    }
  }
  return take(joined, out);
}

Result<> DumpSections::take(std::string_view text, const Sink& out)
{
  return lines_.update(
      text, [&](std::string_view line) { return see(line, out); },
      [&](std::string_view opaque) { return pass(opaque, out); });
}

Result<> DumpSections::finish(const Sink& out)
{
  if (std::exchange(after_cr_, false)) TRY(take("\r", out));
  const std::string last(lines_.open_line());
  if (!last.empty()) TRY(see(last, out));
  if (!held_.empty()) TRY(pass("", out));
  if (kind_ == Kind::unknown)
    return fail(Errc::corrupt,
                "this is not a plain dump of pg_dump or pg_dumpall: its header is missing");
  if (kind_ == Kind::server && !is_ended_)
    return fail(Errc::corrupt, "the dump is cut: its last line, '" + std::string(kServerTrailer) +
                                   "', is missing");
  return {};
}

Result<> DumpSections::see(std::string_view line, const Sink& out)
{
  if (kind_ == Kind::unknown && line == kServerHeader) kind_ = Kind::server;
  if (kind_ == Kind::unknown && line == kDatabaseHeader) {
    kind_ = Kind::database;
    TRY(begin(""));
    return pass("--\n-- PostgreSQL database dump\n", out);
  }
  if (kind_ == Kind::unknown) return {};
  if (kind_ == Kind::server) {
    if (line.starts_with(kSectionBegins) && line.ends_with(kSectionEnds)) {
      line.remove_prefix(kSectionBegins.size());
      line.remove_suffix(kSectionEnds.size());
      if (!held_.empty()) TRY(pass("", out));
      return begin(line);
    }
    if (line.starts_with(kServerTrailer)) {
      if (!held_.empty()) TRY(pass("", out));
      is_between_ = true;
      is_ended_ = true;
      return {};
    }
  }
  if (is_between_) return {};

  // pg_dump lifts its restriction for \connect alone, and sets it again behind it.
  if (line.starts_with("\\unrestrict ")) {
    if (!held_.empty()) TRY(pass("", out));
    held_ = line;
    return {};
  }
  if (line.starts_with("\\connect ")) {
    held_.clear();
    after_connect_ = true;
    return {};
  }
  if (std::exchange(after_connect_, false) && line.starts_with("\\restrict ")) return {};
  if (!held_.empty() && line == "\n") {
    held_ += line;
    return {};
  }
  if (line.starts_with(kAlterDatabase)) TRY(keep_setting(line));
  return pass(line, out);
}

/// Together with what was held back before it.
Result<> DumpSections::pass(std::string_view sql, const Sink& out)
{
  if (is_between_) return {};
  const std::size_t section = databases_.size() - 1;
  if (!held_.empty()) TRY(out(section, bytes_of(std::exchange(held_, {}))));
  return sql.empty() ? Result<>() : out(section, bytes_of(sql));
}

Result<> DumpSections::begin(std::string_view name)
{
  is_between_ = false;
  after_connect_ = false;
  databases_.push_back({.name = std::string(name), .settings = {}});
  return count_names(name.size());
}

Result<> DumpSections::keep_setting(std::string_view line)
{
  std::optional<std::string> setting = setting_of_line(line);
  if (!setting) return {};
  TRY(count_names(setting->size()));
  databases_.back().settings.push_back(*std::move(setting));
  return {};
}

Result<> DumpSections::count_names(std::size_t bytes)
{
  constexpr std::size_t kOfEach = 512;  // what is kept for each beside its name
  names_ += bytes + kOfEach;
  return names_ > kMostNamesInDump ? Result<>(too_many_names()) : Result<>();
}

}  // namespace ib
