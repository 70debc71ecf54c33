// SPDX-License-Identifier: Apache-2.0
#include "app/restore/download.hpp"

#include "app/findings.hpp"
#include "app/spending.hpp"
#include "base/text.hpp"
#include "core/names/unicode.hpp"
#include "sys/file_content.hpp"
#include "sys/file_system.hpp"
#include "sys/zip_writer.hpp"
#include "transfer/download.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

namespace ib {
namespace {

constexpr std::string_view kMissingList = "MISSING.txt";

/// "IMG_1.jpg" is "IMG_1" and ".jpg".
std::pair<std::string, std::string> parts_of(const std::string& name)
{
  const std::size_t slash = name.rfind('/');
  const std::size_t dot = name.rfind('.');
  const bool has_end = dot != name.npos && dot > 0 && (slash == name.npos || dot > slash + 1);
  return {name.substr(0, has_end ? dot : name.size()), has_end ? name.substr(dot) : ""};
}

/// A name that is one on every system, with room for a number, and no way out of a folder.
std::string safe_name(const std::string& name)
{
  constexpr std::size_t kLongestStem = 200, kLongestEnd = 30;  // of 255 bytes
  std::string safe = to_utf8(name);
  for (char& c : safe)
    if (std::string_view("/\\:*?\"<>|").contains(c) || static_cast<unsigned char>(c) < ' ' ||
        c == '\x7f')
      c = '_';
  auto [stem, end] = parts_of(safe);
  safe = std::string(front_of(stem, kLongestStem)) + std::string(front_of(end, kLongestEnd));
  while (!safe.empty() && (safe.back() == '.' || safe.back() == ' ')) safe.pop_back();
  if (safe.starts_with('.')) safe.front() = '_';
  return safe.empty() ? "_" : safe;
}

/// As a person knows the file.
std::string name_of(const Photo& photo, const PhotoFile& file)
{
  const std::string name =
      photo.file_name.empty() ? file.path.substr(file.path.rfind('/') + 1) : photo.file_name;
  if (file.part == PhotoPart::original) return safe_name(name);
  const auto [path, end] = parts_of(file.path);
  if (file.part == PhotoPart::video) return safe_name(parts_of(name).first + end);
  // "....jpg.xmp", or that of the moving half: "....mov.xmp".
  const std::string of = parts_of(path).second;
  return safe_name((of.empty() ? name : parts_of(name).first + of) + end);
}

/// Names that no file of a ZIP file has yet, also where upper and lower case are the same.
class FreeNames {
public:
  std::string take(const std::string& name)
  {
    std::string free = name;
    const auto [stem, end] = parts_of(name);
    // Thousands may have one name: the next number of each is remembered.
    std::uint64_t& number = numbers_[folded(name)];
    while (!taken_.insert(folded(free)).second)
      free.assign(stem).append(" (").append(std::to_string(++number + 1)).append(")").append(end);
    return free;
  }

private:
  std::set<std::string> taken_ = {folded(std::string(kMissingList))};
  std::unordered_map<std::string, std::uint64_t> numbers_;
};

class DownloadRun {
public:
  DownloadRun(const Session& session, const PhotoList& list, const DownloadJob& job,
              const ByteSink& out)
      : session_(session), list_(list), job_(job), out_(out)
  {
    report_.header.command = "download";
    report_.header.store = session.store.url();
    report_.restore_point = list.origin().restore_point;
    report_.header.notes = list.origin().notes;
  }

  Result<DownloadReport> run()
  {
    const Prices prices = prices_at(session_, find_location(session_));
    charges_ = !prices.free_of_charge();
    if (list_.origin().obstacle) findings_.problem(manifest_lost(*list_.origin().obstacle));
    TRY(choose());
    if (charges_) report_.cost = cost_of(expected_, prices);
    if (job_.dry_run) return std::move(report_);
    TRY(approve_spending(session_, report_.cost.value_or(0),
                         "downloading " + count_of(report_.files, "file", "files") + " (" +
                             format_bytes(report_.bytes) + ")"));
    const ScratchFolder scratch = TRY(ScratchFolder::create(session_.scratch_parent));
    folder_.emplace(TRY(Folder::open(scratch.path())));
    TRY(require_room());
    TRY(job_.zip ? fetch_all() : fetch_one());
    return std::move(report_);
  }

private:
  struct File {
    FileRecord record;
    std::string name;
    std::optional<Timestamp> time;
  };

  /// For what is fetched at the same time.
  Result<> require_room() const
  {
    std::uint64_t largest = 0;
    for (const File& file : files_) largest = std::max(largest, file.record.content.size);
    const Result<FileSystem> disk = file_system_of(folder_->path());
    if (!disk || disk->free_bytes >= largest) return {};
    return fail(Errc::invalid,
                folder_->path() + ": has " + format_bytes(disk->free_bytes) +
                    " free, and the largest file has " + format_bytes(largest),
                "Name another folder for scratch files: --scratch or TMPDIR.");
  }

  Result<> choose()
  {
    FreeNames names;
    TRY(each_photo(list_, job_.selectors, job_.below, session_.stop,
                   [&](const Photo& photo) -> Result<> {
                     if (++report_.photos > 1 && !job_.zip) return {};
                     for (const PhotoFile& file : TRY(list_.files_of(photo.id)))
                       if (job_.zip || file.part == job_.part) choose(photo, file, names);
                     return {};
                   }));
    if (report_.photos == 0)
      return fail(Errc::invalid,
                  "no photo of restore point " + format_iso(report_.restore_point) + " fits",
                  "`immich-backup photos` shows what there is.");
    if (job_.zip) return {};
    if (report_.photos > 1)
      return fail(Errc::invalid, format_count(report_.photos) + " photos fit",
                  "Choose one by its id (--asset), or have them all: --zip.");
    if (files_.empty() && report_.missing == 0)
      return fail(Errc::invalid, "the photo has no " + std::string(to_string(job_.part)));
    return {};
  }

