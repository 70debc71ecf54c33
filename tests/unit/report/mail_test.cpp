// SPDX-License-Identifier: Apache-2.0
#include "report/mail.hpp"

#include "base/text.hpp"
#include "support/builders.hpp"
#include "support/dice.hpp"

#include <charconv>
#include <map>

namespace ib::test {
namespace {

MailHead head(const std::string& subject = "immich-backup: backup failed (file:///mnt/usb)")
{
  return {.from = "backup@example.org",
          .to = {"me@example.org"},
          .subject = subject,
          .date = *parse_timestamp("2026-01-15T03:05:09Z"),
          .id = "0123456789abcdef"};
}

std::vector<std::string> lines_of(std::string_view text)
{
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find("\r\n");
    EXPECT_NE(end, text.npos) << "a line without its end: " << text;
    if (end == text.npos) break;
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 2);
  }
  return lines;
}

char from_hex(std::string_view digits)
{
  int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + 2, value, 16);
  EXPECT_TRUE(error == std::errc() && end == digits.data() + 2) << digits;
  return static_cast<char>(value);
}

/// What a reader makes of "=E2=82=AC"; with `underscores`, as in a header.
std::string decoded(std::string_view text, bool underscores)
{
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '=' && i + 2 < text.size()) {
      plain += from_hex(text.substr(i + 1, 2));
      i += 2;
    } else {
      plain += underscores && text[i] == '_' ? ' ' : text[i];
    }
  }
  return plain;
}

/// A message as a mail program reads it, by the rules of RFC 5322, 2045 and 2047.
struct ReadMail {
  std::vector<std::string> names;
  std::map<std::string, std::string> headers;
  std::string text;

  explicit ReadMail(const std::string& message)
  {
    const std::vector<std::string> lines = lines_of(message);
    std::size_t i = 0;
    for (; i < lines.size() && !lines[i].empty(); ++i) {
      const std::string& line = lines[i];
      EXPECT_LE(line.size(), 76U) << line;
      if (line.starts_with(' ')) {
        headers[names.back()] += line;
        continue;
      }
      const std::size_t colon = line.find(": ");
      EXPECT_NE(colon, line.npos) << line;
      names.push_back(line.substr(0, colon));
      EXPECT_TRUE(headers.emplace(names.back(), line.substr(colon + 2)).second) << line;
    }
    for (++i; i < lines.size(); ++i) {
      EXPECT_LE(lines[i].size(), 76U) << lines[i];
      const bool goes_on = lines[i].ends_with('=');
      EXPECT_FALSE(lines[i].ends_with(' ') || lines[i].ends_with('\t')) << "lost on the way";
      text += decoded(goes_on ? lines[i].substr(0, lines[i].size() - 1) : lines[i], false);
      if (!goes_on) text += '\n';
    }
  }

  std::string subject() const
  {
    std::string_view left = headers.at("Subject");
    if (!left.starts_with("=?")) return std::string(left);
    std::string whole;
    while (!left.empty()) {
      EXPECT_TRUE(left.starts_with("=?utf-8?q?")) << left;
      const std::size_t end = left.find("?=", 10);
      const std::string word = decoded(left.substr(10, end - 10), true);
      EXPECT_TRUE(is_valid_utf8(word)) << "a character is cut: " << left;
      whole += word;
      left.remove_prefix(std::min(end + 3, left.size()));  // with the blank between two words
    }
    return whole;
  }
};

const std::vector<std::string> kNames{"Date",         "From",         "To",
                                      "Subject",      "Message-ID",   "Auto-Submitted",
                                      "MIME-Version", "Content-Type", "Content-Transfer-Encoding"};

TEST(Mail, IsAMessageThatAllProgramsRead)
{
  EXPECT_EQ(mail_of(head(), "backup: failed, 1 problem\n.hidden = x"),
            "Date: Thu, 15 Jan 2026 03:05:09 +0000\r\n"
            "From: immich-backup <backup@example.org>\r\n"
            "To: me@example.org\r\n"
            "Subject: immich-backup: backup failed (file:///mnt/usb)\r\n"
            "Message-ID: <0123456789abcdef@example.org>\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n"
            "\r\n"
            "backup: failed, 1 problem\r\n"
            ".hidden =3D x\r\n");
}

