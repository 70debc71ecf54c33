// SPDX-License-Identifier: Apache-2.0
#include "app/restore/restore.hpp"

#include "app/findings.hpp"
#include "app/outside_stores.hpp"
#include "app/restore/choose_files.hpp"
#include "app/restore/doubts.hpp"
#include "app/restore/dump_for_immich.hpp"
#include "app/restore/dumped.hpp"
#include "app/restore/holes.hpp"
#include "app/spending.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "core/names/restore_path.hpp"
#include "core/records/file_record.hpp"
#include "core/selection/typed_paths.hpp"
#include "immich/folders.hpp"
#include "report/albums.hpp"
#include "repository/catalog.hpp"
#include "repository/point_choice.hpp"
#include "repository/point_files.hpp"
#include "repository/restore_points.hpp"
#include "sys/file_system.hpp"
#include "sys/system.hpp"
#include "sys/time_zone.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace ib {
namespace {

/// What an interrupted restore may have left; the next one writes over it.
bool is_left_over(std::string_view name)
{
  return (name.starts_with(".immich-backup-") && name.ends_with(".partial")) ||
         name.starts_with(kTemporaryPrefix);
}

/// The folder of a disk's own at its root, and at that of a disk in place of a top folder. Only
/// root may read it.
bool is_of_the_disk(const FolderEntry& entry, std::string_view prefix)
{
  const bool is_near_the_top = std::ranges::count(prefix, '/') <= 1;
  return entry.kind == FileKind::folder && entry.name == "lost+found" && is_near_the_top;
}

/// What of a file that lies in the target, below it, is not for it to hold: the first that `mine`
/// says no to. Immich's markers do not count, which a fresh server makes before there is a photo.
using IsMine = std::function<Result<bool>(const std::string& relative)>;
Result<std::optional<std::string>> first_foreign_file(const Folder& folder,
                                                      const std::string& prefix, const IsMine& mine)
{
  for (const FolderEntry& entry : TRY(folder.entries())) {
    if (is_of_the_disk(entry, prefix)) continue;
    const std::string relative = prefix + entry.name;
    std::optional<Folder> child;
    if (entry.kind == FileKind::folder) child = TRY(folder.open_folder(entry.name));
    if (entry.kind == FileKind::symlink && prefix.empty()) {
      // A top folder may be a link to another disk.
      if (Result<Folder> linked = folder.follow_folder(entry.name)) child = std::move(*linked);
    }
    if (child) {
      if (std::optional<std::string> found = TRY(first_foreign_file(*child, relative + "/", mine)))
        return found;
    } else if (entry.name != kImmichMarker && !is_left_over(entry.name) && !TRY(mine(relative))) {
      return folder.path() + "/" + entry.name;
    }
  }
  return std::nullopt;
}

/// The target, made with its parents where it is missing; what is made has the mode and owner that
/// the files will have.
Result<Folder> make_target(const std::string& path, std::optional<Owner> owner)
{
  const std::string absolute = absolute_path(path);
  const std::string existing = nearest_existing(absolute);
  Folder base = TRY(Folder::open(existing));
  base.set_readers(Readers::all, owner);
  std::string_view missing =
      std::string_view(absolute).substr(std::min(existing.size(), absolute.size()));
  while (missing.starts_with('/')) missing.remove_prefix(1);
  while (missing.ends_with('/')) missing.remove_suffix(1);
  Folder target = TRY(base.create_folder(missing));
  target.follow_links_at_top();
  return target;
}

class GivenRecords final : public RecordCursor {
public:
  explicit GivenRecords(const std::map<std::string, FileRecord>& records)
      : next_(records.begin()), end_(records.end())
  {}
  Result<std::optional<FileRecord>> next() override
  {
    if (next_ == end_) return std::nullopt;
    return (next_++)->second;
  }

private:
  std::map<std::string, FileRecord>::const_iterator next_, end_;
};

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
    TRY(require_target_outside_stores());
    typed_ = TRY(TypedPaths::parse(job_.patterns));
    session_.progress.begin("reading the manifest", std::nullopt, std::nullopt);
    Catalog catalog = TRY(require_catalog(session_));
    const RestorePoint point = TRY(choose_restore_point(catalog));
    report_.restore_point = point.time;
    if (job_.sha256s.empty()) {
      TRY(open_files(catalog, point));
      TRY(choose(catalog, point));
    } else {
      TRY(choose_contents(catalog.manifest));
    }

