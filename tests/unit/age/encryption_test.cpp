// SPDX-License-Identifier: Apache-2.0
#include "age/encryption.hpp"

#include "support/age_files.hpp"
#include "support/builders.hpp"

namespace ib::test {
namespace {

constexpr std::size_t kChunk = std::size_t{64} * 1024;
const std::vector<std::size_t> kSizes{0,          1,          kChunk - 1,     kChunk,
                                      kChunk + 1, 2 * kChunk, 2 * kChunk + 1, 1'048'576};

/// All that is left of `source`, read in pieces of this size.
std::string read_all(ByteSource& source, std::size_t piece)
{
  std::string all;
  std::vector<std::byte> buffer(piece);
  for (;;) {
    const std::size_t n = must(source.read(buffer));
    all += text_of(ByteView(buffer).first(n));
    if (n == 0) return all;
  }
}

TEST(AgeEncryption, IsDecryptedToThePlainTextInPiecesOfAnySize)
{
  const AgeIdentity identity = AgeIdentity::create();
  for (const std::size_t size : kSizes) {
    const std::string plain = random_bytes(size, 1);
    const AgeFileKey key = file_key_for(identity);
    const std::string whole = encrypt(key, plain);
    EXPECT_EQ(whole.size(), key.encrypted_size(size));
    for (const std::size_t piece :
         {std::size_t{1000}, kChunk, kChunk + 16, kChunk + 17, SIZE_MAX}) {
      EXPECT_TRUE(encrypt(key, plain, piece) == whole) << size << " in pieces of " << piece;
      const Decrypted decrypted = decrypt(identity, whole, piece);
      EXPECT_TRUE(ok(decrypted.ended)) << size << " in pieces of " << piece;
      EXPECT_TRUE(decrypted.plain == plain) << size << " in pieces of " << piece;
    }
  }
  const std::string small = encrypt(file_key_for(identity), "a photo", 1);
  EXPECT_EQ(decrypt(identity, small, 1).plain, "a photo");
}

TEST(AgeEncryption, OpensToEachOfItsRecipientsAndToNobodyElse)
{
  const std::vector<AgeIdentity> owners{AgeIdentity::create(), AgeIdentity::create(),
                                        AgeIdentity::create()};
  std::vector<AgeRecipient> recipients;
  for (const AgeIdentity& owner : owners) recipients.push_back(owner.recipient());
  const std::string file = encrypt(must(AgeFileKey::create(recipients)), "a photo");
  for (const AgeIdentity& owner : owners) EXPECT_EQ(decrypt(owner, file).plain, "a photo");

  const std::vector<AgeIdentity> several{AgeIdentity::create(), owners[2]};
  EXPECT_EQ(decrypt(several, file).plain, "a photo");
  EXPECT_TRUE(fails_with(Errc::denied, decrypt(AgeIdentity::create(), file).ended));
}

TEST(AgeEncryption, NeedsARecipientAndHasALimit)
{
  EXPECT_TRUE(fails_with(Errc::invalid, AgeFileKey::create({})));
  const AgeIdentity identity = AgeIdentity::create();
  std::vector<AgeRecipient> many(256, identity.recipient());
  EXPECT_EQ(decrypt(identity, encrypt(must(AgeFileKey::create(many)), "x")).plain, "x");
  many.push_back(identity.recipient());
  EXPECT_TRUE(fails_with(Errc::invalid, AgeFileKey::create(many)));
}

TEST(AgeEncryption, OfTheSameIsAnotherWithAnotherKeyAndTheSameWithTheSame)
{
  const AgeIdentity identity = AgeIdentity::create();
  const AgeFileKey key = file_key_for(identity);
  const std::string plain = random_bytes(1000, 2);
  const std::string once = encrypt(key, plain);
  const std::string other = encrypt(file_key_for(identity), plain);
  EXPECT_EQ(encrypt(key, plain), once);
  ASSERT_EQ(other.size(), once.size());
  // The nonce and the one chunk, of which nothing may be alike.
  constexpr std::size_t kPayload = 16 + 1000 + 16;
  std::size_t alike = 0;
  for (std::size_t i = once.size() - kPayload; i < once.size(); ++i)
    if (once[i] == other[i]) ++alike;
  EXPECT_LT(alike, kPayload / 16);
  EXPECT_FALSE(once.contains(plain.substr(0, 8)));
}

TEST(AgeEncryption, HasAnErrorOfItsSinkAndPassesNothingOnAfterIt)
{
  const AgeFileKey key = file_key_for(AgeIdentity::create());
  int calls = 0;
  AgeEncryptor encryptor(key, [&](ByteView) -> Result<> {
    if (++calls < 3) return {};
    return fail(Errc::io, "the disk is full");
  });
  const std::string plain = random_bytes(10 * kChunk, 1);
  EXPECT_TRUE(fails_with(Errc::io, encryptor.write(bytes_of(plain))));
  EXPECT_EQ(calls, 3);
}

TEST(AgeSource, HasTheBytesThatTheEncryptorWrites)
{
  const AgeFileKey key = file_key_for(AgeIdentity::create());
  for (const std::size_t size : kSizes) {
    const std::string plain = random_bytes(size, 3);
    const std::string file = encrypt(key, plain);
    for (const std::size_t piece : {std::size_t{999}, kChunk, 3 * kChunk, 4 * kChunk}) {
      MemorySource source(bytes_of(plain));
      AgeSource encrypted(key, source, size);
      EXPECT_EQ(encrypted.size(), file.size());
      EXPECT_TRUE(read_all(encrypted, piece) == file) << size << " in pieces of " << piece;
    }
  }
}

TEST(AgeSource, GoesOnFromAnyPosition)
{
  const AgeFileKey key = file_key_for(AgeIdentity::create());
  const std::string plain = random_bytes(5 * kChunk + 77, 4);
  const std::string file = encrypt(key, plain);
  MemorySource plain_source(bytes_of(plain));
  AgeSource source(key, plain_source, plain.size());
  const std::size_t start = file.size() - plain.size() - std::size_t{6} * 16;
  const std::vector<std::size_t> positions{0,
                                           1,
                                           start - 1,
                                           start,
                                           start + kChunk + 15,
                                           start + kChunk + 16,
                                           start + kChunk + 17,
                                           std::size_t{256} * 1024,
                                           file.size() - 1,
                                           file.size(),
                                           5};
  std::vector<std::byte> buffer(100);
  for (const std::size_t position : positions) {
    // From wherever the reading was before.
    must(source.seek(position));
    const std::size_t n = must(source.read(buffer));
    EXPECT_EQ(text_of(ByteView(buffer).first(n)), file.substr(position, 100)) << position;
    must(source.seek(position));
    EXPECT_TRUE(read_all(source, 70'000) == file.substr(position)) << position;
  }
  EXPECT_TRUE(fails_with(Errc::io, source.seek(file.size() + 1)));
}

/// Has the bytes, a few at a time.
class SlowSource final : public ByteSource {
public:
  explicit SlowSource(std::string_view bytes) : bytes_(bytes_of(bytes)) {}
  Result<std::size_t> read(std::span<std::byte> buffer) override
  {
    return bytes_.read(buffer.first(std::min<std::size_t>(buffer.size(), 7000)));
  }
  Result<> seek(std::uint64_t offset) override
  {
    ++seeks;
    return bytes_.seek(offset);
  }
  int seeks = 0;

private:
  MemorySource bytes_;
};

TEST(AgeSource, ReadsItsPlainTextInOrderWithoutSeeking)
{
  const AgeFileKey key = file_key_for(AgeIdentity::create());
  const std::string plain = random_bytes(2 * kChunk + 5, 5);
  SlowSource slow(plain);
  AgeSource source(key, slow, plain.size());
  EXPECT_TRUE(read_all(source, 1000) == encrypt(key, plain));
  EXPECT_EQ(slow.seeks, 0);
  must(source.seek(0));
  EXPECT_TRUE(read_all(source, 1000) == encrypt(key, plain));
  EXPECT_EQ(slow.seeks, 1);
}

TEST(AgeSource, SaysThatItsPlainTextIsLongerOrShorterThanItWas)
{
  const AgeFileKey key = file_key_for(AgeIdentity::create());
  for (const std::size_t size : {std::size_t{10}, kChunk, kChunk + 10}) {
    const std::string plain = random_bytes(size, 6);
    for (const std::size_t claimed : {size - 1, size + 1, size - 10, size + 2 * kChunk}) {
      MemorySource source(bytes_of(plain));
      AgeSource encrypted(key, source, claimed);
      std::vector<std::byte> buffer(std::size_t{1} << 20U);
      EXPECT_TRUE(fails_with(Errc::changed, encrypted.read(buffer))) << size << ", " << claimed;
    }
  }
}

TEST(AgeSource, MakesNoSecondCipherTextOfAPlainTextThatChanged)
{
  const AgeFileKey key = file_key_for(AgeIdentity::create());
  std::string plain = random_bytes(3 * kChunk, 8);
  MemorySource memory(bytes_of(plain));
  AgeSource source(key, memory, plain.size());
  const std::string file = read_all(source, 1000);
  const std::size_t start = file.size() - plain.size() - std::size_t{3} * 16;

  plain[kChunk + 5] = static_cast<char>(plain[kChunk + 5] ^ 1);
  for (const std::size_t piece : {std::size_t{1000}, 3 * kChunk}) {
    must(source.seek(0));
    std::string again;
    std::vector<std::byte> buffer(piece);
    Result<std::size_t> read = 1;
    while (read && *read > 0) {
      std::ranges::fill(buffer, std::byte{0});
      read = source.read(buffer);
      again += text_of(ByteView(buffer).first(read ? *read : 0));
    }
    EXPECT_TRUE(fails_with(Errc::changed, read));
    EXPECT_LE(again.size(), start + kChunk + 16) << "of the chunk that changed";
    EXPECT_TRUE(file.starts_with(again));
    // Nor is it in the buffer of the call that failed.
    EXPECT_FALSE(text_of(buffer).contains(file.substr(start + kChunk + 16 + 100, 16)));
  }
  // What did not change can still be sent, and so can all of it once it is as it was.
  must(source.seek(start + 2 * (kChunk + 16)));
  EXPECT_TRUE(read_all(source, 1000) == file.substr(start + 2 * (kChunk + 16)));
  plain[kChunk + 5] = static_cast<char>(plain[kChunk + 5] ^ 1);
  must(source.seek(0));
  EXPECT_TRUE(read_all(source, 1000) == file);
}

/// Fails once at a position.
class FailingSource final : public ByteSource {
public:
  explicit FailingSource(std::string_view bytes) : bytes_(bytes_of(bytes)) {}
  Result<std::size_t> read(std::span<std::byte> buffer) override
  {
    if (++reads_ == 2) return fail(Errc::io, "a sector cannot be read");
    return bytes_.read(buffer);
  }
  Result<> seek(std::uint64_t offset) override { return bytes_.seek(offset); }

private:
  MemorySource bytes_;
  int reads_ = 0;
};

TEST(AgeSource, IsTheSameAgainAfterItsPlainTextCouldNotBeRead)
{
  const AgeFileKey key = file_key_for(AgeIdentity::create());
  const std::string plain = random_bytes(2 * kChunk, 7);
  FailingSource failing(plain);
  AgeSource source(key, failing, plain.size());
  std::vector<std::byte> buffer(1000);
  Result<std::size_t> read = 1;
  while (read && *read > 0) read = source.read(buffer);
  EXPECT_TRUE(fails_with(Errc::io, read));
  must(source.seek(0));
  EXPECT_TRUE(read_all(source, 1000) == encrypt(key, plain));
}

}  // namespace
}  // namespace ib::test
