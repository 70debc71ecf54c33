// SPDX-License-Identifier: Apache-2.0
#include "cli/price_file.hpp"

#include "support/builders.hpp"

namespace ib::test {
namespace {

constexpr const char* kEntry = R"(
[[prices]]
locations = ["europe-west3", "*"]
egress = 0.1
STANDARD = { storage = 1, class_a = 2.5, class_b = 3, retrieval = 4, minimum_days = 5 }
NEARLINE = { storage = 0, class_a = 0, class_b = 0, retrieval = 0, minimum_days = 30 }
COLDLINE = { storage = 0, class_a = 0, class_b = 0, retrieval = 0, minimum_days = 90 }
ARCHIVE = { storage = 0, class_a = 0, class_b = 0, retrieval = 0, minimum_days = 365 }
)";

std::string replaced(std::string text, std::string_view what, std::string_view by)
{
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

TEST(PriceFile, ComesBeforeWhatTheProgramKnows)
{
  PriceBook book = built_in_prices();
  ASSERT_TRUE(ok(read_prices(std::string("date = \"2030-01\"") + kEntry, "p.toml", book)));
  const Prices frankfurt = book.at("EUROPE-WEST3");
  EXPECT_EQ(frankfurt.date, "2030-01");
  EXPECT_DOUBLE_EQ(frankfurt.egress, 0.1);
  EXPECT_DOUBLE_EQ(frankfurt.of[StorageClass::standard].class_a, 2.5);
  EXPECT_EQ(frankfurt.of[StorageClass::archive].minimum_days, 365U);
  EXPECT_EQ(book.at("mars-north1").date, "2030-01") << "the star stands for what nobody names";
  EXPECT_EQ(book.at("mars-north1").location, "mars-north1");
  EXPECT_NE(book.at("us-central1").date, "2030-01") << "a location of its own comes first";
}

TEST(PriceFile, NamesTheLineOfWhatIsWrong)
{
  const std::string good = std::string("date = \"2030-01\"") + kEntry;
  struct Row {
    std::string text;
    const char* says;
  };
  const Row rows[] = {
      {replaced(good, "class_a = 2.5, ", ""), "p.toml:5: STANDARD lacks class_a"},
      {replaced(good, "class_a = 2.5", "class_a = -2.5"), "p.toml:5: class_a is not a price"},
      {replaced(good, "class_a = 2.5", "class_a = \"2.5\""), "p.toml:5: class_a is not a price"},
      {replaced(good, "class_a = 2.5", "class_a = nan"), "p.toml:5: class_a is not a price"},
      {replaced(good, "retrieval = 4", "retreival = 4"), "lacks retrieval"},
      {replaced(good, "retrieval = 4", "retrieval = 4, tax = 1"),
       "p.toml:5: 'tax' is not a key of STANDARD"},
      {replaced(good, "minimum_days = 5", "minimum_days = 5.5"),
       "minimum_days is not a number of days"},
      {replaced(good, "egress = 0.1\n", ""), "[[prices]] lacks egress"},
      {replaced(good, "ARCHIVE", "ICE"), "'ICE' is not a key of [[prices]]"},
      {replaced(good, "locations = [\"europe-west3\", \"*\"]", "locations = []"),
       "lacks locations"},
      {replaced(good, "date = \"2030-01\"", ""), "lacks the date"},
      {"date = \"2030-01\"", "has no [[prices]]"},
      {"date = \"2030-01\"\ncurrency = \"EUR\"", "'currency' is not a key of a price file"},
      {"date = ", "p.toml:1: not valid TOML"},
  };
  for (const Row& row : rows) {
    PriceBook book;
    const Result<> read = read_prices(row.text, "p.toml", book);
    ASSERT_TRUE(fails_with(Errc::invalid, read)) << row.text;
    EXPECT_THAT(read.error().message, HasSubstr(row.says));
  }
}

}  // namespace
}  // namespace ib::test
