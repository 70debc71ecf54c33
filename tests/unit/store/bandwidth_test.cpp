// SPDX-License-Identifier: Apache-2.0
#include "net/bandwidth.hpp"

#include "store/dir/dir_store.hpp"
#include "store/limited_store.hpp"
#include "support/builders.hpp"
#include "support/emulated_bucket.hpp"
#include "support/temp_dir.hpp"

#include <atomic>
#include <thread>

namespace ib::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMiB = 1024 * kKiB;

/// Time passes by waiting alone. The limit lets one thread wait at a time, so that its waits add up
/// to the time that the bytes of all threads take.
class WaitedClock final : public BandwidthClock {
public:
  explicit WaitedClock(minutes began_at = hours(12)) : began_at_(began_at) {}
  std::chrono::steady_clock::time_point now() override
  {
    return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(waited_.load()));
  }
  minutes time_of_day() override
  {
    return (began_at_ + std::chrono::floor<minutes>(std::chrono::nanoseconds(waited_.load()))) %
           hours(24);
  }
  void wait(std::chrono::nanoseconds delay, const std::stop_token& /*stop*/) override
  {
    waited_ += delay.count();
    if (on_wait) on_wait();
  }
  double seconds_waited() const { return static_cast<double>(waited_.load()) / 1e9; }
  void pass(std::chrono::nanoseconds time) { waited_ += time.count(); }

  std::function<void()> on_wait;

private:
  const minutes began_at_;
  std::atomic<std::int64_t> waited_ = 0;
};

struct Limit {
  explicit Limit(std::string_view text, minutes began_at = hours(12))
      : clock(std::make_shared<WaitedClock>(began_at)),
        bandwidth(std::make_shared<Bandwidth>(must(BandwidthTimetable::parse(text)), clock))
  {}

  void acquire(std::uint64_t bytes) const
  {
    while (bytes > 0) bytes -= must(bandwidth->acquire(bytes, {}));
  }

  std::shared_ptr<WaitedClock> clock;
  std::shared_ptr<Bandwidth> bandwidth;
};

void in_threads(unsigned count, const std::function<void(unsigned)>& work)
{
  std::vector<std::jthread> threads;
  for (unsigned i = 0; i < count; ++i) threads.emplace_back([&work, i] { work(i); });
}

TEST(Bandwidths, HoldTheSumOfAllThreadsToTheRate)
{
  for (const unsigned threads : {1U, 4U, 64U}) {
    const Limit limit("64k");
    in_threads(threads, [&](unsigned) { limit.acquire(60 * 64 * kKiB / threads); });
    EXPECT_NEAR(limit.clock->seconds_waited(), 60, 0.6) << threads;
  }
}

TEST(Bandwidths, LetThreadsTakeTurns)
{
  const Limit limit("64k");
  std::vector<std::jthread> others;
  limit.clock->on_wait = [&] {
    if (!others.empty()) return;
    for (int i = 0; i < 3; ++i)
      others.emplace_back([&] { static_cast<void>(limit.bandwidth->acquire(kMiB, {})); });
    while (limit.bandwidth->in_line() < 4) std::this_thread::yield();
  };
  EXPECT_EQ(must(limit.bandwidth->acquire(kMiB, {})), kKiB);
  EXPECT_EQ(must(limit.bandwidth->acquire(kMiB, {})), kKiB);
  EXPECT_NEAR(limit.clock->seconds_waited(), 5 / 64.0, 0.001)
      << "all others came before the second turn";
}

TEST(Bandwidths, FollowTheTimetableWhileARunGoesOn)
{
  const Limit limit("08:00,64k 23:00,1M 23:30,off", hours(22) + minutes(50));
  std::vector<std::string> said;
  limit.bandwidth->announce([&](const std::string& line) { said.push_back(line); });
  limit.acquire(10 * 60 * 64 * kKiB);
  EXPECT_NEAR(limit.clock->seconds_waited(), 600, 2);
  limit.acquire(30 * 60 * kMiB);
  EXPECT_NEAR(limit.clock->seconds_waited(), 2400, 4);
  limit.clock->pass(seconds(10));
  limit.acquire(1024 * kMiB);
  EXPECT_NEAR(limit.clock->seconds_waited(), 2410, 4) << "off";
  limit.clock->pass(hours(9));
  limit.acquire(60 * 64 * kKiB);
  EXPECT_NEAR(limit.clock->seconds_waited(), 2410 + 9 * 3600 + 60, 4);
  EXPECT_THAT(said,
              ElementsAre("limited to 64 KiB/s until 23:00", "limited to 1.0 MiB/s until 23:30",
                          "not limited until 08:00", "limited to 64 KiB/s until 23:00"));
}

