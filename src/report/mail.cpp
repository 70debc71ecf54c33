// SPDX-License-Identifier: Apache-2.0
#include "report/mail.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace ib {
namespace {

constexpr std::string_view kEnd = "\r\n";
constexpr std::size_t kLongestLine = 76;  // RFC 2045, 6.7; RFC 2047, 2
constexpr std::string_view kWordBegins = "=?utf-8?q?";
constexpr std::string_view kWordEnds = "?=";

/// "=E2"
std::string escaped(char byte)
{
  constexpr std::string_view kHex = "0123456789ABCDEF";
  const auto c = static_cast<unsigned char>(byte);
  return {'=', kHex[c >> 4U], kHex[c & 15U]};
}

bool is_plain_ascii(std::string_view text)
{
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

/// "Thu, 15 Jan 2026 03:00:00 +0000"
std::string format_mail_date(Timestamp time)
{
  constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 64> text{};
  const int n = std::snprintf(
      text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d +0000",
      kDays.at(std::chrono::weekday(day).c_encoding()), static_cast<unsigned>(date.day()),
      kMonths.at(static_cast<unsigned>(date.month()) - 1), static_cast<int>(date.year()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()));
  return {text.data(), static_cast<std::size_t>(n)};
}

/// An address holds no such bytes. One that does becomes no other header either.
std::string bare(std::string_view address)
{
  std::string text;
  for (const char c : address) text += c > ' ' && c <= '~' && c != '<' && c != '>' ? c : '?';
  return text;
}

/// A text of UTF-8 as encoded words (RFC 2047), one a line, none of which cuts a character. The
/// first line begins in `column`.
std::string encoded_words(std::string_view text, std::size_t column)
{
  constexpr std::size_t kRoom = kLongestLine - kWordBegins.size() - kWordEnds.size();
  std::string words(kWordBegins);
  std::size_t room = kRoom - column;
  while (!text.empty()) {
    const std::string_view character = text.substr(0, std::max<std::size_t>(1, utf8_length(text)));
    const char c = character.front();
    const bool as_it_is =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    std::string coded;
    if (as_it_is) coded = c;
    if (c == ' ') coded = '_';
    if (coded.empty())
      for (const char byte : character) coded += escaped(byte);
    if (coded.size() > room) {
      words += std::string(kWordEnds) + std::string(kEnd) + " " + std::string(kWordBegins);
      room = kRoom - 1;
    }
    room -= coded.size();
    words += coded;
    text.remove_prefix(character.size());
  }
  return words + std::string(kWordEnds);
}

/// What stands behind "Subject: ".
std::string subject_value(std::string_view subject)
{
  constexpr std::string_view kName = "Subject: ";
  const std::string text = to_utf8(printable(subject));
  const bool reads_as_it_is = is_plain_ascii(text) && !text.contains("=?") &&
                              text.size() + kName.size() <= kLongestLine && !text.ends_with(' ') &&
                              !text.starts_with(' ');
  return reads_as_it_is ? text : encoded_words(text, kName.size());
}

/// RFC 2045, 6.7. Each line break of the text is one of the message.
std::string quoted_printable(std::string_view text)
{
  std::string out;
  std::size_t column = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') {
      out += kEnd;
      column = 0;
      continue;
    }
    const bool ends_line = i + 1 == text.size() || text[i + 1] == '\n';
    const bool blank = (c == ' ' || c == '\t') && !ends_line;
    const bool as_it_is = blank || (c > ' ' && c <= '~' && c != '=');
    const std::string coded = as_it_is ? std::string(1, c) : escaped(c);
    // A line that goes on ends with "=".
    if (column + coded.size() > kLongestLine - (ends_line ? 0 : 1)) {
      out += "=" + std::string(kEnd);
      column = 0;
    }
    out += coded;
    column += coded.size();
  }
  if (column > 0) out += kEnd;
  return out;
}

}  // namespace

std::string mail_of(const MailHead& head, std::string_view text)
{
  const std::string from = bare(head.from);
  std::string recipients;
  for (const std::string& to : head.to)
    recipients += (recipients.empty() ? "" : "," + std::string(kEnd) + " ") + bare(to);
  std::string message;
  const auto add = [&](std::string_view name, std::string_view value) {
    message += std::string(name) + ": " + std::string(value) + std::string(kEnd);
  };
  add("Date", format_mail_date(head.date));
  add("From", "immich-backup <" + from + ">");
  add("To", recipients);
  add("Subject", subject_value(head.subject));
  add("Message-ID", "<" + bare(head.id) + from.substr(std::min(from.find('@'), from.size())) + ">");
  add("Auto-Submitted", "auto-generated");
  add("MIME-Version", "1.0");
  add("Content-Type", "text/plain; charset=utf-8");
  add("Content-Transfer-Encoding", "quoted-printable");
  return message + std::string(kEnd) + quoted_printable(to_utf8(text));
}

}  // namespace ib
