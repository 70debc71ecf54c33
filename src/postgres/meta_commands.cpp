// SPDX-License-Identifier: Apache-2.0
#include "postgres/meta_commands.hpp"

#include <algorithm>
#include <utility>

namespace ib {
namespace {

constexpr std::string_view kRestrict = "\\restrict ";
constexpr std::string_view kUnrestrict = "\\unrestrict ";
constexpr std::size_t kLongestOfThePair = 128;  // pg_dump's token has 63 letters and digits

// CopyAttributeOutText() in PostgreSQL's copyto.c writes these, and the end of the data.
constexpr std::string_view kEscapes = "bfnrtv\\N.";
// With these begin commands of psql: \bind, \flush, \reset, \timing. They do no harm, but psql runs
// what stands between backticks in their arguments.
constexpr std::string_view kCommandsToo = "bfrt";

bool is_token(std::string_view text)
{
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  });
}

}  // namespace

void MetaCommandCheck::update(ByteView plain_sql)
{
  for (const char c : text_of(plain_sql)) {
    if (at_start_ && c == '\\') is_held_ = true;
    at_start_ = c == '\n';
    if (!is_held_) {
      see(c);
    } else if (c == '\n') {
      end_first_word(true);
      see(c);
    } else {
      held_ += c;
      if (held_.size() > kLongestOfThePair) end_first_word(false);
    }
  }
}

void MetaCommandCheck::finish()
{
  if (is_held_) end_first_word(true);
  if (after_backslash_ && !found_) found_ = line_;
}

void MetaCommandCheck::end_first_word(bool whole)
{
  is_held_ = false;
  const std::string held = std::exchange(held_, {});
  if (whole && is_of_the_pair(held)) return;
  const bool is_another = held.starts_with(kRestrict) || held.starts_with(kUnrestrict);
  if (is_another && !found_) found_ = line_;
  for (const char c : held) see(c);
}

bool MetaCommandCheck::is_of_the_pair(std::string_view line)
{
  if (line.starts_with(kRestrict) && token_.empty() && is_token(line.substr(kRestrict.size()))) {
    token_ = line.substr(kRestrict.size());
    return true;
  }
  if (!line.starts_with(kUnrestrict) || token_.empty() || is_over_ ||
      line.substr(kUnrestrict.size()) != token_)
    return false;
  is_over_ = true;
  return true;
}

void MetaCommandCheck::see(char c)
{
  const bool is_escape = after_backslash_ && kEscapes.contains(c);
  const bool is_refused = (after_backslash_ && !is_escape) || (is_command_ && c == '`');
  if (is_refused && !found_) found_ = line_;
  if (is_escape && kCommandsToo.contains(c)) is_command_ = true;
  after_backslash_ = c == '\\' && !is_escape;
  if (c != '\n') return;
  ++line_;
  is_command_ = false;
}

}  // namespace ib