  void choose(const Photo& photo, const PhotoFile& file, FreeNames& names)
  {
    if (!file.record) {
      ++report_.missing;
      const std::string path = printable(file.path);
      const bool is_outside = file.state == PhotoState::outside;
      findings_.problem(
          {.path = file.path,
           .code = is_outside ? "outside_media_root" : "original_missing",
           .message = path + (is_outside ? ": lies in no folder of the backup"
                                         : ": the restore point has no such file"),
           .hint = is_outside
                       ? "--extra-root backs such folders up."
                       : "It may be in another restore point: `immich-backup history` tells."});
      return;
    }
    ++report_.files;
    report_.bytes += file.record->content.size;
    const StorageClass storage_class = file.record->storage_class.value_or(StorageClass::archive);
    if (charges_ && storage_class != StorageClass::standard) ++report_.cold_files;
    expected_ += reading({.objects = 1, .bytes = file.record->content.size}, storage_class);
    std::optional<Timestamp> time = photo.taken;
    if (file.record->content.has_sha1 && file.record->mtime_ns != kNoTime)
      time =
          std::chrono::floor<std::chrono::seconds>(std::chrono::sys_time<std::chrono::nanoseconds>(
              std::chrono::nanoseconds(file.record->mtime_ns)));
    files_.push_back(
        {.record = *file.record, .name = names.take(name_of(photo, file)), .time = time});
  }

  /// Fetches the files, each below its number, and calls `take` for those that are whole.
  Result<> fetch(const std::function<Result<>(const DownloadResult&, const File&)>& take)
  {
    session_.progress.begin("downloading", report_.files, report_.bytes);
    std::size_t next = 0;
    const DownloadCalls calls{.next = [&]() -> Result<std::optional<DownloadItem>> {
                                if (next == files_.size()) return std::nullopt;
                                const FileRecord& record = files_[next].record;
                                DownloadItem item{.object = record.object_name(),
                                                  .content = record.content,
                                                  .path = record.path,
                                                  .target = std::to_string(next)};
                                ++next;
                                return item;
                              },
                              .done = [&](const DownloadResult& result) -> Result<> {
                                const std::optional<std::size_t> number =
                                    parse_number<std::size_t>(*result.item.target);
                                return take(result, files_.at(number.value_or(0)));
                              }};
    return run_downloads(
        session_.store,
        {.workers = session_.workers, .target = &*folder_, .overwrite = Overwrite::always}, calls,
        session_.progress, session_.stop);
  }

  Result<> fetch_one()
  {
    if (files_.empty())
      return fail(Errc::corrupt, report_.header.problems.front().message,
                  report_.header.problems.front().hint);
    return fetch([&](const DownloadResult& result, const File&) -> Result<> {
      if (!result.end)
        return std::unexpected(in_context(printable(result.item.path), result.end.error()));
      InputFile file = TRY(InputFile::open(path_of(result)));
      std::vector<std::byte> buffer(kBuffer);
      for (;;) {
        const std::size_t size = TRY(file.read(buffer));
        if (size == 0) return {};
        TRY(out_(ByteView(buffer).first(size)));
      }
    });
  }

  Result<> fetch_all()
  {
    ZipWriter zip = TRY(ZipWriter::create(out_));
    TRY(fetch([&](const DownloadResult& result, const File& file) -> Result<> {
      if (!result.end) {
        const bool is_damaged = result.end.error().code == Errc::corrupt;
        if (is_damaged) ++report_.damaged;
        findings_.problem(in_context(printable(result.item.path), result.end.error()),
                          is_damaged ? "object_damaged" : "not_restored", result.item.path);
        return result.fatal ? Result<>(std::unexpected(result.end.error())) : Result<>();
      }
      InputFileSource source(TRY(InputFile::open(path_of(result))));
      TRY(zip.add(file.name, file.time, file.record.content.size, source));
      return folder_->remove_file(*result.item.target);
    }));
    if (!report_.header.problems.empty()) {
      std::string text = "These files could not be downloaded:\r\n\r\n";
      for (const Problem& problem : report_.header.problems)
        text += to_utf8(problem.message) + "\r\n";
      MemorySource source(bytes_of(text));
      TRY(zip.add(std::string(kMissingList), report_.restore_point, text.size(), source));
    }
    return zip.finish();
  }

  std::string path_of(const DownloadResult& result) const
  {
    return folder_->path() + "/" + *result.item.target;
  }

  static constexpr std::size_t kBuffer = std::size_t{256} * 1024;

  const Session& session_;
  const PhotoList& list_;
  const DownloadJob& job_;
  const ByteSink& out_;
  bool charges_ = false;
  std::vector<File> files_;
  Usage expected_;
  std::optional<Folder> folder_;
  DownloadReport report_;
  Findings findings_{session_.progress, report_.header};
};

}  // namespace

Result<DownloadReport> run_download(const Session& session, const PhotoList& list,
                                    const DownloadJob& job, const ByteSink& out)
{
  return DownloadRun(session, list, job, out).run();
}

}  // namespace ib
