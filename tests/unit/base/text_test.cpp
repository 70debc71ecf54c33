// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ib::test {
namespace {

TEST(FormatBytes, HasThreeDigitsAtMost)
{
  const std::pair<std::uint64_t, const char*> table[] = {
      {0, "0 B"},
      {37, "37 B"},
      {999, "999 B"},
      {1000, "1.0 KiB"},
      {1024, "1.0 KiB"},
      {1536, "1.5 KiB"},
      {10'188, "9.9 KiB"},
      {10'240, "10 KiB"},
      {1'022'976, "999 KiB"},
      {1'023'500, "1.0 MiB"},
      {1'048'576, "1.0 MiB"},
      {851'443'712, "812 MiB"},
      {1'503'238'554, "1.4 GiB"},
      {1'099'511'627'776, "1.0 TiB"},
      {1'125'899'906'842'624, "1.0 PiB"},
      {std::numeric_limits<std::uint64_t>::max(), "16384 PiB"},
  };
  for (const auto& [bytes, text] : table) EXPECT_EQ(format_bytes(bytes), text) << bytes;
}

TEST(FormatCount, GroupsByThousands)
{
  const std::pair<std::uint64_t, const char*> table[] = {
      {0, "0"},
      {999, "999"},
      {1000, "1,000"},
      {214'031, "214,031"},
      {1'000'000, "1,000,000"},
      {std::numeric_limits<std::uint64_t>::max(), "18,446,744,073,709,551,615"},
  };
  for (const auto& [count, text] : table) EXPECT_EQ(format_count(count), text);
  EXPECT_EQ(count_of(1, "file", "files"), "1 file");
  EXPECT_EQ(count_of(0, "file", "files"), "0 files");
  EXPECT_EQ(count_of(214'031, "file", "files"), "214,031 files");
}

TEST(ParseNumber, TakesAllOfATextOrNothing)
{
  EXPECT_EQ(parse_number<int>("-17"), -17);
  EXPECT_EQ(parse_number<std::uint32_t>("0017"), 17);
  EXPECT_EQ(parse_number<std::uint64_t>("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(parse_number<std::int64_t>("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(parse_number<double>("0.25"), 0.25);
  for (const char* const none : {"", " 1", "1 ", "+1", "1.", "1,000", "0x10", "x", "-"})
    EXPECT_EQ(parse_number<std::int64_t>(none), std::nullopt) << none;
  EXPECT_EQ(parse_number<std::uint32_t>("-1"), std::nullopt);
  EXPECT_EQ(parse_number<std::uint32_t>("4294967296"), std::nullopt);
  EXPECT_EQ(parse_number<int>("2147483648"), std::nullopt);
}

TEST(Printable, LeavesWhatAPersonCanRead)
{
  for (const char* text : {"", "photo 1.jpg", "f\xC3\xBCr", "\xE2\x82\xAC", "\xF0\x9F\x93\xB7",
                           "~!\"'$", "\xC2\xA0"}) {
    EXPECT_EQ(printable(text), text);
  }
}

TEST(Printable, EscapesWhateverCouldMoveACursorOrForgeALine)
{
  const std::pair<std::string_view, const char*> table[] = {
      {"a\nb", "a\\nb"},
      {"a\tb\rc", "a\\tb\\rc"},
      {"\x1B[31m", "\\x1b[31m"},
      {{"\0", 1}, "\\x00"},
      {"\x7F", "\\x7f"},
      {"a\\nb", "a\\\\nb"},
      {"\xC2\x9B"
       "31m",
       "\\xc2\\x9b31m"},  // CSI as one C1 character
      {"\xC2\x80\xC2\x9F", "\\xc2\\x80\\xc2\\x9f"},
      {"\x9B", "\\x9b"},
      {"\xFF\xFE", "\\xff\\xfe"},
      {"\xC3", "\\xc3"},  // cut
      {"\xC3(", "\\xc3("},
      {"\xC0\xAF", "\\xc0\\xaf"},  // overlong /
      {"\xE0\x80\xAF", "\\xe0\\x80\\xaf"},
      {"\xED\xA0\x80", "\\xed\\xa0\\x80"},           // a surrogate
      {"\xF4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},  // above U+10FFFF
      {"\xF0\x9F\x93", "\\xf0\\x9f\\x93"},
  };
  for (const auto& [name, text] : table) EXPECT_EQ(printable(name), text);
}

TEST(Utf8, IsToldByItsBytes)
{
  for (const char* good :
       {"", "a", "\xC3\xBC", "\xE2\x82\xAC", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(is_valid_utf8(good)) << good;
    EXPECT_EQ(to_utf8(good), good);
  }
  EXPECT_TRUE(is_valid_utf8(std::string_view("\0", 1)));
  for (const char* bad : {"\x80", "\xC1\x81", "\xE0\x9F\xBF", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF",
                          "\xF5\x80\x80\x80", "a\xE2\x82"}) {
    EXPECT_FALSE(is_valid_utf8(bad)) << printable(bad);
    EXPECT_TRUE(is_valid_utf8(to_utf8(bad)));
  }
}

TEST(Utf8, ReplacesEachOffendingByte)
{
  EXPECT_EQ(to_utf8("a\xFFz"), "a\xEF\xBF\xBDz");
  EXPECT_EQ(to_utf8("\xE2\x82"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(to_utf8("\xC3\xBC\x80"), "\xC3\xBC\xEF\xBF\xBD");
}

TEST(EscapedBytes, ArePrintableAsciiAndComeBack)
{
  std::string every;
  for (int c = 0; c < 256; ++c) every += static_cast<char>(c);
  const std::string escaped = escape_bytes(every);
  for (const char c : escaped) EXPECT_TRUE(c > ' ' && c <= '~') << escaped;
  EXPECT_EQ(unescape_bytes(escaped), every);
  const std::pair<std::string_view, const char*> table[] = {
      {"/upload/a.jpg", "/upload/a.jpg"},
      {"a b", "a%20b"},
      {"100%", "100%25"},
      {"\n\xFF", "%0a%ff"},
      {"", ""},
  };
  for (const auto& [bytes, text] : table) {
    EXPECT_EQ(escape_bytes(bytes), text);
    EXPECT_EQ(unescape_bytes(text), bytes);
  }
  for (const char* lone : {"%", "%2", "%zz", "a%g0"}) EXPECT_EQ(unescape_bytes(lone), lone);
}

TEST(ShellQuoted, IsOneWordThatAShellReadsBack)
{
  EXPECT_EQ(shell_quoted("/upload/a-b_c.jpg"), "/upload/a-b_c.jpg");
  EXPECT_EQ(shell_quoted(""), "''");
  EXPECT_EQ(shell_quoted("/a b"), "'/a b'");
  EXPECT_EQ(shell_quoted("/it's $HOME `x`"), "'/it'\\''s $HOME `x`'");
  EXPECT_EQ(shell_quoted("/back\\slash"), "'/back\\slash'");
  EXPECT_EQ(shell_quoted("/gr\xC3\xBC"), "'/gr\xC3\xBC'");
  EXPECT_EQ(shell_quoted("/a\n1"), "$'/a\\0121'");
  EXPECT_EQ(shell_quoted("/a\xff'\\"), "$'/a\\377\\'\\\\'");
  EXPECT_EQ(shell_quoted("/a\xdc\\\x9d"), "$'/a\\334\\\\\\235'")
      << "the bytes beside a backslash are no character";
}

TEST(Wrapped, FillsLinesWithWholeWords)
{
  EXPECT_EQ(wrapped("", 0, 0, 9), "");
  EXPECT_EQ(wrapped("one two three", 0, 0, 100), "one two three");
  EXPECT_EQ(wrapped("one two three", 0, 0, 9), "one two\nthree");
  EXPECT_EQ(wrapped("one two three", 4, 4, 9), "one\n    two\n    three");
  EXPECT_EQ(wrapped("one two", 7, 2, 9), "\n  one two") << "it begins far to the right";
  EXPECT_EQ(wrapped("immeasurable", 0, 0, 9), "immeasurable") << "no word is broken";
}

TEST(Wrapped, TakesAnySpaceForOne)
{
  EXPECT_EQ(wrapped("\n    one\n    two  three\n", 0, 0, 100), "one two three");
}

TEST(FrontOf, EndsWithAWholeCharacter)
{
  EXPECT_EQ(front_of("abc", 3), "abc");
  EXPECT_EQ(front_of("abc", 2), "ab");
  EXPECT_EQ(front_of("aä", 2), "a");
  EXPECT_EQ(front_of("日本", 5), "日");
  EXPECT_EQ(front_of("日本", 2), "");
}

}  // namespace
}  // namespace ib::test
