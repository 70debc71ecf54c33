// SPDX-License-Identifier: Apache-2.0
#include "postgres/client_tools.hpp"
#include "postgres/connection.hpp"
#include "support/fake_bin.hpp"
#include "support/matchers.hpp"
#include "support/postgres_cluster.hpp"

namespace ib::test {
namespace {

TEST(FindClient, RefusesAPgDumpThatIsTooOld)
{
  const FakeBin bin;
  const std::string path = bin.script("pg_dump", "echo 'pg_dump (PostgreSQL) 9.6.24'");
  const auto found = find_client("pg_dump", 16, bin.folder().path(), {});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Errc::invalid);
  EXPECT_EQ(found.error().message,
            "pg_dump 16 or newer is needed for this server; found 9.6 at " + path);
  EXPECT_THAT(found.error().hint, HasSubstr("apt-get install postgresql-client-16"));
  EXPECT_THAT(found.error().hint, HasSubstr("--pg-bin"));
}

TEST(FindClient, LooksOnlyIntoTheFolderThatItWasGiven)
{
  const FakeBin bin;
  EXPECT_THAT(find_client("pg_dump", 14, bin.folder().path(), {}).error().message,
              HasSubstr("found none in"));
  const std::string path = bin.script("pg_dump", "echo 'pg_dump (PostgreSQL) 17.2'");
  EXPECT_EQ(find_client("pg_dump", 14, bin.folder().path(), {}).value_or(""), path);
  bin.script("pg_dump", "echo broken >&2; exit 1");
  EXPECT_THAT(find_client("pg_dump", 14, bin.folder().path(), {}).error().message,
              HasSubstr("broken"));
}

TEST(FindClient, FindsThisMachinesOwnPastDebiansWrapper)
{
  for (const char* program : {"pg_dump", "psql"}) {
    Connection connection = Connection::open(shared_cluster().address(), {}).value();
    const auto found = find_client(program, connection.server_major(), "", {});
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(*found, absolute_path(shared_cluster().program(program)));
  }
}

}  // namespace
}  // namespace ib::test
