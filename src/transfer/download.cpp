// SPDX-License-Identifier: Apache-2.0
#include "transfer/download.hpp"

#include "base/text.hpp"
#include "base/time.hpp"
#include "sys/file_content.hpp"
#include "sys/folded_names.hpp"
#include "sys/hash.hpp"
#include "transfer/worker_exchange.hpp"

#include <mutex>
#include <utility>
#include <vector>

namespace ib {
namespace {

/// The temporary name of a file. It is derived from the file's own name, so that the next attempt
/// of an interrupted restore overwrites what is left of this one.
std::string temporary_name(std::string_view target)
{
  const std::size_t slash = target.rfind('/');
  const std::string_view folder =
      slash == std::string_view::npos ? std::string_view() : target.substr(0, slash + 1);
  return std::string(folder) + ".immich-backup-" + sha256(bytes_of(target)).hex().substr(0, 24) +
         ".partial";
}

class Downloader {
public:
  Downloader(ObjectStore& store, const DownloadOptions& options, Progress& progress,
             std::stop_token stop)
      : store_(store),
        options_(options),
        progress_(progress),
        stop_(std::move(stop)),
        names_fold_(options.target != nullptr && folds_names(*options.target))
  {}

  DownloadResult run(DownloadItem item) const
  {
    bool fatal = false;
    const auto attempt = [&] { return item.target ? restore(item, fatal) : compare(item, fatal); };
    Result<DownloadEnd> end = attempt();
    // Bytes can be damaged in transit, so an object is read twice before it counts as damaged.
    if (!end && end.error().code == Errc::corrupt && !fatal) end = attempt();
    const bool is_there = end && (*end == DownloadEnd::written || *end == DownloadEnd::whole);
    const bool has_other_time = is_there && !keeps_time(item);
    return {.item = std::move(item),
            .end = std::move(end),
            .has_other_time = has_other_time,
            .fatal = fatal};
  }

private:
  /// Whether the target has the time of the item, which was set. A file system takes the nearest
  /// that it has, and says nothing.
  bool keeps_time(const DownloadItem& item) const
  {
    // What each one can hold: FAT from 1980 on, ext4 with small inodes until 2038.
    constexpr std::int64_t kSecond = 1'000'000'000, kDay = 86400;
    constexpr std::int64_t kFirst = 315'619'200, kLast = 2'147'000'000;
    const std::int64_t wanted = item.mtime_ns / kSecond;
    if (item.mtime_ns == kNoTime || (wanted > kFirst && wanted < kLast)) return true;
    const Result<FileStat> there = options_.target->stat(*item.target);
    if (!there || there->mtime_ns == kNoTime) return false;
    const std::int64_t got = there->mtime_ns / kSecond;
    return got > wanted - kDay && got < wanted + kDay;
  }

  Result<DownloadEnd> compare(const DownloadItem& item, bool& fatal) const
  {
    TRY(fetch(item, nullptr, fatal));
    return DownloadEnd::verified;
  }

