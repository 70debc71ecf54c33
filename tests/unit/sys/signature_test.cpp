// SPDX-License-Identifier: Apache-2.0
#include "sys/signature.hpp"

#include <gtest/gtest.h>

namespace ib {
namespace {

template <class D>
D from(std::string_view hex)
{
  return D::parse(hex).value();
}

std::string bytes(std::string_view hex)
{
  std::string text(hex.size() / 2, '\0');
  EXPECT_TRUE(from_hex(hex, std::as_writable_bytes(std::span(text))));
  return text;
}

// RFC 8032, section 7.1, tests 1 and 3
TEST(Ed25519, MakesTheSignaturesOfTheStandard)
{
  const Ed25519Key first(
      from<Sha256>("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
  EXPECT_EQ(first.public_key().hex(),
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  EXPECT_EQ(first.sign(bytes_of("")).hex(),
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");

  const Ed25519Key third(
      from<Sha256>("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"));
  EXPECT_EQ(third.sign(bytes_of(bytes("af82"))).hex(),
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");
}

TEST(Ed25519, VerifiesNothingButWhatWasSigned)
{
  const Ed25519Key key(Sha256{});
  const Ed25519Key other(
      from<Sha256>("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
  const Signature signature = key.sign(bytes_of("a manifest"));
  EXPECT_TRUE(verify_signature(key.public_key(), bytes_of("a manifest"), signature));
  EXPECT_FALSE(verify_signature(key.public_key(), bytes_of("a manifesto"), signature));
  EXPECT_FALSE(verify_signature(other.public_key(), bytes_of("a manifest"), signature));
  for (std::size_t i = 0; i < signature.bytes.size(); ++i) {
    Signature changed = signature;
    changed.bytes[i] ^= std::byte{1};
    EXPECT_FALSE(verify_signature(key.public_key(), bytes_of("a manifest"), changed)) << i;
  }
}

TEST(Ed25519, VerifiesNothingWithBytesThatAreNoKey)
{
  PublicKey none;
  none.bytes.fill(std::byte{0xff});
  EXPECT_FALSE(verify_signature(none, bytes_of("a manifest"), Signature{}));
  EXPECT_FALSE(verify_signature(PublicKey{}, bytes_of("a manifest"), Signature{}));
}

// RFC 4231, tests 1 and 2
TEST(Hmac, MakesTheCodesOfTheStandard)
{
  EXPECT_EQ(hmac_sha256(bytes_of(std::string(20, '\x0b')), bytes_of("Hi There")).hex(),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hmac_sha256(bytes_of("Jefe"), bytes_of("what do ya want for nothing?")).hex(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

// RFC 5869, test 1, whose first 32 bytes are one block.
TEST(Hkdf, MakesTheKeyOfTheStandardWithASalt)
{
  EXPECT_EQ(to_hex(hkdf_sha256(bytes_of(std::string(22, '\x0b')),
                               bytes_of(bytes("000102030405060708090a0b0c")),
                               bytes("f0f1f2f3f4f5f6f7f8f9"))
                       .bytes),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
}

// RFC 5869, test 3: no salt. Its label is empty, and its first 32 bytes are one block.
TEST(DerivedKey, IsHkdfOfTheStandard)
{
  EXPECT_EQ(derived_key(bytes_of(std::string(22, '\x0b')), "").hex(),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

TEST(DerivedKey, IsAnotherForEachLabel)
{
  const std::string secret = bytes("00112233");
  EXPECT_NE(derived_key(bytes_of(secret), "signing"), derived_key(bytes_of(secret), "tagging"));
}

TEST(Secrets, AreEqualOnlyIfEachByteIs)
{
  const Sha256 one = hmac_sha256(bytes_of("key"), bytes_of("message"));
  EXPECT_TRUE(are_equal_secrets(one, one));
  for (std::size_t i = 0; i < one.bytes.size(); ++i) {
    Sha256 other = one;
    other.bytes[i] ^= std::byte{0x80};
    EXPECT_FALSE(are_equal_secrets(one, other)) << i;
  }
}

}  // namespace
}  // namespace ib
