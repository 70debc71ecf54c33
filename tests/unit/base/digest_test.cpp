// SPDX-License-Identifier: Apache-2.0
#include "base/digest.hpp"

#include "base/bytes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ib::test {
namespace {

TEST(Hex, WritesLowerCaseAndReadsEitherCase)
{
  EXPECT_EQ(to_hex(bytes_of(std::string_view("\x00\x09\x7f\xab\xff", 5))), "00097fabff");
  EXPECT_EQ(to_hex({}), "");
  std::array<std::byte, 3> out{};
  EXPECT_TRUE(from_hex("00aBfF", out));
  EXPECT_EQ(to_hex(out), "00abff");
}

TEST(Hex, RefusesOtherLengthsAndOtherCharacters)
{
  std::array<std::byte, 2> out{};
  for (const char* bad :
       {"", "00", "000", "00000", "000000", "00g0", "0x00", " 000", "00:0", "00@0", "00`0"}) {
    EXPECT_FALSE(from_hex(bad, out)) << bad;
  }
}

TEST(Digest, IsParsedFromExactlyItsLength)
{
  const std::string hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  const Result<Sha256> parsed = Sha256::parse(hex);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->hex(), hex);
  for (const std::string& bad : {hex.substr(1), hex + "0", std::string(), std::string(64, 'z')}) {
    const Result<Sha256> refused = Sha256::parse(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code, Errc::corrupt);
  }
}

TEST(Base64, MatchesTheVectorsOfRfc4648)
{
  const std::pair<const char*, const char*> table[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
      {"\xff\xff\xfe", "///+"},
  };
  for (const auto& [plain, encoded] : table) EXPECT_EQ(to_base64(bytes_of(plain)), encoded);
}

TEST(Crc32cText, IsWhatGoogleCloudStorageWrites)
{
  // The CRC-32C of "123456789".
  EXPECT_EQ(Crc32c{0xE3069283}.base64(), "4waSgw==");
  EXPECT_EQ(Crc32c{0}.base64(), "AAAAAA==");
  EXPECT_EQ(Crc32c{0xFFFFFFFF}.base64(), "/////w==");
  for (const std::uint32_t value : {0U, 1U, 0x80000000U, 0xFFFFFFFFU, 0xE3069283U, 0x01020304U}) {
    const Result<Crc32c> parsed = Crc32c::parse_base64(Crc32c{value}.base64());
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->value, value);
  }
}

TEST(Crc32cText, RefusesWhatIsNotFourBytes)
{
  for (const char* bad : {"", "4waSgw", "4waSgw=", "4waSgx==", "4waS-w==", "4waSgw===", "4waSgwA=",
                          "====AA==", "4waSgw= "}) {
    const Result<Crc32c> parsed = Crc32c::parse_base64(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_EQ(parsed.error().code, Errc::corrupt);
  }
}

}  // namespace
}  // namespace ib::test
