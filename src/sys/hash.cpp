// SPDX-License-Identifier: Apache-2.0
#include "sys/hash.hpp"

#include "base/assert.hpp"

#include <openssl/evp.h>
#include <algorithm>
#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__aarch64__)
#include <arm_acle.h>
#include <sys/auxv.h>
#endif

namespace ib {
namespace {

// The reflected Castagnoli polynomial (RFC 3720, appendix B.4).
constexpr std::uint32_t kPolynomial = 0x82F63B78;

constexpr std::array<std::uint32_t, 256> make_table()
{
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? kPolynomial : 0U);
    table.at(i) = crc;
  }
  return table;
}

constexpr std::array<std::uint32_t, 256> kTable = make_table();

std::uint32_t update_by_table(std::uint32_t crc, ByteView bytes)
{
  for (const std::byte b : bytes)
    crc = (crc >> 8U) ^ kTable[(crc ^ std::to_integer<std::uint32_t>(b)) & 0xFFU];
  return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t update_by_instruction(std::uint32_t crc, ByteView bytes)
{
  std::uint64_t wide = crc;
  while (bytes.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), 8);
    wide = _mm_crc32_u64(wide, word);
    bytes = bytes.subspan(8);
  }
  auto narrow = static_cast<std::uint32_t>(wide);
  for (const std::byte b : bytes) narrow = _mm_crc32_u8(narrow, std::to_integer<std::uint8_t>(b));
  return narrow;
}

bool has_instruction()
{
  return __builtin_cpu_supports("sse4.2") != 0;
}
#elif defined(__aarch64__)
__attribute__((target("+crc"))) std::uint32_t update_by_instruction(std::uint32_t crc, ByteView bytes)
{
  while (bytes.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), 8);
    crc = __crc32cd(crc, word);
    bytes = bytes.subspan(8);
  }
  for (const std::byte b : bytes) crc = __crc32cb(crc, std::to_integer<std::uint8_t>(b));
  return crc;
}

bool has_instruction()
{
  return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0;
}
#else
std::uint32_t update_by_instruction(std::uint32_t crc, ByteView bytes)
{
  return update_by_table(crc, bytes);
}
bool has_instruction()
{
  return false;
}
#endif

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

/// One running digest. OpenSSL's digests fail only for want of memory or of the algorithm: a bug here.
class RunningDigest {
public:
  explicit RunningDigest(const EVP_MD* algorithm) : algorithm_(algorithm), context_(EVP_MD_CTX_new())
  {
    IB_ASSERT(context_ != nullptr);
    start();
  }

  void start() { IB_ASSERT(EVP_DigestInit_ex(context_.get(), algorithm_, nullptr) == 1); }
  void update(ByteView bytes)
  {
    IB_ASSERT(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
  }

  template <class D>
  D finish()
  {
    D digest;
    unsigned length = 0;
    IB_ASSERT(EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(digest.bytes.data()),
                                 &length) == 1);
    IB_ASSERT(length == D::kSize);
    start();
    return digest;
  }

private:
  const EVP_MD* algorithm_;
  std::unique_ptr<EVP_MD_CTX, FreeContext> context_;
};

}  // namespace

Crc32c crc32c(ByteView bytes, Crc32c so_far)
{
  static const bool fast = has_instruction();
  const std::uint32_t inverted = ~so_far.value;
  return {~(fast ? update_by_instruction(inverted, bytes) : update_by_table(inverted, bytes))};
}

Sha256 sha256(ByteView bytes)
{
  RunningDigest digest(EVP_sha256());
  digest.update(bytes);
  return digest.finish<Sha256>();
}

struct ContentHasher::State {
  RunningDigest sha256{EVP_sha256()};
  RunningDigest sha1{EVP_sha1()};
  Crc32c crc;
  std::uint64_t size = 0;
};

ContentHasher::ContentHasher() : state_(std::make_unique<State>()) {}
ContentHasher::ContentHasher(ContentHasher&&) noexcept = default;
ContentHasher& ContentHasher::operator=(ContentHasher&&) noexcept = default;
ContentHasher::~ContentHasher() = default;

void ContentHasher::update(ByteView bytes)
{
  // In pieces that stay in the first-level cache, so that memory is read once and not three times.
  constexpr std::size_t kPiece = std::size_t{16} * 1024;
  state_->size += bytes.size();
  while (!bytes.empty()) {
    const ByteView piece = bytes.first(std::min(kPiece, bytes.size()));
    state_->crc = crc32c(piece, state_->crc);
    state_->sha1.update(piece);
    state_->sha256.update(piece);
    bytes = bytes.subspan(piece.size());
  }
}

Content ContentHasher::finish()
{
  Content content{.sha256 = state_->sha256.finish<Sha256>(),
                  .sha1 = state_->sha1.finish<Sha1>(),
                  .crc32c = state_->crc,
                  .size = state_->size};
  state_->crc = {};
  state_->size = 0;
  return content;
}

}  // namespace ib
