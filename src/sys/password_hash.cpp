// SPDX-License-Identifier: Apache-2.0
#include "sys/password_hash.hpp"

#include <openssl/evp.h>
#include <sys/random.h>
#include <cstdint>

namespace ib {
namespace {

// What OWASP's Password Storage Cheat Sheet has for scrypt with 16 MiB.
constexpr std::uint64_t kCost = 1U << 14U;
constexpr std::uint64_t kBlockSize = 8;
constexpr std::uint64_t kParallel = 5;
constexpr std::uint64_t kMostMemory = std::uint64_t{32} << 20U;

}  // namespace

bool PasswordHash::derive(std::string_view password, const Bytes& salt, Bytes& key)
{
  return ::EVP_PBE_scrypt(password.data(), password.size(), salt.data(), salt.size(), kCost,
                          kBlockSize, kParallel, kMostMemory, key.data(), key.size()) == 1;
}

Result<PasswordHash> PasswordHash::of(std::string_view password)
{
  PasswordHash hash;
  if (::getrandom(hash.salt_.data(), hash.salt_.size(), 0) !=
          static_cast<ssize_t>(hash.salt_.size()) ||
      !derive(password, hash.salt_, hash.key_))
    return fail(Errc::io, "the password cannot be hashed: memory is exhausted");
  return hash;
}

bool PasswordHash::matches(std::string_view password) const
{
  Bytes key{};
  if (!derive(password, salt_, key)) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < key.size(); ++i)
    difference |= static_cast<unsigned>(key[i] ^ key_[i]);
  return difference == 0;
}

}  // namespace ib