TEST(Bandwidths, AreLeftAtOnceWhenStopped)
{
  // On the real clock: at this rate the debt alone would take a day.
  const auto bandwidth = std::make_shared<Bandwidth>(must(BandwidthTimetable::parse("1k")));
  bandwidth->count(86'400 * kKiB);
  std::stop_source stop;
  std::atomic<int> cancelled = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      if (fails_with(Errc::cancelled, bandwidth->acquire(kMiB, stop.get_token()))) ++cancelled;
    });
  }
  stop.request_stop();
  threads.clear();
  EXPECT_EQ(cancelled, 8);
}

TEST(Bandwidths, PassTheTurnOnWhenTheFirstInLineIsStopped)
{
  const Limit limit("64k");
  std::stop_source stop;
  limit.clock->on_wait = [&] { stop.request_stop(); };
  EXPECT_TRUE(fails_with(Errc::cancelled, limit.bandwidth->acquire(kMiB, stop.get_token())));
  limit.clock->on_wait = nullptr;
  EXPECT_EQ(must(limit.bandwidth->acquire(kMiB, {})), kKiB);
}

TEST(Bandwidths, CostNothingWhenOff)
{
  const Limit limit("00:00,off 08:00,64k", hours(1));
  EXPECT_EQ(must(limit.bandwidth->acquire(100 * kMiB, {})), 100 * kMiB);
  EXPECT_EQ(limit.clock->seconds_waited(), 0);
}

TEST(Bandwidths, AskForBuffersThatSuitTheLowestRate)
{
  EXPECT_EQ(Limit("64k").bandwidth->buffer_size(), kKiB);
  EXPECT_EQ(Limit("1k").bandwidth->buffer_size(), kKiB) << "curl takes no less";
  EXPECT_EQ(Limit("08:00,64k 20:00,off").bandwidth->buffer_size(), 16 * kKiB);
  EXPECT_EQ(Limit("1G").bandwidth->buffer_size(), 512 * kKiB);
}

// --- stores ---

NewObject object(const std::string& name, const std::string& bytes)
{
  const Content content = content_of(bytes);
  return {.name = {name}, .size = bytes.size(), .crc32c = content.crc32c};
}

void put(ObjectStore& store, const std::string& name, const std::string& bytes)
{
  MemorySource source(bytes_of(bytes));
  must(store.put(object(name, bytes), source, {}));
}

std::uint64_t fetch(ObjectStore& store, const std::string& name)
{
  std::uint64_t size = 0;
  must(store.get({name},
                 [&](ByteView bytes) -> Result<> {
                   size += bytes.size();
                   return {};
                 },
                 {}));
  return size;
}

TEST(LimitedFolders, HoldUploadsDownloadsAndStreams)
{
  const TempDir dir;
  const Limit limit("64k");
  const auto store = make_limited_store(open_dir_store(dir.path()), limit.bandwidth);
  const std::string large = random_bytes(20 * 64 * kKiB, 1);
  put(*store, "library/large", large);
  EXPECT_NEAR(limit.clock->seconds_waited(), 20, 0.5);
  in_threads(8, [&](unsigned thread) {
    for (int i = 0; i < 20; ++i)
      put(*store, "library/" + std::to_string(thread) + "-" + std::to_string(i),
          large.substr(0, 4096));
  });
  EXPECT_NEAR(limit.clock->seconds_waited(), 30, 0.75);
  EXPECT_EQ(fetch(*store, "library/large"), large.size());
  EXPECT_NEAR(limit.clock->seconds_waited(), 50, 1.25);
  const auto writer = must(store->create({"database/dump"}, {}, "application/gzip", {}));
  must(writer->write(bytes_of(large)));
  must(writer->commit());
  EXPECT_NEAR(limit.clock->seconds_waited(), 70, 1.75);
  MemorySource source(bytes_of(large));
  must(store->replace(object("manifest.db", large), source, 0));
  EXPECT_NEAR(limit.clock->seconds_waited(), 90, 2.25);
}

TEST(LimitedFolders, StopWithinAPiece)
{
  const TempDir dir;
  const Limit limit("64k");
  std::stop_source stop;
  limit.clock->on_wait = [&] {
    if (limit.clock->seconds_waited() > 3) stop.request_stop();
  };
  const auto store = make_limited_store(open_dir_store(dir.path()), limit.bandwidth);
  const std::string bytes = random_bytes(100 * 64 * kKiB, 1);
  MemorySource source(bytes_of(bytes));
  EXPECT_TRUE(fails_with(Errc::cancelled,
                         store->put(object("library/a", bytes), source, stop.get_token())));
  EXPECT_LT(limit.clock->seconds_waited(), 3.1);
}

