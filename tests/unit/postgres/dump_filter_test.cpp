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

std::string filtered(DumpFilter& filter, std::size_t step)
{
  std::string text;
  const ByteSink sink = [&](ByteView bytes) -> Result<> {
    text += text_of(bytes);
    return {};
  };
  for (std::size_t at = 0; at < kDump.size(); at += step)
    EXPECT_TRUE(filter.write(bytes_of(kDump.substr(at, step)), sink));
  EXPECT_TRUE(filter.finish(sink));
  return text;
}

TEST(DumpFilters, LeaveADumpAloneWhereTheServerHasEverything)
{
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, kDump.size()}) {
    DumpFilter filter([](std::string_view) { return DumpFilter::Extension::by_dump; });
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
    DumpFilter filter([](std::string_view name) {
      return name == "cube" ? DumpFilter::Extension::by_dump : DumpFilter::Extension::missing;
    });
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
  DumpFilter filter([](std::string_view) { return DumpFilter::Extension::there; });
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
  DumpFilter filter([](std::string_view name) {
    return name != "vchord" ? DumpFilter::Extension::by_dump : DumpFilter::Extension::missing;
  });
  const std::string text = filtered(filter, 64);
  EXPECT_THAT(filter.left_out(), ElementsAre("extension vchord", "index public.clip_index"));
  EXPECT_THAT(text, HasSubstr("[0.1,0.2]"));
}

}  // namespace
}  // namespace ib::test