    Usage expected;
    TRY(select([&](const FileRecord& record) -> Result<> {
      ++report_.selected;
      report_.selected_bytes += record.content.size;
      expected += reading({.objects = 1, .bytes = record.content.size},
                          record.storage_class.value_or(StorageClass::archive));
      return {};
    }));
    if (report_.selected == 0 && !patterns_.empty() && !choice_) {
      return fail(Errc::invalid, "no file of restore point " + format_iso(point.time) + " matches",
                  "`immich-backup ls` shows what there is. What is gone from the library is in an "
                  "earlier restore point: `immich-backup find NAME` looks for it, and "
                  "`immich-backup history PATH` has the command that brings it back.");
    }
    if (places_dump(point))
      expected += reading({.objects = 1, .bytes = point.database->bytes}, StorageClass::archive);
    const Prices prices = prices_at(session_, find_location(session_));
    TRY(require_room());
    if (job_.dry_run) {
      report_.usage = session_.usage_meter.usage();
      report_.usage += expected;
      tell_cost(prices);
      foresee_duration();
      return std::move(report_);
    }

    if (job_.album_json) TRY(check_album_json());
    const Folder target = TRY(open_target());
    TRY(approve_spending(session_, cost_of(expected, prices),
                         "restoring " + count_of(report_.selected, "file", "files") + " (" +
                             format_bytes(report_.selected_bytes) + ")"));
    // The list first: it is small, and a restore may be interrupted.
    if (job_.album_json) TRY(write_album_json());
    TRY(download(target));
    tell_times();
    if (is_of_everything()) TRY(make_markers(target));
    if (places_dump(point)) TRY(place_dump(point, target));
    TRY(target.sync_file_system().context("flushing the restored files to the disk"));
    report_.usage = session_.usage_meter.usage();
    tell_cost(prices);
    return std::move(report_);
  }

