// SPDX-License-Identifier: Apache-2.0
#include "manifest/exchange.hpp"

#include "manifest/run_plan.hpp"
#include "manifest/sqlite.hpp"
#include "manifest/totals.hpp"
#include "manifest/working_copy.hpp"
#include "manifest_fixture.hpp"
#include "sys/file.hpp"
#include "sys/hash.hpp"

#include <filesystem>

namespace ib::test {
namespace {

class MergedManifests : public Manifests {
protected:
  /// A manifest with these records, one after the other, whose runs were all committed; its packed
  /// file.
  std::string head(const std::vector<Dated>& records)
  {
    Manifest manifest = create();
    for (const Dated& each : records) {
      write(manifest, each);
      must(manifest.commit_run(static_cast<std::uint64_t>(each.run)));
    }
    return packed(manifest);
  }

  Manifest merged(const std::string& into, const std::string& other)
  {
    const std::string copy = "copy" + std::to_string(copies_++);
    dir.write_file(copy, dir.read_file(into.substr(dir.path().size() + 1)));
    Manifest manifest = must(Manifest::open(file(copy), "manifest"));
    must(merge(manifest, other));
    return manifest;
  }

  /// Every row and every earlier state, as generations and runs tell them.
  static std::vector<std::string> lives(const Manifest& manifest)
  {
    std::vector<std::string> lines;
    for (const std::vector<PathState>& states : drain(must(manifest.histories()))) {
      for (const PathState& state : states) {
        const FileRecord& r = state.record;
        lines.push_back(r.path + " " + r.content.sha256.hex().substr(0, 8) + " " +
                        std::to_string(r.archived) + " " + r.object_name().value + " " +
                        state.since.run + "-" + (state.until ? state.until->run : "") + " " +
                        std::to_string(r.mtime_ns) + (r.recheck ? " recheck" : ""));
      }
    }
    return lines;
  }

  static std::string object_at(const Manifest& manifest, std::string_view path)
  {
    const FileRecord record = must(manifest.find(path)).value();
    return record.object_name().value + (record.archived ? " gone" : "") +
           (record.recheck ? " recheck" : "");
  }

  /// Merges them in both orders, which must come to the same; the row of /f.
  std::string row_of_f(const std::string& a, const std::string& b)
  {
    const Manifest one = merged(a, b);
    const Manifest other = merged(b, a);
    EXPECT_EQ(lives(one), lives(other));
    return object_at(one, "/f");
  }

