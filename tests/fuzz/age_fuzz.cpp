// SPDX-License-Identifier: Apache-2.0
//
// age files and age keys. The first byte says what the rest is:
//   f  an age file; it ends the same in pieces of any size, the next byte's
//   h  the lines of a header after its first stanza, whose MAC is right
//   k  a key, or a file of identities; no error repeats a secret
//   c  what is done to a good age file: then it is refused, and what was passed on is the beginning
//      of its plain text
#include "age/decryption.hpp"
#include "age/encryption.hpp"
#include "age/header.hpp"
#include "age/stream.hpp"
#include "fuzz/fuzz.hpp"
#include "sys/signature.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace {

using namespace ib;

constexpr std::string_view kIdentity =
    "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";

const AgeIdentity& identity()
{
  static const AgeIdentity kParsed = AgeIdentity::parse(kIdentity).value();
  return kParsed;
}

struct Decrypted {
  std::string plain;
  std::optional<Errc> failure;
  bool operator==(const Decrypted&) const = default;
};

Decrypted decrypt(std::string_view file, std::size_t piece)
{
  Decrypted decrypted;
  AgeDecryptor decryptor(std::span(&identity(), 1), [&](ByteView bytes) -> Result<> {
    decrypted.plain += text_of(bytes);
    return {};
  });
  Result<> ended;
  while (ended && !file.empty()) {
    const std::size_t n = std::min(piece, file.size());
    ended = decryptor.write(bytes_of(file.substr(0, n)));
    file.remove_prefix(n);
  }
  if (ended) ended = decryptor.finish();
  if (ended) return decrypted;
  fuzz::require_safe_to_show(ended.error());
  decrypted.failure = ended.error().code;
  fuzz::require(decrypted.failure == Errc::corrupt || decrypted.failure == Errc::denied,
                "an age file fails as corrupt or denied");
  return decrypted;
}

Decrypted decrypt_in_pieces(std::string_view file, std::size_t piece)
{
  Decrypted decrypted = decrypt(file, std::max<std::size_t>(1, file.size()));
  fuzz::require(decrypted == decrypt(file, piece), "an age file ends the same in pieces");
  const std::size_t mac = file.find("\n---");
  const Result<AgeHeader> header = parse_age_header(
      mac == std::string_view::npos ? file : file.substr(0, file.find('\n', mac + 1) + 1));
  if (header)
    fuzz::require(format_age_stanzas(header->stanzas) + std::string(kAgeMacMark) == header->covered,
                  "a header has one spelling");
  return decrypted;
}

void try_header(std::string_view lines)
{
  // Nothing is random here, so that a fault is found again.
  Secret<32> ephemeral;
  ephemeral.bytes.fill(std::byte{7});
  const Secret<kAgeFileKey> file_key;
  const X25519Point share = x25519_point(ephemeral);
  const X25519Point& recipient = identity().recipient().point();
  AgeStanza stanza{.arguments = {"X25519", to_unpadded_base64(share.bytes)}, .body = {}};
  stanza.body.resize(kAgeFileKey + ChaCha20Poly1305::kTag);
  ChaCha20Poly1305(age_wrap_key(x25519(ephemeral, recipient).value(), share, recipient))
      .seal({}, file_key.bytes, stanza.body);
  std::string file = format_age_stanzas({stanza}) + std::string(lines) + std::string(kAgeMacMark);
  file += " " + to_unpadded_base64(hmac_sha256(age_mac_key(file_key).bytes, bytes_of(file)).bytes) +
          "\n";
  const std::string nonce(kAgeNonce, 'n');
  std::array<std::byte, 7 + ChaCha20Poly1305::kTag> sealed{};
  ChaCha20Poly1305(age_payload_key(file_key, bytes_of(nonce)))
      .seal(age_chunk_nonce(0, AgeChunkKind::last), bytes_of("a photo"), sealed);
  const Decrypted decrypted =
      decrypt_in_pieces(file + nonce + std::string(text_of(sealed)), 1 + lines.size() % 100);
  fuzz::require(decrypted.failure ? decrypted.plain.empty() : decrypted.plain == "a photo",
                "a good header opens its payload, and no other opens anything");
  fuzz::require(!lines.empty() || !decrypted.failure, "a header of one stanza is good");
}

void require_no_secret_of(std::string_view text, const Error& error)
{
  fuzz::require_safe_to_show(error);
  constexpr std::string_view kPrefix = "AGE-SECRET-KEY-1";
  constexpr std::size_t kTooLongForAWord = 16;
  for (std::size_t at = text.find(kPrefix); at != std::string_view::npos;
       at = text.find(kPrefix, at + 1)) {
    const std::string_view secret = text.substr(at + kPrefix.size(), kTooLongForAWord);
    // A hint has the prefix itself.
    if (secret.size() < kTooLongForAWord || secret.contains('-')) continue;
    fuzz::require(!(error.message + error.hint).contains(secret), "an error repeats no secret");
  }
}

