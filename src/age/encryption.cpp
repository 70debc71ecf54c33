// SPDX-License-Identifier: Apache-2.0
#include "age/encryption.hpp"

#include "age/header.hpp"
#include "age/stream.hpp"
#include "base/assert.hpp"
#include "sys/signature.hpp"
#include "sys/system.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace ib {
namespace {

constexpr std::size_t kTag = ChaCha20Poly1305::kTag;
constexpr std::uint64_t kNowhere = std::numeric_limits<std::uint64_t>::max();

/// A key exchange of its own, whose secret nobody knows afterwards.
AgeStanza wrap(const Secret<kAgeFileKey>& file_key, const AgeRecipient& recipient)
{
  Secret<32> ephemeral;
  fill_at_random(ephemeral.bytes);
  const std::optional<X25519Exchange> exchange = x25519_exchange(ephemeral, recipient.point());
  IB_ASSERT(exchange.has_value());  // a recipient is never a point of low order
  const auto& [share, shared] = *exchange;
  AgeStanza stanza;
  stanza.arguments = {std::string(kX25519Stanza), to_unpadded_base64(share.bytes)};
  stanza.body.resize(kAgeFileKey + kTag);
  // The key is of this stanza alone, so its nonce is always zero.
  ChaCha20Poly1305(age_wrap_key(shared, share, recipient.point()))
      .seal(ChaCha20Poly1305::Nonce{}, file_key.bytes, stanza.body);
  return stanza;
}

/// At least one, since the last chunk of nothing is an empty one.
std::uint64_t chunks_of(std::uint64_t plain_size)
{
  return std::max<std::uint64_t>(1, plain_size / kAgeChunk + (plain_size % kAgeChunk != 0 ? 1 : 0));
}

}  // namespace

AgeFileKey::AgeFileKey(const Secret<kAgeFileKey>& file_key, const std::vector<AgeStanza>& stanzas)
    : start_(format_age_stanzas(stanzas) + std::string(kAgeMacMark))
{
  const Sha256 mac = hmac_sha256(age_mac_key(file_key).bytes, bytes_of(start_));
  std::array<std::byte, kAgeNonce> nonce{};
  fill_at_random(nonce);
  start_ += ' ' + to_unpadded_base64(mac.bytes) + '\n' + std::string(text_of(nonce));
  payload_key_ = age_payload_key(file_key, nonce);
}

Result<AgeFileKey> AgeFileKey::create(std::span<const AgeRecipient> recipients)
{
  if (recipients.empty()) return fail(Errc::invalid, "there is no recipient to encrypt to");
  if (recipients.size() > kMostAgeStanzas)
    return fail(Errc::invalid, "there are more than " + std::to_string(kMostAgeStanzas) +
                                   " recipients to encrypt to");
  Secret<kAgeFileKey> file_key;
  fill_at_random(file_key.bytes);
  std::vector<AgeStanza> stanzas;
  stanzas.reserve(recipients.size());
  for (const AgeRecipient& recipient : recipients) stanzas.push_back(wrap(file_key, recipient));
  return AgeFileKey(file_key, stanzas);
}

Result<AgeFileKey> AgeFileKey::for_passphrase(const Passphrase& passphrase, unsigned work_factor)
{
  Secret<kAgeFileKey> file_key;
  fill_at_random(file_key.bytes);
  const AgeStanza stanza = TRY(wrap_for_passphrase(file_key, passphrase, work_factor));
  return AgeFileKey(file_key, {stanza});
}

std::uint64_t AgeFileKey::encrypted_size(std::uint64_t plain_size) const
{
  return start_.size() + plain_size + chunks_of(plain_size) * kTag;
}

AgeEncryptor::AgeEncryptor(const AgeFileKey& key, ByteSink out)
    : key_(key), out_(std::move(out)), cipher_(key.payload_key_)
{}

Result<> AgeEncryptor::pass_on(ByteView plain, bool is_last)
{
  if (!std::exchange(has_begun_, true)) TRY(out_(bytes_of(key_.start_)));
  sealed_.resize(plain.size() + kTag);
  cipher_.seal(age_chunk_nonce(chunk_++, is_last ? AgeChunkKind::last : AgeChunkKind::inner), plain,
               sealed_);
  return out_(sealed_);
}

