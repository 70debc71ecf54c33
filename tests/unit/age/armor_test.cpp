// SPDX-License-Identifier: Apache-2.0
#include "age/armor.hpp"

#include "support/builders.hpp"
#include "support/matchers.hpp"
#include "sys/hash.hpp"

namespace ib::test {
namespace {

constexpr std::string_view kBegin = "-----BEGIN AGE ENCRYPTED FILE-----\n";
constexpr std::string_view kEnd = "-----END AGE ENCRYPTED FILE-----\n";

std::string armored(std::string_view bytes, std::string_view end_of_line = "\n")
{
  std::string digits = to_base64(bytes_of(bytes));
  std::string text(kBegin);
  for (std::size_t at = 0; at < digits.size(); at += 64)
    text += digits.substr(at, 64) + std::string(end_of_line);
  return text + std::string(kEnd);
}

TEST(AgeArmor, IsReadWhateverTheLengthOfItsLastLine)
{
  for (std::size_t size = 1; size <= 200; ++size) {
    const std::string bytes = random_bytes(size, static_cast<unsigned>(size));
    for (const std::string_view end_of_line : {"\n", "\r\n"})
      EXPECT_EQ(text_of(must(decode_age_armor(armored(bytes, end_of_line)))), bytes) << size;
  }
}

TEST(AgeArmor, MayHaveWhitespaceBeforeAndAfterItAndNoLastNewline)
{
  const std::string text = armored("a photo");
  EXPECT_EQ(text_of(must(decode_age_armor("\n\r  \t\n" + text + " \r\n\n\t"))), "a photo");
  EXPECT_EQ(text_of(must(decode_age_armor(text.substr(0, text.size() - 1)))), "a photo");
}

struct Malformed {
  std::string text;
  std::string says;
};

TEST(AgeArmor, HasNoOtherSpelling)
{
  const std::string begin(kBegin);
  const std::string end(kEnd);
  const std::string line(64, 'A');
  const std::string first = "its first line is another";
  const std::string digits = "a line is not canonical base64 of at most 64 digits";
  const std::string shorter = "a line is not of 64 digits, and is not the last";
  const std::string last = "its last line is missing";
  for (const Malformed& malformed : std::vector<Malformed>{
           {"", first},
           {"age-encryption.org/v1\n", first},
           {"garbage\n" + begin + "AAAA\n" + end, first},
           {"-----BEGIN age ENCRYPTED FILE-----\nAAAA\n" + end, first},
           {"----- BEGIN AGE ENCRYPTED FILE -----\nAAAA\n" + end, first},
           {"-----BEGIN AGE ENCRYPTED FILE----- \nAAAA\n" + end, first},
           {begin, last},
           {begin + line + "\n", last},
           {begin + "AAAA\n-----END AGE ENCRYPTED MESSAGE-----\n", shorter},
           {begin + "Version: 1\n\nAAAA\n" + end, digits},
           {begin + "\nAAAA\n" + end, digits},
           {begin + line + "\n\n" + end, digits},
           {begin + line + "AAAA\n" + end, digits},
           {begin + "AAA\n" + end, digits},
           {begin + "AAB=\n" + end, digits},
           {begin + "AA\n" + end, digits},
           {begin + "A===\n" + end, digits},
           {begin + " AAAA\n" + end, digits},
           {begin + "AAAA \n" + end, digits},
           {begin + "AA*A\n" + end, digits},
           {begin + "AA==AAAA\n" + end, digits},
           {begin + "AAAA\n" + line + "\n" + end, shorter},
           {begin + line.substr(4) + "AAA=\n" + line + "\n" + end, shorter},
           {begin + "AAAA\n" + end + "more\n", "something follows its last line"},
           {begin + "AAAA\n" + end + begin + "AAAA\n" + end, "something follows its last line"}}) {
    const Result<std::vector<std::byte>> file = decode_age_armor(malformed.text);
    ASSERT_TRUE(fails_with(Errc::corrupt, file)) << malformed.text;
    EXPECT_EQ(file.error().message, "its armor is malformed: " + malformed.says) << malformed.text;
  }
}

}  // namespace
}  // namespace ib::test
