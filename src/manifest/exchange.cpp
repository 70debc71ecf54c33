// SPDX-License-Identifier: Apache-2.0
#include "manifest/exchange.hpp"

#include "base/text.hpp"
#include "manifest/sql.hpp"
#include "manifest/working_copy.hpp"

#include <malloc.h>
#include <array>
#include <optional>
#include <utility>

namespace ib {
namespace {

// Before it has read a file, SQLite takes pages of 4 KiB for granted, and a copy that VACUUM makes
// begins so too: of a manifest's pages, which are four times as large, it would keep four times as
// many bytes.
constexpr int kCacheOfACopyKiB = kCacheKiB / 4;

/// What a step of a merge does to the manifest's own tables counts as a change.
Result<> merge_attached(WorkingCopy& copy)
{
  sqlite3* db = copy.db.get();
  Transaction transaction = TRY(Transaction::begin(db, "manifest"));
  bool changed = false;
  const auto step = [&](std::string_view sql) -> Result<> {
    TRY(execute(db, sql, "manifest"));
    changed = changed || sqlite3_changes64(db) > 0;
    return {};
  };
  TRY(execute(db, sql::kWriteDownKnown, "manifest"));
  TRY(step(sql::kMergeRuns));
  TRY(execute(db, sql::kTranslate, "manifest"));
  TRY(step(sql::kMergeContents));
  TRY(step(sql::kMergeEncrypted));
  TRY(step(sql::kLearnContents));
  TRY(execute(db, sql::kFindDisputes, "manifest"));
  for (const std::string_view sql : {sql::kMergePast, sql::kKeepOurs, sql::kKeepTheirs,
                                     sql::kTakeTheirs, sql::kRecheckOurs, sql::kAddTheirs})
    TRY(step(sql));
  TRY(execute(db, sql::kEndMerge, "manifest"));
  TRY(transaction.commit());
  if (changed) ++copy.revision;
  return {};
}

}  // namespace

Result<> merge(Manifest& manifest, const std::string& other_file)
{
  TRY(manifest.commit());
  WorkingCopy& copy = manifest.working_copy();
  copy.statements.clear();
  copy.contents.reset();
  TRY(attach(copy.db.get(), other_file, "other"));
  const Result<> merged = merge_attached(copy);
  const Result<> detached = execute(copy.db.get(), "DETACH other", "manifest");
  return merged ? detached : merged;
}

namespace {

enum class Extract : std::uint8_t { for_checkpoint, for_delta };

/// Over a connection of its own: the plan may be read meanwhile, which keeps what this one has
/// attached.
Result<> extract(const WorkingCopy& copy, const std::string& file, Extract what)
{
  {
    Manifest empty = TRY(Manifest::create(file, Manifest::PageSize::for_few_rows));
    TRY(empty.commit());
  }
  const Database part = TRY(open_database(file, SQLITE_OPEN_READWRITE, "checkpoint"));
  TRY(attach(part.get(), copy.file, "source"));
  TRY(attach(part.get(), copy.file + ".changes", "changes"));
  Transaction transaction = TRY(Transaction::begin(part.get(), "checkpoint"));
  const bool unsaved_alone = what == Extract::for_checkpoint;
  const auto run = [&](std::string_view sql) -> Result<> {
    Statement statement = TRY(Statement::prepare(part.get(), sql));
    statement.bind(1, std::int64_t{unsaved_alone});
    return statement.run();
  };
  TRY(run(sql::kExtractPaths));
  TRY(run(sql::kExtractPast));
  if (what == Extract::for_delta) TRY(execute(part.get(), sql::kExtractPlacements, "delta"));
  TRY(run(sql::kExtractContents));
  TRY(execute(part.get(), sql::kExtractEncrypted, "checkpoint"));
  TRY(execute(part.get(), unsaved_alone ? sql::kExtractRunsOfCheckpoint : sql::kExtractRest,
              "checkpoint"));
  return transaction.commit();
}

}  // namespace

Result<bool> extract_changes(Manifest& manifest, const std::string& file)
{
  WorkingCopy& copy = manifest.working_copy();
  if (!copy.has_plan) return false;
  TRY(manifest.commit());
  {
    const auto any = TRY(copy.use(sql::kAnyUnsaved));
    if (!TRY(any->step())) return false;
  }
  TRY(extract(copy, file, Extract::for_checkpoint));
  return true;
}

Result<> forget_changes(Manifest& manifest)
{
  return execute(manifest.working_copy().db.get(), sql::kMarkSaved, "checkpoint");
}

namespace {

/// Of each table.
Result<std::array<std::int64_t, 6>> row_counts(sqlite3* db)
{
  Statement row = TRY(Statement::prepare(db, sql::kRowCounts));
  TRY(row.step());
  return std::array{row.integer(0), row.integer(1), row.integer(2),
                    row.integer(3), row.integer(4), row.integer(5)};
}

/// What a run has recorded must be there: it says that these files are stored.
Result<> require_changes(const WorkingCopy& copy)
{
  if (!copy.tracks_changes) return {};
  Statement lost = TRY(copy.prepare(sql::kLostChange));
  if (!TRY(lost.step())) return {};
  return fail(Errc::corrupt, printable(lost.text(0)) + ": was recorded, and its row is gone",
              "Nothing was committed. What was stored is found again by the next run.");
}

/// From end to end.
Result<> require_whole(sqlite3* packed)
{
  constexpr std::string_view kHint =
      "The temporary folder's disk or this machine's memory may be failing.";
  Statement check = TRY(Statement::prepare(packed, "PRAGMA integrity_check(1)"));
  if (!TRY(check.step()) || check.text(0) != "ok")
    return fail(Errc::corrupt, "packed manifest: " + std::string(check.text(0)),
                std::string(kHint));
  Statement lost = TRY(Statement::prepare(packed, sql::kLostContent));
  if (!TRY(lost.step())) return {};
  return fail(Errc::corrupt, "packed manifest: " + printable(lost.text(0)) + ": has no content",
              std::string(kHint));
}

}  // namespace

Result<> pack(Manifest& manifest, const std::string& file)
{
  WorkingCopy& copy = manifest.working_copy();
  if (std::exchange(copy.checksums_indexed, false) || std::exchange(copy.sha1_indexed, false)) {
    copy.statements.clear();
    TRY(copy.begin_group());
    TRY(execute(copy.db.get(), sql::kDropIndexes, "manifest"));
    copy.sha1_indexed = false;
  }
  TRY(manifest.commit());
  copy.contents.reset();
  TRY(set_cache(copy.db.get(), kCacheOfACopyKiB));
  // Many threads have filled the cache, each from memory that only it would use again.
  malloc_trim(0);
  TRY(require_changes(copy));
  {
    Statement vacuum = TRY(copy.prepare("VACUUM INTO ?1"));
    vacuum.bind(1, file);
    TRY(vacuum.run());
  }
  const Database packed = TRY(open_database(file, SQLITE_OPEN_READONLY, "packed manifest"));
  TRY(require_whole(packed.get()));
  const bool has_all = TRY(row_counts(packed.get())) == TRY(row_counts(copy.db.get()));
  TRY(set_cache(copy.db.get(), kCacheKiB));
  if (!has_all) {
    return fail(Errc::corrupt, "packed manifest: has not as many rows as what it was packed from",
                "The temporary folder's disk or this machine's memory may be failing.");
  }
  return {};
}

namespace {

constexpr std::string_view kBaseKey = "base", kBaseSha256Key = "base_sha256",
                           kSentBeforeKey = "sent_before";

}  // namespace

Result<std::optional<DeltaBase>> base_of(const Manifest& manifest)
{
  const std::optional<std::string> object = TRY(manifest.metadata(kBaseKey));
  if (!object) return std::nullopt;
  const Result<Sha256> sha256 =
      Sha256::parse(TRY(manifest.metadata(kBaseSha256Key)).value_or("none"));
  const auto sent =
      parse_number<std::uint64_t>(TRY(manifest.metadata(kSentBeforeKey)).value_or(""));
  if (!sha256 || !sent) return fail(Errc::corrupt, "manifest: does not say what it lies on");
  return DeltaBase{.object = {*object}, .sha256 = *sha256, .sent_before = *sent};
}

Result<> track_changes(Manifest& manifest)
{
  return manifest.working_copy().track_changes();
}

Result<bool> extract_delta(Manifest& manifest, const DeltaBase& base, const std::string& file)
{
  WorkingCopy& copy = manifest.working_copy();
  if (!copy.tracks_changes || copy.is_rewritten) return false;
  TRY(manifest.commit());
  {
    const auto dropped = TRY(copy.use(sql::kAnyDropped));
    if (TRY(dropped->step())) return false;
  }
  TRY(require_changes(copy));
  TRY(extract(copy, file, Extract::for_delta));
  {
    Manifest delta = TRY(Manifest::open(file, "delta", Manifest::Known::is_as_packed));
    TRY(delta.set_metadata(kBaseKey, base.object.value));
    TRY(delta.set_metadata(kBaseSha256Key, base.sha256.hex()));
    TRY(delta.set_metadata(kSentBeforeKey, std::to_string(base.sent_before)));
    TRY(delta.commit());
  }
  const Database packed = TRY(open_database(file, SQLITE_OPEN_READONLY, "delta"));
  TRY(require_whole(packed.get()));
  return true;
}

Result<std::uint64_t> changed_rows(const Manifest& manifest)
{
  if (!manifest.working_copy().tracks_changes) return 0;
  const auto row = TRY(manifest.working_copy().use(sql::kChangedRows));
  TRY(row->step());
  return static_cast<std::uint64_t>(row->integer(0));
}

Result<> apply_delta(Manifest& full, const std::string& delta_file)
{
  WorkingCopy& copy = full.working_copy();
  TRY(copy.track_changes());
  copy.statements.clear();
  TRY(attach(copy.db.get(), delta_file, "delta"));
  const auto apply = [&]() -> Result<> {
    Transaction transaction = TRY(Transaction::begin(copy.db.get(), "manifest"));
    TRY(execute(copy.db.get(), sql::kApplyDelta, "manifest"));
    return transaction.commit();
  };
  const Result<> applied = apply();
  const Result<> detached = execute(copy.db.get(), "DETACH delta", "manifest");
  TRY(Result<>(applied));
  TRY(Result<>(detached));
  return forget_changes(full);
}

Result<> commit_to_nothing(Manifest& part)
{
  TRY(part.working_copy().begin_group());
  TRY(execute(part.working_copy().db.get(), sql::kCommittedToNothing, "manifest"));
  return part.commit();
}

}  // namespace ib
