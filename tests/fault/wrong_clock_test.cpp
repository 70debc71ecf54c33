// SPDX-License-Identifier: Apache-2.0
//
// Nights on which a machine's clock is a year ahead. A store in a folder has no other clock, so
// what is stored then has names that hide all that come after it, for a year.
#include "app/prune.hpp"
#include "app/query/history.hpp"
#include "app/query/status.hpp"
#include "app/rebuild.hpp"
#include "app/verify/drill.hpp"
#include "core/names/removable_name.hpp"
#include "repository/proofs.hpp"
#include "support/builders.hpp"
#include "support/emulated_bucket.hpp"
#include "support/mortal_store.hpp"
#include "support/workplace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <type_traits>
#include <utility>

namespace ib::test {
namespace {

using Files = std::map<std::string, FileState>;

constexpr std::chrono::days kYear{365};
constexpr Timestamp kFirstNight{std::chrono::sys_days{std::chrono::year{2026} / 1 / 15} +
                                std::chrono::hours(3)};

void copy_with_attributes(const std::string& from, const std::string& to)
{
  ASSERT_EQ(std::system(("cp -a '" + from + "' '" + to + "'").c_str()), 0);
}

/// An honest night, two on which the clock is a year ahead, and then the clock is right again.
class WrongClock : public testing::Test {
protected:
  WrongClock()
  {
    must(run([&](const Session& session) { return run_backup(session, job()); }));
  }

  BackupJob job() const { return place.job(); }
  template <class Command>
  auto run(Command command) -> std::invoke_result_t<Command, const Session&>
  {
    return run_on(place.store(), {}, command);
  }
  template <class Command>
  auto run_on(ObjectStore& store, const Trouble& trouble, Command command)
      -> std::invoke_result_t<Command, const Session&>
  {
    MortalStore machine(store, clock, trouble, 1);
    return command(place.session(machine));
  }

  Result<BackupReport> backup()
  {
    return run([&](const Session& session) { return run_backup(session, job()); });
  }
  Result<RebuildReport> redate(const Trouble& trouble = {})
  {
    return run_on(place.store(), trouble, run_redate);
  }
  Files restore(std::optional<Timestamp> at = std::nullopt)
  {
    fs::remove_all(place.target());
    must(run([&](const Session& session) {
      return run_restore(session, {.target = place.target(), .at = at});
    }));
    return files_below(place.target());
  }

  void nights_ahead()
  {
    clock += std::chrono::days(1) + kYear;
    put_file(place.library() + "/upload/of that night.jpg", "of that night");
    put_file(place.library() + "/upload/soon gone.jpg", "soon gone");
    put_file(place.library() + kEdited, "edited that night", 1'700'000'000'000'000'000);
    first_ahead = *must(backup()).restore_point;
    library_ahead = covered_files_below(place.library());
    must(run([](const Session& session) { return run_verify(session, {.all = true}); }));
    clock += std::chrono::days(1);
    fs::remove(place.library() + "/upload/soon gone.jpg");
    must(backup());
    clock -= kYear;
  }

  std::vector<std::string> dated_ahead()
  {
    std::vector<std::string> ahead;
    for (const std::string& name : place.objects()) {
      const std::optional<Timestamp> times[] = {manifest_time({name}), restore_point_time({name}),
                                                proof_time({name})};
      for (const std::optional<Timestamp>& time : times)
        if (time && *time > clock) ahead.push_back(name);
    }
    return ahead;
  }

  /// That everything is as if the clock had never been wrong.
  void expect_all_well()
  {
    EXPECT_THAT(dated_ahead(), IsEmpty());
    clock += std::chrono::days(1);
    put_file(place.library() + "/upload/next.jpg", "next");
    const BackupReport next = must(backup());
    EXPECT_EQ(next.uploaded_objects, 1U);
    EXPECT_EQ(next.restore_point, clock);
    EXPECT_THAT(codes(next.header), IsEmpty());
    EXPECT_EQ(restore(), covered_files_below(place.library()));
    const StatusReport status = must(run(run_status));
    EXPECT_EQ(status.newest->time, clock);
    EXPECT_EQ(status.restore_points, 4U);
    EXPECT_TRUE(status.last_verified_ok);
    const auto verified =
        must(run([](const Session& session) { return run_verify(session, {.all = true}); }));
    EXPECT_EQ(verified.damaged + verified.unknown_objects, 0U);
    // Also what was there on that night alone.
    const ManifestListing listing = must(run(list_manifests));
    ASSERT_THAT(listing.restore_points, SizeIs(4));
    EXPECT_THAT(listing.heads(), SizeIs(1));
    EXPECT_EQ(restore(listing.restore_points[1].time), library_ahead);
  }

