// SPDX-License-Identifier: Apache-2.0
#include "age/decryption.hpp"

#include "age/header.hpp"
#include "age/stream.hpp"
#include "base/assert.hpp"
#include "base/text.hpp"
#include "sys/signature.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace ib {
namespace {

constexpr std::size_t kTag = ChaCha20Poly1305::kTag;
constexpr std::string_view kDamagedHint =
    "It is damaged, or somebody has changed it. Nothing after the damage can be trusted.";

/// One key exchange of the header.
struct WrappedKey {
  X25519Point share;
  std::vector<std::byte> body;
};

/// The stanzas that X25519 identities can open. All are checked before any is tried.
Result<std::vector<WrappedKey>> x25519_stanzas(const AgeHeader& header)
{
  std::vector<WrappedKey> wrapped;
  for (const AgeStanza& stanza : header.stanzas) {
    if (stanza.arguments.front() != kX25519Stanza) continue;
    std::vector<std::byte> share;
    WrappedKey key;
    if (stanza.arguments.size() != 2)
      return malformed_age_header("an X25519 stanza does not have two arguments");
    if (!from_unpadded_base64(stanza.arguments.back(), share) || share.size() != X25519Point::kSize)
      return malformed_age_header("an X25519 stanza's share is not 32 bytes in canonical base64");
    if (stanza.body.size() != kAgeFileKey + kTag)
      return malformed_age_header("an X25519 stanza's body is not 32 bytes");
    std::ranges::copy(share, key.share.bytes.begin());
    key.body = stanza.body;
    wrapped.push_back(std::move(key));
  }
  return wrapped;
}

/// The file key; empty if this stanza is another identity's.
Result<std::optional<Secret<kAgeFileKey>>> unwrap(const WrappedKey& wrapped,
                                                  const AgeIdentity& identity)
{
  const std::optional<Secret<32>> shared = x25519(identity.secret(), wrapped.share);
  if (!shared) return malformed_age_header("an X25519 stanza's share is of low order");
  std::optional<Secret<kAgeFileKey>> file_key{std::in_place};
  ChaCha20Poly1305 cipher(age_wrap_key(*shared, wrapped.share, identity.recipient().point()));
  if (!cipher.open(ChaCha20Poly1305::Nonce{}, wrapped.body, file_key->bytes)) file_key.reset();
  return file_key;
}

/// Why no identity opens a header whose stanzas are in order.
std::unexpected<Error> not_for_us(const AgeHeader& header, std::size_t stanzas,
                                  std::size_t identities)
{
  if (stanzas > 0)
    return fail(
        Errc::denied,
        "is encrypted to " + count_of(stanzas, "other key", "other keys") + ": " +
            (identities == 1 ? "the identity does not open it" : "none of the identities opens it"),
        "Give the identity of a key that it was encrypted to.");
  constexpr std::size_t kMostNamed = 3;
  std::set<std::string> kinds;
  for (const AgeStanza& stanza : header.stanzas) kinds.insert(printable(stanza.arguments.front()));
  std::string names;
  for (const std::string& kind : kinds) {
    if (kinds.size() > kMostNamed) break;
    names += (names.empty() ? " (" : ", ") + kind.substr(0, 40);
  }
  if (!names.empty()) names += ')';
  return fail(Errc::denied, "is encrypted to keys of another kind than X25519" + names,
              "`age -d` may open it.");
}

/// What opens a header: identities, or whom to ask for a passphrase.
struct Opener {
  std::span<const AgeIdentity> identities = {};
  AskPassphrase ask = {};
  unsigned most_work_factor = 0;
};

/// The file key. Empty if the identities open no stanza.
Result<std::optional<Secret<kAgeFileKey>>> unwrap(const std::vector<WrappedKey>& stanzas,
                                                  std::span<const AgeIdentity> identities)
{
  for (const AgeIdentity& identity : identities) {
    for (const WrappedKey& stanza : stanzas) {
      std::optional<Secret<kAgeFileKey>> file_key = TRY(unwrap(stanza, identity));
      if (file_key) return file_key;
    }
  }
  return std::optional<Secret<kAgeFileKey>>();
}

Result<Secret<kAgeFileKey>> open_stanzas(const AgeHeader& header, const Opener& opener)
{
  const auto is_scrypt = [](const AgeStanza& s) { return s.arguments.front() == kScryptStanza; };
  if (std::ranges::any_of(header.stanzas, is_scrypt)) {
    // Who knows a passphrase takes for granted that nobody else could have written the file.
    if (header.stanzas.size() > 1)
      return malformed_age_header("there is another stanza beside that of a passphrase");
    if (opener.ask)
      return unwrap_with_passphrase(header.stanzas.front(), opener.ask, opener.most_work_factor);
    return fail(Errc::denied, "is protected with a passphrase, and not encrypted to a key",
                "`age -d` asks for the passphrase.");
  }
  const std::vector<WrappedKey> stanzas = TRY(x25519_stanzas(header));
  if (opener.ask)
    return fail(Errc::denied, "is encrypted to keys, and not protected with a passphrase",
                "`age -d -i IDENTITY` opens it.");
  const std::optional<Secret<kAgeFileKey>> file_key = TRY(unwrap(stanzas, opener.identities));
  if (!file_key) return not_for_us(header, stanzas.size(), opener.identities.size());
  return *file_key;
}

Result<Secret<kAgeFileKey>> open_header(std::string_view text, const Opener& opener)
{
  const AgeHeader header = TRY(parse_age_header(text));
  const Secret<kAgeFileKey> file_key = TRY(open_stanzas(header, opener));
  if (!are_equal_secrets(header.mac,
                         hmac_sha256(age_mac_key(file_key).bytes, bytes_of(header.covered))))
    return fail(Errc::corrupt, "its age header was changed: the MAC does not agree",
                std::string(kDamagedHint));
  return file_key;
}

}  // namespace

