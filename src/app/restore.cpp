// SPDX-License-Identifier: Apache-2.0
#include "app/restore.hpp"

#include "app/catalog.hpp"
#include "app/dump.hpp"
#include "base/text.hpp"
#include "core/restore_path.hpp"
#include "core/scope.hpp"
#include "immich/database.hpp"
#include "immich/folders.hpp"
#include "postgres/client_tools.hpp"
#include "postgres/connection.hpp"
#include "postgres/restore.hpp"
#include "sys/gzip.hpp"
#include "sys/system.hpp"

#include <algorithm>
#include <utility>

namespace ib {
namespace {

/// What an interrupted restore may have left; the next one writes over it.
bool is_left_over(std::string_view name)
{
  return name.starts_with(".immich-backup-") && name.ends_with(".partial");
}

/// Any file below `folder` but Immich's markers, which a fresh server makes before there is a photo.
Result<std::optional<std::string>> first_file_below(const Folder& folder)
{
  for (const FolderEntry& entry : TRY(folder.entries())) {
    if (entry.kind == FileKind::folder) {
      const Folder child = TRY(folder.open_folder(entry.name));
      if (std::optional<std::string> found = TRY(first_file_below(child))) return found;
    } else if (entry.name != kImmichMarker && !is_left_over(entry.name)) {
      return folder.path() + "/" + entry.name;
    }
  }
  return std::nullopt;
}

class RestoreRun {
public:
  RestoreRun(const Session& session, const RestoreJob& job) : session_(session), job_(job)
  {
    report_.header.command = "restore";
    report_.header.store = session.store.url();
    report_.dry_run = job.dry_run;
    report_.target = job.target;
  }

  Result<RestoreReport> run()
  {
    patterns_ = TRY(parse_patterns(job_.patterns));
    session_.progress.begin("reading the manifest", std::nullopt, std::nullopt);
    Catalog catalog = TRY(require_catalog(session_));
    const RestorePoint point = TRY(choose_restore_point(session_, catalog.listing, job_.at));
    TRY(go_back_to(session_, catalog, point));
    report_.restore_point = point.time;

    Usage expected;
    TRY(select(catalog.manifest, [&](const FileRecord& record) -> Result<> {
      ++report_.selected;
      report_.selected_bytes += record.content.size;
      expected += reading({.objects = 1, .bytes = record.content.size},
                          record.storage_class.value_or(StorageClass::archive));
      return {};
    }));
    if (report_.selected == 0 && !patterns_.empty()) {
      return fail(Errc::invalid, "no file of restore point " + format_iso(point.time) + " matches",
                  "`immich-backup ls` shows what there is.");
    }
    const Prices prices = prices_at(session_, find_location(session_));
    if (job_.dry_run) {
      report_.usage = session_.store.usage();
      report_.usage += expected;
      tell_cost(prices);
      return std::move(report_);
    }

    const Folder target = TRY(open_target());
    TRY(approve_spending(session_, cost_of(expected, prices),
                         "restoring " + count_of(report_.selected, "file", "files") + " (" +
                             format_bytes(report_.selected_bytes) + ")"));
    TRY(download(catalog.manifest, target));
    if (patterns_.empty()) TRY(make_markers(target));
    TRY(target.sync_file_system().context("flushing the restored files to the disk"));
    report_.usage = session_.store.usage();
    tell_cost(prices);
    return std::move(report_);
  }

private:
  void tell_cost(const Prices& prices)
  {
    if (!prices.free_of_charge()) report_.cost = cost_of(report_.usage, prices);
  }

  bool wanted(const FileRecord& record) const
  {
    return patterns_.empty() ||
           std::ranges::any_of(patterns_, [&](const PathPattern& p) { return p.matches_file(record.path); });
  }

  Result<> select(const Manifest& manifest, const std::function<Result<>(const FileRecord&)>& take) const
  {
    const std::unique_ptr<RecordCursor> rows = TRY(manifest.records_at(report_.restore_point));
    while (std::optional<FileRecord> record = TRY(rows->next())) {
      if (wanted(*record)) TRY(take(*record));
    }
    return {};
  }

  Result<Folder> open_target() const
  {
    Folder target = TRY(Folder::create(job_.target).context("the target folder"));
    if (job_.overwrite) return target;
    if (const std::optional<std::string> found = TRY(first_file_below(target))) {
      return fail(Errc::invalid, "the target folder is not empty: it holds " + printable(*found),
                  "Name an empty folder, or say what shall become of files that are there: --overwrite never "
                  "leaves them, "
                  "if-different replaces those whose content differs, always replaces all.");
    }
    return target;
  }

  void problem(const Error& error, std::string_view code, const std::string& path)
  {
    session_.progress.note(error.message);
    report_.header.problems.push_back(problem_from(error, code, path));
  }

  Result<> download(const Manifest& manifest, const Folder& target)
  {
    session_.progress.begin("restoring files", report_.selected, report_.selected_bytes);
    const std::unique_ptr<RecordCursor> rows = TRY(manifest.records_at(report_.restore_point));
    return run_downloads(session_.store,
                         {.workers = session_.workers,
                          .target = &target,
                          .overwrite = job_.overwrite.value_or(Overwrite::never)},
                         {.next = [&]() -> Result<std::optional<DownloadItem>> { return next_item(*rows); },
                          .done = [&](const DownloadResult& result) -> Result<> {
                            count(result);
                            return {};
                          }},
                         session_.progress, session_.stop);
  }

