// SPDX-License-Identifier: Apache-2.0
//
// What commands say that they cost, beside what the emulator counts.
#include "app/query/cost.hpp"

#include "app/session.hpp"
#include "cli/price_file.hpp"
#include "support/builders.hpp"
#include "support/emulated_bucket.hpp"
#include "support/workplace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <filesystem>

namespace ib::test {
namespace {

constexpr std::uint64_t kSmall = 10'000;

/// Small objects in STANDARD, others in ARCHIVE: two classes in one run.
StorageClasses by_size()
{
  return {.files = [](std::uint64_t size) {
    return size < kSmall ? StorageClass::standard : StorageClass::archive;
  }};
}

Usage counted(const emulator::EmulatorStats& stats)
{
  Usage usage;
  for (const auto& [name, count] : stats.storage_classes) {
    usage.of[parse_storage_class(name).value()] = {.class_a = count.class_a,
                                                   .class_b = count.class_b,
                                                   .retrieved_bytes = count.bytes_retrieved};
  }
  usage.free = stats.free;
  return usage;
}

std::uint64_t bytes_listed(ObjectStore& store, const std::string& prefix)
{
  std::uint64_t bytes = 0;
  const std::unique_ptr<ObjectCursor> cursor = must(store.list(prefix, "", {}));
  for (const ObjectInfo& object : drain(cursor)) bytes += object.size.value();
  return bytes;
}

class CostOfCommands : public testing::Test {
protected:
  CostOfCommands() : opened(bucket.open("", "", nullptr, by_size())) { bucket.begin(); }

  Session session()
  {
    Session session = place.session(opened);
    session.spending.prices = built_in_prices();
    session.spending.classes = by_size();
    session.spending.kept_days = 1825;
    session.spending.location = "us-central1";
    return session;
  }