TEST(Mail, NamesAllWhomItGoesTo)
{
  MailHead all = head();
  all.to = {"a@example.org", "b@example.org", "c@example.org"};
  EXPECT_EQ(ReadMail(mail_of(all, "")).headers["To"],
            "a@example.org, b@example.org, c@example.org");
}

TEST(Mail, ReadsBackAsItWasWritten)
{
  const std::string euro = "\xe2\x82\xac";
  std::string euros;
  for (int i = 0; i < 200; ++i) euros += euro;
  for (const std::string& text :
       {std::string(), std::string("a"), std::string("a\n\n\nb"), std::string("blank \ntab\t\nx "),
        std::string("a=b =20 =?utf-8?q?x?="), std::string(".\n..\n.x"), std::string(75, 'x'),
        std::string(76, 'x'), std::string(77, 'x'), std::string(5000, '.'), std::string(150, ' '),
        std::string(74, 'x') + "=", std::string(75, 'x') + euro, euros,
        std::string("From here\n--\n"), std::string("a\rb\x01\x7f")}) {
    const ReadMail mail(mail_of(head(), text));
    EXPECT_EQ(mail.text, text + (text.empty() || text.ends_with('\n') ? "" : "\n"));
    EXPECT_EQ(mail.names, kNames);
    EXPECT_THAT(mail.headers.at("Content-Type"), HasSubstr("utf-8"));
  }
  for (const std::string& subject :
       {std::string("a"), std::string("caf\xc3\xa9 " + euro), std::string("=?utf-8?q?x?="),
        std::string(67, 'x'), std::string(68, 'x'), std::string(300, 'x'), euros,
        std::string("a_b = c? \xf0\x9f\x93\xb7"), std::string(" blanks ")})
    EXPECT_EQ(ReadMail(mail_of(head(subject), "")).subject(), subject);
}

TEST(Mail, LetsNobodyWriteAHeader)
{
  const std::string evil = "x\r\nBcc: victim@example.net\r\n\r\n<b>\nBcc: v@example.net\rBcc: w";
  MailHead forged = head(evil);
  forged.from = "a@h>\r\nBcc: victim@example.net";
  forged.to = {"b@example.org\nBcc: victim@example.net", "c@example.org"};
  forged.id = "1>\r\nBcc: x@h";
  const ReadMail mail(mail_of(forged, evil + "\r\n.\r\nMAIL FROM:<x@example.net>"));
  EXPECT_EQ(mail.names, kNames);
  for (const auto& [name, value] : mail.headers) EXPECT_EQ(value.find('\r'), value.npos) << name;
  EXPECT_THAT(mail.subject(), HasSubstr("x\\r\\nBcc"));
  EXPECT_THAT(mail.text, HasSubstr("Bcc: victim"));
}

TEST(Mail, HoldsNothingButPrintableAscii)
{
  Dice dice(7);
  for (int i = 0; i < 500; ++i) {
    std::string bytes;
    for (std::uint64_t n = dice.below(400); n > 0; --n) bytes += static_cast<char>(dice.below(256));
    MailHead random = head(bytes);
    random.to = {bytes.substr(0, 20)};
    const std::string message = mail_of(random, bytes);
    EXPECT_TRUE(std::ranges::all_of(message, [](char c) {
      return (c >= ' ' && c <= '~') || c == '\t' || c == '\r' || c == '\n';
    }));
    const ReadMail mail(message);
    EXPECT_EQ(mail.names, kNames);
    EXPECT_EQ(mail.subject(), printable(bytes));
    const std::string text = to_utf8(bytes);
    EXPECT_EQ(mail.text, text + (text.empty() || text.ends_with('\n') ? "" : "\n"));
  }
}

}  // namespace
}  // namespace ib::test
