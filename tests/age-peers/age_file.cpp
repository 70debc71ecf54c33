// SPDX-License-Identifier: Apache-2.0
//
// The module `age` as a program, for the tests that let other implementations judge it:
//   age-file encrypt RECIPIENT... <PLAIN >ENCRYPTED            as a stream
//   age-file encrypt-file PLAIN RECIPIENT... >ENCRYPTED        as a source of known size
//   age-file encrypt-with PASSPHRASE <PLAIN >ENCRYPTED
//   age-file decrypt IDENTITY-FILE [PASSPHRASE] <ENCRYPTED >PLAIN    of the identity file
//   age-file decrypt-with PASSPHRASE <ENCRYPTED >PLAIN
//   age-file unarmor <ARMORED >ENCRYPTED
//   age-file keygen                                            an identity
//   age-file recipients IDENTITY-FILE [PASSPHRASE]             the public halves of its identities
// It exits with 1 and an error's code and message on stderr.
#include "age/armor.hpp"
#include "age/decryption.hpp"
#include "age/encryption.hpp"
#include "sys/file.hpp"
#include "sys/file_content.hpp"

#include <unistd.h>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

namespace {

using namespace ib;

Result<> write_out(ByteView bytes)
{
  if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size()) return {};
  return fail(Errc::io, "stdout cannot be written");
}

Result<> read_in(const ByteSink& sink)
{
  std::vector<std::byte> buffer(std::size_t{1} << 18U);
  for (;;) {
    const ssize_t n = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (n < 0) return fail(Errc::io, "stdin cannot be read");
    if (n == 0) return {};
    TRY(sink(ByteView(buffer).first(static_cast<std::size_t>(n))));
  }
}

Result<AgeFileKey> key_for(std::span<const std::string> texts)
{
  std::vector<AgeRecipient> recipients;
  for (const std::string& text : texts) recipients.push_back(TRY(AgeRecipient::parse(text)));
  return AgeFileKey::create(recipients);
}

/// Answers with the passphrase, if there is one; otherwise nobody can be asked.
AskPassphrase answer_with(std::span<const std::string> passphrase)
{
  if (passphrase.empty()) return {};
  return [text = passphrase.front()] { return Passphrase::of(text); };
}

Result<> encrypt(const AgeFileKey& key)
{
  AgeEncryptor encryptor(key, write_out);
  TRY(read_in([&](ByteView bytes) { return encryptor.write(bytes); }));
  return encryptor.finish();
}

Result<> encrypt_file(const std::string& path, std::span<const std::string> recipients)
{
  const AgeFileKey key = TRY(key_for(recipients));
  InputFile file = TRY(InputFile::open(path));
  const std::uint64_t size = TRY(file.stat()).size;
  InputFileSource plain(std::move(file));
  AgeSource source(key, plain, size);
  std::vector<std::byte> buffer(std::size_t{1} << 18U);
  for (;;) {
    const std::size_t n = TRY(source.read(buffer));
    if (n == 0) return {};
    TRY(write_out(ByteView(buffer).first(n)));
  }
}

Result<> decrypt(AgeDecryptor decryptor)
{
  TRY(read_in([&](ByteView bytes) { return decryptor.write(bytes); }));
  return decryptor.finish();
}

Result<> unarmor()
{
  std::string text;
  TRY(read_in([&](ByteView bytes) -> Result<> {
    text += text_of(bytes);
    return {};
  }));
  return write_out(TRY(decode_age_armor(text)));
}

Result<> show_recipients(std::span<const AgeIdentity> identities)
{
  for (const AgeIdentity& identity : identities)
    TRY(write_out(bytes_of(identity.recipient().text() + "\n")));
  return {};
}

Result<> run(std::span<const std::string> arguments)
{
  const std::string command = arguments.empty() ? "" : arguments.front();
  const std::span<const std::string> rest = arguments.subspan(arguments.empty() ? 0 : 1);
  if (command == "encrypt") return encrypt(TRY(key_for(rest)));
  if (command == "encrypt-file" && !rest.empty()) return encrypt_file(rest[0], rest.subspan(1));
  if (command == "encrypt-with" && rest.size() == 1)
    return encrypt(TRY(AgeFileKey::for_passphrase(TRY(Passphrase::of(rest[0])))));
  if (command == "decrypt-with" && rest.size() == 1)
    return decrypt(AgeDecryptor(answer_with(rest), write_out));
  if (command == "unarmor" && rest.empty()) return unarmor();
  if ((command == "decrypt" || command == "recipients") && (rest.size() == 1 || rest.size() == 2)) {
    const std::vector<AgeIdentity> identities =
        TRY(load_age_identities(rest[0], answer_with(rest.subspan(1))));
    if (command == "recipients") return show_recipients(identities);
    return decrypt(AgeDecryptor(identities, write_out));
  }
  if (command == "keygen") return write_out(bytes_of(AgeIdentity::create().secret_text() + "\n"));
  return fail(Errc::invalid, "no such command, or other arguments than it takes");
}

}  // namespace

int main(int count, char** words)
{
  const std::vector<std::string> arguments(words + 1, words + count);
  Result<> done = run(arguments);
  if (std::fflush(stdout) != 0 && done) done = fail(Errc::io, "stdout cannot be written");
  if (done) return 0;
  static_cast<void>(std::fprintf(stderr, "%s: %s\n",
                                 std::string(to_string(done.error().code)).c_str(),
                                 done.error().message.c_str()));
  return 1;
}
