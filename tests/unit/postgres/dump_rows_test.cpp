// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump_rows.hpp"

#include "support/builders.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ib::test {
namespace {

constexpr std::string_view kDump =
    "--\n-- PostgreSQL database dump\n--\n"
    "CREATE TABLE public.a (id int);\n"
    "COPY public.a (id, \"odd \"\"name\", text) FROM stdin;\n"
    "1\t\\N\tone\n"
    "2\tx\ttab\\tnewline\\nbackslash\\\\N\n"
    "3\t\tCOPY public.b (id) FROM stdin;\n"
    "\\.\n"
    "COPY public.\"user\" (id) FROM stdin;\n"
    "not wanted\n"
    "\\.\n"
    "COPY public.b (id) FROM stdin;\n"
    "\\.\n"
    "COPY public.a (id, \"odd \"\"name\", text) FROM stdin;\n"
    "4\t\\N\t\\N\n"
    "\\.\n";

/// "1|NULL|one" for each row of the table a.
std::vector<std::string> rows_of(std::string_view dump, std::size_t chunk)
{
  std::vector<std::string> rows;
  DumpRows reader([&](const DumpTable& table) -> Result<DumpRows::RowSink> {
    if (table.name != "a") return DumpRows::RowSink();
    EXPECT_THAT(table.columns, ElementsAre("id", "odd \"name", "text"));
    return [&](CopyCells cells) -> Result<> {
      std::string row;
      for (const std::string_view cell : cells)
        row += (row.empty() ? "" : "|") + copy_value(cell).value_or("NULL");
      rows.push_back(row);
      return {};
    };
  });
  for (; !dump.empty(); dump.remove_prefix(std::min(chunk, dump.size())))
    must(reader.write(bytes_of(dump.substr(0, chunk))));
  return rows;
}

TEST(DumpRows, HandsOutTheRowsOfWantedTablesHoweverTheChunksAreCut)
{
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{2}, std::size_t{7}, kDump.size()}) {
    EXPECT_THAT(rows_of(kDump, chunk),
                ElementsAre("1|NULL|one", "2|x|tab\tnewline\nbackslash\\N",
                            "3||COPY public.b (id) FROM stdin;", "4|NULL|NULL"))
        << chunk;
  }
}

TEST(DumpRows, RefusesARowOfAnotherNumberOfCells)
{
  DumpRows reader([](const DumpTable&) -> Result<DumpRows::RowSink> {
    return [](CopyCells) -> Result<> { return {}; };
  });
  EXPECT_TRUE(
      fails_with(Errc::corrupt,
                 reader.write(bytes_of("COPY public.a (id, name) FROM stdin;\n1\tone\ttwo\n"))));
}

TEST(DumpRows, EndsWithTheSinksError)
{
  DumpRows reader([](const DumpTable&) -> Result<DumpRows::RowSink> {
    return [](CopyCells) -> Result<> { return fail(Errc::io, "disk full"); };
  });
  EXPECT_TRUE(fails_with(Errc::io, reader.write(bytes_of("COPY public.a (id) FROM stdin;\n1\n"))));
}

TEST(DumpRows, ReadsTheNamesInACopyHeader)
{
  const std::optional<DumpTable> table =
      parse_copy_header("COPY public.\"user\" (id, \"storageLabel\") FROM stdin;\n");
  ASSERT_TRUE(table);
  EXPECT_EQ(table->schema, "public");
  EXPECT_EQ(table->name, "user");
  EXPECT_EQ(table->column("storageLabel"), 1U);
  EXPECT_EQ(table->column("email"), std::nullopt);
  for (const char* other :
       {"COPY a (id) FROM stdin;", "COPY public.a  FROM stdin;", "COPY public.a (id FROM stdin;",
        "COPY public.\"a (id) FROM stdin;", "SELECT 1;", "COPY public.a (id) TO stdout;"}) {
    EXPECT_FALSE(parse_copy_header(other)) << other;
  }
}

TEST(DumpRows, ReadsTimesOfAnyTimeZone)
{
  const struct {
    const char* text;
    const char* iso;
  } rows[] = {{"2021-07-04 10:00:00+00", "2021-07-04T10:00:00Z"},
              {"2021-07-04 10:00:00.123456+02", "2021-07-04T08:00:00Z"},
              {"2021-07-04 00:30:00-03:30", "2021-07-04T04:00:00Z"},
              {"1890-01-01 00:53:28+00:53:28", "1890-01-01T00:00:00Z"}};
  for (const auto& row : rows) {
    const std::optional<Timestamp> time = parse_copy_timestamp(row.text);
    ASSERT_TRUE(time) << row.text;
    EXPECT_EQ(format_iso(*time), row.iso);
  }
  for (const char* none :
       {"\\N", "infinity", "0044-03-15 12:00:00+00 BC", "20210-01-01 00:00:00+00",
        "2021-02-30 00:00:00+00", "2021-07-04", "", "2021-01-01 25:00:00+00",
        "2021-01-01 00:60:00+00", "2021-01-01 00:00:61+00", "2021-01-01 00:00:00+2147483647",
        "9999-12-31 23:59:59-01", "0000-01-01 00:00:00+01"}) {
    EXPECT_FALSE(parse_copy_timestamp(none)) << none;
  }
}

}  // namespace
}  // namespace ib::test
