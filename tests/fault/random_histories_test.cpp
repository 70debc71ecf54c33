// SPDX-License-Identifier: Apache-2.0
//
// Random histories: a small library changes in every way that people and Immich change one, and is
// backed up in between by runs that are killed, that hear no replies, that meet each other or a
// clock that is wrong. A model beside it remembers what each run has confirmed. After every step,
// whatever was confirmed must still be there, bit for bit, and nothing else may be claimed.
//
// A history is told by its seed. A failure prints the seed and the steps; to repeat it, or to try
// more:
//   HISTORY_SEED=17 HISTORY_SEEDS=1 HISTORY_STEPS=60 build/dev/tests/fault_tests
//   --gtest_filter='Random*'
// Histories with more than one worker may differ a little each time, since threads do.
#include "app/prune.hpp"
#include "app/session.hpp"
#include "cli/price_file.hpp"
#include "core/records/file_record.hpp"
#include "manifest/totals.hpp"
#include "repository/catalog.hpp"
#include "repository/encrypted_store.hpp"
#include "repository/restore_points.hpp"
#include "repository/store_marker.hpp"
#include "store/open_store.hpp"
#include "store/retrying_store.hpp"
#include "support/dice.hpp"
#include "support/emulated_bucket.hpp"
#include "support/mortal_store.hpp"
#include "support/random_library.hpp"
#include "support/temp_dir.hpp"
#include "support/workplace.hpp"
#include "sys/hash.hpp"
#include "sys/system.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <filesystem>
#include <set>

namespace ib::test {
namespace {

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise)
{
  const std::optional<std::string> text = environment(name);
  return text ? std::stoull(*text) : otherwise;
}

/// What lies in a store, seen from behind the program's back.
class StorePlace {
public:
  /// The bytes, and what changes if an object is written anew, be it with the same bytes.
  struct Object {
    std::string bytes, identity;
    std::size_t stored_bytes = bytes.size();  ///< more, where these are their plain text
    friend bool operator==(const Object&, const Object&) = default;
  };
  virtual ~StorePlace() = default;
  virtual const OpenStore& opened() const = 0;
  ObjectStore& store() const { return *opened().store; }
  virtual std::map<std::string, Object> objects() = 0;
  /// What a machine that sees `store` reads and writes through; null: nothing.
  virtual std::unique_ptr<EncryptedStore> over(ObjectStore& /*store*/) { return nullptr; }
};

class FolderPlace final : public StorePlace {
public:
  explicit FolderPlace(const std::string& folder)
      : folder_(folder), opened_(open_store(StoreAddress::of_folder(folder)).value())
  {}
  const OpenStore& opened() const override { return opened_; }
  std::map<std::string, Object> objects() override
  {
    std::map<std::string, Object> objects;
    if (!fs::exists(folder_)) return objects;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder_)) {
      const std::string path = entry.path().string();
      if (!entry.is_regular_file() || path.starts_with(folder_ + "/.incomplete/")) continue;
      struct stat st {};
      EXPECT_EQ(::stat(path.c_str(), &st), 0);
      objects[path.substr(folder_.size() + 1)] = {
          .bytes = read_file(path, 1 << 30).value(),
          .identity = std::to_string(st.st_ino) + " of " + std::to_string(st.st_mtim.tv_sec) + "." +
                      std::to_string(st.st_mtim.tv_nsec)};
    }
    return objects;
  }

private:
  std::string folder_;
  OpenStore opened_;
};

class BucketPlace final : public StorePlace {
public:
  const OpenStore& opened() const override { return opened_; }
  std::map<std::string, Object> objects() override
  {
    std::map<std::string, Object> objects;
    for (const std::string& name : bucket_.emulator().list("photos")) {
      objects[name] = {
          .bytes = bucket_.emulator().content("photos", name).value(),
          .identity = std::to_string(bucket_.emulator().object("photos", name)->generation)};
    }
    return objects;
  }

private:
  EmulatedBucket bucket_;
  OpenStore opened_ = bucket_.open();
};

