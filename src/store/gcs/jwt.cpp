// SPDX-License-Identifier: Apache-2.0
#include "store/gcs/jwt.hpp"

#include "base/assert.hpp"
#include "base/digest.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <algorithm>

namespace ib {
namespace {

struct BioFree {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct KeyFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct ContextFree {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

/// Otherwise OpenSSL asks for a password on the terminal.
int no_password(char*, int, int, void*)
{
  return -1;
}

}  // namespace

struct SigningKey::Key {
  std::unique_ptr<EVP_PKEY, KeyFree> handle;
};

SigningKey::SigningKey(std::unique_ptr<Key> key) : key_(std::move(key)) {}
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey::~SigningKey() = default;

Result<SigningKey> SigningKey::parse(std::string_view pem)
{
  const std::unique_ptr<BIO, BioFree> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  IB_ASSERT(bio != nullptr);
  auto key = std::make_unique<Key>();
  key->handle.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
  // OpenSSL keeps one list of errors per thread. TLS would find these there.
  ERR_clear_error();
  if (key->handle == nullptr) return fail(Errc::invalid, "not a private key in PEM");
  if (EVP_PKEY_is_a(key->handle.get(), "RSA") != 1) return fail(Errc::invalid, "not an RSA key");
  if (EVP_PKEY_get_bits(key->handle.get()) < 2048)
    return fail(Errc::invalid, "the RSA key is too short");
  return SigningKey(std::move(key));
}

std::string SigningKey::sign(std::string_view message) const
{
  const std::unique_ptr<EVP_MD_CTX, ContextFree> context(EVP_MD_CTX_new());
  IB_ASSERT(context != nullptr);
  IB_ASSERT(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_->handle.get()) ==
            1);
  const auto* data = reinterpret_cast<const unsigned char*>(message.data());
  std::size_t size = 0;
  IB_ASSERT(EVP_DigestSign(context.get(), nullptr, &size, data, message.size()) == 1);
  std::string signature(size, '\0');
  auto* out = reinterpret_cast<unsigned char*>(signature.data());
  IB_ASSERT(EVP_DigestSign(context.get(), out, &size, data, message.size()) == 1);
  signature.resize(size);
  return signature;
}

std::string to_base64url(ByteView bytes)
{
  std::string text = to_base64(bytes);
  while (text.ends_with('=')) text.pop_back();
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

std::string signed_jwt(std::string_view header_json, std::string_view claims_json,
                       const SigningKey& key)
{
  const std::string signed_part =
      to_base64url(bytes_of(header_json)) + "." + to_base64url(bytes_of(claims_json));
  return signed_part + "." + to_base64url(bytes_of(key.sign(signed_part)));
}

}  // namespace ib
