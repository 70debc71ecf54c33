// SPDX-License-Identifier: Apache-2.0
#include "sys/signature.hpp"

#include "base/assert.hpp"

#include <openssl/evp.h>
#include <openssl/params.h>
#include <array>
#include <memory>
#include <string>

namespace ib {
namespace {

struct KeyFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct ContextFree {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, ContextFree>;

const unsigned char* raw(ByteView bytes)
{
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

struct Ed25519Key::Key {
  std::unique_ptr<EVP_PKEY, KeyFree> handle;
};

Ed25519Key::Ed25519Key(const Sha256& seed) : key_(std::make_unique<Key>())
{
  key_->handle.reset(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, raw(seed.bytes), seed.bytes.size()));
  IB_ASSERT(key_->handle != nullptr);
  std::size_t size = public_key_.bytes.size();
  IB_ASSERT(EVP_PKEY_get_raw_public_key(key_->handle.get(),
                                        reinterpret_cast<unsigned char*>(public_key_.bytes.data()),
                                        &size) == 1);
  IB_ASSERT(size == public_key_.bytes.size());
}

Ed25519Key::Ed25519Key(Ed25519Key&&) noexcept = default;
Ed25519Key& Ed25519Key::operator=(Ed25519Key&&) noexcept = default;
Ed25519Key::~Ed25519Key() = default;

Signature Ed25519Key::sign(ByteView message) const
{
  const Context context(EVP_MD_CTX_new());
  IB_ASSERT(context != nullptr);
  // Ed25519 hashes by itself: there is no digest to name.
  IB_ASSERT(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_->handle.get()) == 1);
  Signature signature;
  std::size_t size = signature.bytes.size();
  IB_ASSERT(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.bytes.data()),
                           &size, raw(message), message.size()) == 1);
  IB_ASSERT(size == signature.bytes.size());
  return signature;
}

bool verify_signature(const PublicKey& key, ByteView message, const Signature& signature)
{
  const std::unique_ptr<EVP_PKEY, KeyFree> handle(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw(key.bytes), key.bytes.size()));
  const Context context(EVP_MD_CTX_new());
  IB_ASSERT(context != nullptr);
  return handle != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, handle.get()) == 1 &&
         EVP_DigestVerify(context.get(), raw(signature.bytes), signature.bytes.size(), raw(message),
                          message.size()) == 1;
}

namespace {

struct MacFree {
  void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using MacContext = std::unique_ptr<EVP_MAC_CTX, MacFree>;

/// Looking the algorithm up by its name takes OpenSSL several times as long as a short message.
MacContext new_mac_context()
{
  const std::unique_ptr<EVP_MAC, MacFree> mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  IB_ASSERT(mac != nullptr);
  MacContext context(EVP_MAC_CTX_new(mac.get()));
  std::string digest = "SHA256";
  const std::array parameters{
      OSSL_PARAM_construct_utf8_string("digest", digest.data(), digest.size()),
      OSSL_PARAM_construct_end()};
  IB_ASSERT(context != nullptr && EVP_MAC_CTX_set_params(context.get(), parameters.data()) == 1);
  return context;
}

}  // namespace

Sha256 hmac_sha256(ByteView key, ByteView message)
{
  static thread_local const MacContext context = new_mac_context();
  // Without a key, OpenSSL would take the one of the message before.
  constexpr unsigned char kNone = 0;
  Sha256 mac;
  std::size_t size = 0;
  IB_ASSERT(EVP_MAC_init(context.get(), key.empty() ? &kNone : raw(key), key.size(), nullptr) == 1);
  IB_ASSERT(EVP_MAC_update(context.get(), raw(message), message.size()) == 1);
  IB_ASSERT(EVP_MAC_final(context.get(), reinterpret_cast<unsigned char*>(mac.bytes.data()), &size,
                          mac.bytes.size()) == 1);
  IB_ASSERT(size == mac.bytes.size());
  // Nothing of the key stays behind.
  const Sha256 zeros{};
  IB_ASSERT(EVP_MAC_init(context.get(), raw(zeros.bytes), zeros.bytes.size(), nullptr) == 1);
  return mac;
}

Secret<32> hkdf_sha256(ByteView secret, ByteView salt, std::string_view info)
{
  const Sha256 no_salt{};
  Sha256 extracted = hmac_sha256(salt.empty() ? ByteView(no_salt.bytes) : salt, secret);
  Sha256 expanded = hmac_sha256(extracted.bytes, bytes_of(std::string(info) + '\x01'));
  Secret<32> key;
  key.bytes = expanded.bytes;
  wipe(extracted.bytes);
  wipe(expanded.bytes);
  return key;
}

Sha256 derived_key(ByteView secret, std::string_view label)
{
  return {hkdf_sha256(secret, {}, label).bytes};
}

bool are_equal_secrets(const Sha256& one, const Sha256& other)
{
  std::byte difference{0};
  for (std::size_t i = 0; i < one.bytes.size(); ++i) difference |= one.bytes[i] ^ other.bytes[i];
  return difference == std::byte{0};
}

}  // namespace ib