class AgeDecryptor::State {
public:
  State(Opener opener, ByteSink out) : opener_(std::move(opener)), out_(std::move(out)) {}

  Result<> write(ByteView encrypted)
  {
    if (!cipher_ && !TRY(read_start(encrypted))) return {};
    // A chunk is opened only when another byte follows: then it cannot be the last.
    while (!encrypted.empty()) {
      if (waiting_.size() == kAgeSealedChunk) {
        TRY(open_inner(waiting_));
        waiting_.clear();
      }
      while (waiting_.empty() && encrypted.size() > kAgeSealedChunk) {
        TRY(open_inner(encrypted.first(kAgeSealedChunk)));
        encrypted = encrypted.subspan(kAgeSealedChunk);
      }
      const ByteView piece =
          encrypted.first(std::min(encrypted.size(), kAgeSealedChunk - waiting_.size()));
      waiting_.insert(waiting_.end(), piece.begin(), piece.end());
      encrypted = encrypted.subspan(piece.size());
    }
    return {};
  }

  Result<> finish()
  {
    if (!file_key_) return header_.cut_short();
    if (!cipher_ || waiting_.size() < kTag)
      return fail(Errc::corrupt,
                  "is cut short after " + format_count(passed_on_) + " bytes of plain text");
    if (open(waiting_, AgeChunkKind::last)) {
      if (chunk_ > 0 && waiting_.size() == kTag)
        return fail(Errc::corrupt, "ends with an empty chunk, which age does not write",
                    std::string(kDamagedHint));
      return pass_on(waiting_.size() - kTag);
    }
    if (waiting_.size() == kAgeSealedChunk && open(waiting_, AgeChunkKind::inner)) {
      TRY(pass_on(kAgeChunk));
      return fail(Errc::corrupt, "is cut short between two chunks, after " +
                                     format_count(passed_on_) + " bytes of plain text");
    }
    return not_authentic("was changed, moved or cut short");
  }

  std::optional<Error> failed;

private:
  /// Reads the header and the nonce. Whether both are there.
  Result<bool> read_start(ByteView& encrypted)
  {
    if (!file_key_) {
      if (!TRY(header_.take(encrypted))) return false;
      file_key_ = TRY(open_header(header_.text(), opener_));
    }
    const ByteView piece = encrypted.first(std::min(encrypted.size(), kAgeNonce - nonce_.size()));
    nonce_.insert(nonce_.end(), piece.begin(), piece.end());
    encrypted = encrypted.subspan(piece.size());
    if (nonce_.size() < kAgeNonce) return false;
    cipher_.emplace(age_payload_key(*file_key_, nonce_));
    file_key_.emplace();  // the cipher has all that is still needed
    return true;
  }

  /// Decrypts to plain_.
  bool open(ByteView sealed, AgeChunkKind kind)
  {
    plain_.resize(kAgeChunk);
    return cipher_->open(age_chunk_nonce(chunk_, kind), sealed, plain_);
  }

  Result<> pass_on(std::size_t size)
  {
    ++chunk_;
    passed_on_ += size;
    return size == 0 ? Result<>() : out_(ByteView(plain_).first(size));
  }

  Result<> open_inner(ByteView sealed)
  {
    if (open(sealed, AgeChunkKind::inner)) return pass_on(kAgeChunk);
    if (!open(sealed, AgeChunkKind::last)) return not_authentic("was changed or moved");
    TRY(pass_on(kAgeChunk));
    return fail(Errc::corrupt, "goes on after its last chunk, which age does not write",
                std::string(kDamagedHint));
  }

  std::unexpected<Error> not_authentic(std::string_view what) const
  {
    return fail(Errc::corrupt,
                "its encrypted chunk " + format_count(chunk_ + 1) + " " + std::string(what),
                std::string(kDamagedHint));
  }

  Opener opener_;
  ByteSink out_;
  AgeHeaderReader header_;
  std::optional<Secret<kAgeFileKey>> file_key_;  // zeros once cipher_ is there
  std::vector<std::byte> nonce_;
  std::optional<ChaCha20Poly1305> cipher_;
  std::uint64_t chunk_ = 0;  // the number of the next one
  std::uint64_t passed_on_ = 0;
  std::vector<std::byte> waiting_;
  std::vector<std::byte> plain_;
};

AgeDecryptor::AgeDecryptor(std::span<const AgeIdentity> identities, ByteSink out)
    : state_(std::make_unique<State>(Opener{.identities = identities}, std::move(out)))
{}

AgeDecryptor::AgeDecryptor(AskPassphrase ask, ByteSink out, unsigned most_work_factor)
    : state_(std::make_unique<State>(
          Opener{.ask = std::move(ask), .most_work_factor = most_work_factor}, std::move(out)))
{}

AgeDecryptor::AgeDecryptor(AgeDecryptor&&) noexcept = default;
AgeDecryptor::~AgeDecryptor() = default;

Result<> AgeDecryptor::write(ByteView encrypted)
{
  if (state_->failed) return std::unexpected(*state_->failed);
  Result<> written = state_->write(encrypted);
  if (!written) state_->failed = written.error();
  return written;
}

Result<> AgeDecryptor::finish()
{
  if (state_->failed) return std::unexpected(*state_->failed);
  Result<> finished = state_->finish();
  if (!finished) state_->failed = finished.error();
  return finished;
}

}  // namespace ib
