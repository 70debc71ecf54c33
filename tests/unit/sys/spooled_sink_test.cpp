// SPDX-License-Identifier: Apache-2.0
#include "sys/spooled_sink.hpp"

#include "support/builders.hpp"
#include "sys/file.hpp"
#include "sys/file_system.hpp"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <latch>
#include <thread>

namespace ib::test {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMiB = std::size_t{1024} * 1024;

/// A folder on a disk, where files may wait.
ScratchFolder on_disk()
{
  return must(ScratchFolder::create("/var/tmp"));
}

TEST(SpooledSinks, HandOnAllBytesInOrder)
{
  const std::string all = random_bytes(5 * kMiB + 12345, 7);
  const ScratchFolder disk = on_disk();
  for (const std::string& folder :
       {disk.path(), std::string("/dev/shm"), std::string("/nowhere")}) {
    for (const std::size_t most : {std::size_t{1000}, 200 * 1024 + std::size_t{1}, all.size()}) {
      std::string taken;
      SpooledSink sink(
          [&](ByteView bytes) -> Result<> {
            taken += text_of(bytes);
            return {};
          },
          folder);
      std::string_view left = all;
      while (!left.empty()) {
        const std::size_t n = std::min(most, left.size());
        must(sink.write(bytes_of(left.substr(0, n))));
        left.remove_prefix(n);
      }
      must(sink.finish());
      EXPECT_TRUE(taken == all) << folder << " in pieces of " << most;
    }
  }
}

TEST(SpooledSinks, LetTheProducerEndLongBeforeTheSink)
{
  const ScratchFolder disk = on_disk();
  if (must(file_system_of(disk.path())).type == "tmpfs") GTEST_SKIP() << "no disk";
  const std::string folder = disk.file("folder");
  std::filesystem::create_directory(folder);
  const std::string all = random_bytes(8 * kMiB, 7);
  std::latch may_take(1);
  std::string taken;
  SpooledSink sink(
      [&](ByteView bytes) -> Result<> {
        may_take.wait();
        taken += text_of(bytes);
        return {};
      },
      folder);
  must(sink.write(bytes_of(all)));
  EXPECT_EQ(sink.waiting(), all.size());
  EXPECT_TRUE(std::filesystem::is_empty(folder)) << "a file has a name";
  may_take.count_down();
  must(sink.finish());
  EXPECT_EQ(sink.waiting(), 0U);
  EXPECT_TRUE(taken == all);
}

TEST(SpooledSinks, WaitForTheSinkWhereTheFileHasNoRoom)
{
  const std::string all = random_bytes(8 * kMiB, 7);
  const ScratchFolder disk = on_disk();
  for (const std::size_t room :
       {std::size_t{0}, std::size_t{1}, 300 * 1024 + std::size_t{1}, 4 * kMiB}) {
    std::string taken;
    std::uint64_t most = 0;
    SpooledSink sink(
        [&](ByteView bytes) -> Result<> {
          taken += text_of(bytes);
          return {};
        },
        disk.path(), room);
    for (std::string_view left = all; !left.empty(); left.remove_prefix(kMiB)) {
      must(sink.write(bytes_of(left.substr(0, kMiB))));
      most = std::max(most, sink.waiting());
    }
    must(sink.finish());
    EXPECT_TRUE(taken == all) << room;
    EXPECT_LE(most, room);
  }
}

TEST(SpooledSinks, TellTheSinksErrorAndDoNotCallItAgain)
{
  const ScratchFolder disk = on_disk();
  for (const std::string& folder : {disk.path(), std::string("/nowhere")}) {
    std::atomic<int> calls = 0;
    SpooledSink sink(
        [&](ByteView) -> Result<> {
          ++calls;
          return fail(Errc::io, "no space left on device");
        },
        folder);
    Result<> written;
    const std::string piece = random_bytes(kMiB, 7);
    while (written) written = sink.write(bytes_of(piece));
    EXPECT_EQ(written.error().message, "no space left on device");
    EXPECT_FALSE(sink.finish());
    EXPECT_EQ(calls, 1);
  }
}

TEST(SpooledSinks, GiveUpWhatWasNotFinished)
{
  const ScratchFolder disk = on_disk();
  std::size_t taken = 0;
  {
    SpooledSink sink(
        [&](ByteView bytes) -> Result<> {
          std::this_thread::sleep_for(5ms);
          taken += bytes.size();
          return {};
        },
        disk.path());
    must(sink.write(bytes_of(random_bytes(8 * kMiB, 7))));
  }
  EXPECT_LT(taken, 8 * kMiB + 1);
}

}  // namespace
}  // namespace ib::test
