// SPDX-License-Identifier: Apache-2.0
#include "sys/gzip.hpp"

#include "support/builders.hpp"
#include "support/gzip.hpp"

namespace ib::test {
namespace {

Result<std::string> expand(std::string_view compressed, std::size_t piece = SIZE_MAX)
{
  std::string out;
  GzipReader reader([&](ByteView bytes) -> Result<> {
    out += text_of(bytes);
    return {};
  });
  while (!compressed.empty()) {
    const std::size_t n = std::min(piece, compressed.size());
    TRY(reader.write(bytes_of(compressed.substr(0, n))));
    compressed.remove_prefix(n);
  }
  TRY(reader.finish());
  return out;
}

TEST(Gzip, ExpandsToWhatWasCompressed)
{
  for (const std::string& plain : {std::string(), std::string("x"), std::string(3'000'000, 'a'),
                                   random_bytes(1'000'000, 1), random_bytes(64 * 1024, 2)}) {
    for (const int level : {1, 6, 9})
      EXPECT_TRUE(must(expand(gzip(plain, level))) == plain) << plain.size();
  }
  EXPECT_LT(gzip(std::string(3'000'000, 'a')).size(), 10'000U);
}

TEST(Gzip, ExpandsByteByByte)
{
  const std::string plain = random_bytes(1000, 3) + std::string(100'000, 'z');
  EXPECT_TRUE(must(expand(gzip(plain), 1)) == plain);
}

TEST(Gzip, ExpandsSeveralMembersAsOne)
{
  const std::string both = gzip("first ") + gzip("") + gzip("second");
  EXPECT_EQ(must(expand(both)), "first second");
  EXPECT_EQ(must(expand(both, 1)), "first second");
}

TEST(Gzip, IsCorruptWhereverItIsCut)
{
  const std::string whole = gzip("a dump of some length, a dump of some length");
  for (std::size_t n = 0; n < whole.size(); ++n)
    EXPECT_TRUE(fails_with(Errc::corrupt, expand(whole.substr(0, n)))) << n;
  const std::string two = whole + gzip("and a second member");
  for (std::size_t n = whole.size() + 1; n < two.size(); ++n)
    EXPECT_TRUE(fails_with(Errc::corrupt, expand(two.substr(0, n)))) << n;
}

TEST(Gzip, IsCorruptWithOtherBytesBehindIt)
{
  for (const std::string& garbage : {std::string("x"), std::string("\0", 1), std::string("\x1f"),
                                     std::string("\x1f\x8b"), std::string("more text")}) {
    EXPECT_TRUE(fails_with(Errc::corrupt, expand(gzip("plain") + garbage))) << garbage;
  }
  EXPECT_TRUE(fails_with(Errc::corrupt, expand("not gzip at all")));
}

TEST(Gzip, NoticesEveryFlippedBitOfItsData)
{
  const std::string plain = "The quick brown fox jumps over the lazy dog";
  const std::string whole = gzip(plain);
  int harmless = 0;
  for (std::size_t i = 10; i < whole.size();
       ++i) {  // the ten before are the header: time, flags, system
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(static_cast<unsigned char>(damaged[i]) ^ (1U << bit));
      const Result<std::string> expanded = expand(damaged);
      if (expanded) {
        ASSERT_EQ(*expanded, plain) << i << "." << bit;  // a bit that only fills up the last byte
        ++harmless;
      }
    }
  }
  EXPECT_LT(harmless, 8);
}

TEST(Gzip, PassesOnTheErrorOfItsSink)
{
  const ByteSink full = [](ByteView) -> Result<> { return fail(Errc::io, "full"); };
  GzipReader reader(full);
  EXPECT_TRUE(fails_with(Errc::io, reader.write(bytes_of(gzip("plain")))));
}

}  // namespace
}  // namespace ib::test
