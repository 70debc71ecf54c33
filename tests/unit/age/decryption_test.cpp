// SPDX-License-Identifier: Apache-2.0
#include "age/decryption.hpp"

#include "support/age_files.hpp"
#include "support/builders.hpp"

#include <functional>

namespace ib::test {
namespace {

constexpr std::size_t kSealed = std::size_t{64} * 1024 + 16;
constexpr std::size_t kChunk = std::size_t{64} * 1024;

std::string bytes_from(std::string_view hex)
{
  std::string bytes(hex.size() / 2, '\0');
  EXPECT_TRUE(from_hex(hex, std::as_writable_bytes(std::span(bytes))));
  return bytes;
}

/// An age file of several chunks, and what is done to it.
class AgePayload : public testing::Test {
protected:
  std::string with(std::size_t at, std::string_view bytes) const
  {
    std::string changed = file_;
    return changed.replace(at, bytes.size(), bytes);
  }
  std::string chunk(std::size_t number) const
  {
    return file_.substr(start_ + number * kSealed, kSealed);
  }
  /// What is passed on of `file` must be the beginning of the plain text, in pieces of any size.
  void expect_corrupt(const std::string& file, std::size_t passed_on, std::string_view says) const
  {
    for (const std::size_t piece : {std::size_t{777}, kSealed, SIZE_MAX}) {
      const Decrypted decrypted = decrypt(identity_, file, piece);
      ASSERT_TRUE(fails_with(Errc::corrupt, decrypted.ended)) << says;
      EXPECT_THAT(decrypted.ended.error().message, HasSubstr(says)) << "in pieces of " << piece;
      EXPECT_TRUE(decrypted.plain == plain_.substr(0, passed_on))
          << says << ": " << decrypted.plain.size();
    }
  }

