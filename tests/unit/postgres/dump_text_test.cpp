// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump_text.hpp"

#include "support/matchers.hpp"

#include <algorithm>

namespace ib::test {
namespace {

const std::string kHeader = "--\n-- PostgreSQL database dump\n--\n\n";
const std::string kTrailer = "-- PostgreSQL database dump complete";
const std::string kBody =
    "SELECT pg_catalog.set_config('search_path', '', false);\n"
    "\n"
    "CREATE EXTENSION IF NOT EXISTS cube WITH SCHEMA public;\n"
    "CREATE EXTENSION IF NOT EXISTS \"uuid-ossp\" WITH SCHEMA public;\n"
    "COPY public.t (a, b) FROM stdin;\n"
    "1\t-- PostgreSQL database dump complete\n"
    "-- PostgreSQL database dump complete\n"
    "SELECT pg_catalog.set_config('search_path', '', false);\n"
    "\\restrict TOKEN\n"
    "\\unrestrict TOKEN\n"
    "\\.x\n"
    "\\\\.\n"
    "\\.\n"
    "\n"
    "ALTER TABLE public.t ADD PRIMARY KEY (a);\n";
const std::string kPlain = kHeader + kBody + "--\n" + kTrailer + "\n--\n\n";
const std::string kRestricted =
    kHeader + "\\restrict TOKEN\n\n" + kBody + "--\n" + kTrailer + "\n--\n\n\\unrestrict TOKEN\n\n";

DumpTrailerCheck check_of(std::string_view text)
{
  DumpTrailerCheck check;
  EXPECT_TRUE(check.update(bytes_of(text)));
  return check;
}

std::string rewrite(std::string_view text, std::size_t border = std::string_view::npos)
{
  RestoreRewriter rewriter;
  std::string out;
  const ByteSink sink = [&](ByteView bytes) -> Result<> {
    out += text_of(bytes);
    return {};
  };
  EXPECT_TRUE(rewriter.write(bytes_of(text.substr(0, border)), sink));
  EXPECT_TRUE(rewriter.write(bytes_of(text.substr(std::min(border, text.size()))), sink));
  EXPECT_TRUE(rewriter.finish(sink));
  return out;
}

std::string replaced(std::string text, const std::string& from, const std::string& to)
{
  text.replace(text.find(from), from.size(), to);
  return text;
}

/// As gzip makes of a few KiB what fills a machine's memory.
TEST(DumpTrailer, DoesNotKeepMoreNamesThanADatabaseHas)
{
  const std::string line = "CREATE EXTENSION IF NOT EXISTS a;\n";
  std::string piece;
  while (piece.size() < kMostNamesInDump / 2) piece += line;
  DumpTrailerCheck check;
  EXPECT_TRUE(check.update(bytes_of(piece)));
  EXPECT_TRUE(check.update(bytes_of(piece.substr(0, piece.size() / 2))));
  EXPECT_TRUE(fails_with(Errc::corrupt, check.update(bytes_of(piece))));
}

TEST(DumpTrailer, IsMissingWhereverTheDumpIsCut)
{
  for (const std::string& dump : {kPlain, kRestricted}) {
    // Whole from here on: what follows carries nothing.
    const std::string last = dump == kPlain ? kTrailer : "\\unrestrict TOKEN\n";
    const std::size_t whole = dump.rfind(last) + last.size();
    for (std::size_t cut = 0; cut <= dump.size(); ++cut) {
      const DumpTrailerCheck check = check_of(dump.substr(0, cut));
      EXPECT_EQ(check.complete(), cut >= whole) << "cut at " << cut << " of " << dump.size();
      EXPECT_EQ(check.require_complete().has_value(), cut >= whole);
    }
  }
}

TEST(DumpTrailer, IsSeenAcrossEveryChunkBorder)
{
  for (std::size_t border = 0; border <= kRestricted.size(); ++border) {
    DumpTrailerCheck check;
    ASSERT_TRUE(check.update(bytes_of(std::string_view(kRestricted).substr(0, border))));
    ASSERT_TRUE(check.update(bytes_of(std::string_view(kRestricted).substr(border))));
    EXPECT_TRUE(check.complete()) << border;
    EXPECT_TRUE(check.require_complete());
    EXPECT_THAT(check.extensions(), ElementsAre("cube", "uuid-ossp"));
  }
}

TEST(DumpTrailer, IsNotTheOneInAColumnOfText)
{
  EXPECT_FALSE(check_of(kHeader + "COPY public.t (a) FROM stdin;\n" + kTrailer + "\n").complete());
  EXPECT_FALSE(check_of(kHeader + kTrailer + "\nCREATE TABLE t ();\n").complete());
  EXPECT_FALSE(check_of(kHeader + kTrailer + "\nCREATE TAB").complete());
  EXPECT_FALSE(check_of(kHeader + kTrailer + "d\n").complete());
}

TEST(DumpTrailer, ToleratesAMissingLastComment)
{
  EXPECT_TRUE(check_of(kHeader + kTrailer).complete());
  EXPECT_TRUE(check_of(kHeader + kTrailer + "\n").complete());
}

TEST(DumpTrailer, TellsACutDumpFromWhatIsNoDump)
{
  const auto message = [](const std::string& text) {
    return check_of(text).require_complete().error().message;
  };
  EXPECT_THAT(message(kHeader + "CREATE TABLE t ();\n"), HasSubstr("cut"));
  EXPECT_THAT(message("<html>not found</html>\n"), HasSubstr("not a plain dump"));
  EXPECT_THAT(message(""), HasSubstr("empty"));
}

TEST(DumpTrailer, RefusesADumpOfAWholeServer)
{
  const std::string cluster = "--\n-- PostgreSQL database cluster dump\n--\n\n" + kRestricted +
                              "--\n-- PostgreSQL database cluster dump complete\n--\n\n";
  const DumpTrailerCheck check = check_of(cluster);
  EXPECT_TRUE(check.complete());
  EXPECT_FALSE(check_of(cluster.substr(0, cluster.rfind("--\n-- PostgreSQL"))).complete());
  const auto refused = check.require_complete();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::invalid);
  EXPECT_THAT(refused.error().message, HasSubstr("pg_dumpall"));
}

TEST(RestoreRewriter, SetsTheSearchPathAcrossEveryChunkBorder)
{
  const std::string expected = replaced(kPlain, "'', false", "'public, pg_catalog', true");
  for (std::size_t border = 0; border <= kPlain.size(); ++border) {
    EXPECT_EQ(rewrite(kPlain, border), expected) << border;
  }
}

TEST(RestoreRewriter, ChangesNothingElse)
{
  for (const std::string text :
       {"", "\n", "x", "SELECT 1;\n", "COPY t (a) FROM stdin;\nx\ty", "\\.\n",
        "SELECT pg_catalog.set_config('search_path', '', false); -- more\n",
        "COPY t (a) TO stdout;\nSELECT 1;\n", "SET statement_timeout = 0;\n"}) {
    const std::string expected =
        text.empty() || text.ends_with('\n') || text.starts_with("COPY") ? text : text + "\n";
    EXPECT_EQ(rewrite(text), expected);
  }
}

TEST(RestoreRewriter, LeavesTheSearchPathAloneAfterTheFirstTable)
{
  const std::string text =
      "COPY t (a) FROM stdin;\n1\n\\.\nSELECT pg_catalog.set_config('search_path', '', false);\n";
  EXPECT_EQ(rewrite(text), text);
}

TEST(RestoreRewriter, StripsRestrictAcrossEveryChunkBorderButNeverFromData)
{
  std::string expected = replaced(kRestricted, "'', false", "'public, pg_catalog', true");
  expected = replaced(expected, "\\restrict TOKEN\n", "");
  expected.erase(expected.rfind("\\unrestrict TOKEN\n"),
                 std::string("\\unrestrict TOKEN\n").size());
  ASSERT_THAT(expected, HasSubstr("\\restrict TOKEN\n\\unrestrict TOKEN\n"));  // the data
  for (std::size_t border = 0; border <= kRestricted.size(); ++border) {
    EXPECT_EQ(rewrite(kRestricted, border), expected) << border;
  }
}

TEST(RestoreRewriter, StripsOnlyThePairOfTheDumpItself)
{
  const std::string text = kHeader + "SELECT '\n\\restrict ME\n\\unrestrict ME\n';\n";
  EXPECT_EQ(rewrite(text), text);
  EXPECT_EQ(rewrite("\\restrict A\nSELECT 1;\n\\unrestrict B\n"), "SELECT 1;\n\\unrestrict B\n");
}

TEST(RestoreRewriter, KeepsLargeObjectsFromEndingTheTransaction)
{
  const std::string text =
      "-- Data for Name: BLOBS; Type: BLOBS; Schema: -; Owner: -\n--\n\nBEGIN;\n\nSELECT "
      "pg_catalog.lo_close(0);\n\nCOMMIT;\n\n"
      "--\n-- Name: f(); Type: FUNCTION; Schema: public; Owner: -\n--\n\nCREATE FUNCTION f() AS "
      "$$\nBEGIN;\nCOMMIT;\n$$;\n";
  std::string expected = replaced(text, "BEGIN;\n", "");
  expected = replaced(expected, "COMMIT;\n", "");
  EXPECT_EQ(rewrite(text), expected);
}

TEST(RestoreRewriter, ResetsTransactionTimeoutOnlyWhereItExists)
{
  EXPECT_THAT(rewrite("SET transaction_timeout = 0;\n"),
              HasSubstr("FROM pg_catalog.pg_settings WHERE name = 'transaction_timeout'"));
}

TEST(RestoreRewriter, PassesLinesThroughThatAreLongerThanItsBuffer)
{
  const std::string text = "SELECT '" + std::string(200'000, 'x') +
                           "';\nSELECT 1;\nCOPY t (a) FROM stdin;\n" + std::string(200'000, 'y') +
                           "\n\\.\nSELECT 2;\n";
  for (const std::size_t border : {1UZ, 70'000UZ, 140'000UZ, 200'010UZ, 300'000UZ}) {
    EXPECT_EQ(rewrite(text, border), text);
  }
}

TEST(RestoreRewriter, ReturnsTheErrorOfItsSink)
{
  RestoreRewriter rewriter;
  const Result<> written = rewriter.write(
      bytes_of("SELECT 1;\n"), [](ByteView) -> Result<> { return fail(Errc::io, "full"); });
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message, "full");
}

}  // namespace
}  // namespace ib::test
