// SPDX-License-Identifier: Apache-2.0
#include "age/passphrase.hpp"

#include "support/age_files.hpp"

#include <functional>

namespace ib::test {
namespace {

constexpr std::string_view kText = "correct horse battery staple";

Passphrase passphrase(std::string_view text = kText)
{
  return must(Passphrase::of(text));
}

/// Answers with a passphrase, and counts how often it was asked.
struct Person {
  std::string_view knows = kText;
  mutable int asked = 0;

  AskPassphrase ask() const
  {
    return [this] {
      ++asked;
      return Passphrase::of(knows);
    };
  }
};

TEST(Passphrase, IsNeitherEmptyNorEndless)
{
  EXPECT_EQ(passphrase(" a \xc3\xa9").text(), " a \xc3\xa9");
  EXPECT_EQ(passphrase(std::string(1024, 'x')).text(), std::string(1024, 'x'));
  EXPECT_TRUE(fails_with(Errc::invalid, Passphrase::of("")));
  EXPECT_TRUE(fails_with(Errc::invalid, Passphrase::of(std::string(1025, 'x'))));
}

TEST(AgePassphrase, OpensWhatItProtects)
{
  const AgeFileKey key = must(AgeFileKey::for_passphrase(passphrase(), 2));
  const std::string plain(100'000, 'p');
  const std::string file = encrypt(key, plain);
  EXPECT_THAT(file, StartsWith("age-encryption.org/v1\n-> scrypt "));
  EXPECT_EQ(file.find(" 2\n"), std::string_view("age-encryption.org/v1\n-> scrypt ").size() + 22);
  EXPECT_EQ(key.encrypted_size(plain.size()), file.size());
  for (const std::size_t piece : {std::size_t{1000}, SIZE_MAX}) {
    const Person person;
    const Decrypted decrypted = decrypt_with(person.ask(), file, piece);
    EXPECT_TRUE(ok(decrypted.ended));
    EXPECT_TRUE(decrypted.plain == plain);
    EXPECT_EQ(person.asked, 1);
  }
}

TEST(AgePassphrase, CostsAsMuchAsAgeTakesUnlessSomethingElseIsAsked)
{
  const std::string file = encrypt(must(AgeFileKey::for_passphrase(passphrase())), "");
  EXPECT_THAT(file.substr(0, file.find('\n', 30)), EndsWith(" 18"));
  const Person person;
  EXPECT_TRUE(ok(decrypt_with(person.ask(), file).ended));
}

TEST(AgePassphrase, IsDeniedIfItIsAnother)
{
  const std::string file = encrypt(must(AgeFileKey::for_passphrase(passphrase(), 2)), "plain");
  for (const std::string_view other :
       {"correct horse battery stapl", "Correct horse battery staple"}) {
    const Person person{.knows = other};
    const Decrypted decrypted = decrypt_with(person.ask(), file);
    ASSERT_TRUE(fails_with(Errc::denied, decrypted.ended));
    EXPECT_EQ(decrypted.ended.error().message, "the passphrase does not open it");
    EXPECT_THAT(decrypted.ended.error().hint, Not(HasSubstr(other)));
    EXPECT_EQ(decrypted.plain, "");
  }
}

TEST(AgePassphrase, IsNotAskedForWhereNobodyAnswersOrItOpensNothing)
{
  const AgeIdentity identity = AgeIdentity::create();
  const Person person;
  const Decrypted to_a_key = decrypt_with(person.ask(), encrypt(file_key_for(identity), "plain"));
  ASSERT_TRUE(fails_with(Errc::denied, to_a_key.ended));
  EXPECT_EQ(to_a_key.ended.error().message,
            "is encrypted to keys, and not protected with a passphrase");
  EXPECT_EQ(person.asked, 0);

  const std::string file = encrypt(must(AgeFileKey::for_passphrase(passphrase(), 2)), "plain");
  const AskPassphrase nobody = [] { return fail(Errc::cancelled, "interrupted"); };
  EXPECT_TRUE(fails_with(Errc::cancelled, decrypt_with(nobody, file).ended));
  EXPECT_TRUE(fails_with(Errc::denied, decrypt(identity, file).ended));
}

TEST(AgePassphrase, IsCorruptWhereTheHeaderOrAChunkWasChanged)
{
  const AgeForge forge;
  const Person person;
  const std::string header = forge.header({forge.stanza_for(passphrase())});
  const std::string payload = forge.payload({"plain"});
  ASSERT_EQ(decrypt_with(person.ask(), header + payload).plain, "plain");
  std::string changed = header;
  const std::size_t mac = changed.find("--- ") + 10;
  changed[mac] = changed[mac] == 'x' ? 'y' : 'x';
  EXPECT_THAT(decrypt_with(person.ask(), changed + payload).ended.error().message,
              HasSubstr("the MAC does not agree"));
  changed = payload;
  changed.back() = static_cast<char>(changed.back() ^ 1);
  EXPECT_TRUE(fails_with(Errc::corrupt, decrypt_with(person.ask(), header + changed).ended));
  EXPECT_TRUE(
      fails_with(Errc::corrupt, decrypt_with(person.ask(), header + payload.substr(0, 20)).ended));
}

struct Malformed {
  std::function<void(AgeStanza&)> change;
  std::string says;
};

TEST(AgePassphrase, SaysWhatIsWrongWithItsStanzaBeforeItIsAskedFor)
{
  const AgeForge forge;
  const auto work_factor = [](const char* text) {
    return [text](AgeStanza& stanza) { stanza.arguments[2] = text; };
  };
  const std::string no_number = "the work factor of a passphrase is no decimal number above 0";
  const std::string no_salt = "the salt of a passphrase is not 16 bytes in canonical base64";
  const std::string no_body = "the stanza of a passphrase does not have a body of 32 bytes";
  for (const Malformed& malformed : std::vector<Malformed>{
           {[](AgeStanza& s) { s.arguments.pop_back(); }, "does not have three arguments"},
           {[](AgeStanza& s) { s.arguments.erase(s.arguments.begin() + 1); },
            "does not have three arguments"},
           {[](AgeStanza& s) { s.arguments.emplace_back("10"); }, "does not have three arguments"},
           {[](AgeStanza& s) { s.arguments[1] = "rF0/NwblUHHTpgQgRpe5CR"; }, no_salt},
           {[](AgeStanza& s) { s.arguments[1] = "rF0/NwblUHHTpgQg"; }, no_salt},
           {[](AgeStanza& s) { s.arguments[1] = "rF0/NwblUHHTpgQgRpe5CRs1xuY"; }, no_salt},
           {[](AgeStanza& s) { s.arguments[1] = "rF0/NwblUHHTpgQgRpe5CQ=="; }, no_salt},
           {work_factor("0"), no_number},
           {work_factor("010"), no_number},
           {work_factor("012"), no_number},
           {work_factor("0xa"), no_number},
           {work_factor("+10"), no_number},
           {work_factor("-10"), no_number},
           {work_factor("10x"), no_number},
           {work_factor("9223372036854775818999999"), no_number},
           {work_factor("23"), "the work factor of a passphrase is above 22"},
           {work_factor("9223372036854775818"), "the work factor of a passphrase is above 22"},
           {[](AgeStanza& s) { s.body.pop_back(); }, no_body},
           {[](AgeStanza& s) { s.body.resize(40); }, no_body}}) {
    AgeStanza stanza = forge.stanza_for(passphrase());
    malformed.change(stanza);
    const Person person;
    const Decrypted decrypted =
        decrypt_with(person.ask(), forge.header({stanza}) + forge.payload({"plain"}));
    ASSERT_TRUE(fails_with(Errc::corrupt, decrypted.ended)) << malformed.says;
    EXPECT_THAT(decrypted.ended.error().message, HasSubstr(malformed.says));
    EXPECT_EQ(decrypted.plain, "");
    EXPECT_EQ(person.asked, 0) << malformed.says;
  }
}

TEST(AgePassphrase, MustBeTheOnlyStanza)
{
  const AgeForge forge;
  const AgeIdentity identity = AgeIdentity::create();
  const AgeStanza one = forge.stanza_for(passphrase());
  const AgeStanza key = forge.stanza_for(identity.recipient());
  const AgeStanza unknown{.arguments = {"unknown"}, .body = {}};
  for (const std::vector<AgeStanza>& stanzas : std::vector<std::vector<AgeStanza>>{
           {one, one}, {one, key}, {key, one}, {unknown, one}, {one, unknown}}) {
    const Person person;
    const std::string file = forge.header(stanzas) + forge.payload({"plain"});
    for (const Result<>& ended :
         {decrypt_with(person.ask(), file).ended, decrypt(identity, file).ended}) {
      ASSERT_TRUE(fails_with(Errc::corrupt, ended));
      EXPECT_THAT(ended.error().message,
                  HasSubstr("there is another stanza beside that of a passphrase"));
    }
    EXPECT_EQ(person.asked, 0);
  }
}

}  // namespace
}  // namespace ib::test
