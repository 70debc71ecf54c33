// SPDX-License-Identifier: Apache-2.0
#include "postgres/client_tools.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <vector>

namespace ib::test {
namespace {

std::string chosen(const std::vector<ClientVersion>& versions, int server_major, OlderClient older)
{
  std::vector<ClientProgram> found;
  for (const ClientVersion& version : versions)
    found.push_back({.path = "/" + to_string(version), .version = version});
  const ClientProgram* choice = choose_client(found, server_major, older);
  return choice == nullptr ? "none" : to_string(choice->version);
}

TEST(ChooseClient, PrefersTheServersOwnMajorThenTheNearestNewerOne)
{
  struct Case {
    std::vector<ClientVersion> found;
    int server_major;
    const char* strict;
    const char* lenient;
  };
  const Case table[] = {
      {{}, 16, "none", "none"},
      {{{15, 18}}, 15, "15.18", "15.18"},
      {{{15, 18}}, 16, "none", "15.18"},
      {{{15, 18}, {16, 2}, {17, 1}}, 16, "16.2", "16.2"},
      {{{17, 1}, {16, 2}, {15, 18}}, 14, "15.18", "15.18"},
      {{{18, 0}, {17, 1}}, 16, "17.1", "17.1"},
      {{{16, 2}, {16, 10}, {16, 4}}, 16, "16.10", "16.10"},
      {{{17, 2}, {17, 10}}, 16, "17.10", "17.10"},
      {{{13, 1}, {15, 3}, {14, 2}}, 16, "none", "15.3"},
      {{{13, 1}, {18, 0}}, 16, "18.0", "18.0"},
      {{{9, 6}}, 15, "none", "9.6"},
  };
  for (const Case& test : table) {
    EXPECT_EQ(chosen(test.found, test.server_major, OlderClient::refused), test.strict)
        << test.server_major;
    EXPECT_EQ(chosen(test.found, test.server_major, OlderClient::last_resort), test.lenient)
        << test.server_major;
  }
}

TEST(ClientVersion, IsReadFromWhatTheProgramSays)
{
  const std::pair<const char*, const char*> table[] = {
      {"pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", "15.18"},
      {"psql (PostgreSQL) 16.4\n", "16.4"},
      {"psql (PostgreSQL) 18.0", "18.0"},
      {"psql (PostgreSQL) 9.6.24", "9.6"},
      {"pg_dump (PostgreSQL) 17beta1\n", "17.0"},
      {"pg_dump (PostgreSQL) 18devel\n", "18.0"},
  };
  for (const auto& [output, expected] : table) {
    const auto version = parse_client_version(output);
    ASSERT_TRUE(version) << output;
    EXPECT_EQ(to_string(*version), expected);
  }
  EXPECT_FALSE(parse_client_version(""));
  EXPECT_FALSE(parse_client_version("pg_dump 15.18"));
  EXPECT_FALSE(parse_client_version("pg_dump (PostgreSQL) "));
}

TEST(ClientVersion, KnowsRestrictSinceTheReleasesOfAugust2025)
{
  for (const ClientVersion knows :
       {ClientVersion{13, 22}, {14, 19}, {15, 14}, {16, 10}, {17, 6}, {18, 0}, {19, 1}}) {
    EXPECT_TRUE(knows_restrict(knows)) << to_string(knows);
  }
  for (const ClientVersion older :
       {ClientVersion{12, 22}, {13, 21}, {14, 18}, {15, 13}, {16, 9}, {17, 5}, {9, 6}}) {
    EXPECT_FALSE(knows_restrict(older)) << to_string(older);
  }
}

TEST(ClientComplaint, IsTheFirstErrorWithItsDetail)
{
  EXPECT_EQ(
      client_complaint(
          "NOTICE:  nothing\nERROR:  type \"earth\" does not exist\nLINE 1: SELECT ll_to_earth\n"
          "                ^\nERROR:  another\nDETAIL:  of the other\n"),
      "ERROR:  type \"earth\" does not exist");
  EXPECT_EQ(client_complaint("pg_dump: error: aborting because of server version mismatch\n"
                             "pg_dump: detail: server version: 16.4; pg_dump version: 15.18\n"),
            "pg_dump: error: aborting because of server version mismatch; pg_dump: detail: server "
            "version: 16.4; pg_dump version: 15.18");
  EXPECT_EQ(client_complaint("something\n\nhappened\x1b[31m  \n\n"), "happened\\x1b[31m");
  EXPECT_EQ(client_complaint("\n"), "it gave no reason");
}

}  // namespace
}  // namespace ib::test