  Workplace place;
  EmulatedBucket bucket;
  OpenStore opened;
};

TEST_F(CostOfCommands, IsForeseenByADryRunAsTheEmulatorCountsItThen)
{
  BackupJob dry = place.job();
  dry.dry_run = true;
  const BackupReport forecast = must(run_backup(session(), dry));
  EXPECT_GT(forecast.usage.of[StorageClass::standard].class_a, 5U);
  EXPECT_GT(forecast.usage.of[StorageClass::archive].class_a, 0U);

  bucket.emulator().reset_stats();
  opened = bucket.open("", "", nullptr, by_size());
  const BackupReport run = must(run_backup(session(), place.job()));
  const Usage at_emulator = counted(bucket.emulator().stats());
  EXPECT_EQ(run.usage, at_emulator) << "the program's own count";
  Usage expected = forecast.usage;
  const std::uint64_t duplicates = run.copied + run.moved;
  EXPECT_EQ(expected.class_a(), at_emulator.class_a() + duplicates);
  EXPECT_EQ(expected.class_b(), at_emulator.class_b());
  EXPECT_NEAR(forecast.cost->once, run.cost->once,
              0.00005 * static_cast<double>(duplicates) + 1e-9);
  EXPECT_NEAR(forecast.cost->monthly, run.cost->monthly, 1e-6);
}

TEST_F(CostOfCommands, IsForeseenForALaterRunToo)
{
  must(run_backup(session(), place.job()));
  put_file(place.library() + "/upload/new-small.jpg", "new");
  put_file(place.library() + "/upload/new-large.jpg", std::string(kSmall, 'n'));
  opened = bucket.open("", "", nullptr, by_size());
  BackupJob dry = place.job();
  dry.dry_run = true;
  const BackupReport forecast = must(run_backup(session(), dry));
  bucket.emulator().reset_stats();
  opened = bucket.open("", "", nullptr, by_size());
  must(run_backup(session(), place.job()));
  EXPECT_EQ(forecast.usage, counted(bucket.emulator().stats()));

  // And where nothing has changed.
  opened = bucket.open("", "", nullptr, by_size());
  const BackupReport idle = must(run_backup(session(), dry));
  bucket.emulator().reset_stats();
  opened = bucket.open("", "", nullptr, by_size());
  must(run_backup(session(), place.job()));
  EXPECT_EQ(idle.usage, counted(bucket.emulator().stats()));
}

TEST_F(CostOfCommands, OfReadingEveryFileAgainAreNotThoseOfSendingIt)
{
  must(run_backup(session(), place.job()));
  BackupJob again = place.job();
  again.rehash = true;
  BackupJob dry = again;
  dry.dry_run = true;
  opened = bucket.open("", "", nullptr, by_size());
  const BackupReport forecast = must(run_backup(session(), dry));
  EXPECT_GT(forecast.plan.to_read, 0U);
  bucket.emulator().reset_stats();
  opened = bucket.open("", "", nullptr, by_size());
  must(run_backup(session(), again));
  EXPECT_EQ(forecast.usage, counted(bucket.emulator().stats()));
}

TEST_F(CostOfCommands, NamesWhatAutoWouldSave)
{
  Session archive = session();
  archive.spending.classes = {};
  BackupJob dry = place.job();
  dry.dry_run = true;
  EXPECT_GT(must(run_backup(archive, dry)).cost->auto_saves, 0);
  Session automatic = session();
  const Prices prices = automatic.spending.prices.at(std::nullopt);
  automatic.spending.classes.files = [&](std::uint64_t size) {
    return cheapest_class(size, 1825, prices);
  };
  EXPECT_NEAR(must(run_backup(automatic, dry)).cost->auto_saves, 0, 1e-12);
}

TEST_F(CostOfCommands, IsWhatTheRestorePointRemembers)
{
  Session asks = session();
  asks.spending.location.reset();
  const BackupReport first = must(run_backup(asks, place.job()));
  EXPECT_EQ(first.cost->location, "us-central1");
  const RestorePoint point = *must(run_status(asks)).newest;
  EXPECT_GT(point.cost.value(), 0);
  EXPECT_TRUE(point.monthly_cost);
  // A bucket never moves: it is asked once.
  bucket.emulator().reset_stats();
  must(run_backup(asks, place.job()));
  const auto kinds = bucket.emulator().stats().kinds;
  EXPECT_FALSE(kinds.contains("bucket"));
}

TEST_F(CostOfCommands, TellsWhatIsStoredWhereAndAFullRestore)
{
  must(run_backup(session(), place.job()));
  bucket.emulator().reset_stats();
  opened = bucket.open("", "", nullptr, by_size());
  const CostReport report = must(run_cost(session()));
  EXPECT_EQ(report.usage, counted(bucket.emulator().stats()));
  EXPECT_LE(bucket.emulator().stats().requests, 6U);

  // What restoring then costs, as it is counted.
  bucket.emulator().reset_stats();
  opened = bucket.open("", "", nullptr, by_size());
  must(run_restore(session(), {.target = place.target()}));
  const Usage restored = counted(bucket.emulator().stats());
  const Usage::OfClass& archive = restored.of[StorageClass::archive];
  EXPECT_EQ(report.restore.of[StorageClass::archive].retrieved_bytes, archive.retrieved_bytes);
  EXPECT_EQ(report.stored.of(StoredKind::originals).bytes,
            bytes_listed(*opened.store, "library/") + bytes_listed(*opened.store, "hashed/"));
  EXPECT_EQ(report.stored.of(StoredKind::manifests).objects, 5U)
      << "two manifests, two restore points, and the marker";
}

TEST_F(CostOfCommands, ARestoreBeyondTheBudgetIsRefusedBeforeItBegins)
{
  must(run_backup(session(), place.job()));
  Session poor = session();
  poor.spending.budget = 1e-9;
  const auto refused = run_restore(poor, {.target = place.target()});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::invalid);
  EXPECT_THAT(refused.error().message, HasSubstr("nothing was fetched"));
  EXPECT_TRUE(files_below(place.target()).empty());
}

TEST_F(CostOfCommands, MuchIsAskedForOnce)
{
  must(run_backup(session(), place.job()));
  Session dear = session();
  dear.spending.ask_above = 0;
  EXPECT_THAT(run_restore(dear, {.target = place.target()}).error().message,
              HasSubstr("nobody is here to ask"));
  unsigned asked = 0;
  dear.ask = [&](const std::string& question) {
    EXPECT_THAT(question, HasSubstr("costs about"));
    return ++asked > 1;
  };
  EXPECT_FALSE(run_restore(dear, {.target = place.target()}));
  EXPECT_TRUE(run_restore(dear, {.target = place.target()}));
  EXPECT_EQ(asked, 2U);
  dear.ask = nullptr;
  dear.spending.approved = true;
  EXPECT_TRUE(run_verify(dear, {.all = true}));
}

TEST_F(CostOfCommands, VerifyReadsAsMuchAsTheBudgetPaysFor)
{
  const BackupReport backup = must(run_backup(session(), place.job()));
  opened = bucket.open("", "", nullptr, by_size());
  const VerifyReport all = must(run_verify(session(), {.all = true}));
  EXPECT_EQ(all.read_back, all.objects);

  opened = bucket.open("", "", nullptr, by_size());
  Session poor = session();
  poor.spending.budget = *all.cost / 2;
  bucket.emulator().reset_stats();
  const VerifyReport some = must(run_verify(poor, {}));
  EXPECT_TRUE(some.budget_spent);
  EXPECT_LT(some.read_back, all.read_back);
  EXPECT_EQ(some.damaged, 0U);
  const Prices prices = built_in_prices().at(std::nullopt);
  // The proof's insert alone comes after the reading.
  EXPECT_LE(cost_of(counted(bucket.emulator().stats()), prices), *all.cost / 2 + 0.00002);
  EXPECT_TRUE(backup.complete);
}

}  // namespace
}  // namespace ib::test
