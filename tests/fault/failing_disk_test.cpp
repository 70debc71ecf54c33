// SPDX-License-Identifier: Apache-2.0
//
// What the machine itself can do to a backup and a restore: a full disk, files that may not be
// read.
#include "app/session.hpp"
#include "app/verify/drill.hpp"
#include "postgres/database_settings.hpp"
#include "support/builders.hpp"
#include "support/immich_database.hpp"
#include "support/small_disk.hpp"
#include "support/workplace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>

namespace ib::test {
namespace {

TEST(FullDisk, OfTheStoreEndsTheRunAndTheNextOneGoesOn)
{
  Workplace place;
  const auto disk = SmallDisk::mount(place.store_folder(), "200k");  // the library has 300 kB
  if (!disk) GTEST_SKIP() << "mounting a small file system needs root";
  begin_store(place.store());
  const auto full = run_backup(place.session(), place.job());
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, Errc::io);
  EXPECT_THAT(full.error().message, HasSubstr("No space left"));
  EXPECT_THAT(full.error().hint, HasSubstr("Make room"));

  disk->grow("20m");
  EXPECT_TRUE(place.backup().complete);
  EXPECT_EQ(place.restore(), covered_files_below(place.library()));
  EXPECT_EQ(place.verify_all().damaged, 0U);
}

TEST(FullDisk, OfTheTargetEndsTheRestoreAndTheNextOneGoesOn)
{
  Workplace place;
  place.backup();
  const auto disk = SmallDisk::mount(place.target(), "200k");
  if (!disk) GTEST_SKIP() << "mounting a small file system needs root";
  const auto refused = run_restore(place.session(), {.target = place.target()});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("the target's disk has 200 KiB free"));
  EXPECT_THAT(files_below(place.target()), testing::IsEmpty());

  // Where something lies there already, it may be what is to be restored.
  const std::string other = place.target() + "/other";
  put_file(other, "another one's");
  const RestoreJob job{.target = place.target(), .overwrite = Overwrite::if_different};
  const auto full = run_restore(place.session(), job);
  ASSERT_FALSE(full);
  EXPECT_THAT(full.error().message, HasSubstr("No space left"));

  disk->grow("20m");
  ASSERT_TRUE(run_restore(place.session(), job));
  fs::remove(other);
  EXPECT_EQ(files_below(place.target()), covered_files_below(place.library()));
}

TEST(FullDisk, OfTheTemporaryFolderLosesNothing)
{
  Workplace place;
  place.backup();
  put_file(place.library() + "/upload/new.jpg", "new");
  const auto disk = SmallDisk::mount(place.path("scratch"), "16k");
  if (!disk) GTEST_SKIP() << "mounting a small file system needs root";
  Session session = place.session();
  session.scratch_parent = place.path("scratch");
  EXPECT_FALSE(run_backup(session, place.job()));
  EXPECT_TRUE(place.backup().complete);
  EXPECT_EQ(place.restore(), covered_files_below(place.library()));
}

TEST(FullDisk, OfADrillIsNoDamageAndTheDumpIsReadAllTheSame)
{
  Workplace place;
  ImmichDatabase database(shared_cluster(), "full_disk");
  database.add_files_of(place.library());
  // So narrow a table takes many times what it takes in the dump, by which the room was judged: a
  // row has a header.
  database.sql("CREATE TABLE narrow AS SELECT 1::smallint AS n FROM generate_series(1, 1500000)");
  place.backup(place.job(database.address()));
  const auto disk = SmallDisk::mount(place.path("scratch"), "80m");  // a new cluster takes 40 MB
  if (!disk) GTEST_SKIP() << "mounting a small file system needs root";
  fs::permissions(place.path(""), fs::perms::others_exec, fs::perm_options::add);
  Session session = place.session();
  session.scratch_parent = place.path("scratch");
  const DrillReport report = must(
      run_drill(session, {.client_folder = PostgresCluster::bin_folder(), .sample = 1'000'000}));
  EXPECT_THAT(codes(report.header), ElementsAre("not_proven"));
  EXPECT_THAT(report.header.problems.at(0).message,
              AnyOf(HasSubstr("No space left"), HasSubstr("could not extend file")));
  EXPECT_THAT(report.header.problems.at(0).hint, HasSubstr("more room"));
  EXPECT_TRUE(report.dump_read);
  EXPECT_EQ(report.damaged, 0U);
  EXPECT_EQ(report.read_back, report.files);
  EXPECT_TRUE(fs::is_empty(place.path("scratch")));
}

/// Runs `body` in a process that is not root, which may read everything.
int as_nobody(const std::function<int()>& body)
{
  const pid_t child = ::fork();
  if (child == 0) {
    if (::geteuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) ::_exit(99);
    ::_exit(body());
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}

TEST(UnreadableFile, IsNamedAndTheRestIsSaved)
{
  Workplace place;
  place.backup();
  const std::string file = place.library() + "/library/admin/2021/2021-07-04/DSC01003.jpg.xmp";
  put_file(file, "<x:xmpmeta>3</x:xmpmeta>");
  put_file(place.library() + "/upload/new.jpg", "new");
  // The owner of all this for a while: everybody; and of one file and one folder, nobody.
  for (const char* top : {"library", "store"}) {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(place.path(top))) {
      fs::permissions(entry.path(), fs::perms::all);
    }
    fs::permissions(place.path(top), fs::perms::all);
  }
  fs::permissions(place.path(""), fs::perms::all);
  fs::permissions(file, fs::perms::none);
  fs::permissions(place.library() + "/profile", fs::perms::none);

  const int status = as_nobody([&] {
    const auto report = run_backup(place.session(), place.job());
    if (!report) return 1;
    auto found = codes(report->header);
    std::ranges::sort(found);
    if (found != std::vector<std::string>{"folder_unreadable", "missing_but_kept", "unreadable"})
      return 2;
    if (report->archived != 0 || report->failed != 1 || report->added != 1) return 3;
    return 0;
  });
  EXPECT_EQ(status, 0);
  // The old version of what could not be read is still there.
  EXPECT_EQ(place.restore().at("/library/admin/2021/2021-07-04/DSC01003.jpg.xmp").bytes,
            "<x:xmpmeta>1</x:xmpmeta>");
}

}  // namespace
}  // namespace ib::test
