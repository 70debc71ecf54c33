// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump.hpp"

#include <gtest/gtest.h>

namespace ib::test {
namespace {

TEST(UnreadableTable, IsNamedByPgDump)
{
  EXPECT_EQ(unreadable_table("pg_dump: error: Dumping the contents of table \"smart_search\" "
                             "failed: PQgetResult() failed."),
            "smart_search");
  EXPECT_FALSE(unreadable_table("pg_dump: error: query failed"));
}

}  // namespace
}  // namespace ib::test
