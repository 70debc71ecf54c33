// SPDX-License-Identifier: Apache-2.0
#include "postgres/scratch_server.hpp"
#include "postgres/connection.hpp"
#include "support/fake_bin.hpp"
#include "support/matchers.hpp"
#include "support/postgres_cluster.hpp"
#include "sys/file.hpp"
#include "sys/subprocess.hpp"

#include <chrono>
#include <filesystem>
#include <optional>

namespace ib::test {
namespace {

/// Programs that another user may run, as root's server does.
void open_for_all(const FakeBin& bin)
{
  std::filesystem::permissions(bin.folder().path(), std::filesystem::perms(0755));
}

TEST(ScratchServers, SayWhyTheirClusterCannotBeMade)
{
  const FakeBin bin;
  open_for_all(bin);
  bin.script("initdb", "echo 'initdb: error: could not create directory: no luck' >&2; exit 3");
  const ScratchFolder folder = must(ScratchFolder::create("/tmp"));
  const auto server = ScratchServer::start(bin.folder().path(), folder.path(), {});
  ASSERT_TRUE(fails_with(Errc::io, server));
  EXPECT_EQ(server.error().message,
            "creating a scratch PostgreSQL: initdb ended with status 3: initdb: error: could not "
            "create directory: no luck");
}

TEST(ScratchServers, SayAtOnceWhyTheyHaveEnded)
{
  const FakeBin bin;
  open_for_all(bin);
  bin.script("initdb", "exit 0");
  bin.script("postgres", "echo 'FATAL:  could not map anonymous shared memory' >&2; exit 1");
  const ScratchFolder folder = must(ScratchFolder::create("/tmp"));
  const auto begun = std::chrono::steady_clock::now();
  const auto server = ScratchServer::start(bin.folder().path(), folder.path(), {});
  ASSERT_TRUE(fails_with(Errc::io, server));
  EXPECT_EQ(server.error().message,
            "the scratch PostgreSQL does not start: postgres ended with status 1: FATAL:  could "
            "not map anonymous shared memory");
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds{30});
}

TEST(ScratchServers, EndInTheMiddleOfWhatTheyAreAt)
{
  const ScratchFolder folder = must(ScratchFolder::create("/tmp"));
  std::optional<Subprocess> client;
  const auto begun = std::chrono::steady_clock::now();
  {
    const ScratchServer server =
        must(ScratchServer::start(PostgresCluster::bin_folder(), folder.path(), {}));
    client.emplace(must(Subprocess::start(
        {.argv = {PostgresCluster::bin_folder() + "/psql", "-X", "-q", "-c",
                  "DO $$ BEGIN RAISE NOTICE 'begun'; LOOP NULL; END LOOP; END $$"},
         .environment = client_environment(server.address("postgres"))},
        {})));
    Connection connection = must(Connection::open(server.address("postgres"), {}));
    while (must(connection.query("SELECT 1 FROM pg_catalog.pg_stat_activity WHERE state = 'active' "
                                 "AND query LIKE 'DO %'"))
               .empty()) {
    }
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds{30});
  EXPECT_NE(must(client->finish()).status, 0);
  EXPECT_FALSE(path_exists(folder.file("data/postmaster.pid"))) << "it has cleared up itself";
  const auto left = run_and_capture({.argv = {"pgrep", "-f", folder.path()}}, {});
  EXPECT_FALSE(left) << "a process of the server is left: " << left.value_or("");
}

TEST(ScratchServers, TakeAsMuchRoomAsWasMeasured)
{
  constexpr std::uint64_t kMiB = std::uint64_t{1024} * 1024;
  EXPECT_EQ(room_of_scratch_server(0), 64 * kMiB);
  EXPECT_EQ(room_of_scratch_server(100 * kMiB), 264 * kMiB);
  EXPECT_GT(room_of_scratch_server(~std::uint64_t{0}), std::uint64_t{1} << 60) << "no overflow";
}

}  // namespace
}  // namespace ib::test
