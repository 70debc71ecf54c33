// SPDX-License-Identifier: Apache-2.0
#include "sys/hash.hpp"

#include "support/builders.hpp"

namespace ib::test {
namespace {

TEST(Crc32cSum, MatchesTheVectorsOfRfc3720)
{
  std::string ascending(32, '\0');
  std::string descending(32, '\0');
  for (std::size_t i = 0; i < 32; ++i) {
    ascending[i] = static_cast<char>(i);
    descending[i] = static_cast<char>(31 - i);
  }
  const std::pair<std::string, std::uint32_t> table[] = {
      {"", 0},
      {"123456789", 0xE3069283},
      {std::string(32, '\0'), 0x8A9136AA},
      {std::string(32, '\xFF'), 0x62A8AB43},
      {ascending, 0x46DD794E},
      {descending, 0x113FDB5C},
      {"a", 0xC1D04330},
  };
  for (const auto& [bytes, crc] : table)
    EXPECT_EQ(crc32c(bytes_of(bytes)).value, crc) << bytes.size();
}

TEST(Crc32cSum, IsTheSameInPiecesOfAnySize)
{
  const std::string bytes = random_bytes(10'000, 1);
  // Bit by bit, by the definition: neither table nor instruction.
  std::uint32_t slow = 0xFFFFFFFF;
  for (const char c : bytes) {
    slow ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) slow = (slow >> 1U) ^ ((slow & 1U) != 0 ? 0x82F63B78U : 0U);
  }
  const Crc32c whole = crc32c(bytes_of(bytes));
  EXPECT_EQ(whole.value, ~slow);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    const Crc32c first = crc32c(bytes_of(bytes).first(cut));
    ASSERT_EQ(crc32c(bytes_of(bytes).subspan(cut), first), whole) << cut;
  }
}

TEST(ContentHashing, MatchesKnownVectors)
{
  struct {
    std::string bytes;
    const char* sha1;
    const char* sha256;
  } const table[] = {
      {"", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
       "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "a9993e364706816aba3e25717850c26c9cd0d89d",
       "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {std::string(1'000'000, 'a'), "34aa973cd4c4daa4f61eeb2bdbad27316534016f",
       "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
  };
  for (const auto& row : table) {
    const Content content = content_of(row.bytes);
    EXPECT_EQ(content.sha1.hex(), row.sha1);
    EXPECT_EQ(content.sha256.hex(), row.sha256);
    EXPECT_EQ(sha256(bytes_of(row.bytes)), content.sha256);
    EXPECT_EQ(content.crc32c, crc32c(bytes_of(row.bytes)));
    EXPECT_EQ(content.size, row.bytes.size());
  }
}

TEST(ContentHashing, IsThatOfTheLibraryAtEveryLengthAndInPiecesOfAnySize)
{
  const std::string bytes = random_bytes(1000, 2);
  ContentHasher by_library(Hashing::by_library);
  ContentHasher fastest;
  for (std::size_t length = 0; length <= bytes.size(); ++length) {
    const ByteView all = bytes_of(bytes).first(length);
    by_library.update(all);
    const Content expected = by_library.finish();
    ASSERT_EQ(expected.sha256, sha256(all));
    ASSERT_EQ(expected.crc32c, crc32c(all));
    fastest.update(all);
    ASSERT_EQ(fastest.finish(), expected) << length;
    const std::size_t piece = 1 + length % 131;  // below, at and above one block and two
    for (std::size_t at = 0; at < length; at += piece)
      fastest.update(all.subspan(at, std::min(piece, length - at)));
    ASSERT_EQ(fastest.finish(), expected) << length << " in pieces of " << piece;
  }
}

TEST(ContentHashing, CountsTheBitsOfMoreThanHalfAGibibyte)
{
  // 2^32 bits and some: where a length of 32 bits would begin again.
  const std::string piece(std::size_t{1024} * 1024, 'x');
  ContentHasher hasher;
  for (int i = 0; i < 513; ++i) hasher.update(bytes_of(piece));
  const Content content = hasher.finish();
  EXPECT_EQ(content.sha1.hex(), "14f89dfb131b127270cebbd8654a912cb840af89");
  EXPECT_EQ(content.sha256.hex(),
            "249d1addcf890fdca3fa1e6504b0eafdb5ce74370f3d48c880c0f21fa7e6a7ec");
}

TEST(ContentHashing, StartsAgainAfterItsEnd)
{
  ContentHasher hasher;
  hasher.update(bytes_of("left over"));
  static_cast<void>(hasher.finish());
  hasher.update(bytes_of("a"));
  hasher.update({});
  hasher.update(bytes_of("bc"));
  EXPECT_EQ(hasher.finish(), content_of("abc"));
  EXPECT_EQ(hasher.finish(), content_of(""));
}

}  // namespace
}  // namespace ib::test
