// SPDX-License-Identifier: Apache-2.0
#include "age/keys.hpp"

#include "age/bech32.hpp"
#include "support/age_files.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace ib::test {
namespace {

std::string in_case(std::string_view text, int (*convert)(int))
{
  std::string converted(text);
  std::ranges::transform(converted, converted.begin(),
                         [&](unsigned char c) { return static_cast<char>(convert(c)); });
  return converted;
}

TEST(AgeIdentity, IsThatOfTheExample)
{
  const AgeIdentity identity = must(AgeIdentity::parse(kExampleIdentity));
  EXPECT_EQ(identity.recipient().text(), kExampleRecipient);
  EXPECT_EQ(identity.secret_text(), kExampleIdentity);
  EXPECT_EQ(must(AgeRecipient::parse(kExampleRecipient)), identity.recipient());
}

TEST(AgeIdentity, IsAnotherEachTimeAndTheSameAgainOutOfItsText)
{
  const AgeIdentity identity = AgeIdentity::create();
  EXPECT_NE(identity.recipient(), AgeIdentity::create().recipient());
  const AgeIdentity again = must(AgeIdentity::parse(identity.secret_text()));
  EXPECT_EQ(again.recipient(), identity.recipient());
  EXPECT_EQ(must(AgeRecipient::parse(identity.recipient().text())), identity.recipient());
}

TEST(AgeKeys, AreReadInEitherCaseAndNotInBoth)
{
  EXPECT_TRUE(ok(AgeIdentity::parse(in_case(kExampleIdentity, std::tolower))));
  EXPECT_TRUE(ok(AgeRecipient::parse(in_case(kExampleRecipient, std::toupper))));
  EXPECT_TRUE(ok(AgeRecipient::parse("  " + std::string(kExampleRecipient) + "\r\n")));

  std::string mixed(kExampleRecipient);
  mixed[10] = static_cast<char>(std::toupper(mixed[10]));
  EXPECT_THAT(AgeRecipient::parse(mixed).error().message, HasSubstr("all capitals, or all small"));
  mixed = kExampleIdentity;
  mixed[0] = 'a';
  EXPECT_THAT(AgeIdentity::parse(mixed).error().message, HasSubstr("all capitals, or all small"));
}

TEST(AgeKeys, AreRefusedWithAnyMistypedCharacter)
{
  for (std::size_t i = 0; i < kExampleRecipient.size(); ++i) {
    std::string mistyped(kExampleRecipient);
    mistyped[i] = mistyped[i] == 'q' ? 'p' : 'q';
    EXPECT_TRUE(fails_with(Errc::invalid, AgeRecipient::parse(mistyped))) << mistyped;
  }
  for (std::size_t i = 0; i < kExampleIdentity.size(); ++i) {
    std::string mistyped(kExampleIdentity);
    mistyped[i] = mistyped[i] == 'Q' ? 'P' : 'Q';
    EXPECT_TRUE(fails_with(Errc::invalid, AgeIdentity::parse(mistyped))) << mistyped;
  }
  for (std::size_t n = 0; n < kExampleRecipient.size(); ++n) {
    EXPECT_TRUE(fails_with(Errc::invalid, AgeRecipient::parse(kExampleRecipient.substr(0, n))));
    EXPECT_TRUE(fails_with(Errc::invalid, AgeIdentity::parse(kExampleIdentity.substr(0, n))));
  }
}

/// BIP 173's checksum of `prefix` and these digits, as six digits.
std::string checksum_of(std::string_view prefix, std::string_view digits)
{
  constexpr std::string_view kDigits = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  std::vector<unsigned> values;
  for (const char c : prefix) values.push_back(static_cast<unsigned>(c) >> 5U);
  values.push_back(0);
  for (const char c : prefix) values.push_back(static_cast<unsigned>(c) & 31U);
  for (const char c : digits) values.push_back(static_cast<unsigned>(kDigits.find(c)));
  values.insert(values.end(), 6, 0);
  std::uint32_t code = 1;
  for (const unsigned value : values) {
    const std::uint32_t top = code >> 25U;
    code = (code & 0x1ffffffU) << 5U ^ value;
    for (const auto& [bit, term] : {std::pair{0, 0x3b6a57b2U},
                                    {1, 0x26508e6dU},
                                    {2, 0x1ea119faU},
                                    {3, 0x3d4233ddU},
                                    {4, 0x2a1462b3U}})
      if ((top >> bit & 1U) != 0) code ^= term;
  }
  code ^= 1U;
  std::string text;
  for (unsigned i = 0; i < 6; ++i) text += kDigits[code >> 5 * (5 - i) & 31U];
  return text;
}

// 52 digits have four bits more than 32 bytes.
TEST(AgeKeys, HaveOneSpellingEach)
{
  const std::string digits(kExampleRecipient.substr(4, 52));
  ASSERT_EQ("age1" + digits + checksum_of("age", digits), kExampleRecipient);
  std::string other = digits;
  other.back() = digits.back() == 'q' ? 'p' : 'q';
  EXPECT_THAT(AgeRecipient::parse("age1" + other + checksum_of("age", other)).error().message,
              HasSubstr("its last bits are not zero"));
}

struct Wrong {
  std::string text;
  std::string says;
};

TEST(AgeRecipient, SaysWhatSomethingElseIs)
{
  const std::string secret(kExampleIdentity);
  for (const Wrong& wrong : std::vector<Wrong>{
           {secret, "a secret key is given where a recipient belongs"},
           {in_case(secret, std::tolower), "a secret key is given where a recipient belongs"},
           {"AGE-SECRET-KEY-PQ-1XX76JRALNLXDMEW", "a secret key is given"},
           {std::string(kExampleRecipient) + " " + secret, "a secret key is given"},
           {secret.substr(1), "a recipient begins with age1, and this text does not"},
           {"", "a recipient begins with age1"},
           {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIH", "an SSH key is no age recipient"},
           {"age1pq1x34nzsvr0rxjsgdn8zgyhfe8j7ceq5r9rdelkjuh3y235jz", "of another kind"},
           {"age1yubikey1qt8lw0ual6avlwmwatk888yqnmdamm7xfd0wak53ut6elz5c4swx2yqdj4e",
            "of another kind"},
           {"age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnuj1j", "occurs in no key"},
           {std::string(kExampleRecipient) + "q", "too many characters"},
           {"age1\x1b[2J", "age1\\x1b[2J"},
           {encode_bech32("age", Secret<32>().bytes), "it is a point that no secret key has"}}) {
    const Result<AgeRecipient> parsed = AgeRecipient::parse(wrong.text);
    ASSERT_TRUE(fails_with(Errc::invalid, parsed)) << wrong.text;
    EXPECT_THAT(parsed.error().message, HasSubstr(wrong.says)) << wrong.text;
    EXPECT_THAT(parsed.error().message + parsed.error().hint, Not(HasSubstr(secret.substr(20))));
  }
}

TEST(AgeIdentity, SaysWhatSomethingElseIsAndRepeatsNothing)
{
  const std::string secret(kExampleIdentity);
  std::string damaged = secret;
  std::swap(damaged[30], damaged[34]);
  damaged[31] = damaged[31] == 'Y' ? 'Z' : 'Y';
  for (const Wrong& wrong : std::vector<Wrong>{
           {std::string(kExampleRecipient), "a recipient (public key) is given"},
           {damaged, "the identity is damaged: its checksum is wrong"},
           {secret.substr(0, 40), "the identity is damaged: characters are missing"},
           {secret + "Q", "the identity is damaged: there are too many characters"},
           {"AGE-SECRET-KEY-PQ-1XX76JRALNLXDMEWCRK45QMCCH4X06SE84UN3VPM33W6HWDX0H3SK3ZQFR",
            "an age identity of another kind"},
           {"AGE-PLUGIN-YUBIKEY-1QGEXJQVZGFPYYSJZ", "an age identity of another kind"},
           {secret.substr(4), "no age identity"},
           {"", "no age identity"}}) {
    const Result<AgeIdentity> parsed = AgeIdentity::parse(wrong.text);
    ASSERT_TRUE(fails_with(Errc::invalid, parsed)) << wrong.text;
    EXPECT_THAT(parsed.error().message, HasSubstr(wrong.says)) << wrong.text;
    EXPECT_THAT(parsed.error().message + parsed.error().hint, Not(HasSubstr("YYSJZ")));
  }
}

TEST(AgeIdentities, AreReadFromAFileAsAgeWritesIt)
{
  const AgeIdentity other = AgeIdentity::create();
  const auto identities = must(parse_age_identities(
      "# created: 2026-01-15T03:00:00Z\n# public key: " + std::string(kExampleRecipient) + "\n" +
          std::string(kExampleIdentity) + "\r\n\n  # mine\n" + other.secret_text(),
      "keys.txt"));
  ASSERT_THAT(identities, SizeIs(2));
  EXPECT_EQ(identities[0].recipient().text(), kExampleRecipient);
  EXPECT_EQ(identities[1].recipient(), other.recipient());
}

TEST(AgeIdentities, NameTheFileAndTheLineThatIsWrong)
{
  const auto says = [](const std::string& text) {
    const auto identities = parse_age_identities(text, "keys\n.txt");
    EXPECT_TRUE(fails_with(Errc::invalid, identities));
    return identities ? "" : identities.error().message;
  };
  EXPECT_EQ(says("# a comment\n" + std::string(kExampleIdentity) + "\nhunter2\n"),
            "keys\\n.txt: line 3: no age identity");
  EXPECT_EQ(says(std::string(kExampleRecipient)),
            "keys\\n.txt: line 1: a recipient (public key) is given where an identity belongs");
  EXPECT_EQ(says("# a comment\n\n"), "keys\\n.txt: there is no age identity in it");
  EXPECT_EQ(says(""), "keys\\n.txt: there is no age identity in it");
  for (const char* encrypted : {"age-encryption.org/v1\n-> scrypt bBjlhJVYZeE4aqUdmtRHfw 18\n",
                                "-----BEGIN AGE ENCRYPTED FILE-----\nYWdlLWVuY3J5cHRpb24\n"})
    EXPECT_EQ(says(encrypted), "keys\\n.txt: the identity is itself encrypted");
}

TEST(AgeIdentities, AreReadFromAFileThatIsNoLargerThanAFileOfKeys)
{
  const TempDir folder;
  const std::string path = folder.file("keys.txt");
  EXPECT_TRUE(fails_with(Errc::not_found, load_age_identities(path)));
  folder.write_file("keys.txt", "# a comment\n" + std::string(kExampleIdentity) + "\n");
  EXPECT_EQ(must(load_age_identities(path)).front().recipient().text(), kExampleRecipient);
  folder.write_file("keys.txt", std::string(64 * 1024 + 1, '#'));
  EXPECT_THAT(load_age_identities(path).error().message, HasSubstr("is too large"));
}

/// An age file in armor, as `age -a` writes it.
std::string armored(std::string_view file)
{
  const std::string digits = to_base64(bytes_of(file));
  std::string text = "-----BEGIN AGE ENCRYPTED FILE-----\n";
  for (std::size_t at = 0; at < digits.size(); at += 64) text += digits.substr(at, 64) + "\n";
  return text + "-----END AGE ENCRYPTED FILE-----\n";
}

TEST(AgeIdentities, AreReadFromAFileThatAPassphraseProtects)
{
  const AgeFileKey key = must(AgeFileKey::for_passphrase(must(Passphrase::of("hunter2")), 2));
  const std::string file = encrypt(key, "# mine\n" + std::string(kExampleIdentity) + "\n");
  const TempDir folder;
  int asked = 0;
  const AskPassphrase ask = [&asked] {
    ++asked;
    return Passphrase::of("hunter2");
  };
  const AskPassphrase wrong = [] { return Passphrase::of("hunter3"); };
  for (const std::string& form : {file, armored(file)}) {
    folder.write_file("keys.txt", form);
    const std::string path = folder.file("keys.txt");
    EXPECT_EQ(must(load_age_identities(path, ask)).front().recipient().text(), kExampleRecipient);
    EXPECT_EQ(load_age_identities(path).error().message,
              path + ": the identity is itself encrypted");
    const auto denied = load_age_identities(path, wrong);
    ASSERT_TRUE(fails_with(Errc::denied, denied));
    EXPECT_EQ(denied.error().message, path + ": the passphrase does not open it");
    folder.write_file("keys.txt", form.substr(0, form.size() - 40));
    EXPECT_TRUE(fails_with(Errc::corrupt, load_age_identities(path, ask)));
  }
  asked = 0;
  EXPECT_TRUE(ok(parse_age_identities(kExampleIdentity, "keys.txt", ask)));
  EXPECT_EQ(asked, 0);
}

TEST(AgeIdentities, AreNotReadFromAProtectedFileOfSomethingElse)
{
  const AskPassphrase ask = [] { return Passphrase::of("hunter2"); };
  const auto says = [&](const std::string& plain) {
    const AgeFileKey key = must(AgeFileKey::for_passphrase(must(Passphrase::of("hunter2")), 2));
    const auto identities = parse_age_identities(encrypt(key, plain), "keys.txt", ask);
    EXPECT_TRUE(fails_with(Errc::invalid, identities));
    return identities ? "" : identities.error().message;
  };
  EXPECT_EQ(says("swordfish"), "keys.txt: line 1: no age identity");
  EXPECT_EQ(says(""), "keys.txt: there is no age identity in it");
  EXPECT_EQ(says(std::string(64 * 1024 + 1, '#')),
            "keys.txt: is too large for a file of age identities");
  EXPECT_EQ(says(std::string(200 * 1024, '#')),
            "keys.txt: is too large for a file of age identities");

  const std::string to_a_key = encrypt(file_key_for(AgeIdentity::create()), kExampleIdentity);
  const auto denied = parse_age_identities(to_a_key, "keys.txt", ask);
  ASSERT_TRUE(fails_with(Errc::denied, denied));
  EXPECT_EQ(denied.error().message,
            "keys.txt: is encrypted to keys, and not protected with a passphrase");
}

}  // namespace
}  // namespace ib::test
