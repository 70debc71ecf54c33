// SPDX-License-Identifier: Apache-2.0
#include "core/pricing/prices.hpp"

#include "cli/price_file.hpp"
#include "support/builders.hpp"

namespace ib::test {
namespace {

TEST(Prices, AreThoseOfThePlaceOrElseOfTheReference)
{
  const PriceBook book = built_in_prices();
  EXPECT_EQ(book.at("EUROPE-WEST3").location, "europe-west3");
  EXPECT_DOUBLE_EQ(book.at("EUROPE-WEST3").of[StorageClass::archive].storage, 0.0025);
  EXPECT_EQ(book.at(std::nullopt).location, "us-central1");
  EXPECT_EQ(book.at("mars-north1").location, "us-central1");
  EXPECT_TRUE(PriceBook().at("us-central1").free_of_charge());
  EXPECT_FALSE(book.at(std::nullopt).free_of_charge());
}

}  // namespace
}  // namespace ib::test
