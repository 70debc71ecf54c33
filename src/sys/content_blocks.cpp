// SPDX-License-Identifier: Apache-2.0
#include "sys/content_blocks.hpp"

#include "base/assert.hpp"

#include <cstring>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace ib {

#if defined(__x86_64__)

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("sha,sse4.2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("sha,sse4.2")
#pragma GCC optimize("O2")  // also in debug builds: unoptimized, this takes twenty times as long
#endif

namespace {

// FIPS 180-4, 4.2.2.
alignas(16) constexpr std::array<std::uint32_t, 64> kSha256Constants = {
    0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
    0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
    0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
    0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
    0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
    0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
    0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
    0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2};

using Word4 = __m128i;

[[gnu::always_inline]] inline Word4 load(const void* at)
{
  return _mm_loadu_si128(static_cast<const Word4*>(at));
}

[[gnu::always_inline]] inline void store(void* at, Word4 words)
{
  _mm_storeu_si128(static_cast<Word4*>(at), words);
}

/// The instruction needs the kind of its rounds as an immediate operand.
[[gnu::always_inline]] inline Word4 four_sha1_rounds(Word4 abcd, Word4 e, int kind)
{
  switch (kind) {
    case 0:
      return _mm_sha1rnds4_epu32(abcd, e, 0);
    case 1:
      return _mm_sha1rnds4_epu32(abcd, e, 1);
    case 2:
      return _mm_sha1rnds4_epu32(abcd, e, 2);
    default:
      return _mm_sha1rnds4_epu32(abcd, e, 3);
  }
}

/// All state in registers, in the order that the instructions expect.
struct Registers {
  Word4 sha1_abcd, sha1_e;
  Word4 abef, cdgh;
  std::uint64_t crc;
};

[[gnu::always_inline]] inline void take_block(Registers& state, const std::byte* block)
{
  const Word4 swap_words = _mm_set_epi64x(0x0C0D0E0F08090A0B, 0x0405060700010203);
  Word4 w256[4];  // the message schedule: the last sixteen words, four in each
  Word4 w1[4];    // the same for SHA-1, first word on top
  for (std::size_t i = 0; i < 4; ++i) {
    w256[i] = _mm_shuffle_epi8(load(block + 16 * i), swap_words);
    w1[i] = _mm_shuffle_epi32(w256[i], 0x1B);
  }
  Word4 abcd = state.sha1_abcd;
  Word4 e = state.sha1_e;
  Word4 abef = state.abef;
  Word4 cdgh = state.cdgh;

#pragma GCC unroll 20
  for (std::size_t group = 0; group < 20; ++group) {
    const std::size_t now = group % 4;
    const std::size_t next = (group + 1) % 4;
    const std::size_t second = (group + 2) % 4;
    const std::size_t third = (group + 3) % 4;
    if (group < 16) {
      const Word4 words = _mm_add_epi32(w256[now], load(&kSha256Constants[4 * group]));
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, words);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(words, 0x0E));
      if (group < 12) {
        const Word4 middle = _mm_alignr_epi8(w256[third], w256[second], 4);
        w256[now] = _mm_sha256msg2_epu32(
            _mm_add_epi32(_mm_sha256msg1_epu32(w256[now], w256[next]), middle), w256[third]);
      }
    }
    const Word4 before = abcd;
    e = group == 0 ? _mm_add_epi32(e, w1[now]) : _mm_sha1nexte_epu32(e, w1[now]);
    abcd = four_sha1_rounds(abcd, e, static_cast<int>(group / 5));
    e = before;
    if (group < 16) {
      w1[now] = _mm_sha1msg2_epu32(_mm_xor_si128(_mm_sha1msg1_epu32(w1[now], w1[next]), w1[second]),
                                   w1[third]);
    }
    if (group < 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, block + 8 * group, 8);
      state.crc = _mm_crc32_u64(state.crc, word);
    }
  }
  state.sha1_e = _mm_sha1nexte_epu32(e, state.sha1_e);
  state.sha1_abcd = _mm_add_epi32(state.sha1_abcd, abcd);
  state.abef = _mm_add_epi32(state.abef, abef);
  state.cdgh = _mm_add_epi32(state.cdgh, cdgh);
}

}  // namespace

void ContentBlocks::update(ByteView blocks)
{
  IB_ASSERT(blocks.size() % kBlock == 0);
  const Word4 badc = _mm_shuffle_epi32(load(sha256.data()), 0xB1);
  const Word4 hgfe = _mm_shuffle_epi32(load(sha256.data() + 4), 0x1B);
  Registers state{.sha1_abcd = _mm_shuffle_epi32(load(sha1.data()), 0x1B),
                  .sha1_e = _mm_set_epi32(static_cast<int>(sha1[4]), 0, 0, 0),
                  .abef = _mm_alignr_epi8(badc, hgfe, 8),
                  .cdgh = _mm_blend_epi16(hgfe, badc, 0xF0),
                  .crc = crc32c};
  for (std::size_t at = 0; at < blocks.size(); at += kBlock) take_block(state, blocks.data() + at);
  store(sha1.data(), _mm_shuffle_epi32(state.sha1_abcd, 0x1B));
  sha1[4] = static_cast<std::uint32_t>(_mm_extract_epi32(state.sha1_e, 3));
  const Word4 feba = _mm_shuffle_epi32(state.abef, 0x1B);
  const Word4 dchg = _mm_shuffle_epi32(state.cdgh, 0xB1);
  store(sha256.data(), _mm_blend_epi16(feba, dchg, 0xF0));
  store(sha256.data() + 4, _mm_alignr_epi8(dchg, feba, 8));
  crc32c = static_cast<std::uint32_t>(state.crc);
}

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

bool ContentBlocks::supported()
{
  // __builtin_cpu_supports of GCC 12 does not know SHA. CPUID, leaf 7: EBX, bit 29.
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  const bool sha = __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & bit_SHA) != 0;
  return sha && __builtin_cpu_supports("sse4.2") != 0;
}

#else

bool ContentBlocks::supported()
{
  return false;
}

void ContentBlocks::update(ByteView)
{
  IB_ASSERT(false);
}

#endif

}  // namespace ib