void try_key(std::string_view text)
{
  const Result<AgeRecipient> recipient = AgeRecipient::parse(text);
  if (recipient)
    fuzz::require(AgeRecipient::parse(recipient->text()) == *recipient, "a recipient");
  else
    require_no_secret_of(text, recipient.error());
  const Result<AgeIdentity> parsed = AgeIdentity::parse(text);
  if (parsed)
    fuzz::require(AgeIdentity::parse(parsed->secret_text())->recipient() == parsed->recipient(),
                  "an identity is written as it was read");
  else
    require_no_secret_of(text, parsed.error());
  const auto identities = parse_age_identities(
      text, "keys.txt", [] { return fail(Errc::cancelled, "nobody is here"); });
  if (identities)
    fuzz::require(!identities->empty(), "a file of identities has one");
  else
    require_no_secret_of(text, identities.error());
}

std::string encrypt(const AgeFileKey& key, std::string_view plain)
{
  std::string file;
  AgeEncryptor encryptor(key, [&](ByteView bytes) -> Result<> {
    file += text_of(bytes);
    return {};
  });
  fuzz::require(encryptor.write(bytes_of(plain)) && encryptor.finish(), "encryption has no errors");
  return file;
}

/// One change after the other; each is a byte and two numbers.
std::string changed(std::string file, fuzz::Input& input, std::size_t start)
{
  while (!input.empty() && !file.empty()) {
    const std::uint8_t what = input.byte();
    const auto one = static_cast<std::uint64_t>(input.number());
    const auto other = static_cast<std::uint64_t>(input.number());
    const std::size_t at = one % file.size();
    const std::size_t chunk = std::min(file.size(), start + one % 4 * kAgeSealedChunk);
    const std::size_t next = std::min(file.size(), start + other % 4 * kAgeSealedChunk);
    const std::string piece = file.substr(chunk, kAgeSealedChunk);
    switch (what % 6) {
      case 0:
        file[at] = static_cast<char>(file[at] ^ static_cast<char>(other));
        break;
      case 1:
        file.resize(at);
        break;
      case 2:
        file.replace(next, piece.size(), piece);
        break;
      case 3:
        file.insert(next, piece);
        break;
      case 4:
        file.erase(chunk, kAgeSealedChunk);
        break;
      default:
        file.append(other % 100'000, static_cast<char>(one));
        break;
    }
    if (file.size() > std::size_t{10} * kAgeSealedChunk) break;  // more only costs time
  }
  return file;
}

void try_changes(fuzz::Input& input)
{
  constexpr std::array<std::size_t, 6> kSizes{0, 1, kAgeChunk, kAgeChunk + 1, 1000, 3 * kAgeChunk};
  const std::size_t size = kSizes.at(input.byte() % kSizes.size());
  std::string plain(size, '\0');
  for (std::size_t i = 0; i < size; ++i) plain[i] = static_cast<char>(i * 7 + i / kAgeChunk);
  const AgeFileKey key = AgeFileKey::create(std::span(&identity().recipient(), 1)).value();
  const std::string file = encrypt(key, plain);
  fuzz::require(file.size() == key.encrypted_size(size), "the size of an age file is known");

  MemorySource memory(bytes_of(plain));
  AgeSource source(key, memory, size);
  const std::uint64_t from = static_cast<std::uint64_t>(input.number()) % (file.size() + 1);
  std::vector<std::byte> part(1 + input.byte());
  fuzz::require(source.seek(from).has_value(), "any position can be sought");
  const std::size_t n = source.read(part).value();
  fuzz::require(text_of(ByteView(part).first(n)) == file.substr(from, part.size()),
                "a source has the bytes of the file");

  const std::string other = changed(
      file, input, static_cast<std::size_t>(key.encrypted_size(0)) - ChaCha20Poly1305::kTag);
  const Decrypted decrypted = decrypt_in_pieces(other, 1 + from % 100'000);
  fuzz::require(plain.starts_with(decrypted.plain), "only plain text is passed on");
  fuzz::require(decrypted.failure.has_value() == (other != file),
                "an age file is whole if and only if nothing was changed");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  fuzz::Input input(data, size);
  switch (input.byte()) {
    case 'f': {
      const std::size_t piece = std::size_t{input.byte()} + 1;
      static_cast<void>(decrypt_in_pieces(input.rest(), piece));
      break;
    }
    case 'h':
      try_header(input.rest());
      break;
    case 'k':
      try_key(input.rest());
      break;
    case 'c':
      try_changes(input);
      break;
    default:
      break;
  }
  return 0;
}
