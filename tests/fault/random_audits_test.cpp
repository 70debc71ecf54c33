// SPDX-License-Identifier: Apache-2.0
//
// Random histories of a library and its database: an Immich goes on working while it is backed up,
// also during the backups, by runs that are killed, that meet each other, that share the work, and
// whose clocks differ. After every run each claim is held against the only thing that counts: a
// restore of the point, looked at by the paths and checksums that its own dump names.
//
// A history is told by its seed. A failure prints the seed and the steps; to repeat it, or to try
// more:
//   AUDIT_SEED=17 AUDIT_SEEDS=1 AUDIT_STEPS=60 build/dev/tests/fault_tests
//   --gtest_filter='RandomAudits*'
#include "app/session.hpp"
#include "app/verify/drill.hpp"
#include "core/records/file_record.hpp"
#include "repository/catalog.hpp"
#include "repository/restore_points.hpp"
#include "store/open_store.hpp"
#include "support/dice.hpp"
#include "support/emulated_bucket.hpp"
#include "support/gzip.hpp"
#include "support/living_immich.hpp"
#include "support/mortal_store.hpp"
#include "support/temp_dir.hpp"
#include "support/workplace.hpp"
#include "sys/hash.hpp"
#include "sys/system.hpp"

#include <filesystem>
#include <set>
#include <sstream>

namespace ib::test {
namespace {

using Tree = std::map<std::string, FileState>;

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise)
{
  const std::optional<std::string> text = environment(name);
  return text ? std::stoull(*text) : otherwise;
}

/// One that holds no Immich's database.
PostgresCluster& drill_cluster()
{
  static const std::unique_ptr<PostgresCluster> cluster = PostgresCluster::start();
  return *cluster;
}

/// What a dump names: path below the media root, and SHA-1 in hexadecimal.
using Named = std::set<std::pair<std::string, std::string>>;

std::vector<std::string> split(const std::string& line, char at)
{
  std::istringstream in(line);
  std::vector<std::string> parts;
  for (std::string part; std::getline(in, part, at);) parts.push_back(part);
  return parts;
}

/// Out of the rows of its table asset, with no help of the program's.
Named named_by(const std::string& dump)
{
  Named named;
  std::istringstream lines(gunzip(dump));
  std::string line;
  while (std::getline(lines, line) && !line.starts_with("COPY public.asset (")) {
  }
  const std::size_t open = line.find('(') + 1;
  std::vector<std::string> columns = split(line.substr(open, line.find(')') - open), ',');
  const auto column = [&](std::string_view name) {
    const auto it = std::ranges::find_if(
        columns, [&](const std::string& each) { return each.ends_with(name); });
    return static_cast<std::size_t>(it - columns.begin());
  };
  const std::size_t path = column("\"originalPath\""), checksum = column("checksum");
  while (std::getline(lines, line) && line != "\\.") {
    const std::vector<std::string> cells = split(line, '\t');
    named.emplace(cells.at(path).substr(std::string_view("/data").size()),
                  cells.at(checksum).substr(std::string_view("\\\\x").size()));
  }
  return named;
}

std::string sha1_of(const std::string& bytes)
{
  return content_of(bytes).sha1.hex();
}

class AuditHistory {
public:
  AuditHistory(std::uint64_t seed, bool in_a_bucket)
      : dice_(seed),
        workers_(1 + static_cast<unsigned>(seed % 3)),
        database_(shared_cluster(), "random_audit_" + std::to_string(++number_)),
        immich_(database_, scratch_.file("library"), scratch_.file("aside"), dice_),
        opened_(in_a_bucket ? bucket_.open()
                            : must(open_store(StoreAddress::of_folder(scratch_.file("store")))))
  {
    fs::create_directory(scratch_.file("tmp"));
    begin_store(*opened_.store);
  }
  ~AuditHistory() { shared_cluster().sql("postgres", "DROP DATABASE " + database_.name()); }
  AuditHistory(const AuditHistory&) = delete;
  AuditHistory& operator=(const AuditHistory&) = delete;