  static Dated f(std::string_view bytes, std::int64_t run, std::int64_t mtime_ns = 1)
  {
    return stored_at(dated("/f", bytes, run, mtime_ns), "versions/f/" + std::string(bytes));
  }

private:
  int copies_ = 0;
};

TEST_F(MergedManifests, HoldWhatEitherHeld)
{
  const std::string a = head({dated("/both", "x", 1), dated("/a", "a", 2)});
  const std::string b = head({dated("/both", "x", 1), dated("/b", "b", 3)});
  const Manifest manifest = merged(a, b);
  EXPECT_THAT(described(rows(manifest)),
              ElementsAre("/a=library/a", "/b=library/b", "/both=library/both"));
  EXPECT_TRUE(manifest.changed());
  EXPECT_EQ(lives(merged(b, a)), lives(manifest));
}

TEST_F(MergedManifests, TakeTheStateThatKnowsTheOtherWhateverItsTime)
{
  // One machine's clock is years ahead; it has seen nothing of what the other has done.
  Dated by_a_wrong_clock = f("old", 1, 9'999);
  const std::string behind = head({by_a_wrong_clock});
  EXPECT_EQ(row_of_f(behind, head({by_a_wrong_clock, f("new", 2, 5)})), "versions/f/new");
  EXPECT_EQ(row_of_f(behind, head({by_a_wrong_clock, gone(f("old", 2))})), "versions/f/old gone");
  EXPECT_EQ(row_of_f(behind, head({by_a_wrong_clock, gone(f("old", 2)), f("old", 3)})),
            "versions/f/old");
}

TEST_F(MergedManifests, TakeWhatIsThereBeforeWhatIsGoneWhereNeitherKnowsTheOther)
{
  const Dated parent = f("parent", 1);
  EXPECT_EQ(row_of_f(head({parent, gone(f("parent", 2))}), head({parent, f("edited", 3)})),
            "versions/f/edited recheck");
}

TEST_F(MergedManifests, TakeTheLaterFileAndThenTheGreaterChecksum)
{
  const Dated parent = f("parent", 1);
  EXPECT_EQ(row_of_f(head({parent, f("from a", 2, 20)}), head({parent, f("from b", 3, 10)})),
            "versions/f/from a recheck");
  const std::string greater =
      content_of("x").sha256.hex() > content_of("y").sha256.hex() ? "x" : "y";
  EXPECT_EQ(row_of_f(head({parent, f("x", 2)}), head({parent, f("y", 3)})),
            "versions/f/" + greater + " recheck");
}

TEST_F(MergedManifests, KeepBothContents)
{
  const Dated parent = f("parent", 1);
  const std::string a = head({parent, f("from a", 2, 20)});
  const std::string b = head({parent, f("from b", 3, 10)});
  for (const auto& [into, other] : {std::pair(a, b), std::pair(b, a)}) {
    const Manifest manifest = merged(into, other);
    EXPECT_EQ(drain(must(manifest.stored_contents())).size(), 3U) << "no object is forgotten";
    EXPECT_EQ(must(manifest.history("/f")).size(), 4U) << "the parent ended in two ways";
  }
}

TEST_F(MergedManifests, TellRunsOfTheSameGenerationApart)
{
  // Two machines, one parent: both commits are of generation 2.
  Manifest one = create();
  write(one, f("parent", 1));
  must(one.commit_run(1));
  const std::string parent = packed(one);
  const auto on_top = [&](const std::string& run, std::string_view bytes, std::int64_t mtime) {
    const std::string copy = "child-" + run;
    dir.write_file(copy, dir.read_file(parent.substr(dir.path().size() + 1)));
    Manifest manifest = must(Manifest::open(file(copy), "manifest"));
    must(manifest.begin_run({.generation = 2, .run = run, .started = at(5)}));
    must(manifest.record(f(bytes, 0, mtime).record));
    must(manifest.commit_run(2));
    return packed(manifest);
  };
  EXPECT_EQ(row_of_f(on_top("one", "from one", 7), on_top("two", "from two", 8)),
            "versions/f/from two recheck");
}

TEST_F(MergedManifests, TakeWhatACheckpointHasMovedOnFrom)
{
  // A run that was killed had recorded a file with an older time of its own.
  Manifest base = create();
  write(base, f("parent", 1, 100));
  must(base.commit_run(1));
  const std::string parent = packed(base);
  Manifest running = must(Manifest::open(parent, "parent"));
  static_cast<void>(must(RunPlan::begin(running)));
  write(running, f("edited", 2, 50));
  ASSERT_TRUE(must(extract_changes(running, file("checkpoint"))));
  const Manifest after = merged(parent, file("checkpoint"));
  EXPECT_EQ(object_at(after, "/f"), "versions/f/edited");
  // What it builds on is not claimed to be known by the checkpoint: it lacks the rest of that.
  Manifest later = create();
  write(later, f("parent", 1, 100));
  write(later, dated("/other", "x", 1));
  must(later.commit_run(1));
  const Manifest both = merged(packed(later), file("checkpoint"));
  EXPECT_THAT(described(rows(both)), ElementsAre("/f=versions/f/edited", "/other=library/other"));
}

TEST_F(MergedManifests, ChangeNothingWhenTheyAreTheSame)
{
  const std::string a = head({dated("/a", "x", 1), stored_at(dated("/a", "y", 2), "versions/a/y"),
                              gone(dated("/b", "z", 1))});
  const Manifest manifest = merged(a, a);
  EXPECT_FALSE(manifest.changed());
  EXPECT_EQ(lives(manifest), lives(must(Manifest::open(a, "a"))));
}

TEST_F(MergedManifests, DoNotDependOnTheOrder)
{
  // All pairs of states that two runs may leave of one path, and what a third makes of both.
  std::vector<std::string> heads;
  std::int64_t run = 10;
  for (const char* bytes : {"x", "y"}) {
    for (const bool archived : {false, true}) {
      for (const char* object : {"library/f", "versions/f/1"}) {
        for (const std::int64_t mtime : {1, 2}) {
          Dated each = stored_at(dated("/f", bytes, run++, mtime), object);
          each.record.archived = archived;
          heads.push_back(head({dated("/f", "parent", 5), each}));
        }
      }
    }
  }
  heads.push_back(head({}));
  heads.push_back(head({dated("/f", "parent", 5)}));
  for (std::size_t i = 0; i < heads.size(); ++i) {
    for (std::size_t k = i; k < heads.size(); ++k) {
      const Manifest one = merged(heads[i], heads[k]);
      ASSERT_EQ(lives(one), lives(merged(heads[k], heads[i]))) << i << ", " << k;
    }
  }
}

/// "library/... to KEYS" of each encrypted object.
std::vector<std::string> encrypted_objects(const Manifest& manifest)
{
  Statement rows = must(manifest.working_copy().prepare(
      "SELECT c.object, e.size, e.crc32c, r.keys FROM encrypted e JOIN contents c ON c.number = "
      "e.content LEFT JOIN recipients r ON r.number = e.recipients ORDER BY 1"));
  std::vector<std::string> lines;
  while (must(rows.step())) {
    lines.push_back(std::string(rows.text(0)) + " " + std::to_string(rows.integer(1)) + " " +
                    std::to_string(rows.integer(2)) + " to " + std::string(rows.text(3)));
  }
  return lines;
}

TEST_F(MergedManifests, KnowTheEncryptedObjectsOfBothAndToWhomTheyAre)
{
  // Each calls its recipients 1.
  const std::string a =
      head({encrypted(dated("/a", "one"), "age1a"), encrypted(dated("/both", "both"), "age1a")});
  const std::string b =
      head({encrypted(dated("/b", "two"), "age1b"), encrypted(dated("/both", "both"), "age1a"),
            dated("/plain", "three")});
  const std::vector<std::string> all = encrypted_objects(merged(a, b));
  EXPECT_THAT(all, ::testing::SizeIs(3));
  EXPECT_EQ(all, encrypted_objects(merged(b, a)));
  EXPECT_THAT(
      all, ::testing::Contains(::testing::AllOf(::testing::HasSubstr(sha256(bytes_of("two")).hex()),
                                                ::testing::EndsWith("203 77 to age1b"))));
  Manifest twice = merged(a, b);
  must(merge(twice, b));
  EXPECT_EQ(encrypted_objects(twice), all);
}

TEST_F(MergedManifests, SurviveAHeadThatCannotBeRead)
{
  dir.write_file("garbage",
                 "this is no database, but it is longer than a header. " + std::string(2000, 'x'));
  Manifest manifest = create();
  write(manifest, dated("/a", "a", 10));
  {
    const Database db =
        must(open_database(file("stranger"), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "test"));
    must(
        execute(db.get(), "CREATE TABLE files(file_path TEXT PRIMARY KEY, checksum TEXT)", "test"));
  }
  EXPECT_FALSE(merge(manifest, file("garbage")));
  EXPECT_FALSE(merge(manifest, file("stranger")));
  EXPECT_THAT(described(rows(manifest)), ElementsAre("/a=library/a"));
  EXPECT_TRUE(ok(merge(manifest, head({dated("/b", "b", 10)}))))
      << "the next head is merged all the same";
  EXPECT_THAT(described(rows(manifest)), ElementsAre("/a=library/a", "/b=library/b"));
}

TEST_F(MergedManifests, IndexContentsAnewAfterAMergeAndAfterRowsWereDropped)
{
  Manifest manifest = create();
  write(manifest, dated("/a", "a", 10));
  must(manifest.contents());
  must(merge(manifest, head({dated("/b", "b", 10)})));
  must(manifest.contents());
  EXPECT_TRUE(must(must(manifest.contents())->find(content_of("b").sha256)));
  EXPECT_EQ(must(manifest.forget_object({"library/b"})), 1U);
  must(manifest.contents());
  EXPECT_FALSE(must(must(manifest.contents())->find(content_of("b").sha256)));
  EXPECT_TRUE(must(must(manifest.contents())->find(content_of("a").sha256)));
}

TEST_F(Manifests, AreNotPackedWithoutWhatTheRunHasRecorded)
{
  Manifest manifest = create();
  [[maybe_unused]] const RunPlan plan = must(RunPlan::begin(manifest));
  write(manifest, dated("/a", "one"));
  must(manifest.commit());
  {
    const Database other = must(open_database(manifest.file(), SQLITE_OPEN_READWRITE, "other"));
    must(execute(other.get(), "DELETE FROM paths", "other"));
  }
  const Result<> packed = pack(manifest, file("p"));
  ASSERT_FALSE(packed);
  EXPECT_EQ(packed.error().message, "/a: was recorded, and its row is gone");
}

TEST_F(Manifests, ArePackedWithoutPlanAndIndexes)
{
  Manifest manifest = create();
  for (int i = 0; i < 500; ++i)
    write(manifest, dated("/f" + std::to_string(i), std::to_string(i), 10));
  must(manifest.contents());
  must(manifest.commit());
  RunPlan plan = must(RunPlan::begin(manifest));
  must(plan.add_archive("/f1"));
  const std::string path = packed(manifest);
  const Database db = must(open_database(path, SQLITE_OPEN_READONLY, "test"));
  Statement check = must(Statement::prepare(db.get(), "PRAGMA integrity_check"));
  ASSERT_TRUE(must(check.step()));
  EXPECT_EQ(check.text(0), "ok");
  Statement schema = must(Statement::prepare(
      db.get(), "SELECT group_concat(name) FROM (SELECT name FROM sqlite_schema ORDER BY name)"));
  ASSERT_TRUE(must(schema.step()));
  EXPECT_EQ(
      schema.text(0),
      "contents,encrypted,files,history,manifest_metadata,past,paths,placed,placements,recipients,"
      "runs,sqlite_autoindex_runs_1");

  must(manifest.contents());
  EXPECT_TRUE(must(must(manifest.contents())->find(content_of("7").sha256))) << "it can be used on";
  EXPECT_FALSE(pack(manifest, path)) << "and overwrites nothing";
}

/// A full manifest, and runs that commit deltas on it.
class Deltas : public MergedManifests {
protected:
  Deltas()
  {
    Manifest first = create();
    for (const Dated& each :
         {dated("/edited", "one"), dated("/gone", "two"), dated("/moved", "three"),
          dated("/same", "four"), dated("/touched", "five")})
      write(first, each);
    must(first.commit_run(1));
    full_ = packed(first);
    base_ = {.object = {"manifest-1.db"}, .sha256 = must(sha256_of_file(full_))};
  }

  static Result<Sha256> sha256_of_file(const std::string& path)
  {
    return sha256(bytes_of(TRY(ib::read_file(path, 100'000'000))));
  }

  /// The full one with a delta on it, if any, as the next run finds it.
  Manifest current(const std::string& delta)
  {
    const std::string copy = "current" + std::to_string(copies_++);
    dir.write_file(copy, dir.read_file(full_.substr(dir.path().size() + 1)));
    Manifest manifest = must(Manifest::open(file(copy), "manifest"));
    if (!delta.empty()) must(apply_delta(manifest, delta));
    must(track_changes(manifest));
    return manifest;
  }

  std::string delta_of(Manifest& manifest)
  {
    std::string path = file("delta" + std::to_string(copies_++));
    EXPECT_TRUE(must(extract_delta(manifest, base_, path)));
    return path;
  }

  static std::vector<std::string> placed(const Manifest& manifest)
  {
    return described(drain(must(placed_records(manifest))));
  }

  void expect_the_same(const Manifest& one, const Manifest& other)
  {
    EXPECT_EQ(lives(one), lives(other));
    EXPECT_EQ(placed(one), placed(other));
    EXPECT_EQ(must(count_files(one)), must(count_files(other)));
    EXPECT_EQ(must(sum_up(one, StorageClass::archive)).stored,
              must(sum_up(other, StorageClass::archive)).stored);
    for (const char* key : {"last_backup", "placed_for", "version", "base", "sent_before"})
      EXPECT_EQ(must(one.metadata(key)), must(other.metadata(key))) << key;
    EXPECT_EQ(must(one.committed_by()), must(other.committed_by()));
  }

  std::string full_;
  DeltaBase base_;

private:
  int copies_ = 0;
};

TEST_F(Deltas, OnTheirFullManifestAreAllThatTheRunsHaveWritten)
{
  Manifest second = current("");
  must(second.begin_run(run_of(2)));
  RunPlan plan = must(RunPlan::begin(second));
  must(plan.add_archive("/gone"));
  must(plan.add_archive("/moved"));
  must(second.record(stored_at(dated("/edited", "new"), "versions/edited/1").record));
  must(second.record(stored_at(dated("/moved here", "three"), "library/moved").record));
  must(second.record(dated("/added", "six").record));
  must(second.update_mtime("/touched", 77, false));
  must(plan.archive());
  must(second.record_aside(stored_at(dated("/odd", "aside"), "versions/odd/1").record));
  Placer placer = must(Placer::begin(second));
  must(placer.place("/named", must(second.find("/gone")).value()));
  must(placer.finish("database/1.sql.gz"));
  must(second.set_metadata("last_backup", "2026-01-02T03:00:00Z"));
  must(second.commit_run(2));
  const std::string first_delta = delta_of(second);
  EXPECT_LT(std::filesystem::file_size(first_delta), std::filesystem::file_size(full_));
  const Manifest whole = must(Manifest::open(packed(second), "whole"));
  Manifest third = current(first_delta);
  EXPECT_FALSE(third.changed());
  expect_the_same(third, whole);

  // The next delta has what the first one had: there is never more than one.
  must(third.begin_run(run_of(3)));
  must(third.record(dated("/gone", "two").record));
  must(third.record(stored_at(dated("/edited", "newer"), "versions/edited/2").record));
  must(must(Placer::begin(third)).finish("database/2.sql.gz"));
  must(third.commit_run(3));
  const std::string second_delta = delta_of(third);
  expect_the_same(current(second_delta), must(Manifest::open(packed(third), "whole")));
}

TEST_F(Deltas, TakeAlongWhatIsEncryptedAndToWhom)
{
  Manifest second = current("");
  must(second.begin_run(run_of(2)));
  must(second.record(encrypted(dated("/added", "six"), "age1a").record));
  must(second.commit_run(2));
  const std::string delta = delta_of(second);
  EXPECT_THAT(encrypted_objects(second), ::testing::SizeIs(1));
  EXPECT_EQ(encrypted_objects(current(delta)), encrypted_objects(second));
  // What was known, and whose object is found encrypted now, is a change as well.
  Manifest third = current(delta);
  must(third.begin_run(run_of(3)));
  must(third.record(encrypted(dated("/more", "seven"), "age1a\nage1b").record));
  must(third.commit_run(3));
  EXPECT_THAT(encrypted_objects(third), ::testing::SizeIs(2));
  EXPECT_EQ(encrypted_objects(current(delta_of(third))), encrypted_objects(third));
}

TEST_F(Deltas, SayWhatTheyLieOn)
{
  EXPECT_FALSE(must(base_of(must(Manifest::open(full_, "full")))));
  base_.sent_before = 1234;
  Manifest second = current("");
  write(second, dated("/added", "six", 2));
  const std::string path = delta_of(second);
  const DeltaBase base = must(base_of(must(Manifest::open(path, "delta")))).value();
  EXPECT_EQ(base.object, base_.object);
  EXPECT_EQ(base.sha256, base_.sha256);
  EXPECT_EQ(base.sent_before, 1234U);
  {
    const Database db = must(open_database(path, SQLITE_OPEN_READWRITE, "test"));
    must(execute(db.get(), "DELETE FROM manifest_metadata WHERE key = 'base_sha256'", "test"));
  }
  EXPECT_TRUE(fails_with(Errc::corrupt, base_of(must(Manifest::open(path, "delta")))));
}

TEST_F(Deltas, NoteWhatIsWrittenWhicheverStatementWritesIt)
{
  Manifest manifest = current("");
  write(manifest, stored_at(dated("/edited", "new", 2), "versions/edited/1"));  // a row of past
  must(manifest.commit());
  sqlite3* db = manifest.working_copy().db.get();
  const auto noted = [&] {
    const std::uint64_t rows = must(changed_rows(manifest));
    Statement runs = must(Statement::prepare(db, "SELECT count(*) FROM changed_runs"));
    must(runs.step());
    return rows + static_cast<std::uint64_t>(runs.integer(0));
  };
  for (const std::string sql :
       {"INSERT INTO paths SELECT '/x', content, since, gone, mtime, recheck FROM paths LIMIT 1",
        "UPDATE paths SET mtime = 5",
        "INSERT INTO past SELECT '/x', since, until, content, gone, mtime FROM past",
        "UPDATE past SET mtime = 6", "INSERT INTO contents(checksum, size) VALUES(zeroblob(32), 1)",
        "UPDATE contents SET class = 1",
        "INSERT INTO runs(generation, run, started) VALUES(9, 'another', 1)",
        "UPDATE runs SET committed = 1"}) {
    must(execute(db,
                 "DELETE FROM changed_paths; DELETE FROM changed_contents;"
                 "DELETE FROM changed_runs",
                 "test"));
    ASSERT_EQ(noted(), 0U);
    must(execute(db, sql, "test"));
    EXPECT_GT(noted(), 0U) << sql;
  }
  for (const char* table : {"past", "paths", "contents"}) {
    Manifest other = current("");
    write(other, stored_at(dated("/edited", "new", 2), "versions/edited/1"));
    must(other.commit());
    must(execute(other.working_copy().db.get(), std::string("DELETE FROM ") + table, "test"));
    EXPECT_FALSE(must(extract_delta(other, base_, file("none")))) << table;
  }
}

TEST_F(Deltas, HaveAllThatWasWrittenBesideAMergeThatFailed)
{
  Manifest second = current("");
  const auto path = [](const std::string& name, int i) {
    return name + std::to_string(i) + std::string(60, 'x');
  };
  for (int i = 0; i < 300; ++i) write(second, dated(path("/m", i), std::to_string(i), 2));
  must(second.commit());
  std::vector<Dated> theirs;
  for (int i = 0; i < 3000; ++i) theirs.push_back(dated(path("/", i), "t" + std::to_string(i)));
  // The disk is full once the merge has written much, beyond what a cache holds.
  sqlite3* db = second.working_copy().db.get();
  must(execute(db, "PRAGMA changes.cache_size = 2; PRAGMA main.cache_size = 2", "test"));
  Statement pages = must(Statement::prepare(db, "PRAGMA page_count"));
  must(pages.step());
  const std::string most = std::to_string(pages.integer(0) + 25);
  pages.reset();
  must(execute(db, "PRAGMA main.max_page_count = " + most, "test"));
  const std::uint64_t noted = must(changed_rows(second));
  const Result<> full = merge(second, head(theirs));
  ASSERT_TRUE(fails_with(Errc::io, full));
  EXPECT_THAT(full.error().message, HasSubstr("full"));
  EXPECT_EQ(must(changed_rows(second)), noted) << "no more, and no less";
  must(execute(db, "PRAGMA main.max_page_count = 100000", "test"));
  must(second.commit_run(2));
  expect_the_same(current(delta_of(second)), must(Manifest::open(packed(second), "whole")));
}

TEST_F(Deltas, AreNotMadeWhereRowsWereDropped)
{
  Manifest second = current("");
  write(second, dated("/added", "six", 2));
  EXPECT_EQ(must(second.forget_object({"library/same"})), 1U);
  EXPECT_FALSE(must(extract_delta(second, base_, file("none"))));
  EXPECT_FALSE(dir.exists("none"));
  Manifest unwatched = create();
  write(unwatched, dated("/added", "six", 2));
  EXPECT_FALSE(must(extract_delta(unwatched, base_, file("none"))));
}

TEST_F(Deltas, AreSmallWhereLittleHasChanged)
{
  Manifest many = create();
  for (int i = 0; i < 5000; ++i)
    write(many, dated("/upload/" + std::to_string(i) + ".jpg", std::to_string(i)));
  full_ = packed(many);
  Manifest next = current("");
  for (int i = 0; i < 20; ++i)
    write(next, dated("/upload/new" + std::to_string(i) + ".jpg", "new" + std::to_string(i), 2));
  const std::string delta = delta_of(next);
  EXPECT_LT(std::filesystem::file_size(delta), std::filesystem::file_size(full_) / 20);
  EXPECT_EQ(must(changed_rows(next)), 40U) << "twenty paths, twenty contents";
}

TEST_F(Deltas, HaveWhatTheyTellOfTheirPathsAlsoWithoutTheirBase)
{
  Manifest second = current("");
  write(second, gone(dated("/moved", "three", 2)));
  write(second, stored_at(dated("/moved here", "three", 2), "library/moved"));
  write(second, dated("/added", "six", 2));
  must(second.commit_run(2));
  const std::string path = delta_of(second);
  {
    Manifest part = must(Manifest::open(path, "delta"));
    must(commit_to_nothing(part));
  }
  // What an older full manifest knows is not contradicted, and what the delta knows is added.
  const Manifest salvaged = merged(head({dated("/moved", "three"), dated("/other", "x")}), path);
  EXPECT_THAT(described(rows(salvaged)),
              ElementsAre("/added=library/added", "/moved=library/moved",
                          "/moved here=library/moved", "/other=library/other"));
  EXPECT_TRUE(must(salvaged.find("/moved"))->archived);
}

}  // namespace
}  // namespace ib::test
