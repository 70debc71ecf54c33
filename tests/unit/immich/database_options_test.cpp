// SPDX-License-Identifier: Apache-2.0
#include "immich/database_options.hpp"

#include <gtest/gtest.h>

namespace ib::test {
namespace {

TEST(DatabaseOptions, AreSetAgainWhereImmichSetsThem)
{
  EXPECT_EQ(setting_to_restore("vchordrq.probes=1").value(), "vchordrq.probes = '1'");
  EXPECT_EQ(setting_to_restore("hnsw.ef_search=100").value(), "hnsw.ef_search = '100'");
  EXPECT_EQ(setting_to_restore("search_path=\"$user\", public, vectors").value(),
            "search_path = \"$user\", public, vectors");
  const std::vector<std::string> of_extensions{"extensions"};
  EXPECT_EQ(setting_to_restore("search_path=public, extensions", of_extensions).value(),
            "search_path = public, extensions");
  EXPECT_FALSE(setting_to_restore("search_path=public, extensions"));
}

TEST(DatabaseOptions, AreForAPersonWhereTheyCouldDoMore)
{
  for (const char* other :
       {"session_preload_libraries=evil", "role=postgres", "search_path=evil, public",
        "search_path=public; DROP TABLE asset", "vchordrq.probes=1'; DROP TABLE asset; --",
        "vchordrq.probes'=1", "work_mem=1GB", "search_path", ""})
    EXPECT_FALSE(setting_to_restore(other)) << other;
}

}  // namespace
}  // namespace ib::test
