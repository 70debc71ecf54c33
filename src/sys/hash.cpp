// SPDX-License-Identifier: Apache-2.0
#include "sys/hash.hpp"

#include "base/assert.hpp"
#include "sys/content_blocks.hpp"

#include <openssl/evp.h>
#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <variant>

#if defined(__x86_64__)
#include <immintrin.h>
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

constexpr std::uint32_t update_by_table(std::uint32_t crc, ByteView bytes)
{
  for (const std::byte b : bytes)
    crc = (crc >> 8U) ^ kTable[(crc ^ std::to_integer<std::uint32_t>(b)) & 0xFFU];
  return crc;
}

// No test reaches it on a processor with an instruction. RFC 3720, B.4: 32 bytes of zeros.
static_assert(~update_by_table(0xFFFFFFFF, std::array<std::byte, 32>{}) == 0x8A9136AA);

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t update_by_instruction(std::uint32_t crc,
                                                                      ByteView bytes)
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

// The instruction takes three cycles, but one can start in each cycle. So three stretches of this
// length are computed side by side and then joined.
constexpr std::size_t kStretch = 1024;

/// x^(8 n - 33) modulo the polynomial: the factor for a checksum that n more bytes follow. The 33
/// compensates for the multiplication of reflected numbers and for the instruction that reduces the
/// product.
std::uint32_t power_for(std::size_t n)
{
  std::uint32_t power = 0x80000000;  // x^0, reflected
  for (std::size_t i = 0; i < 8 * n - 33; ++i)
    power = (power >> 1U) ^ ((power & 1U) != 0 ? kPolynomial : 0U);
  return power;
}

__attribute__((target("sse4.2,pclmul"))) std::uint64_t followed(std::uint64_t crc,
                                                                std::uint32_t power)
{
  const __m128i product = _mm_clmulepi64_si128(_mm_cvtsi64_si128(static_cast<std::int64_t>(crc)),
                                               _mm_cvtsi32_si128(static_cast<int>(power)), 0);
  return _mm_crc32_u64(0, static_cast<std::uint64_t>(_mm_cvtsi128_si64(product)));
}

__attribute__((target("sse4.2,pclmul"))) std::uint32_t update_by_three(std::uint32_t crc,
                                                                       ByteView bytes)
{
  static const std::uint32_t one_follows = power_for(kStretch);
  static const std::uint32_t two_follow = power_for(2 * kStretch);
  const auto word_at = [](const std::byte* at) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    return word;
  };
  std::uint64_t first = crc;
  while (bytes.size() >= 3 * kStretch) {
    const std::byte* at = bytes.data();
    std::uint64_t second = 0;
    std::uint64_t third = 0;
    for (std::size_t i = 0; i < kStretch; i += 8) {
      first = _mm_crc32_u64(first, word_at(at + i));
      second = _mm_crc32_u64(second, word_at(at + kStretch + i));
      third = _mm_crc32_u64(third, word_at(at + 2 * kStretch + i));
    }
    first = followed(first, two_follow) ^ followed(second, one_follows) ^ third;
    bytes = bytes.subspan(3 * kStretch);
  }
  return update_by_instruction(static_cast<std::uint32_t>(first), bytes);
}

bool has_instruction()
{
  return __builtin_cpu_supports("sse4.2") != 0;
}

bool can_join()
{
  return has_instruction() && __builtin_cpu_supports("pclmul") != 0;
}
#elif defined(__aarch64__)
__attribute__((target("+crc"))) std::uint32_t update_by_instruction(std::uint32_t crc,
                                                                    ByteView bytes)
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

std::uint32_t update_by_three(std::uint32_t crc, ByteView bytes)
{
  return update_by_instruction(crc, bytes);
}
bool can_join()
{
  return false;
}
#else
std::uint32_t update_by_instruction(std::uint32_t crc, ByteView bytes)
{
  return update_by_table(crc, bytes);
}
std::uint32_t update_by_three(std::uint32_t crc, ByteView bytes)
{
  return update_by_table(crc, bytes);
}
bool has_instruction()
{
  return false;
}
bool can_join()
{
  return false;
}
#endif

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