  Result<DownloadEnd> restore(const DownloadItem& item, bool& fatal) const
  {
    const Result<FileStat> there = options_.target->stat(*item.target);
    if (there && options_.overwrite == Overwrite::never) return DownloadEnd::kept;
    if (there && there->kind != FileKind::file) {
      return fail(Errc::io, printable(*item.target) + ": a " + std::string(to_string(there->kind)) +
                                " of this name is in the target folder");
    }
    const bool compares =
        options_.overwrite == Overwrite::if_different || options_.overwrite == Overwrite::if_whole;
    if (there && compares && there->size == item.content.size) {
      const Result<Content> content =
          read_content(TRY(options_.target->open_file(*item.target)), stop_);
      if (content && item.content.agrees_with(*content)) {
        if (item.mtime_ns != kNoTime && there->mtime_ns != item.mtime_ns)
          TRY(options_.target->set_mtime(*item.target, item.mtime_ns));
        TRY(options_.target->give_file_to_owner(*item.target));
        return DownloadEnd::whole;
      }
    }
    if (there && names_fold_ && !TRY(is_spelled_so(*options_.target, *item.target)))
      return DownloadEnd::alias;
    if (there && options_.overwrite == Overwrite::if_whole) return DownloadEnd::other;
    Result<PendingFile> file = PendingFile::create(*options_.target, temporary_name(*item.target),
                                                   *item.target, PendingFile::Sync::later);
    if (!file) return local_failure(std::move(file).error(), fatal);
    TRY(fetch(item, &*file, fatal));
    TRY(file->set_mtime(item.mtime_ns));
    const bool may_replace =
        options_.overwrite == Overwrite::if_different || options_.overwrite == Overwrite::always;
    if (may_replace && options_.before_replacing) TRY(options_.before_replacing(item));
    // Where names fold, another worker may have written a file that this name would replace.
    const bool replaces = may_replace && (there || !names_fold_);
    Result<> committed = replaces ? file->commit_replacing() : file->commit_new();
    if (!committed && names_fold_ && committed.error().code == Errc::precondition_failed)
      return DownloadEnd::alias;
    if (!committed) return local_failure(std::move(committed).error(), fatal);
    return DownloadEnd::written;
  }

  /// Reads the object, writes it to `file` if that is not null, and compares the bytes.
  Result<> fetch(const DownloadItem& item, PendingFile* file, bool& fatal) const
  {
    ContentHasher hasher;
    bool local = false;
    const Result<> got = store_.get(
        item.object,
        [&](ByteView bytes) -> Result<> {
          hasher.update(bytes);
          progress_.advance(0, bytes.size());
          if (file == nullptr) return {};
          Result<> written = file->write(bytes);
          local = !written;
          return written;
        },
        stop_);
    if (!got) {
      const Errc code = got.error().code;
      if (local) return std::unexpected(local_failure(got.error(), fatal).error());
      if (code == Errc::not_found)
        return fail(Errc::corrupt, item.object.value + ": the store does not hold it");
      fatal = code == Errc::unavailable || code == Errc::denied;
      return std::unexpected(got.error());
    }
    const Content content = hasher.finish();
    if (!item.content.agrees_with(content)) {
      return fail(
          Errc::corrupt,
          item.object.value + ": its bytes are not those that were backed up (" +
              (content.size != item.content.size ? "the size differs" : "the SHA-256 differs") +
              ")");
    }
    return {};
  }

  /// A full disk also fails every later file.
  static Result<DownloadEnd> local_failure(Error error, bool& fatal)
  {
    fatal = !error.hint.empty() && error.code == Errc::io;
    return std::unexpected(std::move(error));
  }

  ObjectStore& store_;
  const DownloadOptions& options_;
  Progress& progress_;
  std::stop_token stop_;
  const bool names_fold_;
};

class DownloadExchange : public WorkerExchange<DownloadItem> {
public:
  DownloadExchange(const DownloadCalls& calls, Progress& progress, const std::stop_token& stop)
      : WorkerExchange(calls.next, stop), calls_(calls), progress_(progress)
  {}

  void finish(DownloadResult result)
  {
    const std::scoped_lock turn(mutex_);
    progress_.advance(1, 0);
    if (!result.end && (result.fatal || result.end.error().code == Errc::cancelled)) {
      note(std::unexpected(result.end.error()));
    } else {
      note(calls_.done(std::move(result)));
    }
  }

private:
  const DownloadCalls& calls_;
  Progress& progress_;
};

}  // namespace

Result<> run_downloads(ObjectStore& store, const DownloadOptions& options,
                       const DownloadCalls& calls, Progress& progress, const std::stop_token& stop)
{
  WorkerTurns turns(options.workers, progress);
  const Downloader downloader(store, options, turns, stop);
  DownloadExchange exchange(calls, turns, stop);
  run_workers(options.workers, [&](unsigned index) {
    while (turns.wait_for_turn(index)) {
      std::optional<DownloadItem> item = exchange.next();
      if (!item) break;
      exchange.finish(downloader.run(*std::move(item)));
    }
    turns.end_turns();
  });
  return std::move(exchange).verdict();
}

}  // namespace ib
