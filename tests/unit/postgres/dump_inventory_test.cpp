// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump_inventory.hpp"

#include "support/matchers.hpp"

namespace ib::test {
namespace {

constexpr std::string_view kDump =
    "--\n-- PostgreSQL database dump\n--\n\n-- Dumped from database version 16.4 (Debian 16.4-1)\n"
    "SET row_security = off;\n"
    "CREATE TABLE public.\"us er\" (\n    id integer,\n    email text\n);\n"
    "CREATE UNLOGGED TABLE public.empty (\n    id integer\n);\n"
    "CREATE TABLE public.asset (\n    id integer\n);\n"
    "CREATE TABLE public.without_data (\n    id integer\n);\n"
    "COPY public.\"us er\" (id, email) FROM stdin;\n1\ta@example.org\n2\t\\\\.\\nCOPY x FROM "
    "stdin;\n\\.\n\n"
    "COPY public.empty (id) FROM stdin;\n\\.\n\n"
    "CREATE INDEX i ON public.empty (id);\n"
    // Of an extension: it keeps its own rows.
    "COPY public.spatial_ref_sys (srid) FROM stdin;\n1\n2\nCREATE TABLE public.forged (\n\\.\n\n"
    "COPY public.asset (id) FROM stdin;\n\n\\N\n-- Dumped from database version 9\n\\.\n"
    "COPY public.forged (id) FROM stdin;\n1\n\\.\n"
    "--\n-- PostgreSQL database dump complete\n--\n";

TEST(DumpInventory, CountsTheRowsOfEachTableWhereverTheChunksEnd)
{
  for (std::size_t size : {1UZ, 2UZ, 7UZ, kDump.size()}) {
    DumpInventory inventory;
    for (std::size_t at = 0; at < kDump.size(); at += size)
      ASSERT_TRUE(inventory.update(bytes_of(kDump.substr(at, size))));
    EXPECT_THAT(inventory.tables(),
                ElementsAre(TableRows{"public.\"us er\"", 2}, TableRows{"public.empty", 0},
                            TableRows{"public.asset", 3}))
        << size;
    EXPECT_EQ(rows_of(inventory.tables()), 5U);
    EXPECT_EQ(inventory.server_version(), "16.4");
    EXPECT_EQ(inventory.server_major(), 16);
  }
}

TEST(DumpInventory, DoesNotKeepMoreNamesThanADatabaseHas)
{
  DumpInventory inventory;
  ASSERT_TRUE(inventory.update(bytes_of("CREATE TABLE t (a integer);\n")));
  const std::string_view table = "COPY t (a) FROM stdin;\n\\.\n";
  std::string piece;
  while (piece.size() < kMostNamesInDump) piece += table;
  EXPECT_TRUE(inventory.update(bytes_of(piece)));
  EXPECT_TRUE(fails_with(Errc::corrupt, inventory.update(bytes_of(piece))));
}

TEST(DumpInventory, DoesNotCountALongLineOfSqlAsData)
{
  DumpInventory inventory;
  ASSERT_TRUE(inventory.update(bytes_of(
      "CREATE TABLE t (a integer);\nCOPY t (a) FROM stdin;\n1\n\\.\nCREATE VIEW v AS SELECT '" +
      std::string(200'000, 'x') + "\nCOPY'\n;\n")));
  EXPECT_THAT(inventory.tables(), ElementsAre(TableRows{"t", 1}));
  EXPECT_EQ(inventory.server_major(), std::nullopt);
}

}  // namespace
}  // namespace ib::test
