// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore.hpp"

#include <gtest/gtest.h>

namespace ib::test {
namespace {

TEST(IsTableCalled, KnowsATableWhicheverWaySqlWritesIt)
{
  struct Row {
    const char* sql_name;
    const char* name;
    bool is_called;
  };
  const Row rows[] = {
      {"public.asset", "asset", true},
      {"asset", "asset", true},
      {"public.\"user\"", "user", true},
      {"\"user\"", "user", true},
      {"\"odd schema\".\"us er\"", "us er", true},
      {"\"odd.schema\".asset", "asset", true},
      {"public.my_asset", "asset", false},
      {"public.asset_face", "asset", false},
      {"public.\"super user\"", "user", false},
      {"public.\"a.user\"", "user", false},
      {"public.asset", "public", false},
      {"public.asset", "", false},
      {"public.\"user\"", "", false},
      {"", "asset", false},
  };
  for (const Row& row : rows)
    EXPECT_EQ(is_table_called(row.sql_name, row.name), row.is_called)
        << row.sql_name << " and " << row.name;
}

}  // namespace
}  // namespace ib::test
