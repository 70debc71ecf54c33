// SPDX-License-Identifier: Apache-2.0
#include "app/backup/dump.hpp"
#include "support/builders.hpp"
#include "support/fake_bin.hpp"
#include "support/immich_database.hpp"
#include "support/workplace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ib::test {
namespace {

/// Dumps `database`; `read` is given the number of the attempt.
class DumpIntoStore : public ::testing::Test {
protected:
  Result<DumpInfo> dump(
      ImmichDatabase& database, const std::string& bin = {},
      const std::function<void(int)>& read = [](int) {})
  {
    return dump_into_store(
        place_.session(), {.address = database.address(), .client_folder = bin}, at(1'768'446'000),
        "",
        [&](DatabaseSnapshot& snapshot, const ImmichFacts& facts) -> Result<> {
          assets_.push_back(facts.assets);
          TRY(snapshot.named_files(NamedFile::Kind::original,
                                   [](const NamedFile&) { return Result<>{}; }));
          read(static_cast<int>(assets_.size()));
          return {};
        },
        notes_);
  }

  Workplace place_;
  std::vector<std::uint64_t> assets_;  // of each attempt
  std::vector<std::string> notes_;
};

TEST_F(DumpIntoStore, TakesSnapshotAndDumpAgainWhereTheirSessionDied)
{
  ImmichDatabase database(shared_cluster(), "dump_session_died");
  database.add({.path = "/upload/a.jpg", .checksum = "00"});
  const Result<DumpInfo> info = dump(database, {}, [&](int attempt) {
    if (attempt > 1) return;
    database.add({.path = "/upload/b.jpg", .checksum = "01"});
    shared_cluster().sql("postgres",
                         "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
                         "'dump_session_died';");
  });
  ASSERT_TRUE(ok(info));
  EXPECT_THAT(assets_, ElementsAre(1U, 2U)) << "what was read is of the same instant as the dump";
  EXPECT_EQ(info->assets, 2U);
  EXPECT_THAT(notes_, Contains(HasSubstr("begun anew")));
  EXPECT_EQ(place_.objects("database/").size(), 1U);
}

TEST_F(DumpIntoStore, TakesThemAgainWhereThePgDumpLostTheServer)
{
  ImmichDatabase database(shared_cluster(), "dump_lost_server");
  const FakeBin bin;
  const std::string real = shared_cluster().program("pg_dump");
  const std::string mark = place_.path("mark");
  static_cast<void>(bin.script(
      "pg_dump", "if [ \"$1\" != --version ] && [ ! -e '" + mark + "' ]; then touch '" + mark +
                     "'; echo 'pg_dump: error: Dumping the contents of table \"asset\" failed: "
                     "PQgetCopyData() failed.' >&2; echo 'pg_dump: detail: Error message from "
                     "server: server closed the connection unexpectedly' >&2; exit 1; fi\nexec " +
                     real + " \"$@\""));
  ASSERT_TRUE(ok(dump(database, bin.folder().path())));
  EXPECT_EQ(assets_.size(), 2U);
}

TEST_F(DumpIntoStore, LeavesNoTransactionOpen)
{
  ImmichDatabase database(shared_cluster(), "dump_leaves_nothing");
  ASSERT_TRUE(ok(dump(database)));
  EXPECT_EQ(database.query("SELECT count(*) FROM pg_stat_activity WHERE datname = "
                           "'dump_leaves_nothing' AND pid <> pg_backend_pid()"),
            "0");
  EXPECT_THAT(notes_, IsEmpty());
}

}  // namespace
}  // namespace ib::test