Result<> AgeEncryptor::write(ByteView plain)
{
  // A full chunk is passed on only when another byte follows: the last one is marked as such.
  while (!plain.empty()) {
    if (waiting_.size() == kAgeChunk) {
      TRY(pass_on(waiting_, false));
      waiting_.clear();
    }
    while (waiting_.empty() && plain.size() > kAgeChunk) {
      TRY(pass_on(plain.first(kAgeChunk), false));
      plain = plain.subspan(kAgeChunk);
    }
    const ByteView piece = plain.first(std::min(plain.size(), kAgeChunk - waiting_.size()));
    waiting_.insert(waiting_.end(), piece.begin(), piece.end());
    plain = plain.subspan(piece.size());
  }
  return {};
}

Result<> AgeEncryptor::finish()
{
  return pass_on(waiting_, true);
}

AgeSource::AgeSource(const AgeFileKey& key, ByteSource& plain, std::uint64_t plain_size)
    : key_(key),
      plain_(plain),
      plain_size_(plain_size),
      size_(key.encrypted_size(plain_size)),
      cipher_(key.payload_key_)
{}

std::uint64_t AgeSource::plain_size_of(std::uint64_t chunk) const
{
  return std::min<std::uint64_t>(kAgeChunk, plain_size_ - chunk * kAgeChunk);
}

Result<> AgeSource::seal(std::uint64_t chunk, std::span<std::byte> sealed)
{
  const bool is_last = chunk + 1 == chunks_of(plain_size_);
  const auto size = static_cast<std::size_t>(plain_size_of(chunk));
  if (plain_position_ != chunk * kAgeChunk) {
    plain_position_ = kNowhere;
    TRY(plain_.seek(chunk * kAgeChunk));
  }
  // One byte more at the end, to see that it is the end.
  buffer_.resize(size + (is_last ? 1 : 0));
  plain_position_ = kNowhere;
  std::size_t have = 0;
  while (have < buffer_.size()) {
    const std::size_t n = TRY(plain_.read(std::span(buffer_).subspan(have)));
    if (n == 0) break;
    have += n;
  }
  if (have != size) return fail(Errc::changed, "has another size than before it was encrypted");
  plain_position_ = chunk * kAgeChunk + size;
  cipher_.seal(age_chunk_nonce(chunk, is_last ? AgeChunkKind::last : AgeChunkKind::inner),
               ByteView(buffer_).first(size), sealed);
  if (!is_as_before(chunk, sealed.subspan(size, kTag))) {
    wipe(sealed.first(size));
    return fail(Errc::changed, "was changed while it was sent");
  }
  return {};
}

bool AgeSource::is_as_before(std::uint64_t chunk, ByteView tag)
{
  const auto number = static_cast<std::size_t>(chunk);
  if (number >= made_.size()) made_.resize(number + 1);
  std::uint64_t beginning = 0;
  std::memcpy(&beginning, tag.data(), sizeof beginning);
  // The tag depends on each byte of the chunk.
  if (made_[number] == 0) made_[number] = beginning;
  return made_[number] == beginning;
}

Result<std::size_t> AgeSource::read(std::span<std::byte> buffer)
{
  std::size_t filled = 0;
  while (filled < buffer.size() && position_ < size_) {
    const std::span<std::byte> room = buffer.subspan(filled);
    ByteView ready;
    if (position_ < key_.start_.size()) {
      ready = bytes_of(key_.start_).subspan(static_cast<std::size_t>(position_));
    } else {
      const std::uint64_t in_payload = position_ - key_.start_.size();
      const std::uint64_t chunk = in_payload / kAgeSealedChunk;
      const auto within = static_cast<std::size_t>(in_payload % kAgeSealedChunk);
      const std::size_t size = static_cast<std::size_t>(plain_size_of(chunk)) + kTag;
      if (within == 0 && room.size() >= size) {
        TRY(seal(chunk, room));
        filled += size;
        position_ += size;
        continue;
      }
      if (sealed_.empty() || sealed_number_ != chunk) {
        std::vector<std::byte> sealed(std::move(sealed_));
        sealed_.clear();
        sealed.resize(size);
        TRY(seal(chunk, sealed));
        sealed_ = std::move(sealed);
        sealed_number_ = chunk;
      }
      ready = ByteView(sealed_).subspan(within);
    }
    ready = ready.first(std::min(ready.size(), room.size()));
    std::memcpy(room.data(), ready.data(), ready.size());
    filled += ready.size();
    position_ += ready.size();
  }
  return filled;
}

Result<> AgeSource::seek(std::uint64_t offset)
{
  if (offset > size_) return fail(Errc::io, "is shorter than the position that is sought");
  position_ = offset;
  return {};
}

}  // namespace ib