  Result<std::optional<DownloadItem>> next_item(RecordCursor& rows)
  {
    while (std::optional<FileRecord> record = TRY(rows.next())) {
      if (!wanted(*record)) continue;
      const Result<std::string> path = restore_path(record->path);
      if (!path) {
        problem(path.error(), "unsafe_path", record->path);
        continue;
      }
      return DownloadItem{.object = record->object_name(),
                          .content = record->content,
                          .path = record->path,
                          .target = *path,
                          // Of a file that nobody has read yet, no time is known.
                          .mtime_ns = record->content.has_sha1 ? record->mtime_ns
                                                               : wall_clock_now().time_since_epoch() /
                                                                     std::chrono::nanoseconds(1)};
    }
    return std::nullopt;
  }

  void count(const DownloadResult& result)
  {
    if (!result.end) {
      const bool damaged = result.end.error().code == Errc::corrupt;
      if (damaged) ++report_.damaged;
      problem(in_context(printable(result.item.path), result.end.error()),
              damaged ? "object_damaged" : "not_restored", result.item.path);
      return;
    }
    switch (*result.end) {
      case DownloadEnd::kept:
        ++report_.kept;
        break;
      case DownloadEnd::whole:
        ++report_.whole;
        break;
      case DownloadEnd::verified:
      case DownloadEnd::written:
        ++report_.restored;
        report_.restored_bytes += result.item.content.size;
        break;
    }
  }

  /// Immich does not start without its six folders and the marker in each; an empty one will do.
  Result<> make_markers(const Folder& target) const
  {
    for (const std::string& name : immich_folders()) {
      const std::string marker = name + "/" + std::string(kImmichMarker);
      TRY(target.create_folder(name));
      if (target.stat(marker)) continue;
      PendingFile file =
          TRY(PendingFile::create(target, marker + ".partial", marker, PendingFile::Sync::later));
      TRY(file.commit_new());
    }
    return {};
  }

  const Session& session_;
  const RestoreJob& job_;
  std::vector<PathPattern> patterns_;
  RestoreReport report_;
};

/// The dump to restore, and what is recorded of it.
Result<DatabaseRestoreReport> choose_dump(const Session& session, const DatabaseRestoreJob& job)
{
  DatabaseRestoreReport report;
  const ManifestListing listing = TRY(list_manifests(session));
  for (auto it = listing.restore_points.rbegin(); it != listing.restore_points.rend(); ++it) {
    if (job.at && it->time > *job.at) continue;
    const RestorePoint point = TRY(read_restore_point(session, it->name));
    if (!point.database || (job.dump && point.database->object.value != *job.dump)) continue;
    report.dump = *point.database;
    report.restore_point = point.time;
    return report;
  }
  if (job.dump) {
    // A dump that no restore point names: its own gzip checksum and last line have to vouch for it.
    report.dump.object = {*job.dump};
    return report;
  }
  return fail(Errc::invalid,
              "no restore point" + (job.at ? " until " + format_iso(*job.at) : std::string()) +
                  " has a database dump",
              "`immich-backup snapshots` lists them; --dump database/NAME restores one by its name.");
}

Result<> require_extensions(Connection& connection, const CheckedDump& dump)
{
  const std::vector<std::string> missing = TRY(missing_extensions(connection, dump.extensions));
  if (missing.empty()) return {};
  std::string names;
  for (const std::string& name : missing) names += (names.empty() ? "" : ", ") + name;
  return fail(Errc::invalid, "the server lacks what the dump needs: extension " + names,
              "Nothing was changed. Restore into the PostgreSQL image that Immich ships, which has it.");
}

}  // namespace

Result<RestoreReport> run_restore(const Session& session, const RestoreJob& job)
{
  return RestoreRun(session, job).run();
}

Result<DatabaseRestoreReport> run_restore_database(const Session& session, const DatabaseRestoreJob& job)
{
  DatabaseRestoreReport report = TRY(choose_dump(session, job));
  report.header.command = "restore-database";
  report.header.store = session.store.url();
  report.database = describe(job.database.address);

  // Everything that can be wrong is found before the database is touched.
  std::optional<Sha256> expected;
  if (report.restore_point) expected = report.dump.sha256;
  session.progress.begin("checking the dump", std::nullopt, report.dump.bytes);
  const CheckedDump checked = TRY(check_stored_dump(session, report.dump.object, expected));
  report.dump.bytes = checked.bytes;
  report.dump.sha256 = checked.sha256;
  std::string psql;
  {
    Connection connection = TRY(Connection::open(job.database.address, session.stop));
    TRY(require_empty_database(connection));
    TRY(require_extensions(connection, checked));
    psql = TRY(find_client("psql", connection.server_major(), job.database.client_folder, session.stop));
  }

  session.progress.begin("restoring the database", std::nullopt, report.dump.bytes);
  DatabaseRestore restore = TRY(DatabaseRestore::start(psql, job.database.address, session.stop));
  GzipReader gzip([&](ByteView plain) { return restore.write(plain); });
  TRY(session.store.get(
      report.dump.object,
      [&](ByteView bytes) {
        session.progress.advance(0, bytes.size());
        return gzip.write(bytes);
      },
      session.stop));
  TRY(gzip.finish());
  TRY(restore.commit());

  // The database is restored: that its assets could not be counted does not undo it.
  Result<Connection> connection = Connection::open(job.database.address, session.stop);
  const Result<ImmichFacts> facts =
      connection ? read_immich_facts(*connection) : std::unexpected(connection.error());
  if (facts) {
    report.assets = facts->assets;
  } else {
    report.header.notes.push_back("the restored assets could not be counted: " + facts.error().message);
  }
  return report;
}

}  // namespace ib
