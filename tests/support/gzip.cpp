// SPDX-License-Identifier: Apache-2.0
#include "support/gzip.hpp"

#include "sys/gzip.hpp"

#include <gtest/gtest.h>

namespace ib::test {
namespace {

ByteSink into(std::string& text)
{
  return [&text](ByteView piece) -> Result<> {
    text += text_of(piece);
    return {};
  };
}

}  // namespace

std::string gzip(std::string_view plain)
{
  std::string bytes;
  GzipWriter writer(into(bytes), 6);
  EXPECT_TRUE(writer.write(bytes_of(plain)) && writer.finish());
  return bytes;
}

std::string gunzip(std::string_view bytes)
{
  std::string plain;
  GzipReader reader(into(plain));
  EXPECT_TRUE(reader.write(bytes_of(bytes)) && reader.finish());
  return plain;
}

}  // namespace ib::test
