// SPDX-License-Identifier: Apache-2.0
#include "sys/parallel_gzip.hpp"

#include "support/builders.hpp"
#include "support/gzip.hpp"
#include "support/temp_dir.hpp"
#include "sys/gzip.hpp"
#include "sys/subprocess.hpp"

#include <zlib.h>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace ib::test {
namespace {

constexpr std::size_t kMiB = std::size_t{1024} * 1024;

/// Text that compresses like a dump: rows of numbers and words.
std::string rows(std::size_t size)
{
  std::string text;
  for (std::uint32_t n = 1; text.size() < size; n = n * 1664525 + 1013904223)
    text += std::to_string(n) + "\tIMG_" + std::to_string(n % 100'000) + ".jpg\t\\\\x" +
            std::to_string(n >> 3) + "\n";
  text.resize(size);
  return text;
}

Result<std::string> compress(std::string_view plain, unsigned threads, std::size_t piece = SIZE_MAX)
{
  std::string out;
  ParallelGzipWriter writer(
      [&](ByteView bytes) -> Result<> {
        out += text_of(bytes);
        return {};
      },
      6, threads);
  while (!plain.empty()) {
    const std::size_t n = std::min(piece, plain.size());
    TRY(writer.write(bytes_of(plain.substr(0, n))));
    plain.remove_prefix(n);
  }
  TRY(writer.finish());
  return out;
}

/// What zlib's gzread makes of a file, as many programs read gzip.
std::string gzread_all(const std::string& path)
{
  gzFile file = gzopen(path.c_str(), "rb");
  std::string out, buffer(kMiB, '\0');
  int n = 0;
  while ((n = gzread(file, buffer.data(), static_cast<unsigned>(buffer.size()))) > 0)
    out.append(buffer, 0, static_cast<std::size_t>(n));
  EXPECT_EQ(n, 0);
  EXPECT_EQ(gzclose(file), Z_OK);
  return out;
}

std::string output_of(std::vector<std::string> argv)
{
  Subprocess process = must(Subprocess::start({.argv = std::move(argv)}, {}));
  process.close_stdin();
  std::string out;
  std::vector<std::byte> buffer(kMiB);
  while (const std::size_t n = must(process.read(buffer)))
    out += text_of(ByteView(buffer).first(n));
  EXPECT_EQ(must(process.finish()).status, 0);
  return out;
}

TEST(ParallelGzip, ExpandsToWhatWasCompressed)
{
  const std::size_t block = 128 * 1024;
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, block - 1, block, block + 1, 3 * block, 5 * kMiB}) {
    for (const std::string& plain : {rows(size), random_bytes(size, 1), std::string(size, 'a')}) {
      for (const unsigned threads : {0U, 1U, 3U})
        EXPECT_TRUE(gunzip(must(compress(plain, threads))) == plain) << size << " " << threads;
    }
  }
  const std::string plain = rows(kMiB);
  EXPECT_TRUE(gunzip(must(compress(plain, 2, 1000))) == plain);
}

TEST(ParallelGzip, MakesTheSameBytesHoweverManyThreadsThereAre)
{
  const std::string plain = rows(4 * kMiB);
  EXPECT_TRUE(must(compress(plain, 1)) == must(compress(plain, 4, 777)));
}

TEST(ParallelGzip, IsHardlyLargerThanOneStream)
{
  const std::string plain = rows(4 * kMiB);
  const std::size_t one = gzip(plain).size();
  const std::size_t many = must(compress(plain, 4)).size();
  EXPECT_LT(many, one + one / 100) << "each block begins with the window of the one before it";
}

