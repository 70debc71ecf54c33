// SPDX-License-Identifier: Apache-2.0
#include "manifest/run_plan.hpp"

#include "manifest/sqlite.hpp"
#include "manifest/totals.hpp"
#include "manifest_fixture.hpp"

#include <random>

namespace ib::test {
namespace {

TEST_F(Manifests, ArchiveWhatWasPlannedAndNothingTwice)
{
  Manifest manifest = create();
  for (const char* path : {"/a", "/b", "/c"}) write(manifest, dated(path, path, 10));
  write(manifest, gone(dated("/c", "/c", 15)));
  RunPlan plan = must(RunPlan::begin(manifest));
  must(plan.add_archive("/b"));
  must(plan.add_archive("/c"));
  must(plan.add_archive("/unknown"));
  must(manifest.begin_run(run_of(20)));
  EXPECT_EQ(must(plan.archive()), 1U);
  EXPECT_EQ(since_of(manifest, "/c"), 15U);
  EXPECT_THAT(files_at(manifest, 20), ElementsAre("/a=library/a"));
  EXPECT_THAT(files_at(manifest, 19), ElementsAre("/a=library/a", "/b=library/b"));
}

TEST_F(Manifests, TakeNoMoreMemoryForMoreRows)
{
  // A first backup of many files, and then a move of all of them, as the runs do it.
  const auto peak_mib = [](auto work) {
    static_cast<void>(sqlite3_memory_highwater(1));
    work();
    return sqlite3_memory_highwater(0) / (1024 * 1024);
  };
  constexpr unsigned kRows = 120'000;
  constexpr int kMostMib =
      44;  // a cache of 16, as much again while an index is made, the plan's, SQLite's own
  std::mt19937 random(1);
  const auto write_all = [&](Manifest& manifest, std::int64_t run, const std::string& folder) {
    FileRecord record = file_record("", "x");
    must(manifest.begin_run(run_of(run)));
    for (unsigned i = 0; i < kRows; ++i) {
      record.path = folder + std::to_string(kRows + i) + std::string(70, 'x');
      for (std::byte& byte : record.content.sha256.bytes)
        byte = static_cast<std::byte>(random() & 0xFFU);
      must(manifest.record(record));
    }
  };
  Manifest manifest = create();
  EXPECT_LT(peak_mib([&] {
              static_cast<void>(must(RunPlan::begin(manifest)));  // which keeps what is written
              must(manifest.contents());
              write_all(manifest, 10, "/upload/");
              static_cast<void>(must(sum_up(manifest, StorageClass::archive)));
              static_cast<void>(must(count_files(manifest)));
              must(pack(manifest, file("first")));
            }),
            kMostMib);
  Manifest next = must(Manifest::open(file("first"), "first"));
  EXPECT_LT(peak_mib([&] {
              RunPlan plan = must(RunPlan::begin(next));
              {
                const std::unique_ptr<RecordCursor> cursor = must(next.records());
                while (const std::optional<FileRecord> record = must(cursor->next()))
                  must(plan.add_archive(record->path));
              }
              must(next.contents());
              write_all(next, 20, "/library/");
              EXPECT_EQ(must(plan.archive()), kRows);
              static_cast<void>(must(sum_up(next, StorageClass::archive)));
              must(pack(next, file("moved")));
            }),
            kMostMib);
}

TEST_F(Manifests, SpoolThePlanWhileTheyAreRead)
{
  Manifest manifest = create();
  for (const char* path : {"/a", "/b", "/c"}) write(manifest, dated(path, path, 10));
  RunPlan plan = must(RunPlan::begin(manifest));
  must(manifest.commit());
  {
    const std::unique_ptr<RecordCursor> cursor = must(manifest.records());
    while (const std::optional<FileRecord> record = must(cursor->next())) {
      must(plan.add_read({.file = source_file(record->path, "new", 5),
                          .reason = ReadReason::mtime_differs,
                          .known = record}));
    }
    must(plan.add_read({.file = source_file("/B", "new"), .reason = ReadReason::unknown_path}));
  }
  std::vector<std::string> order;
  for (const auto which : {RunPlan::Reads::new_files, RunPlan::Reads::known_files}) {
    const std::unique_ptr<PlannedReads> planned = must(plan.reads(which));
    while (const std::optional<FileToRead> item = must(planned->next())) {
      order.push_back(item->file.path);
      EXPECT_EQ(item->file.size, 3U);
      EXPECT_EQ(item->known.has_value(), item->file.path != "/B");
      EXPECT_EQ(item->reason, item->known ? ReadReason::mtime_differs : ReadReason::unknown_path);
      write(manifest, dated(item->file.path, "new", 20));  // results come in while the plan is read
    }
  }
  EXPECT_THAT(order, ElementsAre("/B", "/a", "/b", "/c"));
  EXPECT_EQ(rows(manifest).size(), 4U);
}

TEST_F(Manifests, CountWhatVanishedWithoutWhatWasMetElsewhere)
{
  Manifest manifest = create();
  for (const char* path : {"/a", "/b", "/copy-of-b", "/c"})
    write(manifest, dated(path, path == std::string("/copy-of-b") ? "/b" : path, 10));
  RunPlan plan = must(RunPlan::begin(manifest));
  for (const char* path : {"/a", "/b", "/copy-of-b"}) must(plan.add_archive(path));
  must(manifest.contents());
  EXPECT_EQ(must(plan.vanished()), 3U);
  must(must(manifest.contents())->found_again(content_of("/c").sha256));  // which is still there
  EXPECT_EQ(must(plan.vanished()), 3U);
  must(must(manifest.contents())->found_again(content_of("/b").sha256));
  must(must(manifest.contents())->found_again(content_of("/b").sha256));
  EXPECT_EQ(must(plan.vanished()), 1U) << "both paths with that content were found";
}

TEST_F(Manifests, LetOneNewPathTakeThePlaceOfEachThatLeaves)
{
  Manifest manifest = create();
  for (const char* path : {"/a", "/b", "/c"})
    write(manifest, dated(path, path == std::string("/c") ? "/b" : path, 10));
  write(manifest, gone(dated("/d", "d", 10)));
  RunPlan plan = must(RunPlan::begin(manifest));
  for (const char* path : {"/b", "/c"}) must(plan.add_archive(path));
  EXPECT_EQ(must(plan.vanished()), 2U) << "before anything is read";
  must(manifest.contents());
  const auto is_leaving = [&](std::string_view bytes) {
    return must(must(manifest.contents())->find(content_of(bytes).sha256))->leaving;
  };
  EXPECT_FALSE(is_leaving("/a"));
  for (int new_path = 0; new_path < 2; ++new_path) {
    EXPECT_TRUE(is_leaving("/b"));
    must(must(manifest.contents())->found_again(content_of("/b").sha256));
    EXPECT_EQ(must(plan.vanished()), 0U) << "the content is there, however many paths it had";
  }
  EXPECT_FALSE(is_leaving("/b")) << "a third new path is a copy";
  EXPECT_TRUE(is_leaving("d")) << "which left in an earlier run";
  must(must(manifest.contents())->found_again(content_of("d").sha256));
  EXPECT_FALSE(is_leaving("d"));
}

}  // namespace
}  // namespace ib::test
