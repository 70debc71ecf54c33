// SPDX-License-Identifier: Apache-2.0
#include "app/restore/heal.hpp"

#include "app/spending.hpp"
#include "base/text.hpp"
#include "core/names/extra_root.hpp"
#include "core/names/restore_path.hpp"
#include "core/records/file_record.hpp"
#include "immich/folders.hpp"
#include "manifest/restore_set.hpp"
#include "repository/catalog.hpp"
#include "sys/file_content.hpp"
#include "transfer/download.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace ib {
namespace {

class Heal {
public:
  Heal(const Session& session, const HealJob& job) : session_(session), job_(job)
  {
    report_.header.command = "heal";
    report_.header.store = session.store.url();
    report_.dry_run = !job.write;
  }

  Result<HealReport> run()
  {
    Folder library = TRY(Folder::open(job_.library).context("the library"));
    library.set_readers(Readers::all, job_.owner);
    library.follow_links_at_top();
    Catalog catalog = TRY(require_catalog(session_));
    ContentIndex& contents = *TRY(catalog.manifest.contents());
    const RestoreSet restores = TRY(RestoreSet::of(catalog.manifest));
    Usage expected;
    for (const std::string& name : job_.files) {
      if (session_.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
      const std::optional<FileRecord> record =
          TRY(look_at(library, catalog.manifest, restores, contents, name));
      if (!record) continue;
      expected += reading({.objects = 1, .bytes = record->content.size},
                          record->storage_class.value_or(StorageClass::archive));
      to_write_.push_back(*record);
    }
    const Prices prices = prices_at(session_, find_location(session_));
    if (job_.write && !to_write_.empty()) {
      TRY(approve_spending(session_, cost_of(expected, prices),
                           "fetching " + count_of(to_write_.size(), "file", "files")));
      TRY(write(library));
      TRY(library.sync_file_system().context("flushing the healed files to the disk"));
    }
    report_.usage = session_.usage_meter.usage();
    if (!job_.write) report_.usage += expected;
    if (!prices.free_of_charge()) report_.cost = cost_of(report_.usage, prices);
    return std::move(report_);
  }

private:
  void refuse(const std::string& path, std::string code, const std::string& why, std::string hint)
  {
    report_.header.problems.push_back({.path = path,
                                       .code = std::move(code),
                                       .message = printable(path) + ": " + why,
                                       .hint = std::move(hint)});
  }

  std::string path_of(const std::string& name) const
  {
    std::string root = job_.library;
    while (root.ends_with('/')) root.pop_back();
    if (name.starts_with(root + "/")) return name.substr(root.size());
    return name.starts_with('/') ? name : "/" + name;
  }

  /// What is to be written; absent where nothing is.
  Result<std::optional<FileRecord>> look_at(const Folder& library, const Manifest& manifest,
                                            const RestoreSet& restores, ContentIndex& contents,
                                            const std::string& name)
  {
    const std::string path = path_of(name);
    if (std::ranges::find(report_.files, path, &HealReport::File::path) != report_.files.end())
      return std::nullopt;  // named twice
    std::optional<FileRecord> record = TRY(restores.find(path));
    if (!record) record = TRY(manifest.find(path));  // what is gone comes back, too
    const Result<std::string> below = restore_path(path);
    if (!record || !below || extra_root_of(path)) {
      refuse(path, "not_in_backup", "no such file of the library is in the backup",
             "`immich-backup find` looks for it by a part of its name or by its content.");
      return std::nullopt;
    }
    const std::string top = below->substr(0, below->find('/'));
    if (!library.stat(top + "/" + std::string(kImmichMarker))) {
      refuse(path, "no_marker",
             printable(top) + "/ has no " + std::string(kImmichMarker) + " in it",
             "It may be a disk that is not mounted, or not Immich's library: nothing is written "
             "there.");
      return std::nullopt;
    }
    const Result<FileStat> seen = library.stat(*below);
    Result<InputFile> file = library.open_file(*below);
    if (!file && file.error().code != Errc::not_found) {
      refuse(path, "not_healed", file.error().message, file.error().hint);
      return std::nullopt;
    }
    if (!file) {
      report_.files.push_back({.path = path, .state = HealReport::State::missing});
      return record;
    }
    const Result<Content> content = read_content(std::move(*file), session_.stop);
    if (!content && content.error().code == Errc::cancelled)
      return std::unexpected(content.error());
    if (content && record->content.agrees_with(*content)) {
      report_.files.push_back({.path = path, .state = HealReport::State::whole});
      return std::nullopt;
    }
    // What cannot be read is no loss to replace; what can be read may be somebody's newest edit.
    if (content && !TRY(contents.find(content->sha256))) {
      refuse(path, "not_replaced", "its present bytes are not in the backup, and would be lost",
             "Run a backup first: it keeps them as a version. Or put the file aside yourself.");
      return std::nullopt;
    }
    report_.files.push_back({.path = path, .state = HealReport::State::different});
    if (seen) seen_[path] = *seen;
    return record;
  }

  /// Somebody may have saved an edit since the file was looked at.
  Result<> require_unchanged(const Folder& library, const DownloadItem& item) const
  {
    const Result<FileStat> now = library.stat(*item.target);
    const auto before = seen_.find(item.path);
    const bool same = before == seen_.end() ? !now && now.error().code == Errc::not_found
                                            : now && now->size == before->second.size &&
                                                  now->mtime_ns == before->second.mtime_ns;
    if (same) return {};
    return fail(Errc::precondition_failed,
                "it has changed while its stored copy was fetched, and was left alone",
                "Look at it, and run a backup first if the change is meant.");
  }

  Result<> write(const Folder& library)
  {
    session_.progress.begin("healing files", to_write_.size(), std::nullopt);
    std::size_t next = 0;
    return run_downloads(
        session_.store,
        {.workers = session_.workers,
         .target = &library,
         .overwrite = Overwrite::always,
         .before_replacing =
             [&](const DownloadItem& item) { return require_unchanged(library, item); }},
        {.next = [&]() -> Result<std::optional<DownloadItem>> {
           if (next == to_write_.size()) return std::nullopt;
           const FileRecord& record = to_write_[next++];
           return DownloadItem{.object = record.object_name(),
                               .content = record.content,
                               .path = record.path,
                               .target = TRY(restore_path(record.path)),
                               .mtime_ns = record.mtime_ns};
         },
         .done = [&](const DownloadResult& result) -> Result<> {
           const std::string& path = result.item.path;
           if (result.end) {
             std::ranges::find(report_.files, path, &HealReport::File::path)->healed = true;
             ++report_.healed;
             return {};
           }
           const Error& error = result.end.error();
           const bool damaged = error.code == Errc::corrupt;
           if (damaged) ++report_.damaged;
           refuse(path, damaged ? "object_damaged" : "not_healed", error.message, error.hint);
           return {};
         }},
        session_.progress, session_.stop);
  }

  const Session& session_;
  const HealJob& job_;
  HealReport report_;
  std::vector<FileRecord> to_write_;
  std::map<std::string, FileStat> seen_;  // of those to be replaced, before they were read
};

}  // namespace

Result<HealReport> run_heal(const Session& session, const HealJob& job)
{
  return Heal(session, job).run();
}

}  // namespace ib
