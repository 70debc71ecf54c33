// SPDX-License-Identifier: Apache-2.0
#include "age/primitives.hpp"

#include "age/stream.hpp"

#include <gtest/gtest.h>
#include <vector>

namespace ib {
namespace {

Secret<32> secret(std::string_view hex)
{
  Secret<32> bytes;
  EXPECT_TRUE(from_hex(hex, bytes.bytes));
  return bytes;
}

// RFC 7748, section 6.1
TEST(X25519, ExchangesTheKeyOfTheStandard)
{
  const Secret<32> alice =
      secret("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
  const Secret<32> bob = secret("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
  EXPECT_EQ(x25519_point(alice).hex(),
            "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  EXPECT_EQ(x25519_point(bob).hex(),
            "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  const std::string shared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
  EXPECT_EQ(to_hex(x25519(alice, x25519_point(bob)).value().bytes), shared);
  EXPECT_EQ(to_hex(x25519(bob, x25519_point(alice)).value().bytes), shared);
}

TEST(X25519, ExchangesNothingWithAPointOfLowOrder)
{
  const Secret<32> any = secret(std::string(64, '7'));
  X25519Point one;
  one.bytes.front() = std::byte{1};
  EXPECT_FALSE(x25519(any, X25519Point{}));
  EXPECT_FALSE(x25519(any, one));
}

// RFC 7914, section 12: the third, of which age takes the first half.
TEST(Scrypt, DerivesTheKeyOfTheStandard)
{
  const std::string_view salt = "SodiumChloride";
  EXPECT_EQ(to_hex(scrypt("pleaseletmein", bytes_of(salt), 14).value().bytes),
            "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2");
  EXPECT_NE(scrypt("pleaseletmein", bytes_of(salt), 13).value().bytes,
            scrypt("pleaseletmein", bytes_of(salt), 14).value().bytes);
  EXPECT_EQ(scrypt_memory(18), std::uint64_t{256} << 20U);
}

TEST(ChaCha20Poly1305, OpensOnlyWhatItSealed)
{
  const Secret<32> key = secret(std::string(64, 'a'));
  ChaCha20Poly1305 cipher(key);
  const auto nonce = age_chunk_nonce(1, AgeChunkKind::inner);
  std::vector<std::byte> sealed(4 + ChaCha20Poly1305::kTag);
  std::vector<std::byte> plain(4);
  cipher.seal(nonce, bytes_of("data"), sealed);
  ASSERT_TRUE(cipher.open(nonce, sealed, plain));
  EXPECT_EQ(text_of(plain), "data");

  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::vector<std::byte> changed = sealed;
    changed[i] ^= std::byte{1};
    EXPECT_FALSE(cipher.open(nonce, changed, plain)) << i;
  }
  EXPECT_FALSE(cipher.open(age_chunk_nonce(2, AgeChunkKind::inner), sealed, plain));
  EXPECT_FALSE(cipher.open(age_chunk_nonce(1, AgeChunkKind::last), sealed, plain));
  EXPECT_FALSE(ChaCha20Poly1305(secret(std::string(64, 'b'))).open(nonce, sealed, plain));
  EXPECT_FALSE(cipher.open(nonce, ByteView(sealed).first(sealed.size() - 1), plain));
  EXPECT_FALSE(cipher.open(nonce, ByteView(sealed).first(3), plain));
  EXPECT_TRUE(cipher.open(nonce, sealed, plain)) << "a failure has no effect on the next";
}

TEST(ChunkNonce, CountsInElevenBytesAndMarksTheLast)
{
  const auto hex = [](std::uint64_t number, AgeChunkKind kind) {
    return to_hex(age_chunk_nonce(number, kind));
  };
  EXPECT_EQ(hex(0, AgeChunkKind::inner), "000000000000000000000000");
  EXPECT_EQ(hex(0, AgeChunkKind::last), "000000000000000000000001");
  EXPECT_EQ(hex(258, AgeChunkKind::inner), "000000000000000000010200");
  EXPECT_EQ(hex(~std::uint64_t{0}, AgeChunkKind::last), "000000ffffffffffffffff01");
}

}  // namespace
}  // namespace ib
