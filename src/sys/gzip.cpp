// SPDX-License-Identifier: Apache-2.0
#include "sys/gzip.hpp"

#include "base/assert.hpp"

#include <zlib.h>
#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>

namespace ib {
namespace {

constexpr int kGzipFormat = 15 + 16;  // the largest window, and gzip's header and trailer (zlib.h)
constexpr std::size_t kBufferSize = std::size_t{64} * 1024;

unsigned chunk_size(ByteView bytes)
{
  return static_cast<unsigned>(
      std::min<std::size_t>(bytes.size(), std::numeric_limits<unsigned>::max() / 2));
}

Bytef* input_of(ByteView bytes)
{
  // zlib declares its input as non-const, but only reads it.
  return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(
      bytes.data()));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

}  // namespace

struct GzipReader::State {
  ByteSink out;
  z_stream stream{};
  bool between_members = true;  ///< at the start of the stream, or after a member's trailer
  bool any_member = false;
  std::array<std::byte, kBufferSize> buffer;

  explicit State(ByteSink sink) : out(std::move(sink)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { inflateEnd(&stream); }
};

GzipReader::GzipReader(ByteSink out) : state_(std::make_unique<State>(std::move(out)))
{
  IB_ASSERT(inflateInit2(&state_->stream, kGzipFormat) == Z_OK);
}

GzipReader::GzipReader(GzipReader&&) noexcept = default;
GzipReader::~GzipReader() = default;

Result<> GzipReader::write(ByteView compressed)
{
  State& s = *state_;
  while (!compressed.empty()) {
    if (s.between_members) {
      IB_ASSERT(inflateReset(&s.stream) == Z_OK);
      s.between_members = false;
    }
    s.stream.next_in = input_of(compressed);
    s.stream.avail_in = chunk_size(compressed);
    const unsigned given = s.stream.avail_in;
    int status = Z_OK;
    do {
      s.stream.next_out = reinterpret_cast<Bytef*>(s.buffer.data());
      s.stream.avail_out = static_cast<unsigned>(s.buffer.size());
      status = ::inflate(&s.stream, Z_NO_FLUSH);
      if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
        return fail(Errc::corrupt,
                    std::string("damaged gzip data: ") +
                        (s.stream.msg != nullptr ? s.stream.msg : "unexpected bytes"));
      }
      const std::size_t made = s.buffer.size() - s.stream.avail_out;
      if (made > 0) TRY(s.out(ByteView(s.buffer).first(made)));
    } while (status == Z_OK && s.stream.avail_out == 0);
    compressed = compressed.subspan(given - s.stream.avail_in);
    if (status == Z_STREAM_END) s.between_members = s.any_member = true;
  }
  return {};
}

Result<> GzipReader::finish()
{
  if (!state_->any_member) return fail(Errc::corrupt, "gzip data is cut: no member is whole");
  if (!state_->between_members)
    return fail(Errc::corrupt, "gzip data is cut: the trailer is missing");
  return {};
}

}  // namespace ib