/// One of the others, whose objects are age files, as the owner sees it.
class EncryptedPlace final : public StorePlace {
public:
  explicit EncryptedPlace(std::unique_ptr<StorePlace> inner) : inner_(std::move(inner))
  {
    StoreMarker marker = new_marker("", {}, Timestamp{}, to_text(machine_->public_key()));
    marker.recipients = sorted_texts({owner_.recipient()});
    keys_ = StoreKeys::create(marker.id, {owner_.recipient()});
    must(put_store_keys(store(), must(seal(*keys_, *machine_)), Timestamp{}, {}));
    SilentProgress progress;
    must(create_marker({.store = store(), .progress = progress}, marker));
  }
  const OpenStore& opened() const override { return inner_->opened(); }
  std::map<std::string, Object> objects() override
  {
    std::vector<AgeIdentity> identities{owner_, keys_->documents.front()};
    std::map<std::string, Object> objects;
    for (auto& [name, object] : inner_->objects()) {
      const bool is_plain = name == kStoreMarker;
      if (!is_plain) object.bytes = must(decrypt_text(object.bytes, identities));
      const bool keeps_name = is_plain || name.starts_with(kLibraryPrefix);
      EXPECT_TRUE(is_plain || name.ends_with(kEncryptedSuffix)) << name;
      objects.emplace(keeps_name ? name : name.substr(0, name.size() - kEncryptedSuffix.size()),
                      std::move(object));
    }
    return objects;
  }
  std::unique_ptr<EncryptedStore> over(ObjectStore& store) override
  {
    return std::make_unique<EncryptedStore>(
        store, EncryptionKeys{.machine = machine_,
                              .trusted = std::vector{machine_->public_key()},
                              .recipients = {owner_.recipient()},
                              .identities = {owner_}});
  }

private:
  std::unique_ptr<StorePlace> inner_;
  std::shared_ptr<const MachineKey> machine_ =
      std::make_shared<const MachineKey>(MachineKey::create());
  AgeIdentity owner_ = AgeIdentity::create();
  std::optional<StoreKeys> keys_;
};

struct Kind {
  bool in_a_bucket = false;
  bool encrypted = false;
};

class History {
public:
  History(std::uint64_t seed, Kind kind)
      : dice_(seed),
        workers_(1 + static_cast<unsigned>(seed % 3)),
        library_(scratch_.file("library"), scratch_.file("aside"), dice_)
  {
    if (kind.in_a_bucket) {
      place_ = std::make_unique<BucketPlace>();
    } else {
      place_ = std::make_unique<FolderPlace>(scratch_.file("store"));
    }
    if (kind.encrypted) {
      place_ = std::make_unique<EncryptedPlace>(std::move(place_));
    } else {
      begin_store(place_->store());
    }
    fs::create_directory(scratch_.file("tmp"));
  }

