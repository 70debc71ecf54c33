// SPDX-License-Identifier: Apache-2.0
#include "core/planning/plan.hpp"

#include "core/planning/scan_item.hpp"
#include "core/records/file_record.hpp"
#include "support/builders.hpp"

#include <algorithm>
#include <map>

namespace ib::test {
namespace {

struct Plan {
  std::vector<std::string> gone;
  std::map<std::string, ReadReason> reads;
  std::vector<std::string> read_order;
  std::map<std::string, bool> knows;
  PlanCounts counts;
};

Result<Plan> plan(
    std::vector<ScanItem> library, std::vector<FileRecord> rows,
    std::function<bool(const std::string&)> in_scope = [](const std::string&) { return true; })
{
  Plan plan;
  VectorScan scan(std::move(library));
  VectorRecords manifest(std::move(rows));
  plan.counts = TRY(plan_backup(scan, manifest, {.in_scope = std::move(in_scope)},
                                {.read = [&](FileToRead file) -> Result<> {
                                   plan.read_order.push_back(file.file.path);
                                   plan.reads[file.file.path] = file.reason;
                                   plan.knows[file.file.path] = file.known.has_value();
                                   return {};
                                 },
                                 .gone = [&](FileRecord row) -> Result<> {
                                   plan.gone.push_back(row.path);
                                   return {};
                                 }}));
  return plan;
}

FileRecord archived(FileRecord record)
{
  record.archived = true;
  return record;
}

TEST(PlanBackup, OfNothingIsNothing)
{
  const Plan p = must(plan({}, {}));
  EXPECT_THAT(p.gone, IsEmpty());
  EXPECT_THAT(p.reads, IsEmpty());
}

TEST(PlanBackup, ReadsNothingThatHasNotChanged)
{
  const Plan p = must(plan({source_file("/u/a", "x"), source_file("/u/b", "y")},
                           {file_record("/u/a", "x"), file_record("/u/b", "y")}));
  EXPECT_THAT(p.reads, IsEmpty());
  EXPECT_THAT(p.gone, IsEmpty());
  EXPECT_EQ(p.counts.unchanged, 2U);
  EXPECT_EQ(p.counts.scanned, 2U);
  EXPECT_EQ(p.counts.scanned_bytes, 2U);
}

TEST(PlanBackup, ReadsAFileWhoseTimeCannotBeKeptEachTime)
{
  SourceFile file = source_file("/u/1601", "x");
  FileRecord known = file_record("/u/1601", "x");
  file.mtime_ns = known.mtime_ns = kNoTime;
  const Plan p = must(plan({file}, {known}));
  EXPECT_EQ(p.reads, (std::map<std::string, ReadReason>{{"/u/1601", ReadReason::recheck}}));
}

TEST(PlanBackup, SaysWhyAFileHasToBeRead)
{
  FileRecord recheck = file_record("/u/recheck", "x");
  recheck.recheck = true;
  const Plan p =
      must(plan({source_file("/u/mtime", "x", 2), source_file("/u/new", "x"),
                 source_file("/u/recheck", "x"), source_file("/u/returned", "x"),
                 source_file("/u/size", "xx"), source_file("/u/z-same", "x")},
                {file_record("/u/mtime", "x"), recheck, archived(file_record("/u/returned", "x")),
                 file_record("/u/size", "x"), file_record("/u/z-same", "x")}));
  EXPECT_EQ(p.reads, (std::map<std::string, ReadReason>{{"/u/mtime", ReadReason::mtime_differs},
                                                        {"/u/new", ReadReason::unknown_path},
                                                        {"/u/recheck", ReadReason::recheck},
                                                        {"/u/returned", ReadReason::returned},
                                                        {"/u/size", ReadReason::size_differs}}));
  EXPECT_FALSE(p.knows.at("/u/new"));
  EXPECT_TRUE(p.knows.at("/u/returned"));
  EXPECT_EQ(p.counts.to_read, 5U);
  EXPECT_EQ(p.counts.to_read_bytes, 6U);
}

TEST(PlanBackup, ArchivesOnlyWhatIsCertainlyGone)
{
  const Plan p = must(plan(
      {UncertainFolder{"/u/dark/"}, source_file("/u/dark/seen", "x"), source_file("/u/z", "x")},
      {file_record("/u/a", "x"), file_record("/u/dark/gone", "x"), file_record("/u/dark/seen", "x"),
       file_record("/u/dark/z/deep", "x"), file_record("/u/darker", "x"),
       archived(file_record("/u/old", "x")), file_record("/u/zz", "x")}));
  EXPECT_THAT(p.gone, ElementsAre("/u/a", "/u/darker", "/u/zz"));
  EXPECT_EQ(p.counts.gone, 3U);
  EXPECT_EQ(p.counts.missing_but_kept, 2U);
}

TEST(PlanBackup, TakesAnUncertainFolderInsideAnotherAsPartOfIt)
{
  const Plan p =
      must(plan({UncertainFolder{"/u/"}, UncertainFolder{"/u/b/"}},
                {file_record("/t/x", "x"), file_record("/u/a", "x"), file_record("/u/b/x", "x"),
                 file_record("/u/c", "x"), file_record("/v/x", "x")}));
  EXPECT_THAT(p.gone, ElementsAre("/t/x", "/v/x"));
  EXPECT_EQ(p.counts.missing_but_kept, 3U);
}

TEST(PlanBackup, DoesNotTakeANameThatBeginsAlikeForAFolder)
{
  const Plan p = must(plan({UncertainFolder{"/upload/ab/"}},
                           {file_record("/upload/ab/1", "x"), file_record("/upload/abc", "x"),
                            file_record("/upload/abc/1", "x")}));
  EXPECT_THAT(p.gone, ElementsAre("/upload/abc", "/upload/abc/1"));
}

TEST(PlanBackup, KeepsWhatAnUnreadableNameMayStandForAndNoMore)
{
  // A link, say, in the place of what was a file, or a folder of files, when it was backed up.
  const Plan p = must(
      plan({UncertainFolder{"/u/a"}, UncertainFolder{"/u/a-dark/"}},
           {file_record("/u/a", "x"), file_record("/u/a-dark/1", "x"),
            file_record("/u/a-gone", "x"), file_record("/u/a/1", "x"), file_record("/u/ab", "x")}));
  EXPECT_THAT(p.gone, ElementsAre("/u/a-gone", "/u/ab"));
  EXPECT_EQ(p.counts.missing_but_kept, 3U);
}

TEST(PlanBackup, LeavesRowsOutOfScopeAsTheyAre)
{
  const Plan p = must(plan({}, {file_record("/thumbs/a", "x"), file_record("/upload/a", "x")},
                           [](const std::string& path) { return path.starts_with("/upload/"); }));
  EXPECT_THAT(p.gone, ElementsAre("/upload/a"));
  EXPECT_EQ(p.counts.missing_but_kept, 0U);
}

TEST(PlanBackup, RefusesStreamsThatAreOutOfOrder)
{
  EXPECT_TRUE(fails_with(Errc::corrupt, plan({source_file("/b", ""), source_file("/a", "")}, {})));
  EXPECT_TRUE(fails_with(Errc::corrupt, plan({source_file("/a", ""), source_file("/a", "")}, {})));
  EXPECT_TRUE(fails_with(Errc::corrupt, plan({}, {file_record("/b", ""), file_record("/a", "")})));
  EXPECT_TRUE(fails_with(Errc::corrupt, plan({}, {file_record("/a", ""), file_record("/a", "")})));
  EXPECT_TRUE(
      fails_with(Errc::corrupt, plan({source_file("/a/b", ""), UncertainFolder{"/a/"}}, {})));
  // "/a-b" sorts before "/a/b": the order is that of bytes, not of folders.
  EXPECT_TRUE(
      fails_with(Errc::corrupt, plan({source_file("/a/b", ""), source_file("/a-b", "")}, {})));
  EXPECT_TRUE(ok(plan({source_file("/a-b", ""), source_file("/a/b", "")}, {})));
}

TEST(PlanBackup, EndsWithTheErrorOfAStreamOrASink)
{
  VectorScan library({source_file("/a", "")}, Error{.code = Errc::io, .message = "disk"});
  VectorRecords none({});
  std::size_t reads = 0;
  const auto count = [&](FileToRead) -> Result<> {
    ++reads;
    return {};
  };
  const auto everything = [](const std::string&) { return true; };
  const auto gone = [](FileRecord) -> Result<> { return {}; };
  EXPECT_TRUE(fails_with(Errc::io, plan_backup(library, none, {everything}, {count, gone})));
  EXPECT_EQ(reads, 1U);

  VectorScan again({source_file("/a", ""), source_file("/b", "")});
  VectorRecords rows({file_record("/c", "")}, Error{.code = Errc::corrupt, .message = "row"});
  const auto full = [](FileToRead) -> Result<> { return fail(Errc::io, "full"); };
  EXPECT_TRUE(fails_with(Errc::io, plan_backup(again, rows, {everything}, {full, gone})));

  // A manifest that cannot be read to its end archives nothing behind the damage and is no success.
  VectorScan empty({});
  VectorRecords damaged({file_record("/c", "")}, Error{.code = Errc::corrupt, .message = "row"});
  EXPECT_TRUE(fails_with(Errc::corrupt, plan_backup(empty, damaged, {everything}, {count, gone})));
}

TEST(PlanBackup, AgreesWithASimpleModelOnRandomLibraries)
{
  const std::vector<std::string> names = {"a", "a-", "a.b", "b", "/a", "/b"};
  for (unsigned seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto chance = [&](unsigned percent) { return random() % 100 < percent; };
    std::map<std::string, ScanItem> library;
    std::map<std::string, FileRecord> manifest;
    for (int i = 0; i < 40; ++i) {
      std::string path;
      const std::size_t depth = 1 + random() % 3;
      for (std::size_t k = 0; k < depth; ++k) path += "/" + names.at(random() % 4);
      if (chance(60))
        library[path] = source_file(path, chance(80) ? "x" : "xx", chance(80) ? 1 : 2);
      if (chance(60)) {
        FileRecord row = file_record(path, "x");
        row.archived = chance(20);
        row.recheck = chance(10);
        manifest[path] = row;
      }
      if (chance(10)) library[path + "/"] = UncertainFolder{path + "/"};
    }
    const auto in_scope = [](const std::string& path) { return !path.starts_with("/b/"); };

    std::map<std::string, ReadReason> reads;
    std::vector<std::string> gone;
    std::uint64_t kept = 0;
    for (const auto& [path, item] : library) {
      const auto* file = std::get_if<SourceFile>(&item);
      if (file == nullptr) continue;
      const auto row = manifest.find(path);
      if (row == manifest.end())
        reads[path] = ReadReason::unknown_path;
      else if (row->second.archived)
        reads[path] = ReadReason::returned;
      else if (row->second.content.size != file->size)
        reads[path] = ReadReason::size_differs;
      else if (row->second.mtime_ns != file->mtime_ns)
        reads[path] = ReadReason::mtime_differs;
      else if (row->second.recheck)
        reads[path] = ReadReason::recheck;
    }
    for (const auto& [path, row] : manifest) {
      if (row.archived || !in_scope(path)) continue;
      if (const auto it = library.find(path); it != library.end()) continue;
      const bool uncertain = std::ranges::any_of(library, [&](const auto& entry) {
        const auto* folder = std::get_if<UncertainFolder>(&entry.second);
        return folder != nullptr && path.starts_with(folder->prefix);
      });
      if (uncertain)
        ++kept;
      else
        gone.push_back(path);
    }

    std::vector<ScanItem> items;
    for (const auto& [key, item] : library) items.push_back(item);
    std::vector<FileRecord> rows;
    for (const auto& [path, row] : manifest) rows.push_back(row);
    const Plan p = must(plan(items, rows, in_scope));
    EXPECT_EQ(p.reads, reads);
    EXPECT_EQ(p.gone, gone);
    EXPECT_EQ(p.counts.missing_but_kept, kept);
    EXPECT_TRUE(std::ranges::is_sorted(p.read_order));
    EXPECT_EQ(p.counts.scanned, p.counts.unchanged + p.counts.to_read);
  }
}

}  // namespace
}  // namespace ib::test
