// SPDX-License-Identifier: Apache-2.0
#include "core/pricing/cost.hpp"

#include "cli/price_file.hpp"
#include "support/builders.hpp"

namespace ib::test {
namespace {

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;
constexpr std::uint64_t kKiB = 1024;

Prices prices()
{
  return built_in_prices().at(std::nullopt);
}

TEST(Cost, OfOperationsIsByTheirClass)
{
  Usage usage;
  usage.of[StorageClass::archive] = {
      .class_a = 2000, .class_b = 1000, .retrieved_bytes = 10 * kGiB};
  usage.of[StorageClass::standard] = {.class_a = 1000, .class_b = 10'000, .retrieved_bytes = kGiB};
  usage.free = 1'000'000;
  // 2 x 0.05 + 0.05 + 10 x 0.05 and 0.005 + 10 x 0.0004, and 11 GiB x 0.12 to leave Google.
  EXPECT_NEAR(cost_of(usage, prices()), 0.10 + 0.05 + 0.50 + 0.005 + 0.004 + 1.32, 1e-9);
}

TEST(Cost, OfATebibyteReadBackFromArchiveIsWhatGoogleWouldBill)
{
  const double cost =
      cost_of(reading({.objects = 200'000, .bytes = 1024 * kGiB}, StorageClass::archive), prices());
  EXPECT_NEAR(cost, 51.2 + 122.88 + 10, 1e-9);
}

TEST(Cost, OfCheckingByListingIsNextToNothing)
{
  Usage listing;
  listing.of[StorageClass::standard].class_a = 200;
  EXPECT_NEAR(cost_of(listing, prices()), 0.001, 1e-9);
}

TEST(Cost, OfStorageIsByTheMonth)
{
  StoredTotals stored;
  stored[StoredKind::originals][StorageClass::archive] = {.objects = 1000, .bytes = 1000 * kGiB};
  stored[StoredKind::dumps][StorageClass::standard] = {.objects = 10, .bytes = 10 * kGiB};
  EXPECT_NEAR(monthly_cost(stored, prices()), 1.2 + 0.2, 1e-9);
  EXPECT_EQ(stored.all(), (StoredAmount{.objects = 1010, .bytes = 1010 * kGiB}));
}

TEST(Cost, TheCheapestClassFollowsTheTime)
{
  struct Row {
    double days;
    StorageClass expected;
  };
  // The thresholds of large objects: a class's minimum is paid in any case.
  for (const Row& row : {Row{1, StorageClass::standard}, Row{14, StorageClass::standard},
                         Row{16, StorageClass::nearline}, Row{35, StorageClass::nearline},
                         Row{38, StorageClass::coldline}, Row{108, StorageClass::coldline},
                         Row{111, StorageClass::archive}, Row{3650, StorageClass::archive}}) {
    EXPECT_EQ(cheapest_class(kGiB, row.days, prices()), row.expected) << row.days << " days";
  }
}

TEST(Cost, TheCheapestClassFollowsTheSize)
{
  // ARCHIVE's insert is ten times as dear as STANDARD's: small objects never earn it back within a
  // year.
  EXPECT_EQ(cheapest_class(20 * kKiB, 365, prices()), StorageClass::standard);
  const auto keep = [](std::uint64_t size, StorageClass of) {
    return cost_of_keeping(size, of, 365, prices());
  };
  EXPECT_LT(keep(205 * kKiB, StorageClass::standard), keep(205 * kKiB, StorageClass::archive));
  EXPECT_GT(keep(215 * kKiB, StorageClass::standard), keep(215 * kKiB, StorageClass::archive));
  EXPECT_EQ(cheapest_class(5 * kGiB, 365, prices()), StorageClass::archive);
}

TEST(Cost, WhatIsDeletedEarlyIsBilledToItsMinimum)
{
  EXPECT_DOUBLE_EQ(cost_of_keeping(kGiB, StorageClass::archive, 1, prices()),
                   cost_of_keeping(kGiB, StorageClass::archive, 365, prices()));
}

TEST(Cost, IsWrittenForAPerson)
{
  EXPECT_EQ(format_dollars(0), "$0");
  EXPECT_EQ(format_dollars(0.0001), "under $0.01");
  EXPECT_EQ(format_dollars(0.03), "$0.03");
  EXPECT_EQ(format_dollars(1.5), "$1.50");
  EXPECT_EQ(format_dollars(99.999), "$100.00");
  EXPECT_EQ(format_dollars(184.08), "$184");
  EXPECT_EQ(format_dollars(12345.6), "$12,346");
}

}  // namespace
}  // namespace ib::test
