// SPDX-License-Identifier: Apache-2.0
#include "manifest/run_plan.hpp"

#include "base/assert.hpp"
#include "core/records/file_record.hpp"
#include "manifest/cursors.hpp"
#include "manifest/exchange.hpp"
#include "manifest/record_row.hpp"
#include "manifest/sql.hpp"
#include "manifest/working_copy.hpp"

#include <string>
#include <utility>

namespace ib {

Result<RunPlan> RunPlan::begin(Manifest& manifest)
{
  TRY(manifest.commit());  // SQLite attaches nothing within a transaction
  WorkingCopy& copy = manifest.working_copy();
  TRY(attach(copy.db.get(), copy.file + ".plan", "plan"));
  const JournalsMayGo of_the_plan(copy.db.get());
  TRY(execute(copy.db.get(), sql::kCreatePlan, "plan"));
  copy.has_plan = true;
  copy.contents.reset();  // made before there was a plan, it knows nothing of that
  TRY(copy.track_changes());
  TRY(forget_changes(manifest));
  return RunPlan(manifest);
}

Result<> RunPlan::add_read(const FileToRead& file)
{
  TRY(copy().begin_group());
  const auto row = TRY(copy().use(sql::kAddRead));
  row->bind(1, file.file.path);
  row->bind(2, static_cast<std::int64_t>(file.file.size));
  row->bind(3, file.file.mtime_ns);
  row->bind(4, std::int64_t{std::to_underlying(file.reason)});
  return row->run();
}

Result<> RunPlan::add_archive(std::string_view path)
{
  TRY(copy().begin_group());
  const auto row = TRY(copy().use(sql::kAddArchive));
  row->bind(1, path);
  return row->run();
}

Result<> RunPlan::drop_read(std::string_view path)
{
  TRY(copy().begin_group());
  const auto row = TRY(copy().use(sql::kDropRead));
  row->bind(1, path);
  return row->run();
}

Result<> RunPlan::drop_reads(ReadReason reason)
{
  TRY(copy().begin_group());
  const auto rows = TRY(copy().use(sql::kDropReads));
  rows->bind(1, std::int64_t{std::to_underlying(reason)});
  return rows->run();
}

Result<std::unique_ptr<PlannedReads>> RunPlan::reads(Reads which) const
{
  // By the row as it was when the file was planned: archived ones and unknown paths are what is
  // new.
  Statement statement =
      TRY(copy().prepare(which == Reads::new_files ? sql::kNewReads : sql::kKnownReads));
  statement.bind(1, std::int64_t{std::to_underlying(ReadReason::unknown_path)});
  statement.bind(2, std::int64_t{std::to_underlying(ReadReason::returned)});
  const auto read = [manifest = manifest_](Statement& row) -> Result<std::optional<FileToRead>> {
    if (!TRY(row.step())) return std::nullopt;
    FileToRead item{.file = {.path = std::string(row.text(0)),
                             .size = static_cast<std::uint64_t>(row.integer(1)),
                             .mtime_ns = row.integer(2)},
                    .reason = static_cast<ReadReason>(row.integer(3)),
                    .known = std::nullopt};
    // A path that had no row has none before the file itself is recorded.
    if (item.reason != ReadReason::unknown_path) item.known = TRY(manifest->find(item.file.path));
    return item;
  };
  return make_cursor<PlannedReads>(std::move(statement), read);
}

Result<std::uint64_t> RunPlan::vanished() const
{
  const auto row = TRY(copy().use(sql::kCountArchives));
  TRY(row->step());
  const auto planned = static_cast<std::uint64_t>(row->integer(0));
  return copy().contents ? planned - copy().contents->archives_found_again() : planned;
}

Result<std::uint64_t> RunPlan::archive()
{
  IB_ASSERT(copy().run_number != 0);
  TRY(copy().begin_group());
  {
    const auto statement = TRY(copy().use(sql::kArchive));
    statement->bind(1, copy().run_number);
    TRY(statement->run());
  }
  const auto count = static_cast<std::uint64_t>(sqlite3_changes64(copy().db.get()));
  if (count > 0) ++copy().revision;
  return count;
}

Result<> RunPlan::add_unclaimed(const FileRecord& record)
{
  TRY(copy().begin_group());
  const auto row = TRY(copy().use(sql::kAddUnclaimed));
  bind_content(*row, record);
  bind_class(*row, 8, record.storage_class);
  row->bind(9, record.object_name().value);
  for (const int index : {10, 11, 12}) row->bind_null(index);
  if (record.encrypted) {
    bind_encrypted(*row, 10, *record.encrypted);
    row->bind(12, record.encrypted->recipients);
  }
  return row->run();
}

namespace {

Result<std::optional<FileRecord>> read_unclaimed(Statement& row)
{
  constexpr int kSize = 10, kCrc32c = 11, kKeys = 12;
  if (!TRY(row.step())) return std::nullopt;
  FileRecord record = TRY(read_record(row));
  if (row.is_null(kSize)) return record;
  record.encrypted = {.size = static_cast<std::uint64_t>(row.integer(kSize)),
                      .crc32c = crc_of(row.integer(kCrc32c)),
                      .recipients = std::string(row.text(kKeys))};
  return record;
}

}  // namespace

Result<std::optional<FileRecord>> RunPlan::find_unclaimed(const Sha256& sha256) const
{
  const auto row = TRY(copy().use(sql::kUnclaimedWithSha256));
  row->bind(1, ByteView(sha256.bytes));
  return read_unclaimed(*row);
}

Result<bool> RunPlan::is_unclaimed(const ObjectName& name) const
{
  const auto row = TRY(copy().use(sql::kIsUnclaimed));
  row->bind(1, name.value);
  return row->step();
}

Result<std::unique_ptr<RecordCursor>> RunPlan::unclaimed() const
{
  return make_cursor<RecordCursor>(TRY(copy().prepare(sql::kUnclaimed)), read_unclaimed);
}

}  // namespace ib
