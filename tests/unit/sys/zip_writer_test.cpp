// SPDX-License-Identifier: Apache-2.0
#include "sys/zip_writer.hpp"

#include "support/matchers.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <array>
#include <map>

namespace ib::test {
namespace {

/// Reads a ZIP file from its bytes: names and contents.
std::map<std::string, std::string> unzipped(const std::string& zip)
{
  std::map<std::string, std::string> files;
  archive* reader = archive_read_new();
  archive_read_support_format_zip_seekable(reader);
  EXPECT_EQ(archive_read_open_memory(reader, zip.data(), zip.size()), ARCHIVE_OK);
  archive_entry* entry = nullptr;
  while (archive_read_next_header(reader, &entry) == ARCHIVE_OK) {
    std::string& content = files[archive_entry_pathname(entry)];
    std::array<char, 1000> buffer;
    for (la_ssize_t n = 0; (n = archive_read_data(reader, buffer.data(), buffer.size())) > 0;)
      content.append(buffer.data(), static_cast<std::size_t>(n));
  }
  archive_read_free(reader);
  return files;
}

class ZipWriters : public testing::Test {
protected:
  ZipWriter writer()
  {
    return must(ZipWriter::create([this](ByteView bytes) -> Result<> {
      if (zip_.size() > most_) return fail(Errc::io, "the reader is gone");
      zip_ += text_of(bytes);
      return {};
    }));
  }

  static Result<> add(ZipWriter& zip, const std::string& name, std::string_view content)
  {
    MemorySource source(bytes_of(content));
    return zip.add(name, std::nullopt, content.size(), source);
  }

  std::string zip_;
  std::size_t most_ = SIZE_MAX;
};

TEST_F(ZipWriters, WriteWhatCanBeReadBack)
{
  const std::string large(3'000'000, 'x');
  ZipWriter zip = writer();
  must(add(zip, "a.txt", "one"));
  must(add(zip, "empty", ""));
  must(add(zip, "large", large));
  must(zip.finish());
  EXPECT_EQ(unzipped(zip_), (std::map<std::string, std::string>{
                                {"a.txt", "one"}, {"empty", ""}, {"large", large}}));
}

TEST_F(ZipWriters, SayThatNamesAreUtf8)
{
  constexpr std::size_t kFlags = 7;  // the high byte of the flags of the first file
  constexpr unsigned kUtf8 = 8;
  ZipWriter zip = writer();
  must(add(zip, "Ä 日本.jpg", "one"));
  must(zip.finish());
  EXPECT_THAT(zip_, HasSubstr("Ä 日本.jpg"));
  EXPECT_EQ(static_cast<unsigned char>(zip_.at(kFlags)) & kUtf8, kUtf8);
}

TEST_F(ZipWriters, EndWithTheErrorOfTheirReader)
{
  most_ = 100'000;
  ZipWriter zip = writer();
  const std::string large(1'000'000, 'x');
  const Result<> first = add(zip, "large", large);
  const Result<> second = first ? add(zip, "more", large) : first;
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message, "the reader is gone");
}

TEST_F(ZipWriters, RefuseAFileThatIsTooShort)
{
  ZipWriter zip = writer();
  MemorySource source(bytes_of("short"));
  EXPECT_TRUE(fails_with(Errc::io, zip.add("a", std::nullopt, 10, source)));
}

TEST_F(ZipWriters, WriteNothingThatLooksWholeWithoutFinish)
{
  {
    ZipWriter zip = writer();
    must(add(zip, "a.txt", "one"));
  }
  EXPECT_THAT(zip_, Not(HasSubstr("PK\x05\x06")));
}

}  // namespace
}  // namespace ib::test