private:
  void tell_cost(const Prices& prices)
  {
    if (!prices.free_of_charge()) report_.cost = cost_of(report_.usage, prices);
  }

  Result<RestorePoint> choose_restore_point(const Catalog& catalog)
  {
    // The newest knows every content that ever was.
    if (!job_.sha256s.empty())
      return ib::choose_restore_point(session_, catalog.listing, std::nullopt);
    PointChoice choice = TRY(choose_point(session_, catalog.listing, job_.at));
    has_its_dump_ = choice.has_its_dump;
    TRY(settle_doubts(session_, choice, "restore"));
    for (std::string& note : choice.notes) findings_.note(std::move(note));
    return std::move(choice.point);
  }

  /// What a restore of the point brings, and what of its database's files it does not.
  Result<> open_files(Catalog& catalog, const RestorePoint& point)
  {
    files_.emplace(TRY(PointFiles::open(
        session_, catalog, point,
        job_.as_in_library ? PointFiles::Paths::as_in_library : PointFiles::Paths::as_named)));
    if (!files_->is_own()) {
      findings_.problem(manifest_lost(files_->obstacle_text()));
    }
    if (!job_.patterns.empty()) {
      const std::unique_ptr<RecordCursor> rows = TRY(files_->set().records());
      while (const std::optional<FileRecord> record = TRY(rows->next())) {
        if (session_.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
        typed_.see(record->path);
      }
      TRY(settle_patterns());
    }
    if (job_.assets.any() || !files_->is_own()) return {};
    return report_holes(
        session_, catalog, point, [&](const std::string& path) { return is_wanted(path); },
        findings_);
  }

  /// What the patterns mean among the files that have been seen.
  Result<> settle_patterns()
  {
    TRY(require_one_spelling(typed_));
    for (const TypedPaths::Guess& guess : typed_.guesses()) findings_.note(describe(guess));
    patterns_ = typed_.patterns();
    return {};
  }

  /// Out of the dump, where assets are named. The patterns have been applied then.
  Result<> choose(Catalog& catalog, const RestorePoint& point)
  {
    if (!job_.assets.any()) return {};
    const DumpedAssets dumped =
        TRY(read_dumped_assets(session_, catalog.listing, point, catalog.scratch.file("dump"),
                               "choosing by what the database knows"));
    choice_.emplace(TRY(choose_files(session_, *files_, catalog.scratch.file("chosen.db"), point,
                                     dumped, job_.assets, patterns_)));
    report_.assets = choice_->assets;
    for (const Problem& missing : choice_->problems) findings_.problem(missing);
    return {};
  }

  /// What had one of the contents that are named, whether some restore point brings it back or not.
  Result<> choose_contents(const Manifest& manifest)
  {
    std::vector<FileRecord> all;
    for (const Sha256& sha256 : job_.sha256s) {
      const std::size_t before = all.size();
      const std::unique_ptr<PathStatesCursor> found = TRY(manifest.states_with(sha256));
      while (std::optional<std::vector<PathState>> states = TRY(found->next())) {
        for (PathState& state : *states) all.push_back(std::move(state.record));
      }
      if (all.size() == before)
        return fail(Errc::invalid,
                    "--sha256 " + sha256.hex() + ": nothing in the backup ever had this content");
    }
    for (const FileRecord& record : all) typed_.see(record.path);
    TRY(settle_patterns());
    contents_.emplace();
    for (const FileRecord& record : all) {
      if (!is_wanted(record.path)) continue;
      const auto [there, is_new] = contents_->try_emplace(record.path, record);
      if (!is_new && there->second.content != record.content) {
        return fail(Errc::invalid,
                    printable(record.path) + ": had both of the contents that are named",
                    "Name one of them at a time.");
      }
    }
    return {};
  }

  Result<std::unique_ptr<RecordCursor>> records() const
  {
    if (contents_) return std::make_unique<GivenRecords>(*contents_);
    return choice_ ? choice_->files.records() : files_->set().records();
  }

  bool is_wanted(const std::string& path) const
  {
    return choice_ || patterns_.empty() ||
           std::ranges::any_of(patterns_,
                               [&](const PathPattern& p) { return p.matches_file(path); });
  }

  Result<> select(const std::function<Result<>(const FileRecord&)>& take) const
  {
    const std::unique_ptr<RecordCursor> rows = TRY(records());
    while (std::optional<FileRecord> record = TRY(rows->next())) {
      if (is_wanted(record->path)) TRY(take(*record));
    }
    return {};
  }

  bool is_of_everything() const { return patterns_.empty() && !choice_ && !contents_; }
  bool places_dump(const RestorePoint& point) const
  {
    return is_of_everything() && has_its_dump_ && point.database;
  }

  /// Also where one of the target's folders is a link into a store, or is one itself.
  Result<> require_target_outside_stores() const
  {
    TRY(require_apart_from_stores(session_, "the target folder", job_.target));
    const Result<Folder> target = Folder::open(job_.target);
    if (!target) return {};
    const std::vector<std::string> ours = immich_folders();
    for (const FolderEntry& entry : TRY(target->entries())) {
      const std::string path = target->path() + "/" + entry.name;
      const std::string what = "the target's " + printable(entry.name);
      if (entry.kind == FileKind::symlink) TRY(require_apart_from_stores(session_, what, path));
      if (entry.kind == FileKind::folder && std::ranges::find(ours, entry.name) != ours.end())
        TRY(require_outside_stores(session_, what, path));
    }
    return {};
  }

  Result<Folder> open_target() const
  {
    Result<Folder> made = make_target(job_.target, job_.owner);
    if (!made) return std::unexpected(with_way_out(in_context("the target folder", made.error())));
    Folder target = TRY(std::move(made));
    if (job_.owner) TRY(try_owner(target));
    if (job_.overwrite) return target;  // and it may hold what is somebody else's
    const auto mine = [&](const std::string& relative) -> Result<bool> {
      if (is_of_everything() && is_dump_for_immich(relative)) return true;
      if (contents_) return contents_->contains("/" + relative);
      return choice_ ? choice_->files.has("/" + relative)
                     : TRY(files_->set().find("/" + relative)).has_value();
    };
    if (const std::optional<std::string> found = TRY(first_foreign_file(target, "", mine))) {
      return fail(Errc::invalid,
                  "the target folder is not empty: it holds " + printable(*found) +
                      ", which this restore does not bring",
                  "Name an empty folder, or say what shall become of files that are there: "
                  "--overwrite never leaves them, if-different replaces those whose content "
                  "differs, always replaces all.");
    }
    TRY(target.give_to_owner());
    return target;
  }

  /// Before anything is fetched and paid for.
  Result<> try_owner(const Folder& target) const
  {
    constexpr std::string_view kProbe = ".immich-backup-owner.partial";
    const Result<PendingFile> probe =
        PendingFile::create(target, kProbe, kProbe, PendingFile::Sync::later);
    if (probe) return {};
    return std::unexpected(with_way_out(in_context("--chown", probe.error())));
  }

  Error with_way_out(Error error) const
  {
    if (error.code == Errc::denied && job_.owner)
      error.hint =
          "Giving files away needs root (or CAP_CHOWN): run it as root, or chown them afterwards.";
    return error;
  }

  void foresee_duration()
  {
    // A line that many have; who knows better says --bwlimit.
    constexpr std::uint64_t kTypicalRate = 100'000'000 / 8;
    const ByteRate limit = job_.bandwidth
                               ? job_.bandwidth->rate_at(local_time_of_day(wall_clock_now()))
                               : std::nullopt;
    report_.rate_is_limited = limit.has_value();
    report_.bytes_per_second = limit.value_or(kTypicalRate);
    report_.duration = std::chrono::seconds(report_.selected_bytes / report_.bytes_per_second);
  }

  /// Before anything is fetched and paid for. A file system may tell a wrong number, and what an
  /// earlier restore has put there is not known yet: a person decides.
  Result<> require_room()
  {
    const Result<FileSystem> disk = file_system_of(job_.target);
    const bool tells = disk && disk->total_bytes > 0;
    if (!tells || disk->free_bytes >= report_.selected_bytes) return {};
    const std::string what = "the target's disk has " + format_bytes(disk->free_bytes) +
                             " free, and the restore needs " + format_bytes(report_.selected_bytes);
    const Result<Folder> target = Folder::open(job_.target);
    if (target && !TRY(target->entries()).empty()) {
      findings_.note(what + ", less what is there already");
      return {};
    }
    if (job_.dry_run || session_.spending.approved) {
      findings_.note(what);
      return {};
    }
    if (session_.ask && session_.ask(what + ". Go on?")) return {};
    return fail(Errc::invalid, what,
                "Name a folder on a larger disk, or restore a part: a PATTERN, --album or --taken. "
                "--yes goes on all the same.");
  }

  Result<> check_album_json() const
  {
    TRY(require_outside_stores(session_, "--album-json", *job_.album_json));
    const bool may_replace = job_.overwrite && *job_.overwrite != Overwrite::never;
    if (may_replace || !path_exists(*job_.album_json)) return {};
    return fail(Errc::invalid,
                "--album-json " + printable(*job_.album_json) + ": there is such a file already",
                "Name another one, or allow it to be replaced: --overwrite if-different.");
  }

  Result<> write_album_json()
  {
    const std::string path = absolute_path(*job_.album_json);
    const std::size_t slash = path.rfind('/');
    const std::string name = path.substr(slash + 1);
    const Folder folder = TRY(Folder::open(path.substr(0, std::max<std::size_t>(slash, 1))));
    PendingFile file =
        TRY(PendingFile::create(folder, name + ".partial", name, PendingFile::Sync::now));
    TRY(file.write(
        bytes_of(album_list_json(choice_->albums, report_.restore_point, session_.store.url()))));
    TRY(file.commit_replacing());
    report_.album_json = *job_.album_json;
    return {};
  }

  Result<> download(const Folder& target)
  {
    session_.progress.begin("restoring files", report_.selected, report_.selected_bytes);
    const std::unique_ptr<RecordCursor> rows = TRY(records());
    return run_downloads(session_.store,
                         {.workers = session_.workers,
                          .target = &target,
                          .overwrite = job_.overwrite.value_or(Overwrite::if_whole)},
                         {.next = [&]() -> Result<std::optional<DownloadItem>> {
                            std::optional<DownloadItem> item = TRY(next_item(*rows));
                            if (item && job_.owner) TRY(give_folders(target, *item->target));
                            return item;
                          },
                          .done = [&](const DownloadResult& result) -> Result<> {
                            count(result);
                            return {};
                          }},
                         session_.progress, session_.stop);
  }

  /// Those above a file that are there already, as from a restore without --chown. The others are
  /// made with the right owner.
  Result<> give_folders(const Folder& target, std::string_view path)
  {
    const std::string_view parent = path.substr(0, path.rfind('/') + 1);
    std::size_t slash = parent.find('/');
    for (; slash != std::string_view::npos; slash = parent.find('/', slash + 1)) {
      // Paths come in their order, so the folders above the last file are the ones that are done.
      const std::string_view with_slash = parent.substr(0, slash + 1);
      if (given_.starts_with(with_slash)) continue;
      const Result<Folder> folder = target.open_folder(with_slash.substr(0, slash));
      // Where it is something else than a folder, the file says so.
      if (!folder) break;
      TRY(folder->give_to_owner());
    }
    given_ = parent;
    return {};
  }

  Result<std::optional<DownloadItem>> next_item(RecordCursor& rows)
  {
    while (std::optional<FileRecord> record = TRY(rows.next())) {
      if (!is_wanted(record->path)) continue;
      const Result<std::string> path = restore_path(record->path);
      if (!path) {
        findings_.problem(path.error(), "unsafe_path", record->path);
        continue;
      }
      return DownloadItem{.object = record->object_name(),
                          .content = record->content,
                          .path = record->path,
                          .target = *path,
                          // Of a file that nobody has read yet, no time is known.
                          .mtime_ns = record->content.has_sha1 ? record->mtime_ns : kNoTime};
    }
    return std::nullopt;
  }

  void count(const DownloadResult& result)
  {
    if (result.has_other_time && other_times_++ == 0) first_other_time_ = result.item;
    const bool is_new = result.end && *result.end == DownloadEnd::written;
    if (is_new && result.item.mtime_ns == kNoTime && unknown_times_++ == 0)
      first_unknown_time_ = result.item.path;
    if (!result.end) {
      const bool damaged = result.end.error().code == Errc::corrupt;
      if (damaged) ++report_.damaged;
      findings_.problem(in_context(printable(result.item.path), result.end.error()),
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
      case DownloadEnd::other:
        ++report_.kept;
        findings_.problem(
            {.code = Errc::precondition_failed,
             .message = printable(result.item.path) +
                        ": the target has another file of that name, which was left alone",
             .hint = "--overwrite if-different replaces such files; --overwrite never means "
                     "that they are to stay."},
            "not_replaced", result.item.path);
        break;
      case DownloadEnd::alias:
        ++report_.kept;
        findings_.problem({.code = Errc::precondition_failed,
                           .message = printable(result.item.path) +
                                      ": the target's file system takes its name for that of "
                                      "another file, which was left alone",
                           .hint = "Restore to a file system that tells upper from lower case."},
                          "name_taken", result.item.path);
        break;
      case DownloadEnd::verified:
      case DownloadEnd::written:
        ++report_.restored;
        report_.restored_bytes += result.item.content.size;
        break;
    }
  }

  void tell_times()
  {
    if (other_times_ > 0)
      findings_.note(count_of(other_times_, "file has", "files have") +
                     " another time than in the backup, since the target's file system cannot "
                     "hold it: first " +
                     printable(first_other_time_->path) + ", which is of " +
                     format_iso_ns(first_other_time_->mtime_ns));
    if (unknown_times_ > 0)
      findings_.note(count_of(unknown_times_, "file has", "files have") +
                     " the time of this restore, since the backup has none: first " +
                     printable(first_unknown_time_));
  }

  /// Immich does not start without its six folders and the marker in each; an empty one will do.
  Result<> make_markers(const Folder& target) const
  {
    for (const std::string& name : immich_folders()) {
      const std::string marker = name + "/" + std::string(kImmichMarker);
      TRY(TRY(target.create_folder(name)).give_to_owner());
      if (target.stat(marker)) {
        TRY(target.give_file_to_owner(marker));
        continue;
      }
      PendingFile file =
          TRY(PendingFile::create(target, marker + ".partial", marker, PendingFile::Sync::later));
      TRY(file.commit_new());
    }
    return {};
  }

  /// Those who have no psql, or no way to the database, need not have one.
  Result<> place_dump(const RestorePoint& point, const Folder& target)
  {
    session_.progress.begin("fetching the dump", std::nullopt, point.database->bytes);
    Result<std::string> placed = place_dump_for_immich(session_, point, target, job_.owner);
    if (placed) {
      report_.dump = std::move(*placed);
      return {};
    }
    const Errc code = placed.error().code;
    if (code == Errc::cancelled || code == Errc::unavailable)
      return std::unexpected(std::move(placed).error());
    if (code == Errc::corrupt) ++report_.damaged;
    const std::string what = "the dump " + point.database->object.value + " is not in backups/";
    if (code == Errc::invalid) {
      findings_.note(what + ": " + placed.error().message + ". " + placed.error().hint);
    } else {
      findings_.problem(in_context(what, placed.error()),
                        code == Errc::corrupt ? "object_damaged" : "not_restored",
                        point.database->object.value);
    }
    return {};
  }

  const Session& session_;
  const RestoreJob& job_;
  bool has_its_dump_ = false;
  TypedPaths typed_;
  std::vector<PathPattern> patterns_;                          // what was typed, as it is meant
  std::optional<PointFiles> files_;                            // where no contents are named
  std::optional<FileChoice> choice_;                           // where assets are named
  std::optional<std::map<std::string, FileRecord>> contents_;  // by path, where contents are named
  std::string given_;  // the folder of the last file, with a slash
  std::uint64_t other_times_ = 0, unknown_times_ = 0;
  std::optional<DownloadItem> first_other_time_;
  std::string first_unknown_time_;
  RestoreReport report_;
  Findings findings_{session_.progress, report_.header};
};

}  // namespace

Result<RestoreReport> run_restore(const Session& session, const RestoreJob& job)
{
  return RestoreRun(session, job).run();
}

}  // namespace ib
