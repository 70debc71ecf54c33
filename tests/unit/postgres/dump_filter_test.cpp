// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump_filter.hpp"

#include "support/matchers.hpp"

#include <set>

namespace ib::test {
namespace {

constexpr std::string_view kDump = R"(--
-- PostgreSQL database dump
--

SET statement_timeout = 0;

--
-- Name: vchord; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS vchord WITH SCHEMA public;

--
-- Name: EXTENSION vchord; Type: COMMENT; Schema: -; Owner: 
--

COMMENT ON EXTENSION vchord IS 'a vector index';

--
-- Name: vector; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public;

--
-- Name: cube; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS cube WITH SCHEMA public;

--
-- Name: count_them(); Type: FUNCTION; Schema: public; Owner: postgres
--

CREATE FUNCTION public.count_them() RETURNS bigint
    LANGUAGE sql
    AS $$ SELECT count(*) FROM public.smart_search $$;

--
-- Name: asset; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.asset (
    id uuid NOT NULL,
    "vector" text
);

--
-- Name: smart_search; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.smart_search (
    "assetId" uuid NOT NULL,
    embedding public.vector(512) NOT NULL
);

--
-- Data for Name: asset; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.asset (id, "vector") FROM stdin;
1	-- Name: smart_search; Type: TABLE; Schema: public; Owner: x
2	public.smart_search
\.

--
-- Data for Name: smart_search; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.smart_search ("assetId", embedding) FROM stdin;
1	[0.1,0.2]
\.

--
-- Name: smart_search smart_search_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.smart_search
    ADD CONSTRAINT smart_search_pkey PRIMARY KEY ("assetId");

--
-- Name: clip_index; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX clip_index ON public.smart_search USING vchordrq (embedding public.vector_cosine_ops);

--
-- Name: smart_search_history_idx; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX smart_search_history_idx ON public.asset USING btree (id);

--
-- PostgreSQL database dump complete
--

\unrestrict abc
)";

/// A server that has the extensions that `extension` says, and no schema.
template <class Provide>
DumpFilter::Server server(Provide extension)
{
  return {
      .extension = [extension](std::string_view name, std::string_view) { return extension(name); },
      .schema = [](std::string_view) -> Result<bool> { return false; }};
}

std::string filtered(DumpFilter& filter, std::size_t step, std::string_view dump = kDump)
{
  std::string text;
  const ByteSink sink = [&](ByteView bytes) -> Result<> {
    text += text_of(bytes);
    return {};
  };
  for (std::size_t at = 0; at < dump.size(); at += step)
    EXPECT_TRUE(filter.write(bytes_of(dump.substr(at, step)), sink));
  EXPECT_TRUE(filter.finish(sink));
  return text;
}

TEST(DumpFilters, LeaveADumpAloneWhereTheServerHasEverything)
{
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, kDump.size()}) {
    DumpFilter filter(server([](std::string_view) { return DumpFilter::Extension::by_dump; }));
    std::string expected(kDump);
    const std::size_t comment = expected.find("-- Name: EXTENSION vchord; Type: COMMENT");
    expected.erase(comment, expected.find("-- Name: ", comment + 1) - comment);
    EXPECT_EQ(filtered(filter, step), expected);
    EXPECT_THAT(filter.left_out(), IsEmpty());
  }
}

TEST(DumpFilters, LeaveOutWhatNeedsAMissingExtensionAndNothingElse)
{
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, kDump.size()}) {
    DumpFilter filter(server([](std::string_view name) {
      return name == "cube" ? DumpFilter::Extension::by_dump : DumpFilter::Extension::missing;
    }));
    const std::string text = filtered(filter, step);
    EXPECT_THAT(filter.left_out(),
                ElementsAre("extension vchord", "extension vector", "table public.smart_search"));
    EXPECT_TRUE(filter.leaves_out_table("public.smart_search"));
    EXPECT_FALSE(filter.leaves_out_table("public.asset"));
    EXPECT_THAT(text, Not(HasSubstr("EXISTS vchord")));
    EXPECT_THAT(text, Not(HasSubstr("COMMENT ON")));
    EXPECT_THAT(text, Not(HasSubstr("[0.1,0.2]")));
    EXPECT_THAT(text, Not(HasSubstr("smart_search_pkey")));
    EXPECT_THAT(text, Not(HasSubstr("clip_index")));
    EXPECT_THAT(text, HasSubstr("EXISTS cube"));
    EXPECT_THAT(text, HasSubstr("CREATE FUNCTION public.count_them"))
        << "its body is not looked at";
    EXPECT_THAT(text, HasSubstr("CREATE TABLE public.asset"));
    EXPECT_THAT(text, HasSubstr("2\tpublic.smart_search\n\\.\n")) << "data are data";
    EXPECT_THAT(text, HasSubstr("CREATE INDEX smart_search_history_idx ON public.asset"));
    EXPECT_TRUE(text.ends_with("-- PostgreSQL database dump complete\n--\n\n\\unrestrict abc\n"));
  }
}

