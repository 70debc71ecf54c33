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

}  // namespace
}  // namespace ib::test