  void step()
  {
    layers_.clear();
    if (dice_.chance(55)) {
      tell(library_.change());
      return;
    }
    clock_ += std::chrono::seconds(dice_.one_of(std::vector<int>{0, 0, 1, 2, 3600, 86'400}));
    switch (dice_.below(13)) {
      case 0:
      case 1:
      case 2:
        run_to_its_end();
        break;
      case 3:
      case 4:
      case 5:
        run_and_be_killed();
        break;
      case 6:
        run_without_a_reply();
        break;
      case 7:
        run_over_a_bad_network();
        break;
      case 8:
      case 9:
        run_two_at_once();
        break;
      case 10:
        run_by_a_wrong_clock();
        break;
      case 11:
        prune_some();
        break;
      default:
        plant_a_manifest();
        break;
    }
    check_everything();
  }

  /// At the end all is well again: one more run must bring the backup to what the library holds.
  void end()
  {
    tell(library_.reveal());
    run_to_its_end();
    check_everything();
    for (const auto& [time, tree] : points_) check_restore(time, tree);
    MortalStore machine(place_->store(), clock_, {}, 0);
    const auto verified = run_verify(session(machine), {.all = true});
    ASSERT_TRUE(verified) << verified.error().message;
    EXPECT_EQ(verified->damaged, 0U);
  }

  std::string story() const
  {
    std::string text;
    for (const std::string& line : steps_) text += "  " + line + "\n";
    return text;
  }
  std::size_t runs() const { return runs_; }
  std::size_t deaths() const { return deaths_; }
  std::size_t restore_points() const { return points_.size(); }
  std::size_t totals_looked_at() const { return totals_looked_at_; }
  std::size_t pruned() const { return pruned_; }

private:
  /// What the model knows beside the library.
  struct Known {
    Tree newest;  // what the newest restore point brings back
    Tree recorded;
    std::map<Timestamp, Tree> points;
    std::set<Sha256> confirmed;
  };

  void tell(std::string what)
  {
    if (what.empty()) return;
    for (char& c : what) {
      if (static_cast<unsigned char>(c) >= 0x7F) c = '?';
    }
    steps_.push_back(std::move(what));
  }

  Session session(ObjectStore& store)
  {
    EncryptedStore* encryption = nullptr;
    if (std::unique_ptr<EncryptedStore> over = place_->over(store))
      encryption = layers_.emplace_back(std::move(over)).get();
    Session session{{.store = encryption == nullptr ? store : *encryption,
                     .progress = progress_,
                     .stop = {},
                     .scratch_parent = scratch_.file("tmp"),
                     .ignored_manifests = ignored_,
                     .encryption = encryption},
                    *place_->opened().inspector,
                    *place_->opened().usage_meter,
                    workers_};
    session.spending.prices = built_in_prices();
    return session;
  }

  Rules any_rules()
  {
    switch (dice_.below(8)) {
      case 0:
        return {.include = {}, .exclude = {"*.xmp"}};
      case 1:
        return {.include = {}, .exclude = {"/library/admin/2021/"}};
      case 2:
        return {.include = {"/thumbs/"}, .exclude = {}};
      default:
        return {};
    }
  }

  static std::string described(const Rules& rules)
  {
    std::string text;
    for (const std::string& pattern : rules.include) text += " including " + pattern;
    for (const std::string& pattern : rules.exclude) text += " excluding " + pattern;
    return text;
  }

  BackupJob job(const Rules& rules) const
  {
    BackupJob job;
    job.library = library_.root();
    job.include = rules.include;
    job.exclude = rules.exclude;
    return job;
  }

  /// The newest restore point as a whole run over the library as it is makes it.
  Tree after_a_run(const Rules& rules) const
  {
    Tree tree = recorded_;
    const auto& hidden = library_.hidden();
    std::erase_if(tree, [&](const auto& file) {
      const bool uncertain = hidden && hidden->contains(file.first);
      return rules.cover(file.first) && !uncertain && !library_.files().contains(file.first);
    });
    for (const auto& [path, file] : library_.files()) {
      if (rules.cover(path) && !(hidden && hidden->hides(path))) tree[path] = file;
    }
    return tree;
  }

  Result<BackupReport> run_on(ObjectStore& store, const Rules& rules)
  {
    ++runs_;
    return run_backup(session(store), job(rules));
  }

  void run_to_its_end()
  {
    const Rules rules = any_rules();
    tell("back up" + described(rules));
    MortalStore machine(place_->store(), clock_, {}, 0);
    const Tree expected = after_a_run(rules);
    const auto report = run_on(machine, rules);
    ASSERT_TRUE(report) << report.error().message << "\n" << report.error().hint;
    look_at_sends(machine);
    // Where something is missing that may still be there, the run says so.
    const auto& hidden = library_.hidden();
    const bool kept =
        hidden && hidden->how != Hidden::How::unreadable_file &&
        std::ranges::any_of(recorded_, [&](const auto& file) {
          return rules.cover(file.first) && hidden->contains(file.first) &&
                 (hidden->hides(file.first) || !library_.files().contains(file.first));
        });
    if (kept) {
      EXPECT_THAT(codes(report->header), Contains("missing_but_kept"));
    }
    if (!hidden) {
      EXPECT_TRUE(report->complete) << report->header.problems.front().message;
    }
    ASSERT_TRUE(report->restore_point);
    EXPECT_EQ(new_points(), std::vector<Timestamp>{*report->restore_point});
    take_over({expected});
  }

  Trouble any_death()
  {
    Trouble trouble;
    trouble.kill_at = 1 + dice_.below(dice_.chance(50) ? 12 : 30);
    trouble.kill_when = static_cast<Trouble::When>(dice_.below(3));
    return trouble;
  }

  static std::string described(const Trouble& trouble)
  {
    if (trouble.kill_at == 0) return "";
    return ", killed at call " + std::to_string(trouble.kill_at) + "." +
           std::to_string(static_cast<int>(trouble.kill_when));
  }

  void run_and_be_killed()
  {
    const Rules rules = any_rules();
    const Trouble trouble = any_death();
    tell("back up" + described(rules) + described(trouble));
    MortalStore machine(place_->store(), clock_, trouble, 0);
    const Tree expected = after_a_run(rules);
    static_cast<void>(run_on(machine, rules));  // nobody hears what a dead program says
    deaths_ += machine.is_dead() ? 1U : 0U;
    look_at_sends(machine);
    take_over({expected});
  }

  /// One call is said to have failed, though it took effect: the run may end there, with what it
  /// had.
  void run_without_a_reply()
  {
    const Rules rules = any_rules();
    Trouble trouble;
    trouble.deaf_at = 1 + dice_.below(20);
    tell("back up" + described(rules) + ", deaf at call " + std::to_string(trouble.deaf_at));
    MortalStore machine(place_->store(), clock_, trouble, 0);
    const Tree expected = after_a_run(rules);
    const auto report = run_on(machine, rules);
    look_at_sends(machine);
    if (report && report->failed == 0) {
      take_over({expected});
    } else {
      take_over({recorded_, expected});
    }
  }

  void run_over_a_bad_network()
  {
    const Rules rules = any_rules();
    Trouble trouble;
    trouble.loses_percent = 25;
    tell("back up" + described(rules) + ", losing replies");
    auto losing =
        std::make_unique<MortalStore>(place_->store(), clock_, trouble, dice_.below(1'000'000));
    const MortalStore& machine = *losing;
    const auto store = make_retrying_store(
        std::move(losing),
        std::make_shared<Retrier>(RetryPolicy{}, std::make_shared<InstantBackoff>()));
    const Tree expected = after_a_run(rules);
    const auto report = run_on(*store, rules);
    ASSERT_TRUE(report) << report.error().message;
    look_at_sends(machine);
    take_over({expected});
  }

  /// Another machine backs the same library up while the first one does; what is there may change
  /// between them, and each may be killed.
  void run_two_at_once()
  {
    tell(library_.change());
    tell(library_.change());
    const Rules rules = any_rules();
    const bool library_changes = dice_.chance(50);
    const auto own_trouble = [&] { return dice_.chance(40) ? any_death() : Trouble{}; };
    const Trouble of_second = own_trouble();
    Trouble of_first = own_trouble();
    of_first.interrupted_at = dice_.chance(70) ? 3 + dice_.below(8) : 1 + dice_.below(25);
    const std::vector<Tree> before{recorded_, after_a_run(rules)};
    std::vector<Tree> candidates = library_changes ? before : std::vector<Tree>{before.back()};
    MortalStore second(place_->store(), clock_, of_second, 0);
    of_first.meanwhile = [&] {
      if (library_changes) {
        // The first one has folders open, and sees what happens in them after they were renamed.
        for (int i = 0; i < 3; ++i) {
          if (const std::string change = library_.change(); !change.empty())
            tell("  meanwhile " + change);
          candidates.push_back(after_a_run(rules));
        }
      }
      static_cast<void>(run_on(second, rules));  // what it has done is looked at in the store
    };
    tell("back up" + described(rules) + described(of_first) + "; before call " +
         std::to_string(of_first.interrupted_at) + " another one" + described(of_second));
    MortalStore first(place_->store(), clock_, of_first, 0);
    static_cast<void>(run_on(first, rules));
    deaths_ += (first.is_dead() ? 1U : 0U) + (second.is_dead() ? 1U : 0U);
    for (const MortalStore* machine : {&first, &second}) look_at_replacements(*machine);
    take_over(candidates);
  }

  /// The clock stands years ahead, or years back. What was dated in the future is refused by name
  /// afterwards.
  void run_by_a_wrong_clock()
  {
    if (points_.empty()) return;
    const Timestamp right = clock_;
    if (dice_.chance(50)) {
      tell("back up by a clock that is a year late");
      clock_ = points_.rbegin()->first - std::chrono::hours(24 * 365);
      expect_refusal({});
      clock_ = right;
      return;
    }
    tell("back up by a clock that is ten years early");
    const Known before{
        .newest = newest_, .recorded = recorded_, .points = points_, .confirmed = confirmed_};
    clock_ += std::chrono::hours(24 * 3650);
    run_to_its_end();
    clock_ = right;
    newest_ = before.newest;
    recorded_ = before.recorded;
    points_ = before.points;
    confirmed_ = before.confirmed;
    const std::string year = format_iso(right + std::chrono::hours(24 * 3650)).substr(0, 4);
    expect_refusal("manifest-" + year);
    for (const auto& [name, object] : place_->objects()) {
      if (name.starts_with("manifest-" + year)) ignored_.push_back(name);
    }
  }

  /// Restore points go, and the manifests that nothing kept rests on; what was stored of files
  /// stays, and stays known.
  void prune_some()
  {
    clock_ += std::chrono::days(8);  // what is younger stays, since a run may rest on it
    const Trouble trouble = dice_.chance(40) ? any_death() : Trouble{};
    const unsigned last = 1 + static_cast<unsigned>(dice_.below(4));
    tell("prune, keeping " + std::to_string(last) + described(trouble));
    MortalStore machine(place_->store(), clock_, trouble, 0);
    const auto pruned = run_prune(session(machine), {.rules = {.last = last}, .remove = true});
    if (!machine.is_dead()) {
      ASSERT_TRUE(pruned) << pruned.error().message;
    }
    const auto objects = place_->objects();
    std::erase_if(seen_, [&](const auto& object) {
      const bool may_go =
          object.first.starts_with("manifest-") || object.first.starts_with("runs/");
      return may_go && !objects.contains(object.first);
    });
    if (points_.empty()) return;
    EXPECT_TRUE(objects.contains(restore_point_name(points_.rbegin()->first).value))
        << "the newest restore point went";
    pruned_ += std::erase_if(points_, [&](const auto& point) {
      return !objects.contains(restore_point_name(point.first).value);
    });
  }

  void plant_a_manifest()
  {
    std::string newest;
    for (const auto& [name, object] : place_->objects()) {
      if (name.starts_with("manifest-2") && name.ends_with(".db")) newest = name;
    }
    if (newest.empty()) return;
    const std::string name =
        "manifest-29990101T0000" + std::to_string(10 + planted_++ % 50) + "Z.db";
    if (place_->objects().contains(name)) return;
    tell("plant " + name);
    const std::string bytes = place_->objects().at(newest).bytes;
    ASSERT_TRUE(put_small(session(place_->store()).store, {name}, bytes, {{"parents", newest}},
                          "application/vnd.sqlite3", {}));
    seen_ = place_->objects();
    expect_refusal(name);
    ignored_.push_back(name);
    run_to_its_end();
  }

  /// Nothing goes on, and nothing is changed, as long as the store's manifests contradict its
  /// clock.
  void expect_refusal(const std::string& name)
  {
    seen_ = place_->objects();
    MortalStore machine(place_->store(), clock_, {}, 0);
    const auto refused = run_on(machine, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::invalid);
    EXPECT_THAT(refused.error().message, HasSubstr(name));
    EXPECT_THAT(refused.error().hint, HasSubstr("--ignore-manifest "));
    EXPECT_EQ(place_->objects(), seen_);
  }

  // --- What must hold

  static void look_at_replacements(const MortalStore& machine)
  {
    for (const std::string& name : machine.replaced())
      EXPECT_TRUE(name.starts_with("manifest.db") || name.starts_with("manifest.json"))
          << name << " was replaced";
  }

  static bool holds_a_file(const std::string& name)
  {
    return name.starts_with("library/") || name.starts_with("versions/") ||
           name.starts_with("hashed/");
  }

  /// One writer after another: what a run has confirmed is not sent again under any name, what a
  /// run has finished is sent once, and what is in the manifest is not even tried.
  void look_at_sends(const MortalStore& machine)
  {
    look_at_replacements(machine);
    std::set<std::string> confirmed;
    for (const auto& [time, tree] : points_) {
      for (const auto& [path, file] : tree) confirmed.insert(file.bytes);
    }
    const auto objects = place_->objects();
    for (const auto& [name, bytes] : machine.stored()) {
      if (!holds_a_file(name)) continue;
      EXPECT_FALSE(confirmed.contains(objects.at(name).bytes))
          << name << ": this content was confirmed before";
      EXPECT_EQ(bytes, objects.at(name).stored_bytes) << name << " was sent more than once";
    }
    for (const auto& [name, sha256_hex] : machine.refused()) {
      // Taken by other content, or in a folder by a folder, it was right to try.
      const auto there = objects.find(name);
      const bool is_same =
          there != objects.end() && sha256(bytes_of(there->second.bytes)).hex() == sha256_hex;
      EXPECT_FALSE(is_same && claimed_.contains(name))
          << name << " is in the manifest and was tried again";
    }
  }

  /// Restore points that the model has not seen yet.
  std::vector<Timestamp> new_points()
  {
    std::vector<Timestamp> times;
    for (const auto& [name, object] : place_->objects()) {
      const auto time = restore_point_time({name});
      const bool is_ignored = std::ranges::find(ignored_, name) != ignored_.end();
      if (time && !points_.contains(*time) && !is_ignored) times.push_back(*time);
    }
    return times;
  }

  /// What the runs of this step have confirmed: each of their restore points must be one of these
  /// trees, or, where there are several, take each path from one of them.
  void take_over(const std::vector<Tree>& candidates)
  {
    for (const Timestamp time : new_points()) {
      points_[time] = candidates.size() == 1 ? candidates.front() : restored(time);
      expect_plausible(points_[time], candidates);
      for (const auto& [path, file] : points_[time])
        confirmed_.insert(sha256(bytes_of(file.bytes)));
      if (points_.rbegin()->first == time) newest_ = points_[time];
    }
    // A run that died between its manifest and its restore point has confirmed nothing, but the
    // next one goes on from there.
    if (has_new_manifest()) {
      recorded_ = candidates.size() == 1 ? candidates.front() : in_the_manifest();
      expect_plausible(recorded_, candidates);
    }
  }

  bool has_new_manifest()
  {
    return std::ranges::any_of(place_->objects(), [&](const auto& object) {
      const bool is_ignored = std::ranges::find(ignored_, object.first) != ignored_.end();
      return manifest_time({object.first}) && !seen_.contains(object.first) && !is_ignored;
    });
  }

  Tree in_the_manifest()
  {
    Tree tree;
    MortalStore machine(place_->store(), clock_, {}, 0);
    const auto catalog = require_catalog(session(machine));
    if (!catalog) {
      ADD_FAILURE() << catalog.error().message;
      return tree;
    }
    const auto objects = place_->objects();
    const auto rows = catalog->manifest.records().value();
    while (const auto row = rows->next().value()) {
      if (row->archived) continue;
      const auto object = objects.find(row->object_name().value);
      EXPECT_TRUE(object != objects.end())
          << row->object_name().value << " is claimed, and not there";
      if (object != objects.end())
        tree[row->path] = {.bytes = object->second.bytes, .mtime_ns = row->mtime_ns};
    }
    return tree;
  }

  /// "12 bytes ccf670", as the steps tell it.
  static std::string content_in(const Tree& tree, const std::string& path)
  {
    const auto it = tree.find(path);
    if (it == tree.end()) return "absent";
    return std::to_string(it->second.bytes.size()) + " bytes " +
           sha256(bytes_of(it->second.bytes)).hex().substr(0, 6);
  }

  void expect_plausible(const Tree& tree, const std::vector<Tree>& candidates)
  {
    std::set<std::string> paths;
    for (const auto& [path, file] : tree) paths.insert(path);
    for (const Tree& candidate : candidates) {
      for (const auto& [path, file] : candidate) paths.insert(path);
    }
    for (const std::string& path : paths) {
      const auto bytes_in = [&](const Tree& of) {
        const auto it = of.find(path);
        return it == of.end() ? std::optional<std::string>() : it->second.bytes;
      };
      EXPECT_TRUE(std::ranges::any_of(candidates,
                                      [&](const Tree& c) { return bytes_in(c) == bytes_in(tree); }))
          << path << " is recorded in a state that it never had: " << content_in(tree, path)
          << ", not " << content_in(candidates.front(), path) << " or "
          << content_in(candidates.back(), path);
    }
  }

  Tree restored(Timestamp time)
  {
    const std::string target = scratch_.file("target");
    fs::remove_all(target);
    MortalStore machine(place_->store(), clock_, {}, 0);
    const auto report = run_restore(session(machine), {.target = target, .at = time});
    if (!report) {
      // A first run that failed before it had stored anything leaves a restore point of nothing.
      if (report.error().message.ends_with("there is no backup here yet")) return {};
      ADD_FAILURE() << format_iso(time) << ": " << report.error().message;
      return {};
    }
    EXPECT_EQ(report->restore_point, time);
    EXPECT_TRUE(report->header.problems.empty()) << report->header.problems.front().message;
    return files_below(target);
  }

  void check_restore(Timestamp time, const Tree& tree)
  {
    EXPECT_EQ(restored(time), tree) << "restored from " << format_iso(time);
  }

  void check_everything()
  {
    check_objects();
    check_manifest();
    if (points_.empty()) return;
    check_restore(points_.rbegin()->first, newest_);
    const auto& [time, tree] = dice_.one_of(points_);
    check_restore(time, tree);
  }

  /// Nothing is overwritten and nothing deleted, not even with the same bytes.
  void check_objects()
  {
    auto now = place_->objects();
    for (const auto& [name, object] : seen_) {
      if (name == "manifest.db" || name == "manifest.json") continue;
      const auto it = now.find(name);
      if (it == now.end()) {
        ADD_FAILURE() << name << " was deleted";
      } else {
        EXPECT_TRUE(it->second.bytes == object.bytes) << name << " was overwritten";
        EXPECT_EQ(it->second.identity, object.identity) << name << " was written again";
      }
    }
    seen_ = std::move(now);
  }

  /// The manifest names nothing that the store does not hold, knows each content that was ever
  /// confirmed, and shows every restore point as it was shown at first.
  void check_manifest()
  {
    MortalStore machine(place_->store(), clock_, {}, 0);
    auto catalog = load_catalog(session(machine));
    ASSERT_TRUE(catalog) << catalog.error().message;
    if (!*catalog) {
      for (const auto& [time, tree] : points_)
        EXPECT_TRUE(tree.empty()) << format_iso(time) << " is lost";
      return;
    }
    Manifest& manifest = (*catalog)->manifest;
    check_totals(machine, **catalog);
    std::set<Sha256> known;
    claimed_.clear();
    const auto contents = manifest.stored_contents().value();
    while (const auto stored = contents->next().value()) {
      const auto object = seen_.find(stored->name.value);
      if (object == seen_.end()) {
        ADD_FAILURE() << stored->name.value << " is claimed, and not there";
        continue;
      }
      ContentHasher hasher;
      hasher.update(bytes_of(object->second.bytes));
      EXPECT_TRUE(hasher.finish() == stored->content)
          << stored->name.value << " holds something else";
      known.insert(stored->content.sha256);
      claimed_.insert(stored->name.value);
    }
    for (const auto& [time, tree] : points_) {
      for (const auto& [path, file] : tree) {
        EXPECT_TRUE(known.contains(sha256(bytes_of(file.bytes))))
            << path << " as of " << format_iso(time) << " is no longer known";
      }
      check_listing(machine, time, tree);
    }
    for (const Sha256& content : confirmed_)
      EXPECT_TRUE(known.contains(content)) << "what only pruned points had is no longer known";
  }

  /// What the newest restore point says of all rows is what they add up to, also where its run had
  /// not read them.
  void check_totals(MortalStore& machine, Catalog& catalog)
  {
    if (points_.empty()) return;
    const auto point =
        read_restore_point(session(machine), restore_point_name(points_.rbegin()->first));
    ASSERT_TRUE(point) << point.error().message;
    take_totals(catalog, *point);
    if (!catalog.totals) return;  // it rests on something else
    EXPECT_EQ(catalog.totals->counts, count_files(catalog.manifest).value());
    const StoredTotals stored = sum_up(catalog.manifest, StorageClass::archive).value().stored;
    EXPECT_EQ(catalog.totals->stored.value_or(stored), stored);
    if (catalog.totals->stored) ++totals_looked_at_;
  }

  void check_listing(MortalStore& machine, Timestamp time, const Tree& tree)
  {
    std::map<std::string, std::string> listed, wanted;
    const auto shown =
        run_ls(session(machine), {.patterns = {}, .at = time}, [&](const FileRecord& record) {
          listed[record.path] = record.content.sha256.hex();
          return Result<>();
        });
    ASSERT_TRUE(shown) << shown.error().message;
    for (const auto& [path, file] : tree) wanted[path] = sha256(bytes_of(file.bytes)).hex();
    EXPECT_EQ(listed, wanted) << "ls --at " << format_iso(time);
  }

  TempDir scratch_;
  Dice dice_;
  unsigned workers_;
  RandomLibrary library_;
  std::unique_ptr<StorePlace> place_;
  std::vector<std::unique_ptr<EncryptedStore>> layers_;  // of the machines of this step
  SilentProgress progress_;
  Timestamp clock_{std::chrono::seconds(1'770'000'000)};
  std::vector<std::string> ignored_;
  std::vector<std::string> steps_;

  Tree newest_;    // what the newest restore point brings back
  Tree recorded_;  // what the manifest says, from which the next run goes on
  std::map<Timestamp, Tree> points_;
  std::set<Sha256> confirmed_;     // the contents that any restore point ever had
  std::set<std::string> claimed_;  // the objects that the manifest named after the last step
  std::map<std::string, StorePlace::Object> seen_;  // the store after the last step
  int planted_ = 0;
  std::size_t runs_ = 0, deaths_ = 0, totals_looked_at_ = 0, pruned_ = 0;
};

void live_through(std::uint64_t first_seed, std::uint64_t seeds, std::uint64_t steps, Kind kind)
{
  const WithoutRoot permissions_count;
  std::size_t runs = 0, deaths = 0, points = 0, totals = 0, pruned = 0;
  for (std::uint64_t seed = first_seed; seed < first_seed + seeds; ++seed) {
    History history(seed, kind);
    for (std::uint64_t i = 0; i < steps && !::testing::Test::HasFailure(); ++i) history.step();
    if (!::testing::Test::HasFailure()) history.end();
    ASSERT_FALSE(::testing::Test::HasFailure())
        << "HISTORY_SEED=" << seed << " HISTORY_SEEDS=1 HISTORY_STEPS=" << steps << ":\n"
        << history.story();
    runs += history.runs();
    deaths += history.deaths();
    points += history.restore_points();
    totals += history.totals_looked_at();
    pruned += history.pruned();
  }
  EXPECT_GT(totals, 0U);
  std::printf("%lu histories, %zu runs, %zu killed, %zu restore points and %zu pruned\n", seeds,
              runs, deaths, points, pruned);
}

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr std::uint64_t kInAFolder = 1, kInABucket = 1, kEncrypted = 1,
                        kSteps = 25;  // each takes many times longer
#else
constexpr std::uint64_t kInAFolder = 8, kInABucket = 2, kEncrypted = 3, kSteps = 60;
#endif

TEST(RandomHistories, LoseNothingThatWasConfirmedInAFolder)
{
  live_through(number_from_environment("HISTORY_SEED", 1),
               number_from_environment("HISTORY_SEEDS", kInAFolder),
               number_from_environment("HISTORY_STEPS", kSteps), {});
}

TEST(RandomHistories, LoseNothingThatWasConfirmedInABucket)
{
  live_through(number_from_environment("HISTORY_SEED", 1),
               number_from_environment("HISTORY_SEEDS", kInABucket),
               number_from_environment("HISTORY_STEPS", kSteps), {.in_a_bucket = true});
}

TEST(RandomHistories, LoseNothingThatWasConfirmedInAnEncryptedFolder)
{
  live_through(number_from_environment("HISTORY_SEED", 101),
               number_from_environment("HISTORY_SEEDS", kEncrypted),
               number_from_environment("HISTORY_STEPS", kSteps), {.encrypted = true});
}

TEST(RandomHistories, LoseNothingThatWasConfirmedInAnEncryptedBucket)
{
  live_through(number_from_environment("HISTORY_SEED", 101),
               number_from_environment("HISTORY_SEEDS", kInABucket),
               number_from_environment("HISTORY_STEPS", kSteps),
               {.in_a_bucket = true, .encrypted = true});
}

}  // namespace
}  // namespace ib::test
