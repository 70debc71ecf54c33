// SPDX-License-Identifier: Apache-2.0
#include "age/primitives.hpp"

#include "base/assert.hpp"

#include <openssl/evp.h>
#include <algorithm>

namespace ib {
namespace {

constexpr std::uint64_t kScryptBlock = 8;

struct KeyFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, KeyFree>;

struct DerivationFree {
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};

struct CipherFree {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

unsigned char* writable(std::span<std::byte> bytes)
{
  return reinterpret_cast<unsigned char*>(bytes.data());
}

const unsigned char* raw(ByteView bytes)
{
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

Key private_key(const Secret<32>& secret)
{
  Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, raw(secret.bytes),
                                       secret.bytes.size()));
  IB_ASSERT(key != nullptr);
  return key;
}

X25519Point point_of(EVP_PKEY* key)
{
  X25519Point point;
  std::size_t size = point.bytes.size();
  IB_ASSERT(EVP_PKEY_get_raw_public_key(key, writable(point.bytes), &size) == 1);
  IB_ASSERT(size == point.bytes.size());
  return point;
}

std::optional<Secret<32>> derive(EVP_PKEY* own, const X25519Point& point)
{
  const Key peer(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, raw(point.bytes), point.bytes.size()));
  const std::unique_ptr<EVP_PKEY_CTX, DerivationFree> context(EVP_PKEY_CTX_new(own, nullptr));
  IB_ASSERT(peer != nullptr && context != nullptr && EVP_PKEY_derive_init(context.get()) == 1);
  IB_ASSERT(EVP_PKEY_derive_set_peer(context.get(), peer.get()) == 1);
  Secret<32> shared;
  std::size_t size = shared.bytes.size();
  // OpenSSL refuses a result that is all zeros; so does the comparison.
  if (EVP_PKEY_derive(context.get(), writable(shared.bytes), &size) != 1) return std::nullopt;
  IB_ASSERT(size == shared.bytes.size());
  if (shared.bytes == Secret<32>().bytes) return std::nullopt;
  return shared;
}

/// Looking it up by its name takes OpenSSL as long as to encrypt some kilobytes.
const EVP_CIPHER* cipher()
{
  static const EVP_CIPHER* const kFetched = EVP_CIPHER_fetch(nullptr, "ChaCha20-Poly1305", nullptr);
  IB_ASSERT(kFetched != nullptr);
  return kFetched;
}

}  // namespace

X25519Point x25519_point(const Secret<32>& secret)
{
  return point_of(private_key(secret).get());
}

std::optional<Secret<32>> x25519(const Secret<32>& secret, const X25519Point& point)
{
  return derive(private_key(secret).get(), point);
}

std::optional<X25519Exchange> x25519_exchange(const Secret<32>& secret, const X25519Point& point)
{
  const Key own = private_key(secret);
  std::optional<Secret<32>> shared = derive(own.get(), point);
  if (!shared) return std::nullopt;
  return X25519Exchange{.share = point_of(own.get()), .shared = *shared};
}

std::uint64_t scrypt_memory(unsigned work_factor)
{
  return std::uint64_t{128} * kScryptBlock << work_factor;
}

std::optional<Secret<32>> scrypt(std::string_view passphrase, ByteView salt, unsigned work_factor)
{
  // OpenSSL's bound counts some blocks more.
  constexpr std::uint64_t kMore = std::uint64_t{1} << 20U;
  Secret<32> key;
  if (EVP_PBE_scrypt(passphrase.data(), passphrase.size(), raw(salt), salt.size(),
                     std::uint64_t{1} << work_factor, kScryptBlock, 1,
                     scrypt_memory(work_factor) + kMore, writable(key.bytes),
                     key.bytes.size()) != 1)
    return std::nullopt;
  return key;
}

struct ChaCha20Poly1305::State {
  std::unique_ptr<EVP_CIPHER_CTX, CipherFree> context{EVP_CIPHER_CTX_new()};

  void begin(const Nonce& nonce, int encrypts) const
  {
    IB_ASSERT(EVP_CipherInit_ex(context.get(), nullptr, nullptr, nullptr, raw(nonce), encrypts) ==
              1);
  }
  void update(ByteView in, std::span<std::byte> out) const
  {
    IB_ASSERT(out.size() >= in.size());
    int written = 0;
    if (in.empty()) return;
    IB_ASSERT(EVP_CipherUpdate(context.get(), writable(out), &written, raw(in),
                               static_cast<int>(in.size())) == 1);
    IB_ASSERT(static_cast<std::size_t>(written) == in.size());
  }
  bool finish() const
  {
    std::array<std::byte, 16> none{};  // a stream cipher holds nothing back
    int written = 0;
    return EVP_CipherFinal_ex(context.get(), writable(none), &written) == 1;
  }
};

ChaCha20Poly1305::ChaCha20Poly1305(const Secret<32>& key) : state_(std::make_unique<State>())
{
  IB_ASSERT(state_->context != nullptr);
  IB_ASSERT(
      EVP_CipherInit_ex(state_->context.get(), cipher(), nullptr, raw(key.bytes), nullptr, 1) == 1);
}

ChaCha20Poly1305::ChaCha20Poly1305(ChaCha20Poly1305&&) noexcept = default;
ChaCha20Poly1305::~ChaCha20Poly1305() = default;

void ChaCha20Poly1305::seal(const Nonce& nonce, ByteView plain, std::span<std::byte> sealed)
{
  IB_ASSERT(sealed.size() >= plain.size() + kTag);
  state_->begin(nonce, 1);
  state_->update(plain, sealed);
  IB_ASSERT(state_->finish());
  IB_ASSERT(EVP_CIPHER_CTX_ctrl(state_->context.get(), EVP_CTRL_AEAD_GET_TAG, kTag,
                                sealed.subspan(plain.size()).data()) == 1);
}

bool ChaCha20Poly1305::open(const Nonce& nonce, ByteView sealed, std::span<std::byte> plain)
{
  if (sealed.size() < kTag) return false;
  const ByteView cipher_text = sealed.first(sealed.size() - kTag);
  std::array<std::byte, kTag> tag{};
  std::ranges::copy(sealed.last(kTag), tag.begin());
  state_->begin(nonce, 0);
  IB_ASSERT(EVP_CIPHER_CTX_ctrl(state_->context.get(), EVP_CTRL_AEAD_SET_TAG, kTag, tag.data()) ==
            1);
  state_->update(cipher_text, plain);
  return state_->finish();
}

}  // namespace ib