TEST(ParallelGzip, IsOneMemberThatEveryReaderReads)
{
  const TempDir folder;
  const std::string plain = rows(3 * kMiB + 17);
  folder.write_file("dump.sql.gz", must(compress(plain, 4)));
  const std::string path = folder.file("dump.sql.gz");
  EXPECT_TRUE(gzread_all(path) == plain) << "zlib's gzread";
  EXPECT_TRUE(output_of({"gunzip", "--stdout", path}) == plain) << "gunzip";

  // One inflate to one end: no second member that a reader could overlook.
  const std::string compressed = must(compress(plain, 4));
  z_stream stream{};
  ASSERT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string expanded(plain.size() + 1, '\0'), input = compressed;
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(expanded.data());
  stream.avail_out = static_cast<uInt>(expanded.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  EXPECT_EQ(stream.avail_in, 0U);
  EXPECT_EQ(stream.total_out, plain.size());
  inflateEnd(&stream);
}

/// Immich's restore page pipes a dump through zlib.createGunzip().
TEST(ParallelGzip, IsReadByTheGunzipOfNode)
{
  if (output_of({"sh", "-c", "command -v node || true"}).empty())
    GTEST_SKIP() << "node is not installed";
  const TempDir folder;
  const std::string plain = rows(3 * kMiB + 17);
  folder.write_file("dump.sql.gz", must(compress(plain, 4)));
  const std::string path = folder.file("dump.sql.gz");
  const std::string script =
      "const fs = require('fs'), zlib = "
      "require('zlib');require('stream').pipeline(fs.createReadStream(process.argv[1]), "
      "zlib.createGunzip(), process.stdout, e => { if (e) process.exitCode = 1; });";
  EXPECT_TRUE(output_of({"node", "-e", script, path}) == plain);
}

TEST(ParallelGzip, IsCutWithoutItsEnd)
{
  std::string out;
  {
    ParallelGzipWriter writer(
        [&](ByteView bytes) -> Result<> {
          out += text_of(bytes);
          return {};
        },
        6, 2);
    must(writer.write(bytes_of(rows(2 * kMiB))));
  }
  GzipReader reader([](ByteView) -> Result<> { return {}; });
  must(reader.write(bytes_of(out)));
  EXPECT_TRUE(fails_with(Errc::corrupt, reader.finish()));
}

TEST(ParallelGzip, PassesOnTheErrorOfItsSinkWheneverItComes)
{
  const std::string plain = random_bytes(24 * kMiB, 4);
  for (const std::size_t room : {std::size_t{0}, 10 + kMiB, plain.size()}) {
    std::size_t taken = 0;
    ParallelGzipWriter writer(
        [&](ByteView bytes) -> Result<> {
          taken += bytes.size();
          if (taken > room) return fail(Errc::io, "full");
          return {};
        },
        1, 2);
    Result<> end = writer.write(bytes_of(plain));
    if (end) end = writer.finish();
    EXPECT_TRUE(fails_with(Errc::io, end)) << room;
  }
}

/// A sink that waits, as one that sends over a network does, until it is told to go on.
TEST(ParallelGzip, HoldsNoMoreThanItsBoundWhileTheSinkWaits)
{
  std::mutex mutex;
  std::condition_variable changed;
  bool open = false;
  std::atomic<std::size_t> accepted = 0;
  ParallelGzipWriter writer(
      [&](ByteView) -> Result<> {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return open; });
        return {};
      },
      1, 2);
  const std::string plain = random_bytes(kMiB, 5);
  std::jthread feeder([&] {
    for (int i = 0; i < 64; ++i) {
      must(writer.write(bytes_of(plain)));
      accepted += plain.size();
    }
    must(writer.finish());
  });
  // It stands still once it holds what it may: wait until nothing has moved for a while.
  for (std::size_t before = SIZE_MAX; before != accepted;) {
    before = accepted;
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
  }
  EXPECT_GT(accepted, 8 * kMiB);
  EXPECT_LT(accepted, 20 * kMiB);
  {
    const std::lock_guard lock(mutex);
    open = true;
  }
  changed.notify_all();
  feeder.join();
  EXPECT_EQ(accepted, 64 * kMiB);
}

}  // namespace
}  // namespace ib::test