/// As gzip makes of a few KiB what fills a machine's memory.
TEST(DumpFilters, HoldBackNoMoreThanAStatement)
{
  DumpFilter filter(server([](std::string_view) { return DumpFilter::Extension::there; }));
  std::size_t passed = 0;
  const ByteSink sink = [&](ByteView bytes) -> Result<> {
    passed += bytes.size();
    return {};
  };
  constexpr std::size_t kMiB = std::size_t{1} << 20U;
  const std::string lines(kMiB, '\n');
  for (std::size_t given = kMiB; given <= 16 * kMiB; given += kMiB) {
    ASSERT_TRUE(filter.write(bytes_of(lines), sink));
    EXPECT_LE(given - passed, 5 * kMiB);
  }
  ASSERT_TRUE(filter.finish(sink));
  EXPECT_EQ(passed, 16 * kMiB);
}

TEST(DumpFilters, LeaveOutAnIndexAloneWhereOnlyItsMethodIsMissing)
{
  DumpFilter filter(server([](std::string_view name) {
    return name != "vchord" ? DumpFilter::Extension::by_dump : DumpFilter::Extension::missing;
  }));
  const std::string text = filtered(filter, 64);
  EXPECT_THAT(filter.left_out(), ElementsAre("extension vchord", "index public.clip_index"));
  EXPECT_THAT(text, HasSubstr("[0.1,0.2]"));
}

TEST(DumpFilters, LeaveOwnersRightsAndTheDatabaseItselfOut)
{
  constexpr std::string_view kTable =
      "--\n-- Name: asset; Type: TABLE; Schema: public; Owner: immich\n--\n\n"
      "CREATE TABLE public.asset (\n    id uuid\n);\n\n\n";
  constexpr std::string_view kFunction =
      "--\n-- Name: f(); Type: FUNCTION; Schema: public; Owner: immich\n--\n\n"
      "CREATE FUNCTION public.f() RETURNS void\n    LANGUAGE plpgsql\n    AS $$\n"
      "BEGIN\n\nALTER TABLE public.asset OWNER TO immich;\n\nEND;\n$$;\n\n\n";
  const std::string dump =
      "DROP DATABASE immich;\nDROP TABLE IF EXISTS public.asset;\n"
      "--\n-- Name: immich; Type: DATABASE; Schema: -; Owner: immich\n--\n\n"
      "CREATE DATABASE immich;\n\n\nALTER DATABASE immich OWNER TO immich;\n\n"
      "--\n-- Name: DATABASE immich; Type: COMMENT; Schema: -; Owner: immich\n--\n\n"
      "COMMENT ON DATABASE immich IS 'photos';\n\n" +
      std::string(kTable) + "ALTER TABLE public.asset OWNER TO immich;\n" + std::string(kFunction) +
      "ALTER FUNCTION public.f() OWNER TO immich;\n"
      "--\n-- Name: TABLE asset; Type: ACL; Schema: public; Owner: immich\n--\n\n"
      "GRANT SELECT ON TABLE public.asset TO reader;\n";
  for (const std::size_t step : {std::size_t{1}, dump.size()}) {
    DumpFilter filter(server([](std::string_view) { return DumpFilter::Extension::there; }));
    EXPECT_EQ(filtered(filter, step, dump), "DROP TABLE IF EXISTS public.asset;\n--\n" +
                                                std::string(kTable.substr(3)) +
                                                std::string(kFunction) + "--\n");
    EXPECT_THAT(filter.left_out(), IsEmpty()) << "they are set anew";
  }
}

TEST(DumpFilters, FindExtensionsInASchemaOfTheirs)
{
  const std::string dump =
      "DROP SCHEMA IF EXISTS \"my ext\";\n--\n-- Name: my ext; Type: SCHEMA; Schema: -; Owner: "
      "-\n--\n\n"
      "CREATE SCHEMA \"my ext\";\n\n\n--\n-- Name: cube; Type: EXTENSION; Schema: -; Owner: "
      "-\n--\n\n"
      "CREATE EXTENSION IF NOT EXISTS cube WITH SCHEMA \"my ext\";\n\n\n";
  std::vector<std::string> asked;
  DumpFilter filter({.extension = [&](std::string_view name,
                                      std::string_view schema) -> Result<DumpFilter::Extension> {
                       asked.push_back(std::string(name) + " in " + std::string(schema));
                       return DumpFilter::Extension::there;
                     },
                     .schema = [&](std::string_view name) -> Result<bool> {
                       asked.emplace_back(name);
                       return true;
                     }});
  const std::string text = filtered(filter, 7, dump);
  EXPECT_THAT(asked, ElementsAre("my ext", "cube in my ext"));
  EXPECT_THAT(text, Not(HasSubstr("SCHEMA")));
  EXPECT_THAT(text, HasSubstr("', ' || pg_catalog.quote_ident('my ext')"));
}

}  // namespace
}  // namespace ib::test
