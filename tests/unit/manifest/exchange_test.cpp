// SPDX-License-Identifier: Apache-2.0
#include "manifest/exchange.hpp"

#include "manifest/run_plan.hpp"
#include "manifest/sqlite.hpp"
#include "manifest_fixture.hpp"

namespace ib::test {
namespace {

class MergedManifests : public Manifests {
protected:
  /// A manifest with these records, one after the other; its packed file.
  std::string head(const std::vector<FileRecord>& records)
  {
    Manifest manifest = create();
    for (const FileRecord& record : records) must(manifest.record(record));
    return packed(manifest);
  }

  Manifest merged(const std::string& into, const std::string& other)
  {
    static int number = 0;
    const std::string copy = "copy" + std::to_string(number++);
    dir.write_file(copy, dir.read_file(into.substr(dir.path().size() + 1)));
    Manifest manifest = must(Manifest::open(file(copy), "manifest"));
    must(merge(manifest, other));
    return manifest;
  }

  static std::vector<std::string> described(const Manifest& manifest)
  {
    std::vector<std::string> lines;
    for (const FileRecord& r : rows(manifest)) {
      lines.push_back(r.path + " " + r.content.sha256.hex().substr(0, 8) + " " +
                      std::to_string(r.archived) + " " + r.object_name().value + " " +
                      format_iso(r.since) + " " + std::to_string(r.mtime_ns) + " " +
                      std::to_string(r.recheck));
    }
    return lines;
  }
};

TEST_F(MergedManifests, HoldWhatEitherHeld)
{
  const std::string a = head({file_record("/both", "x", 10), file_record("/a", "a", 20)});
  const std::string b = head({file_record("/both", "x", 10), file_record("/b", "b", 30)});
  const Manifest manifest = merged(a, b);
  EXPECT_THAT(files_at(manifest, 40),
              ElementsAre("/a=library/a", "/b=library/b", "/both=library/both"));
  EXPECT_TRUE(manifest.changed());
  EXPECT_THAT(files_at(manifest, 10), ElementsAre("/both=library/both"));
}

TEST_F(MergedManifests, KeepTheLaterStateAndRememberTheEarlier)
{
  const FileRecord parent = file_record("/f", "parent", 5);
  const std::string a = head({parent, stored_at(file_record("/f", "from a", 10), "versions/f/a")});
  const std::string b = head({parent, stored_at(file_record("/f", "from b", 12), "versions/f/b")});
  for (const auto& [into, other] : {std::pair(a, b), std::pair(b, a)}) {
    const Manifest manifest = merged(into, other);
    EXPECT_THAT(files_at(manifest, 12), ElementsAre("/f=versions/f/b"));
    EXPECT_THAT(files_at(manifest, 5), ElementsAre("/f=library/f"));
    EXPECT_THAT(files_at(manifest, 11), ElementsAre("/f=versions/f/a"))
        << "each path once, in its newest state";
    const std::unique_ptr<StoredContentCursor> cursor = must(manifest.stored_contents());
    EXPECT_EQ(drain(cursor).size(), 3U) << "no object is forgotten";
  }
}

TEST_F(MergedManifests, ChangeNothingWhenTheyAreTheSame)
{
  const std::string a =
      head({file_record("/a", "x", 10), stored_at(file_record("/a", "y", 20), "versions/a/y"),
            gone(file_record("/b", "z", 10))});
  const Manifest manifest = merged(a, a);
  EXPECT_FALSE(manifest.changed());
  EXPECT_EQ(described(manifest), described(must(Manifest::open(a, "a"))));
}

TEST_F(MergedManifests, DoNotDependOnTheOrder)
{
  // All pairs of states that two runs may leave of one path, at the same second too.
  std::vector<std::vector<FileRecord>> lives;
  for (const std::int64_t second : {10, 11}) {
    for (const char* bytes : {"x", "y"}) {
      for (const bool archived : {false, true}) {
        for (const char* object : {"library/f", "versions/f/1"}) {
          for (const std::int64_t mtime : {1, 2}) {
            if (mtime == 2 && (second == 11 || archived)) continue;  // enough, and half the time
            FileRecord record = stored_at(file_record("/f", bytes, second, mtime), object);
            record.archived = archived;
            lives.push_back({file_record("/f", "parent", 5), record});
          }
        }
      }
    }
  }
  lives.push_back({});
  lives.push_back({file_record("/f", "parent", 5)});
  std::vector<std::string> heads;
  for (const auto& life : lives) heads.push_back(head(life));
  for (std::size_t i = 0; i < heads.size(); ++i) {
    for (std::size_t k = i; k < heads.size(); ++k) {
      const Manifest one = merged(heads[i], heads[k]);
      const Manifest other = merged(heads[k], heads[i]);
      ASSERT_EQ(described(one), described(other)) << i << ", " << k;
      for (const std::int64_t second : {5, 9, 10, 11, 12}) {
        ASSERT_EQ(files_at(one, second), files_at(other, second))
            << i << ", " << k << " at " << second;
        ASSERT_LE(files_at(one, second).size(), 1U) << i << ", " << k << " at " << second;
      }
    }
  }
}

TEST_F(MergedManifests, SurviveAHeadThatCannotBeRead)
{
  dir.write_file("garbage",
                 "this is no database, but it is longer than a header. " + std::string(2000, 'x'));
  Manifest manifest = create();
  must(manifest.record(file_record("/a", "a", 10)));
  {
    const Database db =
        must(open_database(file("stranger"), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "test"));
    must(
        execute(db.get(), "CREATE TABLE files(file_path TEXT PRIMARY KEY, checksum TEXT)", "test"));
  }
  EXPECT_FALSE(merge(manifest, file("garbage")));
  EXPECT_FALSE(merge(manifest, file("stranger")));
  EXPECT_THAT(files_at(manifest, 10), ElementsAre("/a=library/a"));
  EXPECT_TRUE(ok(merge(manifest, head({file_record("/b", "b", 10)}))))
      << "the next head is merged all the same";
  EXPECT_THAT(files_at(manifest, 10), ElementsAre("/a=library/a", "/b=library/b"));
}

TEST_F(MergedManifests, IndexContentsAnewAfterAMergeAndAfterRowsWereDropped)
{
  Manifest manifest = create();
  must(manifest.record(file_record("/a", "a", 10)));
  must(manifest.contents());
  must(merge(manifest, head({file_record("/b", "b", 10)})));
  must(manifest.contents());
  EXPECT_TRUE(must(must(manifest.contents())->find(content_of("b").sha256)));
  EXPECT_EQ(must(manifest.forget_object({"library/b"})), 1U);
  must(manifest.contents());
  EXPECT_FALSE(must(must(manifest.contents())->find(content_of("b").sha256)));
  EXPECT_TRUE(must(must(manifest.contents())->find(content_of("a").sha256)));
}

TEST_F(Manifests, ArePackedWithoutPlanAndIndexes)
{
  Manifest manifest = create();
  for (int i = 0; i < 500; ++i)
    must(manifest.record(file_record("/f" + std::to_string(i), std::to_string(i), 10)));
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
  EXPECT_EQ(schema.text(0), "files,history,manifest_metadata");

  must(manifest.contents());
  EXPECT_TRUE(must(must(manifest.contents())->find(content_of("7").sha256))) << "it can be used on";
  EXPECT_FALSE(pack(manifest, path)) << "and overwrites nothing";
}

}  // namespace
}  // namespace ib::test
