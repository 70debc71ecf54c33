// SPDX-License-Identifier: Apache-2.0
#include "cli/options/common.hpp"

#include "support/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ib::test {
namespace {

TEST(StoreUrl, FallsBackToTheBucket)
{
  const auto url = [](const std::vector<std::string>& words, const Variables& variables,
                      const std::string& toml = "") {
    return store_url(settings(words, variables, toml), lookup(variables));
  };
  const Variables both{{"IMMICH_BACKUP_STORE", "file:///b"}, {"GCS_BUCKET", "photos"}};
  EXPECT_EQ(url({"status", "--store", "file:///a"}, both).value(), "file:///a");
  EXPECT_EQ(url({"status"}, both).value(), "file:///b");
  EXPECT_EQ(url({"status"}, {{"GCS_BUCKET", "photos"}}).value(), "gs://photos");
  EXPECT_EQ(url({"status"}, {{"GCS_BUCKET", "photos"}}, "store = \"file:///c\"").value(),
            "gs://photos");
  EXPECT_EQ(url({"status"}, {}, "store = \"file:///c\"").value(), "file:///c");
  EXPECT_EQ(url({"status"}, {}).error().code, Errc::invalid);
}

TEST(WorkersOption, TakesANumberOrFindsOne)
{
  const auto workers = [](const std::vector<std::string>& words, bool in_bucket = true) {
    return workers_of(settings(words, {}), in_bucket);
  };
  for (const Workers& found :
       {workers({"backup"}).value(), workers({"backup", "--workers", "auto"}).value()}) {
    EXPECT_EQ(found.first, 16U);
    EXPECT_EQ(found.most, 64U);
  }
  EXPECT_EQ(workers({"backup"}, false).value().most, 16U);
  const Workers fixed = workers({"backup", "--workers", "3"}).value();
  EXPECT_EQ(fixed.first, 3U);
  EXPECT_EQ(fixed.most, 3U);
  const auto wrong = workers({"backup", "--workers", "many"});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().hint, "A number from 1 to 256, or auto.");
}

}  // namespace
}  // namespace ib::test