/// A bucket on a real server over real HTTP, where only the limit's time is not real.
class LimitedBuckets : public testing::Test {
protected:
  std::unique_ptr<ObjectStore> open(const Limit& limit)
  {
    return bucket.open("", "", limit.bandwidth).store;
  }
  /// All that a limit of 64 KiB/s should have made of it.
  static double seconds_for(std::uint64_t bytes)
  {
    return static_cast<double>(bytes) / (64 * kKiB);
  }

  EmulatedBucket bucket;
};

TEST_F(LimitedBuckets, HoldLargeFilesInUploads)
{
  const Limit limit("64k");
  const auto store = open(limit);
  const std::string large = random_bytes(20 * kMiB, 1);
  put(*store, "library/large", large);
  EXPECT_NEAR(limit.clock->seconds_waited() / seconds_for(large.size()), 1, 0.01);
}

TEST_F(LimitedBuckets, CountTheHeadersOfSmallFiles)
{
  const Limit limit("64k");
  const auto store = open(limit);
  constexpr unsigned kThreads = 16;
  constexpr unsigned kFiles = 30;
  in_threads(kThreads, [&](unsigned thread) {
    for (unsigned i = 0; i < kFiles; ++i)
      put(*store, "library/" + std::to_string(thread) + "-" + std::to_string(i), "x");
  });
  const double bytes_each = limit.clock->seconds_waited() * 64 * kKiB / (kThreads * kFiles);
  EXPECT_GT(bytes_each, 700)
      << "a request and a reply, each with headers and an object's description";
  EXPECT_LT(bytes_each, 3000);
}

TEST_F(LimitedBuckets, HoldManyThreadsBothWays)
{
  const std::string bytes = random_bytes(256 * kKiB, 1);
  for (const unsigned threads : {1U, 16U, 64U}) {
    const Limit limit("64k");
    const auto store = open(limit);
    in_threads(threads, [&](unsigned thread) {
      put(*store, "library/" + std::to_string(threads) + "/" + std::to_string(thread), bytes);
    });
    const double up = limit.clock->seconds_waited();
    EXPECT_NEAR(up / seconds_for(threads * bytes.size()), 1, 0.05) << threads;
    in_threads(threads, [&](unsigned thread) {
      EXPECT_EQ(fetch(*store, "library/" + std::to_string(threads) + "/" + std::to_string(thread)),
                bytes.size());
    });
    EXPECT_NEAR((limit.clock->seconds_waited() - up) / seconds_for(threads * bytes.size()), 1, 0.05)
        << threads;
  }
}

TEST_F(LimitedBuckets, HoldTheStreamOfADump)
{
  const Limit limit("64k");
  const auto store = open(limit);
  const std::string bytes = random_bytes(12 * kMiB, 1);
  const auto writer = must(store->create({"database/d.sql.gz"}, {}, "application/gzip", {}));
  for (std::size_t at = 0; at < bytes.size(); at += 100'000)
    must(writer->write(bytes_of(bytes.substr(at, 100'000))));
  must(writer->commit());
  EXPECT_NEAR(limit.clock->seconds_waited() / seconds_for(bytes.size()), 1, 0.01);
}

TEST_F(LimitedBuckets, StopAStreamBetweenTwoPieces)
{
  const Limit limit("64k");
  std::stop_source stop;
  limit.clock->on_wait = [&] {
    if (limit.clock->seconds_waited() > 3) stop.request_stop();
  };
  const auto store = open(limit);
  const auto writer =
      must(store->create({"database/d.sql.gz"}, {}, "application/gzip", stop.get_token()));
  EXPECT_TRUE(fails_with(Errc::cancelled, writer->write(bytes_of(random_bytes(12 * kMiB, 1)))));
  EXPECT_LT(limit.clock->seconds_waited(), 3.1);
}

TEST_F(LimitedBuckets, CountAgainWhatIsSentAgain)
{
  const Limit limit("64k");
  const auto store = open(limit);
  const std::string bytes = random_bytes(kMiB, 1);
  bucket.emulator().add_fault({.id = "lost", .kind = "insert", .times = 2, .reset_after = true});
  put(*store, "library/a", bytes);
  EXPECT_THAT(bucket.emulator().faults_not_hit(), testing::IsEmpty());
  EXPECT_NEAR(limit.clock->seconds_waited() / seconds_for(3 * bytes.size()), 1, 0.05);
}

TEST_F(LimitedBuckets, AreNotHeldBackWithoutALimit)
{
  const Limit limit("00:00,off 13:00,64k");
  const auto store = open(limit);
  put(*store, "library/a", random_bytes(kMiB, 1));
  EXPECT_EQ(limit.clock->seconds_waited(), 0);
}

}  // namespace
}  // namespace ib::test
