// SPDX-License-Identifier: Apache-2.0
#include "fuzz/manifest_reading.hpp"

#include "fuzz/fuzz.hpp"
#include "manifest/ancestry.hpp"
#include "manifest/exchange.hpp"
#include "manifest/manifest.hpp"
#include "manifest/older_manifest.hpp"
#include "manifest/restore_set.hpp"
#include "manifest/run_plan.hpp"
#include "manifest/totals.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>

namespace ib::fuzz {
namespace {

/// The file of this name beside the others of a run, gone.
std::string new_file(const char* name)
{
  std::string path = scratch_folder() + "/" + name;
  std::filesystem::remove(path);
  return path;
}

void require_a_time(const RecordingRun& run)
{
  require(is_nameable(run.started), "a run started at a time that has a name");
  require_safe_to_show(format_iso(run.started));
}

/// In path order, each path once.
Result<> read_records(Result<std::unique_ptr<RecordCursor>> opened)
{
  const std::unique_ptr<RecordCursor> records = TRY(std::move(opened));
  std::optional<std::string> before;
  while (const std::optional<FileRecord> record = TRY(records->next())) {
    require(!before || *before < record->path, "rows come in the order of their paths");
    before = record->path;
    require(format_iso_ns(record->mtime_ns).ends_with('Z'), "a row's time can be told");
  }
  return {};
}

Result<> read_histories(const Manifest& manifest)
{
  const std::unique_ptr<PathStatesCursor> paths = TRY(manifest.histories());
  std::optional<std::string> before;
  while (const auto states = TRY(paths->next())) {
    require(!states->empty(), "a path has a state");
    require(!before || *before < states->front().record.path, "histories come in path order");
    before = states->front().record.path;
    for (const PathState& state : *states) {
      require(state.record.path == *before, "a history is of one path");
      require_a_time(state.since);
      if (state.until) require_a_time(*state.until);
    }
    static_cast<void>(manifest.history(*before));
    static_cast<void>(manifest.states_with(states->front().record.content.sha256));
  }
  return {};
}

Result<> read_contents(Manifest& manifest)
{
  const std::unique_ptr<StoredContentCursor> contents = TRY(manifest.stored_contents());
  std::optional<StoredContent> first;
  std::optional<std::string> before;
  while (std::optional<StoredContent> stored = TRY(contents->next())) {
    require(!before || *before < stored->name.value, "objects come in the order of their names");
    before = stored->name.value;
    if (!first) first = std::move(stored);
  }
  if (!first) return {};
  ContentIndex* index = TRY(manifest.contents());
  static_cast<void>(TRY(index->find(first->content.sha256)));
  if (first->path.starts_with('/')) static_cast<void>(TRY(index->is_own_name_taken(first->path)));
  static_cast<void>(manifest.find_sha1(first->content.sha1));
  static_cast<void>(manifest.find(first->path));
  return {};
}

Result<> read_restore_sets(const Manifest& manifest)
{
  const RecordingRun run = TRY(manifest.committed_by());
  require_a_time(run);
  {
    const RestoreSet rows = TRY(RestoreSet::as_in_library(manifest));
    TRY(read_records(rows.records()));
  }
  {
    const RestoreSet set = TRY(RestoreSet::of(manifest));
    TRY(read_records(set.records()));
  }
  {
    const RestoreSet set = TRY(RestoreSet::of_generation(manifest, run.generation));
    TRY(read_records(set.records()));
  }
  TRY(read_records(placed_records(manifest)));
  static_cast<void>(placed_for(manifest));
  return {};
}

Result<> write_into_it(Manifest& manifest)
{
  TRY(manifest.begin_run({.generation = 1, .run = "20260115T030000Z-01234567", .started = {}}));
  RunPlan plan = TRY(RunPlan::begin(manifest));
  TRY(plan.add_archive("/upload/a.jpg"));
  TRY(plan.archive());
  TRY(manifest.record({.path = "/upload/b.jpg", .content = {}}));
  static_cast<void>(TRY(extract_changes(manifest, new_file("delta.db"))));
  return manifest.commit_run(1);
}

Result<> merge_and_pack(const std::string& file)
{
  static_cast<void>(TRY(Manifest::open(file, "a manifest")));  // as whoever merges one does first
  Manifest merged = TRY(Manifest::create(new_file("merged.db")));
  TRY(merge(merged, file));
  static_cast<void>(TRY(compare_with_earlier(merged, file, true)));
  const std::string packed_file = new_file("packed.db");
  TRY(pack(merged, packed_file));
  const Result<Manifest> packed = Manifest::open(packed_file, "packed", Manifest::Known::nothing);
  require(packed.has_value(), "what is packed can be opened");
  return {};
}

Result<> read(const std::string& file)
{
  Manifest manifest = TRY(Manifest::open(file, "a manifest"));
  TRY(read_records(manifest.records()));
  TRY(read_histories(manifest));
  TRY(read_contents(manifest));
  static_cast<void>(TRY(count_files(manifest)));
  static_cast<void>(TRY(sum_up(manifest, StorageClass::archive)));
  static_cast<void>(TRY(disputed_objects(manifest)));
  TRY(read_restore_sets(manifest));
  return write_into_it(manifest);
}

Result<> take_over(const std::string& file)
{
  if (!TRY(OlderManifest::is_one(file))) return {};
  std::filesystem::remove(file + ".objects");
  OlderManifest older =
      TRY(OlderManifest::open(file, "an older manifest", {{.from = "/data/", .to = "/"}}));
  constexpr std::array kObjects{"library/upload/a.jpg", "library/upload/b.jpg",
                                "library/data/upload/c.jpg"};
  for (const char* name : kObjects)
    TRY(older.add_object({name}, 1, Crc32c{7}, StorageClass::archive));
  Manifest manifest = TRY(Manifest::create(new_file("taken.db")));
  const TakenOver taken = TRY(older.write_into(manifest, Timestamp(std::chrono::hours(1000))));
  const std::unique_ptr<RecordCursor> records = TRY(manifest.records());
  std::uint64_t kept = 0;
  while (const std::optional<FileRecord> record = TRY(records->next())) {
    ++kept;
    require(record->content.size == 1, "a row is taken over with the size of its object");
    require(record->object_name().value.starts_with("library/"), "and with that object");
  }
  require(kept + taken.dropped == taken.rows, "each row is taken over or told");
  TRY(read_histories(manifest));
  return {};
}

}  // namespace

void read_manifest(const std::string& file)
{
  const Result<> end = read(file);
  if (!end) require_safe_to_show(end.error());
  for (const char* beside : {".plan", ".contents", ".changes", "-journal", "-wal", "-shm"})
    std::filesystem::remove(file + beside);
}

void merge_manifest(const std::string& file)
{
  const Result<> end = merge_and_pack(file);
  if (!end) require_safe_to_show(end.error());
}

void take_over_manifest_file(const std::string& file)
{
  const Result<> end = take_over(file);
  if (!end) require_safe_to_show(end.error());
}

}  // namespace ib::fuzz
