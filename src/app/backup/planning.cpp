// SPDX-License-Identifier: Apache-2.0
#include "app/backup/planning.hpp"

#include "app/session.hpp"
#include "base/text.hpp"
#include "core/planning/scan_item.hpp"
#include "core/records/file_record.hpp"
#include "immich/folders.hpp"
#include "scan/library_scan.hpp"
#include "sys/hash.hpp"
#include "sys/system.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

namespace ib {
namespace {

/// Counts what a scan delivers, for the person who waits; of a part of the library, what belongs to
/// that.
class CountedScan final : public ScanCursor {
public:
  CountedScan(ScanCursor& scan, const std::optional<Shard>& shard, Progress& progress,
              std::stop_token stop)
      : scan_(scan), shard_(shard), progress_(progress), stop_(std::move(stop))
  {}
  Result<std::optional<ScanItem>> next() override
  {
    for (;;) {
      if (stop_.stop_requested()) return fail(Errc::cancelled, "interrupted");
      std::optional<ScanItem> item = TRY(scan_.next());
      const auto* file = item ? std::get_if<SourceFile>(&*item) : nullptr;
      if (file == nullptr) return item;
      progress_.advance(1, 0);
      if (!shard_ || shard_->holds(file->path)) return item;
    }
  }

private:
  ScanCursor& scan_;
  const std::optional<Shard>& shard_;
  Progress& progress_;
  std::stop_token stop_;
};

/// "thumbs/ and 4 files in encoded-video/ (Immich makes them again)", grouped by the reason.
std::vector<std::string> explain_left_out(const LeftOut& left_out)
{
  std::map<std::string_view, std::vector<std::string>> by_reason;
  for (const std::string& folder : left_out.top_folders)
    by_reason[why_left_out(folder)].push_back(printable(folder));
  for (const auto& [folder, files] : left_out.files) {
    const std::string what = count_of(files, "file", "files") +
                             (folder.empty() ? " beside the folders" : " in " + printable(folder));
    by_reason[why_files_left_out(folder)].push_back(what);
  }
  std::vector<std::string> lines;
  for (const auto& [reason, things] : by_reason) {
    std::string line;
    for (std::size_t i = 0; i < things.size(); ++i) {
      if (i > 0) line += i + 1 == things.size() ? " and " : ", ";
      line += things[i];
    }
    lines.push_back(line + " (" + std::string(reason) + ")");
  }
  return lines;
}

Problem missing_but_kept(std::uint64_t files)
{
  return {.path = "",
          .code = "missing_but_kept",
          .message = count_of(files, "file is", "files are") +
                     " missing below folders that are absent, unreadable or without Immich's "
                     "marker: kept as they were, not marked as gone",
          .hint =
              "If a disk is not mounted, mount it. If the folder is meant to be as it is, start "
              "Immich once, which makes its markers."};
}

/// Whether something was not looked at that may hold photos. A link holds none of its own.
bool is_a_gap(const Problem& found)
{
  return found.code != "symlink" && found.code != "special_file";
}

/// A file is read as a precaution, and as a rule found as it was recorded.
bool is_likely_as_recorded(const FileToRead& file)
{
  if (!file.known || file.known->content.size != file.file.size) return false;
  switch (file.reason) {
    case ReadReason::recheck:
    case ReadReason::rehash:
    case ReadReason::suspect:
    case ReadReason::ctime_differs:
    case ReadReason::doubted:
      return true;
    case ReadReason::unknown_path:
    case ReadReason::returned:
    case ReadReason::size_differs:
    case ReadReason::mtime_differs:
      return !file.known->content.is_whole();  // it was taken over, and its time is not known
  }
  std::unreachable();
}

/// Two files of the same size and time may have been renamed over one another, and only the ctime
/// tells. One that is ahead of the clock tells nothing, and neither does any after the clock was
/// put back.
std::function<bool(std::int64_t)> recent_since(std::optional<std::int64_t> looked_at_ns,
                                               std::int64_t now_ns)
{
  if (!looked_at_ns || *looked_at_ns > now_ns) return nullptr;
  return [from = *looked_at_ns, until = now_ns](std::int64_t ctime_ns) {
    return ctime_ns > from && ctime_ns <= until;
  };
}

/// A chown of the library, a new disk, or a copy by hard links changes every ctime: that tells
/// nothing of any file.
Result<> limit_rereads(PlanCounts& counts, RunPlan& plan, Findings& findings)
{
  constexpr std::uint64_t kFew = 1000;
  constexpr std::uint64_t kShare = 100;
  if (counts.ctime_differs <= std::max(kFew, counts.known / kShare)) return {};
  TRY(plan.drop_reads(ReadReason::ctime_differs));
  findings.note(
      format_count(counts.ctime_differs) +
      " files have the size and time that they had, but something else about them has "
      "changed since the last run, such as their owner, the disk, or a hard link: so many "
      "are not read again for that. --rehash reads every file");
  counts.to_read -= counts.ctime_differs;
  counts.to_read_bytes -= counts.ctime_differs_bytes;
  counts.unchanged += counts.ctime_differs;
  counts.ctime_differs = counts.ctime_differs_bytes = 0;
  return {};
}

}  // namespace

Result<Scope> scope_of(const BackupJob& job)
{
  std::vector<std::string> include = default_include();
  include.insert(include.end(), job.include.begin(), job.include.end());
  std::vector<std::string> exclude = always_excluded();
  exclude.insert(exclude.end(), job.exclude.begin(), job.exclude.end());
  return Scope(TRY(parse_patterns(include)), TRY(parse_patterns(exclude)));
}

MediaPaths media_paths_of(const BackupJob& job, const ImmichFacts& facts,
                          const std::vector<ExtraRoot>& extra_roots)
{
  return {facts.media_location.empty() ? names_of_library(job) : std::vector{facts.media_location},
          extra_roots};
}

std::vector<std::string> external_folders_in_library(const BackupJob& job, const ImmichFacts& facts)
{
  const MediaPaths paths = media_paths_of(job, facts, job.extra_roots);
  std::vector<std::string> patterns;
  for (const std::string& import_path : facts.import_paths) {
    const std::optional<std::string> folder = paths.in_backup(import_path);
    if (!folder || extra_root_of(*folder)) continue;
    const std::string top = folder->substr(1, folder->find('/', 1) - 1);
    const std::vector<std::string> own = immich_folders();
    if (std::ranges::find(own, top) == own.end())
      patterns.push_back(pattern_of_path(*folder) + "/");
  }
  return patterns;
}

Rehash::Rehash(const BackupJob& job, std::optional<RehashRound> last)
    : all_(job.rehash), last_(last)
{
  const std::uint32_t share = job.rehash_share;
  if (all_ || share == 0 || job.shard) return;
  const bool same_share = last && last->share == share;
  next_ = RehashRound{.share = share, .part = same_share ? (last->part + 1) % share : 0};
}

std::function<bool(const std::string&)> Rehash::rule() const
{
  if (all_) return [](const std::string&) { return true; };
  if (!next_) return nullptr;
  return [round = *next_](const std::string& path) {
    return crc32c(bytes_of(path)).value % round.share == round.part;
  };
}

Result<LibraryPlan> plan_library(const Session& session, const BackupJob& job,
                                 const Library& library, const Manifest& manifest, RunPlan& plan,
                                 const Rehash& rehash, std::optional<std::int64_t> looked_at_ns,
                                 BackupForecast& forecast, Findings& findings)
{
  const std::int64_t now_ns = instant_between_ctimes();
  session.progress.begin("comparing the library with the manifest", std::nullopt, std::nullopt);
  std::uint64_t unseen = 0;
  LibraryScan scan(library, {.scope = TRY(scope_of(job)),
                             .marked_folders = immich_folders(),
                             .marker = std::string(kImmichMarker),
                             .problem =
                                 [&](Problem found) {
                                   if (is_a_gap(found)) ++unseen;
                                   findings.problem(std::move(found));
                                 },
                             .note = [&](std::string text) { findings.note(std::move(text)); },
                             .threads = kScanThreads,
                             .stop = session.stop});
  CountedScan counted(scan, job.shard, session.progress, session.stop);
  const std::unique_ptr<RecordCursor> rows = TRY(manifest.records());
  const PlanRules rules{.in_scope =
                            [&](const std::string& path) {
                              return (!job.shard || job.shard->holds(path)) && scan.covers(path);
                            },
                        .rehash = rehash.rule(),
                        .is_recent = recent_since(looked_at_ns, now_ns)};
  const PlanSink sink{.read =
                          [&](const FileToRead& file) {
                            if (!is_likely_as_recorded(file)) forecast.add_file(file.file.size);
                            return plan.add_read(file);
                          },
                      .gone = [&](const FileRecord& row) { return plan.add_archive(row.path); }};
  LibraryPlan planned{.counts = TRY(plan_backup(counted, *rows, rules, sink)),
                      .left_out = explain_left_out(scan.left_out()),
                      .unseen = unseen,
                      .began_ns = now_ns};
  TRY(limit_rereads(planned.counts, plan, findings));
  if (planned.counts.missing_but_kept > 0)
    findings.problem(missing_but_kept(planned.counts.missing_but_kept));
  return planned;
}

}  // namespace ib
