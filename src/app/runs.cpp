// SPDX-License-Identifier: Apache-2.0
#include "app/runs.hpp"

#include "app/manifest_file.hpp"
#include "app/object_facts.hpp"
#include "base/version.hpp"
#include "report/documents.hpp"
#include "sys/system.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace ib {
namespace {

/// What an object says of itself; absent where its metadata is lost.
std::optional<FileRecord> record_of(const ObjectInfo& object)
{
  const std::optional<std::string> path = path_of(object);
  const std::optional<Sha256> sha256 = sha256_of(object);
  const std::optional<Sha1> sha1 = sha1_of(object);
  if (!path || !sha256 || !sha1) return std::nullopt;
  FileRecord record{.path = *path, .storage_class = object.storage_class, .object = object.name};
  record.content = {.sha256 = *sha256, .sha1 = *sha1, .size = object.size};
  record.content.has_crc32c = object.crc32c.has_value();
  record.content.crc32c = object.crc32c.value_or(Crc32c{});
  record.mtime_ns = mtime_of(object).value_or(0);
  return record;
}

}  // namespace

Result<std::vector<UnfinishedRun>> unfinished_runs(const Session& session)
{
  std::map<std::string, UnfinishedRun> begun;
  const std::unique_ptr<ObjectCursor> cursor =
      TRY(session.store.list(std::string(kRunsPrefix), ""));
  while (std::optional<ObjectInfo> info = TRY(cursor->next())) {
    const std::string_view rest = std::string_view(info->name.value).substr(kRunsPrefix.size());
    const std::string run(rest.substr(0, rest.find('/')));
    if (info->name == begin_mark_name(run)) begun[run].run = run;
    const auto found = begun.find(run);  // "begin" sorts before "checkpoint", "end" and "taken-in"
    if (found == begun.end()) continue;
    const std::optional<unsigned> taken_in = taken_in_number(info->name);
    if (info->name == end_mark_name(run) ||
        (taken_in && *taken_in >= found->second.last_checkpoint)) {
      begun.erase(found);
    } else if (const std::optional<unsigned> number = checkpoint_number(info->name)) {
      const auto sha256 = info->metadata.find("sha256");
      found->second.checkpoints.push_back(
          {.object = info->name, .sha256 = sha256 == info->metadata.end() ? "" : sha256->second});
      found->second.last_checkpoint = *number;
    }
  }
  std::vector<UnfinishedRun> runs;
  runs.reserve(begun.size());
  for (auto& [name, run] : begun) runs.push_back(std::move(run));
  return runs;
}

Result<> fold_checkpoints(const Session& session, Catalog& catalog,
                          const std::vector<UnfinishedRun>& runs, std::vector<std::string>& notes)
{
  for (const UnfinishedRun& run : runs) {
    for (const CheckpointInfo& checkpoint : run.checkpoints) {
      const Result<> merged =
          merge_checkpoint(session, catalog.scratch, catalog.manifest, checkpoint);
      if (merged) {
        catalog.checkpoints.push_back(checkpoint);
        continue;
      }
      if (merged.error().code == Errc::unavailable || merged.error().code == Errc::cancelled)
        return merged;
      notes.push_back("passed over: " + merged.error().message);
    }
  }
  return {};
}

