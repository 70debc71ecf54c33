// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump_sections.hpp"

#include "support/matchers.hpp"

namespace ib::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kOfImmich = R"(--
-- PostgreSQL database dump
--

\restrict one

SET client_encoding = 'UTF8';
)";
const std::string kTables = R"(SET standard_conforming_strings = on;

COPY public.asset (id) FROM stdin;
-- Database "other" dump
\connect other
-- PostgreSQL database cluster dump complete
\.


--
-- PostgreSQL database dump complete
--

\unrestrict one

)";
const std::string kServer = R"(--
-- PostgreSQL database cluster dump
--

\restrict zero

CREATE ROLE postgres;
ALTER ROLE postgres WITH SUPERUSER PASSWORD 'SCRAM-SHA-256$4096:x';

\unrestrict zero

--
-- Databases
--

--
-- Database "template1" dump
--

\connect template1

--
-- PostgreSQL database dump
--

--
-- PostgreSQL database dump complete
--

--
-- Database "immich" dump
--

)" + kOfImmich + R"(--
-- Name: immich; Type: DATABASE; Schema: -; Owner: postgres
--

CREATE DATABASE immich WITH TEMPLATE = template0 ENCODING = 'UTF8';


\unrestrict one
\connect immich
\restrict one

ALTER DATABASE immich SET search_path TO '$user', 'public', 'vectors';
)" + kTables + R"(--
-- PostgreSQL database cluster dump complete
--

)";

struct Divided {
  std::vector<std::string> sections;
  std::vector<DumpSections::Database> databases;
  Result<> ended;
};

Divided divide(std::string_view text, std::size_t border = std::string::npos)
{
  Divided divided;
  DumpSections sections;
  const DumpSections::Sink sink = [&](std::size_t section, ByteView sql) -> Result<> {
    divided.sections.resize(std::max(divided.sections.size(), section + 1));
    divided.sections[section] += text_of(sql);
    return {};
  };
  const std::size_t first = std::min(border, text.size());
  divided.ended = sections.write(bytes_of(text.substr(0, first)), sink);
  if (divided.ended) divided.ended = sections.write(bytes_of(text.substr(first)), sink);
  if (divided.ended) divided.ended = sections.finish(sink);
  divided.databases = sections.databases();
  return divided;
}

std::string with_terminal_ends(const std::string& text)
{
  std::string ends;
  for (const char c : text) {
    if (c == '\n') ends += '\r';
    ends += c;
  }
  return ends;
}

TEST(DumpSections, OfPgDumpAreOneThatStaysAsItIs)
{
  for (std::size_t border = 0; border <= (kOfImmich + kTables).size(); ++border) {
    const Divided divided = divide(kOfImmich + kTables, border);
    ASSERT_TRUE(divided.ended) << border;
    ASSERT_THAT(divided.sections, ElementsAre(kOfImmich + kTables)) << border;
    ASSERT_EQ(divided.databases.at(0).name, "");
  }
}

TEST(DumpSections, OfPgDumpallAreItsDatabasesWithoutItsRoles)
{
  for (const std::string& text : {kServer, with_terminal_ends(kServer)}) {
    for (std::size_t border = 0; border <= text.size(); ++border) {
      const Divided divided = divide(text, border);
      ASSERT_TRUE(divided.ended) << border;
      ASSERT_EQ(divided.sections.size(), 2U);
      EXPECT_EQ(divided.databases.at(0).name, "template1");
      EXPECT_EQ(divided.databases.at(1).name, "immich");
      EXPECT_THAT(divided.databases.at(1).settings,
                  ElementsAre("search_path=\"$user\", public, vectors"));
      for (const std::string& section : divided.sections) {
        EXPECT_THAT(section, Not(HasSubstr("SCRAM")));
        DumpTrailerCheck check;
        ASSERT_TRUE(check.update(bytes_of(section)));
        ASSERT_TRUE(check.require_complete()) << section;
      }
      // Data look like anything, and stay.
      EXPECT_THAT(divided.sections.at(1), HasSubstr(kTables.substr(0, kTables.find("\\."))));
      EXPECT_THAT(divided.sections.at(1), Not(HasSubstr("\\connect immich")));
    }
  }
}

TEST(DumpSections, KeepACarriageReturnThatIsTheDumpsOwn)
{
  const std::string text = kOfImmich + "COMMENT ON TABLE a IS 'one\r\ntwo\r';\n" + kTables + "\r";
  for (std::size_t border = 0; border <= text.size(); ++border)
    ASSERT_THAT(divide(text, border).sections, ElementsAre(text)) << border;
}

TEST(DumpSections, OfACutServerAreRefused)
{
  const auto cut = divide(kServer.substr(0, kServer.rfind("--\n-- PostgreSQL"))).ended;
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, Errc::corrupt);
  EXPECT_THAT(cut.error().message, HasSubstr("cut"));
  const auto no_dump = divide("<html>").ended;
  ASSERT_FALSE(no_dump);
  EXPECT_THAT(no_dump.error().message, HasSubstr("not a plain dump"));
  EXPECT_FALSE(divide("").ended);
}

TEST(DumpSections, OfPgDumpThatCreatesItsDatabaseDoNotConnectToIt)
{
  const Divided divided =
      divide(kOfImmich +
             "CREATE DATABASE immich;\n\n\\unrestrict one\n\\connect immich\n\\restrict one\n\n" +
             kTables);
  ASSERT_TRUE(divided.ended);
  EXPECT_THAT(divided.sections, ElementsAre(kOfImmich + "CREATE DATABASE immich;\n\n\n" + kTables));
}

TEST(DumpSections, ReadSettingsAsPgDumpWritesThem)
{
  EXPECT_EQ(setting_of_line("ALTER DATABASE immich SET \"vchordrq.probes\" TO '1';\n"),
            "vchordrq.probes=1");
  EXPECT_EQ(setting_of_line("ALTER DATABASE \"my \"\" photos\" SET x TO 'it''s, so';"),
            "x=it's, so");
  EXPECT_EQ(setting_of_line("ALTER DATABASE a SET search_path TO '$user', 'Mine';"),
            "search_path=\"$user\", \"Mine\"");
  for (const std::string_view none :
       {"ALTER DATABASE a OWNER TO b;", "ALTER DATABASE a SET x TO 1;",
        "ALTER DATABASE a SET x TO 'a", "ALTER DATABASE \"a SET x TO '1';",
        "ALTER DATABASE a SET x TO '1'; DROP TABLE b;", ""})
    EXPECT_EQ(setting_of_line(none), std::nullopt) << none;
}

TEST(DumpSections, OfNoEndAreRefused)
{
  std::string text = "-- PostgreSQL database cluster dump\n";
  for (int i = 0; i < 20000; ++i) text += "-- Database \"a\" dump\n";
  const auto refused = divide(text).ended;
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::corrupt);
}

}  // namespace
}  // namespace ib::test
