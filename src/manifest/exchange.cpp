// SPDX-License-Identifier: Apache-2.0
#include "manifest/exchange.hpp"

#include "base/text.hpp"
#include "manifest/sql.hpp"
#include "manifest/working_copy.hpp"

#include <array>
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
  TRY(execute(db, sql::kTranslateRuns, "manifest"));
  TRY(execute(db, sql::kFindDisputes, "manifest"));
  for (const std::string_view sql : {sql::kMergeHistory, sql::kKeepOurs, sql::kKeepTheirs,
                                     sql::kTakeTheirs, sql::kRecheckOurs, sql::kAddTheirs})
    TRY(step(sql));
  TRY(execute(db, sql::kEndMerge, "manifest"));
  TRY(transaction.commit());
  copy.changed = copy.changed || changed;
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

Result<bool> extract_changes(Manifest& manifest, const std::string& file)
{
  WorkingCopy& copy = manifest.working_copy();
  if (!copy.has_plan) return false;
  TRY(manifest.commit());
  {
    const auto any = TRY(copy.use(sql::kAnyChange));
    if (!TRY(any->step())) return false;
  }
  {
    Manifest empty = TRY(Manifest::create(file));
    TRY(empty.commit());
  }
  // Over a connection of its own: the plan may be read meanwhile, which keeps what this one has
  // attached.
  const Database delta = TRY(open_database(file, SQLITE_OPEN_READWRITE, "checkpoint"));
  TRY(attach(delta.get(), copy.file, "source"));
  TRY(attach(delta.get(), copy.file + ".plan", "plan"));
  Transaction transaction = TRY(Transaction::begin(delta.get(), "checkpoint"));
  TRY(execute(delta.get(), sql::kExtractRows, "checkpoint"));
  {
    Statement history = TRY(Statement::prepare(delta.get(), sql::kExtractHistory));
    history.bind(1, copy.run_number);
    TRY(history.run());
  }
  TRY(transaction.commit());
  return true;
}

Result<> forget_changes(Manifest& manifest)
{
  return execute(manifest.working_copy().db.get(), sql::kForgetChanges, "checkpoint");
}

namespace {

/// Of each table.
Result<std::array<std::int64_t, 4>> row_counts(sqlite3* db)
{
  Statement row = TRY(Statement::prepare(db, sql::kRowCounts));
  TRY(row.step());
  return std::array{row.integer(0), row.integer(1), row.integer(2), row.integer(3)};
}

/// What a run has recorded must be there: it says that these files are stored.
Result<> require_changes(const WorkingCopy& copy)
{
  if (!copy.has_plan) return {};
  Statement lost = TRY(copy.prepare(sql::kLostChange));
  if (!TRY(lost.step())) return {};
  return fail(Errc::corrupt, printable(lost.text(0)) + ": was recorded, and its row is gone",
              "Nothing was committed. What was stored is found again by the next run.");
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
  TRY(require_changes(copy));
  TRY(set_cache(copy.db.get(), kCacheOfACopyKiB));
  {
    Statement vacuum = TRY(copy.prepare("VACUUM INTO ?1"));
    vacuum.bind(1, file);
    TRY(vacuum.run());
  }
  TRY(set_cache(copy.db.get(), kCacheKiB));
  const Database packed = TRY(open_database(file, SQLITE_OPEN_READONLY, "packed manifest"));
  Statement check = TRY(Statement::prepare(packed.get(), "PRAGMA integrity_check(1)"));
  if (!TRY(check.step()) || check.text(0) != "ok") {
    return fail(Errc::corrupt, "packed manifest: " + std::string(check.text(0)),
                "The temporary folder's disk or this machine's memory may be failing.");
  }
  if (TRY(row_counts(packed.get())) != TRY(row_counts(copy.db.get()))) {
    return fail(Errc::corrupt, "packed manifest: has not as many rows as what it was packed from",
                "The temporary folder's disk or this machine's memory may be failing.");
  }
  return {};
}

}  // namespace ib