  static inline const std::string kEdited = "/library/admin/2021/2021-07-04/DSC01003.jpg.xmp";
  Workplace place;
  Timestamp clock = kFirstNight;
  Timestamp first_ahead{};
  Files library_ahead;
};

TEST_F(WrongClock, IsNamedByEveryCommandWithTheOneThatCuresIt)
{
  nights_ahead();
  const auto refusal = [](const auto& report) {
    return report ? Error{.message = "it went on"} : report.error();
  };
  const std::pair<const char*, std::function<Error()>> commands[] = {
      {"backup", [&] { return refusal(backup()); }},
      {"status", [&] { return refusal(run(run_status)); }},
      {"verify", [&] { return refusal(run([](const auto& s) { return run_verify(s, {}); })); }},
      {"the drill", [&] { return refusal(run([](const auto& s) { return run_drill(s, {}); })); }},
      {"restore",
       [&] {
         return refusal(
             run([&](const auto& s) { return run_restore(s, {.target = place.target()}); }));
       }},
      {"prune",
       [&] {
         return refusal(run([](const auto& s) { return run_prune(s, {.rules = {.last = 1}}); }));
       }},
      {"rebuild-manifest", [&] { return refusal(run(run_rebuild_manifest)); }},
  };
  for (const auto& [name, command] : commands) {
    const Error error = command();
    EXPECT_EQ(error.code, Errc::invalid) << name;
    EXPECT_THAT(error.message, HasSubstr("manifest-20270117T030000Z.db: is dated after")) << name;
    EXPECT_THAT(error.hint, HasSubstr("`immich-backup rebuild-manifest --redate`")) << name;
  }
  EXPECT_THAT(must(redate()).redated, testing::Optional(SizeIs(5)));  // and a proof
  expect_all_well();
  must(run([](const auto& s) { return run_prune(s, {.rules = {.last = 1}, .remove = true}); }));
  EXPECT_EQ(restore(), covered_files_below(place.library()));
}

TEST_F(WrongClock, IsCuredWhereverTheCureIsKilled)
{
  nights_ahead();
  const fs::path kept = place.path("kept");
  copy_with_attributes(place.store_folder(), kept);
  const Timestamp then = clock;
  for (const auto when : {Trouble::When::before, Trouble::When::midway, Trouble::When::after}) {
    std::size_t step = 1;
    for (;; ++step) {
      SCOPED_TRACE(step);
      fs::remove_all(place.store_folder());
      copy_with_attributes(kept, place.store_folder());
      fs::remove(place.library() + "/upload/next.jpg");
      place.reopen_store();
      clock = then;
      if (redate({.kill_at = step, .kill_when = when})) break;
      clock += std::chrono::minutes(1);
      must(redate());
      expect_all_well();
      if (HasFatalFailure()) return;
    }
    EXPECT_GT(step, 10U);
  }
}

TEST_F(WrongClock, IsGoneOnFromWithoutItByTheNamesThatTheMessageGives)
{
  nights_ahead();
  const Result<BackupReport> refused = backup();
  ASSERT_FALSE(refused);
  std::vector<std::string> ignored;
  std::string_view hint = refused.error().hint;
  constexpr std::string_view kOption = "--ignore-manifest ";
  for (std::size_t at = 0; (at = hint.find(kOption)) != std::string_view::npos;) {
    hint.remove_prefix(at + kOption.size());
    ignored.emplace_back(hint.substr(0, hint.find(' ')));
  }
  EXPECT_THAT(ignored, SizeIs(4));
  MortalStore machine(place.store(), clock, {}, 1);
  Session session = place.session(machine);
  session.ignored_manifests = ignored;
  must(run_backup(session, job()));
  // And the cure brings what was ignored meanwhile.
  clock += std::chrono::days(1);
  must(redate());
  must(backup());
  EXPECT_THAT(must(run(list_manifests)).heads(), SizeIs(1));
  bool had = false;
  must(run([&](const auto& s) {
    return run_history(s, {.paths = {"/upload/soon gone.jpg"}},
                       [&](const PathHistory&) -> Result<> {
                         had = true;
                         return {};
                       });
  }));
  EXPECT_TRUE(had);
}

TEST_F(WrongClock, LeavesEverythingAsItIsWhereNothingIsDatedAhead)
{
  const std::vector<std::string> before = place.objects();
  EXPECT_THAT(must(redate()).redated, testing::Optional(IsEmpty()));
  EXPECT_EQ(place.objects(), before);
}

TEST_F(WrongClock, HidesNoDamageBehindAProofOfAYearAhead)
{
  const auto prove = [&](Proof::Verdict verdict) {
    run([&](const Session& session) {
      std::vector<std::string> notes;
      store_proof(session,
                  {.command = "verify",
                   .verdict = verdict,
                   .objects = 9,
                   .read_back = 9,
                   .damaged = verdict == Proof::Verdict::damaged ? 1U : 0U},
                  notes);
      return 0;
    });
  };
  clock += kYear;
  prove(Proof::Verdict::proven);
  clock -= kYear;
  EXPECT_FALSE(must(run(run_status)).last_verified);
  prove(Proof::Verdict::damaged);
  EXPECT_EQ(must(run(run_status)).damage_found, clock);
  // What was found then is an alarm, and a later proof ends it once that can be told.
  clock += std::chrono::minutes(1) + kYear;
  prove(Proof::Verdict::damaged);
  clock += std::chrono::minutes(1) - kYear;
  must(redate());
  EXPECT_TRUE(must(run(run_status)).damage_found);
  clock += std::chrono::minutes(1);
  prove(Proof::Verdict::proven);
  EXPECT_FALSE(must(run(run_status)).damage_found);
}

TEST_F(WrongClock, IsCuredInACopyThatHasLostItsMetadata)
{
  nights_ahead();
  // Copied without extended attributes.
  fs::copy(place.store_folder(), place.path("copy"), fs::copy_options::recursive);
  fs::remove_all(place.store_folder());
  fs::rename(place.path("copy"), place.store_folder());
  place.reopen_store();
  must(redate());
  expect_all_well();
}

}  // namespace
}  // namespace ib::test
