// SPDX-License-Identifier: Apache-2.0
//
// A backup is killed (SIGKILL) before, in the middle of and after each step that changes the store.
// Whatever is left, the next run must finish the job, send no finished object again, and make no
// false claim.
#include "app/session.hpp"
#include "repository/runs.hpp"
#include "store/dir/dir_store.hpp"
#include "support/at_step.hpp"
#include "support/builders.hpp"
#include "support/faulty_store.hpp"
#include "support/killed.hpp"
#include "support/workplace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <array>
#include <filesystem>

namespace ib::test {
namespace {

/// Of two files with one content the first to be read gives the object its name: in one order
/// always, so that a run meets the name again that a killed one had given.
Session one_file_at_a_time(Session session)
{
  session.workers = 1;
  return session;
}

using When = Fault::When;

/// Runs a backup in a process of its own that is killed by `fault`; whether it was.
bool killed_by(Workplace& place, const Fault& fault)
{
  return is_killed([&] {
    FaultyStore store(place.store(), {fault});
    return run_backup(one_file_at_a_time(place.session(store)), place.job()).has_value();
  });
}

/// What the store holds of files: names and bytes.
std::map<std::string, std::string> file_objects(Workplace& place)
{
  std::map<std::string, std::string> objects;
  for (const char* prefix : {"hashed/", "library/", "versions/"}) {
    for (const std::string& name : place.objects(prefix)) {
      objects[name] = read_file(place.store_folder() + "/" + name, 1 << 30).value();
    }
  }
  return objects;
}

/// Runs a backup to its end over what a killed one has left, and checks all that is promised.
void expect_convergence(Workplace& place)
{
  const auto left = file_objects(place);
  FaultyStore store(place.store());
  const auto report = run_backup(one_file_at_a_time(place.session(store)), place.job());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->header.problems.empty()) << report->header.problems.front().message;
  for (const auto& [name, bytes] : left) {
    EXPECT_EQ(store.bytes_sent({name}), 0U) << name << " was finished and is sent again";
    EXPECT_EQ(read_file(place.store_folder() + "/" + name, 1 << 30).value(), bytes) << name;
  }
  EXPECT_EQ(place.restore(), covered_files_below(place.library()));
  EXPECT_EQ(place.verify_all().damaged, 0U);
  EXPECT_EQ(place.verify_all().unknown_objects, 0U) << "every object is claimed by the manifest";
  EXPECT_TRUE(run_status(place.session())->unfinished_runs.empty());
}

std::size_t steps_of_a_backup(Workplace& place)
{
  // With its attributes: a copy without them has its manifest.db renewed.
  const std::string command = "cp -a '" + place.store_folder() + "' '" + place.path("dry") + "'";
  EXPECT_EQ(std::system(command.c_str()), 0);
  const auto copy = open_dir_store(place.path("dry"));
  FaultyStore store(*copy);
  EXPECT_TRUE(run_backup(one_file_at_a_time(place.session(store)), place.job()));
  fs::remove_all(place.path("dry"));
  return store.steps().size();
}

/// Changes of every kind since the first backup, so that the second has all kinds of steps.
void change_the_library(Workplace& place)
{
  put_file(place.library() + "/library/admin/2021/2021-07-04/DSC01003.jpg.xmp",
           "<x:xmpmeta>2</x:xmpmeta>");
  put_file(place.library() + "/upload/new.jpg", "new");
  put_file(place.library() + "/upload/large.mov", std::string(5'000'000, 'm'));
  fs::rename(place.library() + "/library/admin/2021/It's \"quoted\" & spaced.jpg",
             place.library() + "/upload/moved.jpg");
  fs::remove(place.library() + "/library/admin/2021/empty.jpg");
}

TEST(KilledBackup, FirstRunConvergesWhereverItWasKilled)
{
  std::size_t steps = 0;
  {
    Workplace place;
    fs::create_directories(place.store_folder());
    steps = steps_of_a_backup(place);
  }
  ASSERT_GT(steps, 15U);
  std::size_t kills = 0;
  for (std::size_t step = 1; step <= steps; ++step) {
    for (const When when : {When::before, When::midway, When::after}) {
      SCOPED_TRACE("step " + std::to_string(step) + ", " + std::to_string(static_cast<int>(when)));
      Workplace place;
      const bool killed = killed_by(place, {.step = step, .when = when, .kind = Fault::Kind::kill});
      kills += killed ? 1 : 0;
      // An object without bytes has no middle; every step has a before and an after.
      ASSERT_TRUE(killed || when == When::midway);
      expect_convergence(place);
      if (HasFatalFailure()) return;
    }
  }
  EXPECT_GT(kills, steps * 5 / 2);
}

TEST(KilledBackup, LaterRunConvergesWhereverItWasKilled)
{
  std::size_t steps = 0;
  {
    Workplace place;
    place.backup();
    change_the_library(place);
    steps = steps_of_a_backup(place);
  }
  ASSERT_GT(steps, 6U);
  std::size_t kills = 0;
  for (std::size_t step = 1; step <= steps; ++step) {
    for (const When when : {When::before, When::midway, When::after}) {
      SCOPED_TRACE("step " + std::to_string(step) + ", " + std::to_string(static_cast<int>(when)));
      Workplace place;
      const auto before = covered_files_below(place.library());
      const BackupReport first = place.backup();
      change_the_library(place);
      const bool killed = killed_by(place, {.step = step, .when = when, .kind = Fault::Kind::kill});
      kills += killed ? 1 : 0;
      // An object without bytes has no middle; every step has a before and an after.
      ASSERT_TRUE(killed || when == When::midway);
      expect_convergence(place);
      EXPECT_EQ(place.restore(first.restore_point), before)
          << "the restore point before must stay as it was";
      if (HasFatalFailure()) return;
    }
  }
  EXPECT_GT(kills, steps * 5 / 2);
}

/// How often an object's bytes were sent, of those that were there before.
std::uint64_t sent_again(const FaultyStore& store, const std::map<std::string, std::string>& left)
{
  std::uint64_t bytes = 0;
  for (const auto& [name, content] : left) bytes += store.bytes_sent({name});
  return bytes;
}

bool keeps_metadata(Workplace& place)
{
  return !must(place.store().stat({"library/upload/new/1.jpg"}, {})).metadata.empty();
}

TEST(KilledBackup, LeavesNothingThatCannotBeRestored)
{
  Workplace place;
  place.backup();
  put_file(place.library() + "/upload/new/1.jpg", "gone soon");
  put_file(place.library() + "/upload/new/2.jpg", "changed soon");
  put_file(place.library() + "/upload/new/3.jpg", "never sent");
  const std::string first = "put library/upload/new/3.jpg";
  fs::copy(place.store_folder(), place.path("dry"), fs::copy_options::recursive);
  const auto copy = open_dir_store(place.path("dry"));
  FaultyStore counting(*copy);
  ASSERT_TRUE(run_backup(one_file_at_a_time(place.session(counting)), place.job()));
  const std::vector<std::string> steps = counting.steps();
  const auto at = std::ranges::find(steps, first);
  ASSERT_NE(at, steps.end());
  ASSERT_TRUE(killed_by(place, {.step = static_cast<std::size_t>(at - steps.begin() + 1),
                                .when = When::before,
                                .kind = Fault::Kind::kill}));
  if (!keeps_metadata(place)) GTEST_SKIP() << "this folder keeps no extended attributes";

  fs::remove_all(place.library() + "/upload/new");
  const BackupReport report = place.backup();
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_THAT(report.header.notes, Contains(HasSubstr("2 objects that an unfinished run")));
  EXPECT_EQ(place.verify_all().unknown_objects, 0U);
  EXPECT_EQ(report.totals.versions, 2U);

  // Long after, other content under one of these names is neither confused with it nor sent in
  // vain.
  put_file(place.library() + "/upload/new/2.jpg", "as it was changed");
  FaultyStore store(place.store());
  ASSERT_TRUE(run_backup(place.session(store), place.job()));
  EXPECT_EQ(store.bytes_sent({"library/upload/new/2.jpg"}), 0U);
  EXPECT_EQ(place.restore(), covered_files_below(place.library()));
}

TEST(KilledBackup, IsFoundByContentWhereverTheFileIsNow)
{
  Workplace place;
  place.backup();
  put_file(place.library() + "/upload/new/1.jpg", std::string(5000, '1'));
  put_file(place.library() + "/upload/new/2.jpg", std::string(6000, '2'));
  put_file(place.library() + "/upload/new/3.jpg", std::string(7000, '3'));
  put_file(place.library() + "/upload/twin.jpg", std::string(5000, '1'));
  std::size_t puts = 0;
  {
    fs::copy(place.store_folder(), place.path("dry"), fs::copy_options::recursive);
    const auto copy = open_dir_store(place.path("dry"));
    FaultyStore store(*copy);
    ASSERT_TRUE(run_backup(one_file_at_a_time(place.session(store)), place.job()));
    const std::vector<std::string> steps = store.steps();
    puts = static_cast<std::size_t>(std::ranges::find(steps, "put library/upload/new/3.jpg") -
                                    steps.begin() + 1);
    ASSERT_LE(puts, steps.size());
  }
  ASSERT_TRUE(killed_by(place, {.step = puts, .when = When::after, .kind = Fault::Kind::kill}));
  const auto left = file_objects(place);
  ASSERT_TRUE(left.contains("library/upload/new/1.jpg"));
  if (!keeps_metadata(place)) GTEST_SKIP() << "this folder keeps no extended attributes";

  // What has the content now is called otherwise, and the names hold other content.
  fs::rename(place.library() + "/upload/new", place.library() + "/upload/renamed");
  put_file(place.library() + "/upload/new/2.jpg", std::string(6001, 'x'));
  FaultyStore store(place.store());
  const BackupReport report =
      must(run_backup(one_file_at_a_time(place.session(store)), place.job()));
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_EQ(sent_again(store, left), 0U);
  EXPECT_EQ(report.found_stored, 3U);
  EXPECT_EQ(report.uploaded_objects, 1U);
  EXPECT_EQ(place.restore(), covered_files_below(place.library()));

  put_file(place.library() + "/upload/new/1.jpg", "other content under a name that is taken");
  FaultyStore later(place.store());
  ASSERT_TRUE(run_backup(place.session(later), place.job()));
  EXPECT_EQ(sent_again(later, left), 0U) << "nor is its name tried";
  EXPECT_EQ(place.restore(), covered_files_below(place.library()));
  EXPECT_EQ(place.verify_all().damaged, 0U);
  EXPECT_EQ(place.verify_all().unknown_objects, 0U);
}

TEST(FailingStore, LosesNothingWhereverItFails)
{
  std::size_t steps = 0;
  {
    Workplace place;
    fs::create_directories(place.store_folder());
    steps = steps_of_a_backup(place);
  }
  constexpr std::array kCodes{Errc::unavailable, Errc::io, Errc::denied};
  for (std::size_t step = 1; step <= steps; ++step) {
    for (const When when : {When::before, When::after}) {
      const Errc code = kCodes.at(step % kCodes.size());
      SCOPED_TRACE(std::string(to_string(code)) + " at step " + std::to_string(step));
      Workplace place;
      FaultyStore store(place.store(),
                        {{.step = step, .when = when, .kind = Fault::Kind::fail, .code = code}});
      const auto report = run_backup(one_file_at_a_time(place.session(store)), place.job());
      EXPECT_TRUE(store.all_faults_hit());
      // Only the copies for people and the end mark may fail without the run failing.
      if (report) {
        EXPECT_EQ(place.restore(), covered_files_below(place.library()));
      }
      expect_convergence(place);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(InterruptedBackup, RecordsWhatWasConfirmedAndGoesOnFromThere)
{
  Workplace place;
  std::stop_source stop;
  // The request comes after some files have been stored.
  AtStep progress(
      kSendingFiles, [&] { stop.request_stop(); }, 4);
  const auto report = run_backup(place.session(progress, stop.get_token()), place.job());
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Errc::cancelled);
  // What was stored is claimed already, in a restore point that says it is not complete.
  EXPECT_EQ(place.ls().size(), place.objects("library/").size() + place.objects("hashed/").size());
  EXPECT_FALSE(run_status(place.session())->newest->is_complete());
  expect_convergence(place);
}

}  // namespace
}  // namespace ib::test
