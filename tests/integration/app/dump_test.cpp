// SPDX-License-Identifier: Apache-2.0
#include "app/backup/dump.hpp"
#include "postgres/connection.hpp"
#include "store/open_store.hpp"
#include "support/builders.hpp"
#include "support/fake_bin.hpp"
#include "support/immich_database.hpp"
#include "support/waited_limit.hpp"
#include "support/workplace.hpp"
#include "sys/file_system.hpp"

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
    DatabaseAddress address = database.address();
    if (!as_.empty()) address.user = address.password = as_;
    return dump_into_store(
        place_.session(), {.address = address, .client_folder = bin, .lock_wait = lock_wait_},
        at(1'768'446'000), "",
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
  std::string as_;  // a role whose password is its name; empty: the superuser
  std::chrono::milliseconds lock_wait_ = kLockWait;
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

TEST_F(DumpIntoStore, SaysThatAnotherBackupRunsWhereThatWasFasterByTheSameName)
{
  ImmichDatabase database(shared_cluster(), "dump_twice");
  const FakeBin bin;
  const std::string name = dump_name(at(1'768'446'000), "v3.1.0").value;
  const std::string file = place_.store_folder() + "/" + name;
  static_cast<void>(
      bin.script("pg_dump", "if [ \"$1\" != --version ]; then mkdir -p \"$(dirname '" + file +
                                "')\"; echo another > '" + file + "'; fi\nexec " +
                                shared_cluster().program("pg_dump") + " \"$@\""));
  const Result<DumpInfo> second = dump(database, bin.folder().path());
  EXPECT_TRUE(fails_with(Errc::precondition_failed, second));
  EXPECT_THAT(second.error().message,
              AllOf(HasSubstr("another backup into this store is running"), HasSubstr(name)));
  EXPECT_THAT(second.error().hint, HasSubstr("Let one end before the next begins"));
  EXPECT_EQ(must(read_file(file, 100)), "another\n") << "it is left alone";
}

TEST_F(DumpIntoStore, EndsItsTransactionWithPgDumpAndNotWithASlowUpload)
{
  const ScratchFolder disk = must(ScratchFolder::create("/var/tmp"));
  if (must(file_system_of(disk.path())).type == "tmpfs") GTEST_SKIP() << "no disk";
  ImmichDatabase database(shared_cluster(), "dump_slow_upload");
  database.sql(
      "CREATE TABLE noise AS SELECT string_agg(md5(random()::text), '') FROM "
      "generate_series(1, 200000)");
  const Limit limit("1K");
  bool is_over = false;
  bool was_asked = false;
  limit.clock->on_wait = [&] {
    for (int i = 0; i < 200 && !is_over && !was_asked; ++i) {
      is_over = shared_cluster().query("postgres",
                                       "SELECT count(*) FROM pg_stat_activity WHERE datname = "
                                       "'dump_slow_upload' AND xact_start IS NOT NULL") == "0";
      if (!is_over) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    was_asked = true;
  };
  const OpenStore slow = must(open_store(place_.store().address(), {.bandwidth = limit.bandwidth}));
  Session session = place_.session(slow);
  session.scratch_parent = disk.path();
  ASSERT_TRUE(ok(dump_into_store(session, {.address = database.address(), .client_folder = {}},
                                 at(1'768'446'000), "", {}, notes_)));
  EXPECT_TRUE(is_over) << "nothing was sent before the transaction was over";
}

TEST_F(DumpIntoStore, NamesWhoLocksATableAndDoesNotWaitForEver)
{
  ImmichDatabase database(shared_cluster(), "dump_locked");
  const auto dump_while = [&](const std::string& table) {
    Connection other =
        must(Connection::open(database.address(), {}, Connection::Access::read_write));
    must(other.query("BEGIN"));
    must(other.query("LOCK TABLE " + table + " IN ACCESS EXCLUSIVE MODE"));
    lock_wait_ = std::chrono::milliseconds(200);
    return dump(database);
  };
  // One that is read before the dump, and one that the dump alone reads.
  for (const std::string table : {"asset", "system_metadata", "album_asset"}) {
    const Result<DumpInfo> locked = dump_while(table);
    ASSERT_FALSE(locked) << table;
    EXPECT_EQ(locked.error().code, Errc::unavailable);
    EXPECT_THAT(locked.error().message,
                AllOf(HasSubstr("stayed locked for"), HasSubstr("LOCK TABLE " + table)));
    EXPECT_THAT(notes_, Not(Contains(HasSubstr("begun anew")))) << "it has waited once";
  }
  EXPECT_TRUE(ok(dump(database)));
}

TEST_F(DumpIntoStore, NamesTheTablesThatTheRoleMayNotRead)
{
  ImmichDatabase database(shared_cluster(), "dump_rights");
  database.sql(R"(CREATE ROLE dumper LOGIN PASSWORD 'dumper';
                  GRANT SELECT ON ALL TABLES IN SCHEMA public TO dumper; REVOKE ALL ON album FROM dumper;)");
  as_ = "dumper";
  const Result<DumpInfo> denied = dump(database);
  EXPECT_TRUE(fails_with(Errc::denied, denied));
  EXPECT_THAT(denied.error().message, HasSubstr("may not read public.album"));
  database.sql("GRANT SELECT ON album TO dumper;");
  EXPECT_TRUE(ok(dump(database)));
}

TEST_F(DumpIntoStore, CallsATableDamagedOnlyWhereTheServerDoes)
{
  ImmichDatabase database(shared_cluster(), "dump_not_damaged");
  const FakeBin bin;
  static_cast<void>(bin.script(
      "pg_dump",
      "[ \"$1\" != --version ] || exec " + shared_cluster().program("pg_dump") +
          " --version\necho 'pg_dump: error: Dumping the contents of table \"asset\" failed: "
          "PQgetResult() failed.' >&2; echo 'pg_dump: detail: Error message from server: "
          "could not access file' >&2; exit 1"));
  const Result<DumpInfo> info = dump(database, bin.folder().path());
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().code, Errc::io);
  EXPECT_THAT(info.error().message, HasSubstr("could not access file"));
  EXPECT_THAT(info.error().hint, HasSubstr("not damaged"));
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
