// SPDX-License-Identifier: Apache-2.0
#include "sys/threaded_sink.hpp"

#include "support/builders.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace ib::test {
namespace {

constexpr std::size_t kMiB = std::size_t{1024} * 1024;

TEST(ThreadedSinks, HandOnAllBytesInOrder)
{
  const std::string all = random_bytes(5 * kMiB + 12345, 7);
  for (const std::size_t most : {std::size_t{1000}, 64 * 1024 + std::size_t{1}, all.size()}) {
    std::string taken;
    ThreadedSink sink([&](ByteView bytes) -> Result<> {
      taken += text_of(bytes);
      return {};
    });
    std::string_view left = all;
    while (!left.empty()) {
      const std::size_t n = std::min(most, left.size());
      must(sink.write(bytes_of(left.substr(0, n))));
      left.remove_prefix(n);
    }
    must(sink.finish());
    EXPECT_TRUE(taken == all) << "in pieces of " << most;
  }
}

TEST(ThreadedSinks, HandOnNothingOfNothing)
{
  int calls = 0;
  ThreadedSink sink([&](ByteView) -> Result<> {
    ++calls;
    return {};
  });
  must(sink.write({}));
  must(sink.finish());
  EXPECT_EQ(calls, 0);
}

TEST(ThreadedSinks, UseAnotherThread)
{
  std::thread::id taker;
  ThreadedSink sink([&](ByteView) -> Result<> {
    taker = std::this_thread::get_id();
    return {};
  });
  must(sink.write(bytes_of("x")));
  must(sink.finish());
  EXPECT_NE(taker, std::thread::id{});
  EXPECT_NE(taker, std::this_thread::get_id());
}

TEST(ThreadedSinks, TellTheSinksErrorAndDoNotCallItAgain)
{
  const std::string piece = random_bytes(kMiB, 7);
  int calls = 0;
  ThreadedSink sink([&](ByteView) -> Result<> {
    ++calls;
    return fail(Errc::io, "no space left on device");
  });
  Result<> written;
  for (int i = 0; i < 100 && written; ++i) written = sink.write(bytes_of(piece));
  ASSERT_FALSE(written) << "it holds 1 MiB at most";
  EXPECT_EQ(written.error().message, "no space left on device");
  const Result<> finished = sink.finish();
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().message, "no space left on device");
  EXPECT_EQ(calls, 1);
}

TEST(ThreadedSinks, TellWithFinishWhatFailsLast)
{
  ThreadedSink sink([](ByteView) -> Result<> { return fail(Errc::io, "no space left on device"); });
  must(sink.write(bytes_of("little")));
  EXPECT_FALSE(sink.finish());
}

/// A sink that stands still until it is let go.
struct Gate {
  std::mutex mutex;
  std::condition_variable changed;
  bool reached = false, open = false;

  void pass()
  {
    std::unique_lock lock(mutex);
    reached = true;
    changed.notify_all();
    changed.wait(lock, [&] { return open; });
  }
  void wait_until_reached()
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return reached; });
  }
  void let_go()
  {
    const std::lock_guard lock(mutex);
    open = true;
    changed.notify_all();
  }
};

TEST(ThreadedSinks, HoldABoundedNumberOfBytes)
{
  Gate gate;
  std::size_t taken = 0;
  ThreadedSink sink([&](ByteView bytes) -> Result<> {
    gate.pass();
    taken += bytes.size();
    return {};
  });
  std::atomic<std::size_t> written = 0;
  std::jthread writer([&] {
    const std::string piece = random_bytes(64 * 1024, 7);
    for (int i = 0; i < 64; ++i) {
      must(sink.write(bytes_of(piece)));
      written += piece.size();
    }
  });
  gate.wait_until_reached();
  while (written < kMiB - std::size_t{128} * 1024) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_LE(written, kMiB);
  gate.let_go();
  writer.join();
  must(sink.finish());
  EXPECT_EQ(taken, std::size_t{64} * 64 * 1024);
}

TEST(ThreadedSinks, GiveUpWhatWasNotFinished)
{
  Gate gate;
  int calls = 0;
  std::jthread opener;
  {
    ThreadedSink sink([&](ByteView) -> Result<> {
      ++calls;
      gate.pass();
      return {};
    });
    must(sink.write(bytes_of(random_bytes(kMiB, 7))));
    gate.wait_until_reached();
    opener = std::jthread([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      gate.let_go();
    });
  }
  EXPECT_EQ(calls, 1) << "the call under way ends, and there is no other";
}

}  // namespace
}  // namespace ib::test