  void step()
  {
    if (dice_.chance(60)) {
      tell(immich_.act());
      return;
    }
    clock_ += std::chrono::seconds(dice_.one_of(std::vector<int>{0, 1, 2, 60, 3600, 86'400}));
    switch (dice_.below(8)) {
      case 0:
      case 1:
        run_alone();
        break;
      case 2:
      case 3:
        run_while_immich_works();
        break;
      case 4:
        run_and_be_killed();
        break;
      case 5:
        run_two_at_once();
        break;
      case 6:
        run_a_fleet();
        break;
      default:
        run_without_a_database();
        break;
    }
    check_points();
  }

  void end()
  {
    tell(immich_.mount());
    run_alone();
    check_points();
    for (const auto& [time, tree] : trees_) check_again(time, tree);
    check_drill(trees_.rbegin()->first);
  }

  std::string story() const
  {
    std::string text;
    for (const std::string& line : steps_) text += "  " + line + "\n";
    return text;
  }
  std::size_t points() const { return trees_.size(); }
  std::size_t drills() const { return drills_; }
  std::size_t placed() const { return placed_; }
  std::size_t holes() const { return holes_; }

private:
  void tell(std::string what)
  {
    if (!what.empty()) steps_.push_back(std::move(what));
  }

  Session session(ObjectStore& store)
  {
    return {
        {.store = store, .progress = progress_, .stop = {}, .scratch_parent = scratch_.file("tmp")},
        *opened_.inspector,
        *opened_.usage_meter,
        workers_};
  }

  BackupJob job() const
  {
    BackupJob job;
    job.library = immich_.root();
    job.database = DatabaseSettings{.address = database_.address()};
    return job;
  }

  Result<BackupReport> run(const Trouble& trouble, const BackupJob& job,
                           std::chrono::seconds ahead = {})
  {
    Timestamp clock = clock_ + ahead;
    MortalStore machine(*opened_.store, clock, trouble, 0);
    return run_backup(session(machine), job);
  }

  void run_alone()
  {
    tell("back up");
    const auto report = run({}, job());
    ASSERT_TRUE(report) << report.error().message;
    ASSERT_TRUE(report->audit);
    disturbed_ = false;
  }

  void run_while_immich_works()
  {
    Trouble trouble;
    trouble.interrupted_at = 1 + dice_.below(14);
    tell("back up, and before call " + std::to_string(trouble.interrupted_at) + ":");
    trouble.meanwhile = [&] {
      for (std::size_t i = dice_.below(4); i < 4; ++i) tell("    " + immich_.act());
    };
    const auto report = run(trouble, job());
    ASSERT_TRUE(report) << report.error().message;
    disturbed_ = true;
  }

  void run_and_be_killed()
  {
    Trouble trouble;
    trouble.kill_at = 1 + dice_.below(20);
    trouble.kill_when = static_cast<Trouble::When>(dice_.below(3));
    tell("back up, killed at call " + std::to_string(trouble.kill_at));
    static_cast<void>(run(trouble, job()));  // nobody hears what a dead program says
    disturbed_ = true;
  }

  /// Another machine with another clock backs the same up while the first one does.
  void run_two_at_once()
  {
    Trouble trouble;
    trouble.interrupted_at = 1 + dice_.below(14);
    const std::chrono::seconds ahead(dice_.one_of(std::vector<int>{0, 200, -200}));
    tell("back up, and before call " + std::to_string(trouble.interrupted_at) + " another, " +
         std::to_string(ahead.count()) + " s ahead:");
    trouble.meanwhile = [&] {
      for (std::size_t i = dice_.below(3); i < 3; ++i) tell("    " + immich_.act());
      static_cast<void>(run({}, job(), ahead));
    };
    const auto report = run(trouble, job());
    ASSERT_TRUE(report) << report.error().message;
    disturbed_ = true;
  }

  /// Two machines share the work, by clocks that differ by far; a third puts it together.
  void run_a_fleet()
  {
    tell("back up by parts");
    for (const std::uint64_t part : {0U, 1U}) {
      BackupJob shard = job();
      shard.shard = Shard{.parts = 2, .part = part};
      if (part > 0) shard.database.reset();
      const std::chrono::seconds ahead(dice_.one_of(std::vector<int>{0, 250, 86'400}));
      const auto report = run({}, shard, part > 0 ? ahead : std::chrono::seconds(0));
      ASSERT_TRUE(report) << report.error().message;
      if (dice_.chance(50)) tell("    " + immich_.act());
    }
    run_alone();
  }

  void run_without_a_database()
  {
    tell("back up the files alone");
    BackupJob files = job();
    files.database.reset();
    ASSERT_TRUE(run({}, files));
    disturbed_ = true;
  }

  // --- What must hold

  void check_points()
  {
    if (::testing::Test::HasFailure()) return;
    MortalStore machine(*opened_.store, clock_, {}, 0);
    const Session session = this->session(machine);
    const Result<ManifestListing> listing = list_manifests(session);
    ASSERT_TRUE(listing) << listing.error().message;
    for (const ManifestListing::Entry& entry : listing->restore_points) {
      if (trees_.contains(entry.time)) continue;
      trees_[entry.time] = restored(entry.time);
      const RestorePoint point = must(read_restore_point(session, entry.name));
      const bool is_newest = entry.time == listing->restore_points.back().time;
      if (point.audit) check_audit(point, trees_[entry.time], is_newest && !disturbed_);
    }
    if (trees_.empty()) return;
    if (const auto& [time, tree] = dice_.one_of(trees_); dice_.chance(30)) check_again(time, tree);
    check_choice(session);
    if (dice_.chance(15)) check_drill(trees_.rbegin()->first);
  }

  /// The audit of a point, against what its dump names and what a restore has brought.
  void check_audit(const RestorePoint& point, const Tree& tree, bool undisturbed)
  {
    SCOPED_TRACE("the point of " + format_iso(point.time));
    const Named named =
        named_by(must(get_small(*opened_.store, point.database->object, 1 << 24, {})));
    std::set<std::string> lost;
    for (const auto& [path, sha1] : named) {
      const auto file = tree.find(path);
      const bool right = file != tree.end() && sha1_of(file->second.bytes) == sha1;
      if (!right) lost.insert(path);
      // What the store holds, a restore brings.
      EXPECT_TRUE(right || !is_claimed(sha1)) << path << " is stored, and not restored";
      EXPECT_FALSE(undisturbed && !right && is_in_library(path, sha1)) << path;
    }
    const Audit& audit = *point.audit;
    EXPECT_EQ(audit.originals, named.size());
    EXPECT_EQ(audit.protected_originals(), named.size() - lost.size());
    EXPECT_EQ(audit.unprotected() + audit.deleted + audit.excluded + audit.accepted, lost.size());
    EXPECT_EQ(point.is_complete(), lost.empty());
    std::set<std::string> told;
    for (const Problem& problem : point.problems)
      if (problem.code == "not_protected" || problem.code == "differs_from_immich")
        told.insert(problem.path);
    EXPECT_EQ(told, lost) << "each is named";
    placed_ += audit.placed;
    holes_ += lost.size();
  }

  bool is_in_library(const std::string& path, const std::string& sha1) const
  {
    const Result<std::string> bytes = read_file(immich_.root() + path, 1 << 20);
    return bytes && sha1_of(*bytes) == sha1;
  }

  bool is_claimed(const std::string& sha1)
  {
    MortalStore machine(*opened_.store, clock_, {}, 0);
    const Catalog catalog = must(require_catalog(session(machine)));
    const auto contents = must(catalog.manifest.stored_contents());
    while (const auto stored = must(contents->next()))
      if (stored->content.has_sha1 && stored->content.sha1.hex() == sha1) return true;
    return false;
  }

  Tree restored(Timestamp time)
  {
    const std::string target = scratch_.file("target");
    fs::remove_all(target);
    MortalStore machine(*opened_.store, clock_, {}, 0);
    const auto report = run_restore(session(machine), {.target = target, .at = time});
    if (!report) {
      // The point of a dump alone, or of a first run that failed before it had stored anything.
      if (report.error().code == Errc::invalid) return {};
      ADD_FAILURE() << format_iso(time) << ": " << report.error().message;
      return {};
    }
    EXPECT_EQ(report->restore_point, time);
    EXPECT_THAT(codes(report->header), Not(Contains("manifest_lost")));
    return files_below(target);
  }

  /// Whatever has happened since, a point brings what it brought at first.
  void check_again(Timestamp time, const Tree& tree)
  {
    EXPECT_EQ(restored(time), tree) << "restored again from " << format_iso(time);
  }

  /// `status` says which point a restore takes, and a restore takes that, or asks.
  void check_choice(const Session& session)
  {
    const StatusReport status = must(run_status(session));
    const std::string target = scratch_.file("target");
    fs::remove_all(target);
    const auto report = run_restore(session, {.target = target});
    if (!status.doubts.empty()) {
      EXPECT_TRUE(fails_with(Errc::invalid, report));
    } else if (report) {
      EXPECT_EQ(report->restore_point, status.restores->time);
      EXPECT_EQ(files_below(target), trees_.at(report->restore_point));
    }
  }

  void check_drill(Timestamp time)
  {
    MortalStore machine(*opened_.store, clock_, {}, 0);
    const Session session = this->session(machine);
    const RestorePoint point = must(read_restore_point(session, restore_point_name(time)));
    if (!point.database || !point.audit) return;
    const DrillReport report = must(run_drill(
        session, {.server = DatabaseSettings{.address = drill_cluster().address("postgres")},
                  .at = time,
                  .sample = 1'000'000}));
    EXPECT_THAT(codes(report.header), IsEmpty());
    EXPECT_EQ(report.verdict, Proof::Verdict::proven);
    EXPECT_EQ(report.originals, point.audit->originals);
    EXPECT_EQ(report.protected_originals, point.audit->protected_originals());
    EXPECT_EQ(report.read_back, trees_.at(time).size());
    ++drills_;
  }

  static inline int number_ = 0;
  TempDir scratch_;
  Dice dice_;
  unsigned workers_;
  ImmichDatabase database_;
  LivingImmich immich_;
  EmulatedBucket bucket_;
  OpenStore opened_;
  SilentProgress progress_;
  Timestamp clock_{std::chrono::seconds(1'770'000'000)};
  bool disturbed_ = false;           // the library may differ from what the last run has seen
  std::map<Timestamp, Tree> trees_;  // what each point brought when it was new
  std::vector<std::string> steps_;
  std::size_t drills_ = 0, placed_ = 0, holes_ = 0;
};

void live_through(std::uint64_t first_seed, std::uint64_t seeds, std::uint64_t steps,
                  bool in_a_bucket)
{
  std::size_t points = 0, drills = 0, placed = 0, holes = 0;
  for (std::uint64_t seed = first_seed; seed < first_seed + seeds; ++seed) {
    AuditHistory history(seed, in_a_bucket);
    for (std::uint64_t i = 0; i < steps && !::testing::Test::HasFailure(); ++i) history.step();
    if (!::testing::Test::HasFailure()) history.end();
    ASSERT_FALSE(::testing::Test::HasFailure())
        << "AUDIT_SEED=" << seed << " AUDIT_SEEDS=1 AUDIT_STEPS=" << steps << ":\n"
        << history.story();
    points += history.points();
    drills += history.drills();
    placed += history.placed();
    holes += history.holes();
  }
  EXPECT_GT(placed, 0U) << "nothing that a restore had to place was ever tried";
  EXPECT_GT(drills, 0U);
  std::printf("%lu histories, %zu restore points, %zu drills, %zu placed, %zu holes\n", seeds,
              points, drills, placed, holes);
}

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr std::uint64_t kInAFolder = 1, kInABucket = 1,
                        kSteps = 15;  // each takes many times longer
#else
constexpr std::uint64_t kInAFolder = 4, kInABucket = 2, kSteps = 40;
#endif

TEST(RandomAudits, ClaimWhatARestoreBringsFromAFolder)
{
  live_through(number_from_environment("AUDIT_SEED", 1),
               number_from_environment("AUDIT_SEEDS", kInAFolder),
               number_from_environment("AUDIT_STEPS", kSteps), false);
}

TEST(RandomAudits, ClaimWhatARestoreBringsFromABucket)
{
  live_through(number_from_environment("AUDIT_SEED", 101),
               number_from_environment("AUDIT_SEEDS", kInABucket),
               number_from_environment("AUDIT_STEPS", kSteps), true);
}

}  // namespace
}  // namespace ib::test
