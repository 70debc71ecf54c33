// SPDX-License-Identifier: Apache-2.0
#include "postgres/address.hpp"

#include "support/matchers.hpp"

namespace ib::test {
namespace {

struct Parsed {
  const char* url;
  const char* host;
  const char* port;
  const char* database;
  const char* user;
  const char* password;
};

TEST(DatabaseUrl, IsTakenApart)
{
  const Parsed table[] = {
      {"postgres://user:p%40ss@host:5433/db?sslmode=require", "host", "5433", "db", "user", "p@ss"},
      {"postgresql://user:pass@host/db", "host", "5432", "db", "user", "pass"},
      {"postgresql://host", "host", "5432", "", "", ""},
      {"postgresql://", "", "5432", "", "", ""},
      {"postgresql://user@host:6000", "host", "6000", "", "user", ""},
      {"postgresql:///db?host=/var/run/postgresql", "/var/run/postgresql", "5432", "db", "", ""},
      {"postgresql://%2Fvar%2Frun/db", "/var/run", "5432", "db", "", ""},
      {"postgresql:///db?host=%2Frun%2Fpg&port=6543&user=u&password=a%26b&dbname=c", "/run/pg",
       "6543", "c", "u", "a&b"},
      {"postgresql://u:p@[::1]:5444/db", "::1", "5444", "db", "u", "p"},
      {"postgresql://[fe80::1%25eth0]/db", "fe80::1%eth0", "5432", "db", "", ""},
      {"postgresql://u:p@ss@host/db", "host", "5432", "db", "u", "p@ss"},
      {"postgresql://u:a:b+c#d@host/db", "host", "5432", "db", "u", "a:b+c#d"},
      {"postgresql://u:%C3%BC%25@host/na%20me", "host", "5432", "na me", "u", "\xC3\xBC%"},
      {"postgresql://host/db?sslmode=disable&host=other", "other", "5432", "db", "", ""},
  };
  for (const Parsed& expected : table) {
    SCOPED_TRACE(expected.url);
    const auto address = parse_database_url(expected.url);
    ASSERT_TRUE(address) << address.error().message;
    EXPECT_EQ(address->host, expected.host);
    EXPECT_EQ(address->port, expected.port);
    EXPECT_EQ(address->database, expected.database);
    EXPECT_EQ(address->user, expected.user);
    EXPECT_EQ(address->password, expected.password);
  }
}

TEST(DatabaseUrl, IsRefusedWithoutBeingRepeated)
{
  const std::pair<const char*, const char*> table[] = {
      {"mysql://u:secret@host/db", "postgresql://"},
      {"", "postgresql://"},
      {"host=db password=secret", "postgresql://"},
      {"postgresql://u:secret@host:port/db", "port"},
      {"postgresql://u:secret@host:0/db", "port"},
      {"postgresql://u:secret@host:65536/db", "port"},
      {"postgresql://u:secret@a,b/db", "several hosts"},
      {"postgresql://u:secret@a:1,b:2/db", "several hosts"},
      {"postgresql://u:secret@/db?host=a,b", "several hosts"},
      {"postgresql://u:secret%4@host/db", "password"},
      {"postgresql://u:secret%zz@host/db", "password"},
      {"postgresql://u:secret%00@host/db", "password"},
      {"postgresql://u:secret@[::1/db", "bracket"},
      {"postgresql://u:secret@[::1]x/db", "port"},
      {"postgresql://u:secret@host/db?sslmode", "name=value"},
      {"postgresql://u:secret@host/db?schema=x", "'schema'"},
      {"postgresql://u:secret@host/db?keepalives=1", "'keepalives'"},
      {"postgresql://u:p?secret@host/db", "%3F"},
      {"postgresql://u:12345/secret@host/db", "%2F"},
      {"postgresql://u:/secret@host/db", "%2F"},
      {"postgresql://u:12?secret=1@host/db", "%3F"},
      {"postgresql://u:1@2?sslmode=secret@host/db", "%3F"},
      {"postgresql:///secret@host", "%2F"},
  };
  // What a program is given by its environment ends there.
  EXPECT_FALSE(parse_database_url(std::string_view("postgresql://u\0ser@host/db", 23)));
  for (const auto& [url, word] : table) {
    SCOPED_TRACE(url);
    const auto address = parse_database_url(url);
    ASSERT_FALSE(address);
    EXPECT_EQ(address.error().code, Errc::invalid);
    EXPECT_THAT(address.error().message + address.error().hint, HasSubstr(word));
    EXPECT_THAT(address.error().message + address.error().hint, Not(HasSubstr("secret")));
    EXPECT_FALSE(address.error().hint.empty());
  }
}

TEST(DatabaseUrl, KeepsTheParametersThatLibpqKnows)
{
  const auto address = parse_database_url(
      "postgresql://h/d?sslmode=verify-full&sslrootcert=%2Fca.pem&connect_timeout=3");
  ASSERT_TRUE(address);
  EXPECT_EQ(parameter(*address, "sslmode"), "verify-full");
  const auto environment = client_environment(*address);
  EXPECT_THAT(environment, Contains(Pair("PGSSLMODE", "verify-full")));
  EXPECT_THAT(environment, Contains(Pair("PGSSLROOTCERT", "/ca.pem")));
  EXPECT_THAT(environment, Contains(Pair("PGCONNECT_TIMEOUT", "3")));
  EXPECT_THAT(environment, Not(Contains(Pair("PGCONNECT_TIMEOUT", "15"))));
}

TEST(DatabaseUrl, TranslatesWhatOnlyNodeUnderstands)
{
  const std::pair<const char*, const char*> table[] = {
      {"postgresql://h/d?sslmode=no-verify", "require"},
      {"postgresql://h/d?sslmode=require&sslmode=no-verify", "require"},
      {"postgresql://h/d?sslmode=no-verify&sslmode=verify-ca", "verify-ca"},
      {"postgresql://h/d?sslmode=verify-full&uselibpqcompat=true", "verify-full"},
      {"postgresql://h/d?ssl=true", "require"},
  };
  for (const auto& [url, mode] : table) {
    SCOPED_TRACE(url);
    const auto address = parse_database_url(url);
    ASSERT_TRUE(address);
    EXPECT_EQ(parameter(*address, "sslmode"), mode);
    EXPECT_EQ(address->parameters.size(), 1U);
  }
}

TEST(DatabaseAddress, IsDescribedWithoutItsPassword)
{
  EXPECT_EQ(
      describe(
          {.host = "db.example", .database = "immich", .user = "postgres", .password = "secret"}),
      "immich on db.example:5432 as postgres");
  EXPECT_EQ(describe({.host = "/run/postgresql", .database = "immich"}),
            "immich on /run/postgresql");
  EXPECT_EQ(describe({.host = "::1", .port = "1", .database = "immich"}), "immich on [::1]:1");
  EXPECT_EQ(describe({}), "the default database on the default host");
  EXPECT_EQ(describe({.host = "a\nb", .database = "c\x1b"}), "c\\x1b on a\\nb:5432");
}

TEST(DatabaseAddress, ReachesClientProgramsByEnvironment)
{
  const auto environment = client_environment(
      {.host = "db", .port = "5433", .database = "immich", .user = "me", .password = "secret"});
  EXPECT_THAT(environment,
              UnorderedElementsAre(Pair("PGHOST", "db"), Pair("PGPORT", "5433"),
                                   Pair("PGDATABASE", "immich"), Pair("PGUSER", "me"),
                                   Pair("PGPASSWORD", "secret"), Pair("PGCONNECT_TIMEOUT", "15"),
                                   Pair("PGCLIENTENCODING", "UTF8"),
                                   Pair("PGAPPNAME", "immich-backup"), Pair("LC_ALL", "C")));
}

TEST(DatabaseAddress, LeavesWhatIsEmptyToLibpq)
{
  EXPECT_THAT(libpq_keywords({}),
              UnorderedElementsAre(Pair("port", "5432"), Pair("client_encoding", "UTF8"),
                                   Pair("connect_timeout", "15"),
                                   Pair("application_name", "immich-backup")));
}

TEST(DatabaseAddress, IsReadInUtf8WhateverElseIsSaid)
{
  const auto keywords =
      libpq_keywords(must(parse_database_url("postgresql://u@h/d?client_encoding=LATIN1")));
  EXPECT_THAT(keywords, Contains(Pair("client_encoding", "UTF8")));
  EXPECT_THAT(keywords, Not(Contains(Pair("client_encoding", "LATIN1"))));
}

}  // namespace
}  // namespace ib::test