Result<> find_what_was_left(const Session& session, Catalog& catalog)
{
  session.progress.begin("looking for what an unfinished run has stored", std::nullopt,
                         std::nullopt);
  for (const std::string_view prefix : {kLibraryPrefix, kVersionsPrefix, kHashedPrefix}) {
    const std::unique_ptr<ObjectCursor> cursor =
        TRY(session.store.list(std::string(prefix), "", ListedMetadata::of_all));
    while (std::optional<ObjectInfo> object = TRY(cursor->next())) {
      if (session.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
      session.progress.advance(1, 0);
      const std::optional<FileRecord> record = record_of(*object);
      if (record && !TRY(catalog.manifest.is_claimed(*record)))
        TRY(catalog.manifest.note_unclaimed(*record));
    }
  }
  return {};
}

Result<std::uint64_t> claim_what_was_left(const Session& session, Catalog& catalog, Timestamp now)
{
  std::uint64_t claimed = 0;
  const std::unique_ptr<RecordCursor> left = TRY(catalog.manifest.unclaimed());
  while (std::optional<FileRecord> record = TRY(left->next())) {
    const auto names_it = [&](const PathState& state) {
      return state.record.object_name() == record->object_name();
    };
    // Of a file that has moved, the path before shall know too what its name in the store holds.
    if (std::ranges::any_of(TRY(catalog.manifest.history(record->path)), names_it)) continue;
    const bool is_claimed = TRY(catalog.manifest.is_claimed(*record));
    if (!record->content.has_crc32c) {
      const Result<ObjectInfo> object = session.store.stat(record->object_name(), session.stop);
      if (!object && object.error().code == Errc::not_found) continue;
      if (!object) return std::unexpected(object.error());
      record->content.crc32c = object->crc32c.value_or(Crc32c{});
      record->content.has_crc32c = object->crc32c.has_value();
    }
    record->since = now;
    TRY(catalog.manifest.record_aside(*record));
    if (!is_claimed) ++claimed;
  }
  return claimed;
}

RunJournal::RunJournal(const Session& session, Timestamp started, CheckpointRule rule)
    : session_(session),
      started_(started),
      run_(format_compact(started) + "-" + random_hex(4)),
      rule_(rule),
      last_(std::chrono::steady_clock::now())
{}

Result<ObjectInfo> RunJournal::put_mark(const ObjectName& name, const std::string& run,
                                        const std::stop_token& stop)
{
  const RunMark mark{.run = run, .time = started_, .program_version = std::string(kVersion)};
  return put_small(session_.store, name, serialize(mark), {}, "application/json", stop);
}

Result<> RunJournal::begin()
{
  if (begun_) return {};
  const Result<ObjectInfo> put = put_mark(begin_mark_name(run_), run_, session_.stop);
  // Its name is nobody else's: taken, it was stored by a try whose reply was lost.
  if (!put && put.error().code != Errc::precondition_failed) return std::unexpected(put.error());
  begun_ = true;
  last_ = std::chrono::steady_clock::now();
  return {};
}

Result<> RunJournal::stored(Catalog& catalog, std::uint64_t bytes)
{
  bytes_since_ += bytes;
  const bool long_ago = std::chrono::steady_clock::now() - last_ >= rule_.interval;
  if (!begun_ || (!long_ago && bytes_since_ < rule_.bytes)) return {};
  return checkpoint(catalog);
}

Result<> RunJournal::checkpoint(Catalog& catalog)
{
  TRY(begin());
  last_ = std::chrono::steady_clock::now();
  bytes_since_ = 0;
  const unsigned number =
      ++checkpoints_;  // also where the last one failed: it may be there all the same
  const std::string file = "checkpoint-" + std::to_string(number) + ".db";
  if (!TRY(catalog.manifest.extract_changes(catalog.scratch.file(file)))) return {};
  const Folder folder = TRY(Folder::open(catalog.scratch.path()));
  const DepartingManifest ready =
      TRY(prepare_manifest(folder, file, session_.store.keeps_encodings()));
  CheckpointInfo checkpoint{.object = checkpoint_name(run_, number),
                            .sha256 = ready.plain.sha256.hex()};
  TRY(ready.put(session_.store, checkpoint.object, {{"run", run_}}));
  TRY(catalog.manifest.forget_changes());
  catalog.checkpoints.push_back(std::move(checkpoint));
  return {};
}

void RunJournal::end(const std::vector<UnfinishedRun>& others, std::vector<std::string>& notes)
{
  const auto mark = [&](const ObjectName& name, const std::string& run) {
    const Result<ObjectInfo> put = put_mark(name, run, {});
    if (!put && put.error().code != Errc::precondition_failed)
      notes.push_back("run " + run + " could not be marked as ended: " + put.error().message);
  };
  for (const UnfinishedRun& other : others)
    mark(taken_in_mark_name(other.run, other.last_checkpoint), other.run);
  if (begun_) mark(end_mark_name(run_), run_);
}

}  // namespace ib
