// SPDX-License-Identifier: Apache-2.0
#include "support/gzip.hpp"

#include "sys/gzip.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

namespace ib::test {

std::string gzip(std::string_view plain, int level)
{
  constexpr int kGzipFormat = 15 + 16;
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, level, Z_DEFLATED, kGzipFormat, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string input(plain), bytes(deflateBound(&stream, plain.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<unsigned>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_out = static_cast<unsigned>(bytes.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  bytes.resize(stream.total_out);
  deflateEnd(&stream);
  return bytes;
}

std::string gunzip(std::string_view bytes)
{
  std::string plain;
  GzipReader reader([&](ByteView piece) -> Result<> {
    plain += text_of(piece);
    return {};
  });
  EXPECT_TRUE(reader.write(bytes_of(bytes)) && reader.finish());
  return plain;
}

}  // namespace ib::test