/// One running digest. OpenSSL's digests fail only without memory or without the algorithm. Both
/// are bugs here.
class RunningDigest {
public:
  explicit RunningDigest(const EVP_MD* algorithm)
      : algorithm_(algorithm), context_(EVP_MD_CTX_new())
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
    IB_ASSERT(EVP_DigestFinal_ex(context_.get(),
                                 reinterpret_cast<unsigned char*>(digest.bytes.data()),
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
  static const auto update = can_join()          ? &update_by_three
                             : has_instruction() ? &update_by_instruction
                                                 : &update_by_table;
  return {~update(~so_far.value, bytes)};
}

Sha256 sha256(ByteView bytes)
{
  RunningDigest digest(EVP_sha256());
  digest.update(bytes);
  return digest.finish<Sha256>();
}

namespace {

/// Lets the library compute one digest after the other.
class SeparateHashing {
public:
  void update(ByteView bytes)
  {
    // In pieces that stay in the first-level cache: so memory is read once, not three times.
    constexpr std::size_t kPiece = std::size_t{16} * 1024;
    while (!bytes.empty()) {
      const ByteView piece = bytes.first(std::min(kPiece, bytes.size()));
      crc_ = crc32c(piece, crc_);
      sha1_.update(piece);
      sha256_.update(piece);
      bytes = bytes.subspan(piece.size());
    }
  }

  Content finish(std::uint64_t size)
  {
    return {.sha256 = sha256_.finish<Sha256>(),
            .sha1 = sha1_.finish<Sha1>(),
            .crc32c = std::exchange(crc_, {}),
            .size = size};
  }

private:
  RunningDigest sha256_{EVP_sha256()};
  RunningDigest sha1_{EVP_sha1()};
  Crc32c crc_;
};

/// Uses ContentBlocks. Adds the padding of FIPS 180-4, 5.1.1, which SHA-1 and SHA-256 share.
class JointHashing {
public:
  void update(ByteView bytes)
  {
    if (kept_ > 0) {
      const ByteView piece = bytes.first(std::min(bytes.size(), rest_.size() - kept_));
      keep(piece);
      bytes = bytes.subspan(piece.size());
      if (kept_ < rest_.size()) return;
      blocks_.update(rest_);
      kept_ = 0;
    }
    const std::size_t whole = bytes.size() - bytes.size() % rest_.size();
    blocks_.update(bytes.first(whole));
    keep(bytes.subspan(whole));
  }

  Content finish(std::uint64_t size)
  {
    Content content{.sha256 = {},
                    .sha1 = {},
                    .crc32c = crc32c(ByteView(rest_).first(kept_), Crc32c{~blocks_.crc32c}),
                    .size = size};
    std::array<std::byte, 2 * ContentBlocks::kBlock> last{};
    std::copy_n(rest_.begin(), kept_, last.begin());
    last.at(kept_) = std::byte{0x80};
    const std::size_t length = kept_ + 1 + sizeof size <= rest_.size() ? rest_.size() : last.size();
    write_big_endian(size * 8, std::span(last).subspan(length - sizeof size, sizeof size));
    blocks_.update(ByteView(last).first(length));
    write_words(blocks_.sha256, content.sha256.bytes);
    write_words(blocks_.sha1, content.sha1.bytes);
    blocks_ = {};
    kept_ = 0;
    return content;
  }

private:
  void keep(ByteView bytes)
  {
    std::copy_n(bytes.begin(), bytes.size(), rest_.begin() + static_cast<std::ptrdiff_t>(kept_));
    kept_ += bytes.size();
  }

  static void write_big_endian(std::uint64_t value, std::span<std::byte> out)
  {
    for (std::size_t i = out.size(); i-- > 0; value >>= 8U)
      out[i] = static_cast<std::byte>(value & 0xFFU);
  }

  static void write_words(std::span<const std::uint32_t> words, std::span<std::byte> out)
  {
    for (std::size_t i = 0; i < words.size(); ++i)
      write_big_endian(words[i], out.subspan(4 * i, 4));
  }

  ContentBlocks blocks_;
  std::array<std::byte, ContentBlocks::kBlock> rest_{};
  std::size_t kept_ = 0;
};

}  // namespace

struct ContentHasher::State {
  std::variant<JointHashing, SeparateHashing> hashing;
  std::uint64_t size = 0;
};

ContentHasher::ContentHasher(Hashing hashing) : state_(std::make_unique<State>())
{
  static const bool joint = ContentBlocks::supported();
  if (!joint || hashing == Hashing::by_library) state_->hashing.emplace<SeparateHashing>();
}

ContentHasher::ContentHasher(ContentHasher&&) noexcept = default;
ContentHasher::~ContentHasher() = default;

void ContentHasher::update(ByteView bytes)
{
  state_->size += bytes.size();
  std::visit([&](auto& hashing) { hashing.update(bytes); }, state_->hashing);
}

Content ContentHasher::finish()
{
  const std::uint64_t size = std::exchange(state_->size, 0);
  return std::visit([&](auto& hashing) { return hashing.finish(size); }, state_->hashing);
}

}  // namespace ib