  AgeIdentity identity_ = AgeIdentity::create();
  AgeFileKey key_ = file_key_for(identity_);
  std::string plain_ = random_bytes(3 * kChunk + 100, 1);
  std::string file_ = encrypt(key_, plain_);
  std::size_t start_ = file_.size() - 3 * kSealed - 116;  // of the first chunk
};

TEST(AgeDecryptor, ReadsWhatAgeWrote)
{
  // age 1.1.1, with two recipients.
  const std::string file =
      "age-encryption.org/v1\n"
      "-> X25519 k60eZoBzqSqNWfibWdy9xU4ovkdAUK+5kLlyZxJ8nkg\n"
      "LggvAOITJzSMjLmftvpnK3VpQEm/1p/Fo8CB8wUXQyc\n"
      "-> X25519 WCH/OBGtE1V/ypLeucD9r929lCaM9ZYe/LCrrFDNNUo\n"
      "mbRI33K7ZcS4n4Ec+9MgOwXCbkrLAXFiR469Mhxl+Qw\n"
      "--- nKPHR8FFyeU70pf/sR40tWaMoyQo+ebfmtZNlXPdP3I\n" +
      bytes_from("ca099f7dd64374430f065b55e80ae1d8d08576c2430ae12c456e98734f39cfe931e4d4a037a250");
  const Decrypted decrypted = decrypt(must(AgeIdentity::parse(kExampleIdentity)), file);
  EXPECT_TRUE(ok(decrypted.ended));
  EXPECT_EQ(decrypted.plain, "a photo");
}

TEST_F(AgePayload, IsCorruptWhereAnyChunkWasChanged)
{
  for (std::size_t number = 0; number < 4; ++number) {
    const std::size_t at = start_ + number * kSealed + 50;
    expect_corrupt(with(at, std::string(1, static_cast<char>(file_[at] ^ 1))), number * kChunk,
                   "its encrypted chunk " + std::to_string(number + 1) + " was changed");
  }
  expect_corrupt(with(file_.size() - 1, file_.back() == 'x' ? "y" : "x"), 3 * kChunk,
                 "its encrypted chunk 4 was changed, moved or cut short");
}

TEST_F(AgePayload, IsCorruptWhereChunksAreSwappedRepeatedOrMissing)
{
  expect_corrupt(with(start_, chunk(1) + chunk(0)), 0,
                 "its encrypted chunk 1 was changed or moved");
  expect_corrupt(with(start_ + kSealed, chunk(0)), kChunk,
                 "its encrypted chunk 2 was changed or moved");
  std::string missing = file_;
  expect_corrupt(missing.erase(start_ + kSealed, kSealed), kChunk,
                 "its encrypted chunk 2 was changed or moved");
}

TEST_F(AgePayload, IsCorruptWhereItIsCut)
{
  expect_corrupt(file_.substr(0, start_ + 2 * kSealed), 2 * kChunk,
                 "is cut short between two chunks, after 131,072 bytes of plain text");
  expect_corrupt(file_.substr(0, start_ + 2 * kSealed + 15), 2 * kChunk,
                 "is cut short after 131,072 bytes of plain text");
  expect_corrupt(file_.substr(0, start_ + 2 * kSealed + 1000), 2 * kChunk,
                 "its encrypted chunk 3 was changed, moved or cut short");
  expect_corrupt(file_.substr(0, file_.size() - 1), 3 * kChunk,
                 "its encrypted chunk 4 was changed, moved or cut short");
  expect_corrupt(file_.substr(0, start_), 0, "is cut short after 0 bytes of plain text");
  expect_corrupt(file_.substr(0, start_ - 1), 0, "is cut short after 0 bytes of plain text");
  expect_corrupt(file_.substr(0, start_ - 16), 0, "is cut short after 0 bytes of plain text");
}

TEST(AgeDecryptor, IsCorruptWhereverASmallFileIsCut)
{
  const AgeIdentity identity = AgeIdentity::create();
  const std::string file = encrypt(file_key_for(identity), "a photo");
  for (std::size_t n = 0; n < file.size(); ++n) {
    const Decrypted decrypted = decrypt(identity, file.substr(0, n));
    EXPECT_TRUE(fails_with(Errc::corrupt, decrypted.ended)) << n;
    EXPECT_EQ(decrypted.plain, "") << n;
  }
}

TEST(AgeDecryptor, IsCorruptOrDeniedWhereverASmallFileIsChanged)
{
  const AgeIdentity identity = AgeIdentity::create();
  const std::string file = encrypt(file_key_for(identity), "a photo");
  for (std::size_t i = 0; i < file.size(); ++i) {
    std::string changed = file;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    const Decrypted decrypted = decrypt(identity, changed);
    EXPECT_FALSE(decrypted.ended) << i;
    EXPECT_EQ(decrypted.plain, "") << i;
  }
}

TEST_F(AgePayload, IsCorruptWhereSomethingFollows)
{
  expect_corrupt(file_ + "x", 3 * kChunk, "its encrypted chunk 4 was changed, moved or cut short");
  expect_corrupt(file_ + std::string(kSealed, 'x'), 3 * kChunk,
                 "its encrypted chunk 4 was changed or moved");
  // The last chunk is a full one.
  plain_.resize(2 * kChunk);
  const std::string full = encrypt(key_, plain_);
  expect_corrupt(full + "x", 2 * kChunk, "goes on after its last chunk");
  expect_corrupt(full + full.substr(full.size() - kSealed), 2 * kChunk,
                 "goes on after its last chunk");
}

TEST_F(AgePayload, IsCorruptBehindTheHeaderOfAnotherFile)
{
  const std::string other = encrypt(file_key_for(identity_), plain_);
  ASSERT_EQ(other.size(), file_.size());
  expect_corrupt(other.substr(0, start_) + file_.substr(start_), 0,
                 "its encrypted chunk 1 was changed or moved");
  expect_corrupt(other.substr(0, start_ - 16) + file_.substr(start_ - 16), 0,
                 "its encrypted chunk 1 was changed or moved");
}

TEST(AgeDecryptor, IsCorruptWhereAChunkHasASizeThatAgeDoesNotWrite)
{
  const AgeIdentity identity = AgeIdentity::create();
  const AgeForge forge;
  const std::string header = forge.header({forge.stanza_for(identity.recipient())});
  const std::string full = random_bytes(kChunk, 1);
  ASSERT_TRUE(ok(decrypt(identity, header + forge.payload({full, full})).ended));

  const Decrypted empty_last = decrypt(identity, header + forge.payload({full, ""}));
  EXPECT_TRUE(fails_with(Errc::corrupt, empty_last.ended));
  EXPECT_THAT(empty_last.ended.error().message, HasSubstr("ends with an empty chunk"));
  EXPECT_TRUE(empty_last.plain == full);

  const Decrypted short_first = decrypt(identity, header + forge.payload({"short", "last"}));
  EXPECT_TRUE(fails_with(Errc::corrupt, short_first.ended));
  EXPECT_EQ(short_first.plain, "");
}

TEST_F(AgePayload, IsNotPassedOnAfterAnError)
{
  std::string passed_on;
  AgeDecryptor decryptor(std::span(&identity_, 1), [&](ByteView bytes) -> Result<> {
    passed_on += text_of(bytes);
    return fail(Errc::io, "the disk is full");
  });
  EXPECT_TRUE(fails_with(Errc::io, decryptor.write(bytes_of(file_))));
  EXPECT_TRUE(fails_with(Errc::io, decryptor.write(bytes_of(file_))));
  EXPECT_TRUE(fails_with(Errc::io, decryptor.finish()));
  EXPECT_EQ(passed_on.size(), kChunk);
}

TEST(AgeHeader, SkipsStanzasOfKindsThatNobodyKnows)
{
  const AgeIdentity identity = AgeIdentity::create();
  const AgeForge forge;
  const AgeStanza odd{.arguments = {"example.org/enigma", "~!", "c"}, .body = {}};
  const AgeStanza long_one{.arguments = {"x25519"}, .body = std::vector<std::byte>(48 * 3)};
  const std::string file = forge.header({odd, forge.stanza_for(AgeIdentity::create().recipient()),
                                         long_one, forge.stanza_for(identity.recipient())}) +
                           forge.payload({"a photo"});
  for (const std::size_t piece : {std::size_t{1}, SIZE_MAX}) {
    const Decrypted decrypted = decrypt(identity, file, piece);
    EXPECT_TRUE(ok(decrypted.ended));
    EXPECT_EQ(decrypted.plain, "a photo");
  }
}

struct Refused {
  Errc code;
  std::string says;
  std::string file;
};

/// That no byte of what is refused is passed on, and what is said.
void expect_refused(const AgeIdentity& identity, const std::vector<Refused>& table)
{
  for (const Refused& refused : table) {
    for (const std::size_t piece : {std::size_t{1}, SIZE_MAX}) {
      const Decrypted decrypted = decrypt(identity, refused.file, piece);
      ASSERT_TRUE(fails_with(refused.code, decrypted.ended)) << refused.file;
      EXPECT_THAT(decrypted.ended.error().message, HasSubstr(refused.says)) << refused.file;
      EXPECT_EQ(decrypted.plain, "") << refused.file;
    }
  }
}

TEST(AgeHeader, SaysForWhomItIs)
{
  const AgeIdentity identity = AgeIdentity::create();
  const AgeForge forge;
  const AgeStanza theirs = forge.stanza_for(AgeIdentity::create().recipient());
  const AgeStanza scrypt{.arguments = {"scrypt", "bBjlhJVYZeE4aqUdmtRHfw", "18"},
                         .body = std::vector<std::byte>(32)};
  const AgeStanza odd{.arguments = {"example.org/enigma"}, .body = {}};
  const std::string payload = forge.payload({"a photo"});
  expect_refused(
      identity,
      {{Errc::denied, "is encrypted to 1 other key: the identity does not open it",
        forge.header({theirs}) + payload},
       {Errc::denied, "is encrypted to 2 other keys: the identity does not open it",
        forge.header({theirs, odd, theirs}) + payload},
       {Errc::denied, "is encrypted to keys of another kind than X25519 (example.org/enigma)",
        forge.header({odd}) + payload},
       {Errc::denied, "is protected with a passphrase, and not encrypted to a key",
        forge.header({scrypt}) + payload},
       {Errc::corrupt, "there is another stanza beside that of a passphrase",
        forge.header({forge.stanza_for(identity.recipient()), scrypt}) + payload},
       {Errc::corrupt, "there is another stanza beside that of a passphrase",
        forge.header({scrypt, scrypt}) + payload}});
  const std::vector<AgeIdentity> several{AgeIdentity::create(), AgeIdentity::create()};
  EXPECT_THAT(decrypt(several, forge.header({theirs}) + payload).ended.error().message,
              HasSubstr("is encrypted to 1 other key: none of the identities opens it"));
}

TEST(AgeHeader, SaysWhatIsWrongWithAStanzaOfOurKind)
{
  const AgeIdentity identity = AgeIdentity::create();
  const AgeForge forge;
  const AgeStanza good = forge.stanza_for(identity.recipient());
  const auto changed = [&](const std::function<void(AgeStanza&)>& change) {
    AgeStanza stanza = good;
    change(stanza);
    // Also where another stanza would open.
    return forge.header({good, stanza}) + forge.payload({"a photo"});
  };
  const std::string share = good.arguments[1];
  // 32 bytes are 43 digits, of which the last has two bits that are zero.
  std::string spelled = share;
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  spelled.back() = kDigits[kDigits.find(share.back()) + 1];
  expect_refused(identity, {{Errc::corrupt, "an X25519 stanza does not have two arguments",
                             changed([](AgeStanza& s) { s.arguments.emplace_back("x"); })},
                            {Errc::corrupt, "an X25519 stanza does not have two arguments",
                             changed([](AgeStanza& s) { s.arguments.pop_back(); })},
                            {Errc::corrupt, "share is not 32 bytes in canonical base64",
                             changed([&](AgeStanza& s) { s.arguments[1] = share + "AAAA"; })},
                            {Errc::corrupt, "share is not 32 bytes in canonical base64",
                             changed([&](AgeStanza& s) { s.arguments[1] = share.substr(0, 42); })},
                            {Errc::corrupt, "share is not 32 bytes in canonical base64",
                             changed([&](AgeStanza& s) { s.arguments[1] = spelled; })},
                            {Errc::corrupt, "share is not 32 bytes in canonical base64",
                             changed([&](AgeStanza& s) { s.arguments[1] = share + "="; })},
                            {Errc::corrupt, "an X25519 stanza's body is not 32 bytes",
                             changed([](AgeStanza& s) { s.body.emplace_back(); })},
                            {Errc::corrupt, "an X25519 stanza's body is not 32 bytes",
                             changed([](AgeStanza& s) { s.body.clear(); })}});
  AgeStanza low_order = good;
  low_order.arguments[1] = std::string(43, 'A');
  expect_refused(identity, {{Errc::corrupt, "share is of low order",
                             forge.header({low_order, good}) + forge.payload({"a photo"})}});
}

TEST(AgeHeader, SaysWhatIsWrongWithItsLines)
{
  const AgeIdentity identity = AgeIdentity::create();
  const AgeForge forge;
  const std::string first = "age-encryption.org/v1\n";
  const std::string good =
      format_age_stanzas({forge.stanza_for(identity.recipient())}).substr(first.size());
  const std::string payload = forge.payload({"a photo"});
  const auto lines = [&](const std::string& text) {
    return forge.with_mac(first + text) + payload;
  };
  const std::string mac_line = "--- " + std::string(43, 'A') + "\n";
  const std::string full(64, 'A');
  expect_refused(
      identity,
      {{Errc::corrupt, "it has no stanza", lines("")},
       {Errc::corrupt, "a line is neither a stanza's nor the MAC's", lines(good + "hello\n")},
       {Errc::corrupt, "a line is neither a stanza's nor the MAC's", lines("\n" + good)},
       {Errc::corrupt, "a line is neither a stanza's nor the MAC's", lines("->\n\n" + good)},
       {Errc::corrupt, "a line is neither a stanza's nor the MAC's", lines("->x\n\n" + good)},
       {Errc::corrupt, "a stanza has an empty argument", lines("-> \n\n" + good)},
       {Errc::corrupt, "a stanza has an empty argument", lines("-> a  b\n\n" + good)},
       {Errc::corrupt, "a stanza has an empty argument", lines("-> a \n\n" + good)},
       {Errc::corrupt, "a character that may not be there", lines("-> \x7f\n\n" + good)},
       {Errc::corrupt, "a character that may not be there", lines("-> a\r\n\n" + good)},
       {Errc::corrupt, "a character that may not be there", lines("-> \xc3\xa9\n\n" + good)},
       {Errc::corrupt, "body is not canonical base64", lines(good + "-> a\n-> b\n\n")},
       {Errc::corrupt, "body is not canonical base64", lines(good + "-> a\n" + full + "\n")},
       {Errc::corrupt, "body is not canonical base64", lines("-> a\nAA==\n" + good)},
       {Errc::corrupt, "body is not canonical base64", lines("-> a\nAB\n" + good)},
       {Errc::corrupt, "body is not canonical base64", lines("-> a\nAAAAA\n" + good)},
       {Errc::corrupt, "a line of a stanza is too long", lines("-> a\n" + full + "A\n\n" + good)},
       {Errc::corrupt, "its MAC is not 32 bytes", first + good + "---\n" + payload},
       {Errc::corrupt, "its MAC is not 32 bytes",
        first + good + "---" + mac_line.substr(4) + payload},
       {Errc::corrupt, "its MAC is not 32 bytes", first + good + "--- AAAA\n" + payload},
       {Errc::corrupt, "its MAC is not 32 bytes", first + good + "---  " + mac_line.substr(4)},
       {Errc::corrupt, "the MAC does not agree", first + good + mac_line + payload},
       {Errc::corrupt, "the MAC does not agree",
        first + good + "-> added\n\n" +
            forge.with_mac(first + good).substr(first.size() + good.size()) + payload}});
}

TEST(AgeHeader, HasLimits)
{
  const AgeIdentity identity = AgeIdentity::create();
  const AgeForge forge;
  const AgeStanza good = forge.stanza_for(identity.recipient());
  std::vector<AgeStanza> stanzas(255, AgeStanza{.arguments = {"a"}, .body = {}});
  stanzas.push_back(good);
  EXPECT_EQ(decrypt(identity, forge.header(stanzas) + forge.payload({"a photo"})).plain, "a photo");
  stanzas.insert(stanzas.begin(), AgeStanza{.arguments = {"a"}, .body = {}});
  const std::string many = forge.header(stanzas) + forge.payload({"a photo"});

  const auto with_argument_of = [&](std::size_t size) {
    const AgeStanza stanza{.arguments = {std::string(size, 'a')}, .body = {}};
    return forge.header({good, stanza});
  };
  const std::size_t rest = with_argument_of(1).size() - 1;
  constexpr std::size_t kMost = std::size_t{64} * 1024;
  EXPECT_EQ(decrypt(identity, with_argument_of(kMost - rest) + forge.payload({"a photo"})).plain,
            "a photo");
  expect_refused(identity, {{Errc::corrupt, "it has more than 256 stanzas", many},
                            {Errc::corrupt, "it is longer than 64 KiB",
                             with_argument_of(kMost - rest + 1) + forge.payload({"a photo"})},
                            {Errc::corrupt, "it is longer than 64 KiB",
                             "age-encryption.org/v1\n-> " + std::string(10 * kMost, 'a')}});
}

TEST(AgeHeader, SaysWhatIsNoAgeFile)
{
  const AgeIdentity identity = AgeIdentity::create();
  const std::string file = encrypt(file_key_for(identity), "a photo");
  expect_refused(
      identity,
      {{Errc::corrupt, "is empty: no age file", ""},
       {Errc::corrupt, "is no age file", "SQLite format 3"},
       {Errc::corrupt, "is no age file", random_bytes(1000, 1)},
       {Errc::corrupt, "is no age file", std::string(100'000, 'a')},
       {Errc::corrupt, "is no age file", "\n" + file},
       {Errc::corrupt, "is an age file in armor",
        "-----BEGIN AGE ENCRYPTED FILE-----\nYWdlLWVuY3J5cHRpb24\n"},
       {Errc::corrupt, "is an age file of another version", "age-encryption.org/v2\n-> a\n\n"},
       {Errc::corrupt, "is an age file of another version",
        "age-encryption.org/v1\r\n" + file.substr(22)},
       {Errc::corrupt, "is cut short within its age header", "age-encryption.org/v1"},
       {Errc::corrupt, "is cut short within its age header", "age-enc"}});
}

}  // namespace
}  // namespace ib::test
