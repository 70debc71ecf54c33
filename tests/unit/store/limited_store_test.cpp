// SPDX-License-Identifier: Apache-2.0
#include "store/limited_store.hpp"

#include "store/dir/dir_store.hpp"
#include "support/builders.hpp"
#include "support/emulated_bucket.hpp"
#include "support/temp_dir.hpp"
#include "support/waited_limit.hpp"

namespace ib::test {
namespace {

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMiB = 1024 * kKiB;

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
  must(store->replace(object("manifest.db", large), source, 0, {}));
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
  EXPECT_THAT(bucket.emulator().faults_not_hit(), IsEmpty());
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
