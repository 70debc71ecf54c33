// SPDX-License-Identifier: Apache-2.0
#include "core/planning/plan.hpp"

#include "base/text.hpp"
#include "base/time.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace ib {
namespace {

const std::string& sort_key(const ScanItem& item)
{
  if (const auto* file = std::get_if<SourceFile>(&item)) return file->path;
  return std::get<UncertainFolder>(item).prefix;
}

/// A stream with one item of look-ahead that insists on its order.
template <class Cursor, class Item>
class Ordered {
public:
  Ordered(Cursor& cursor, const char* what) : cursor_(cursor), what_(what) {}

  Result<> advance(const auto& key_of)
  {
    item_ = TRY(cursor_.next());
    if (!item_) return {};
    const std::string& key = key_of(*item_);
    if (key <= last_key_)
      return fail(Errc::corrupt, std::string(what_) + " is out of order at " + printable(key));
    last_key_ = key;
    return {};
  }

  std::optional<Item>& item() { return item_; }

private:
  Cursor& cursor_;
  const char* what_;
  std::string last_key_;
  std::optional<Item> item_;
};

/// Whether absence of `path` proves nothing once `prefix` was announced: it lies below that folder,
/// or it is that name itself, where a file, or a folder of files, may have been.
bool is_below(const std::string& path, const std::string& prefix)
{
  if (!path.starts_with(prefix)) return false;
  return prefix.ends_with('/') || path.size() == prefix.size() || path[prefix.size()] == '/';
}

/// Whether every path that lies below `prefix` comes before `key`.
bool is_passed(const std::string& prefix, const std::string& key)
{
  const std::string_view name =
      std::string_view(prefix).substr(0, prefix.size() - (prefix.ends_with('/') ? 1 : 0));
  constexpr char kAfterSlash = '/' + 1;
  return key >= std::string(name) + kAfterSlash;
}

std::optional<ReadReason> reason_to_read(const SourceFile& file, const FileRecord& known)
{
  if (known.archived) return ReadReason::returned;
  if (file.size != known.content.size) return ReadReason::size_differs;
  if (file.mtime_ns != known.mtime_ns) return ReadReason::mtime_differs;
  if (known.suspect) return ReadReason::suspect;
  if (known.recheck || file.mtime_ns == kNoTime) return ReadReason::recheck;
  return std::nullopt;
}

}  // namespace

Result<PlanCounts> plan_backup(ScanCursor& library, RecordCursor& manifest, const PlanRules& rules,
                               const PlanSink& sink)
{
  Ordered<ScanCursor, ScanItem> scan(library, "the library's listing");
  Ordered<RecordCursor, FileRecord> rows(manifest, "the manifest");
  const auto row_key = [](const FileRecord& record) -> const std::string& { return record.path; };
  PlanCounts counts;
  std::vector<std::string> uncertain;  // what was announced and may lie ahead: a few at most

  const auto row_is_absent = [&](FileRecord row) -> Result<> {
    if (row.archived) return {};
    if (!rules.in_scope(row.path)) {
      if (counts.not_covered++ == 0) counts.first_not_covered = row.path;
      return {};
    }
    ++counts.known;
    if (std::ranges::any_of(
            uncertain, [&](const std::string& prefix) { return is_below(row.path, prefix); })) {
      ++counts.missing_but_kept;
      return {};
    }
    ++counts.gone;
    return sink.gone(std::move(row));
  };
  const auto file_is_there = [&](SourceFile file, std::optional<FileRecord> known) -> Result<> {
    ++counts.scanned;
    counts.scanned_bytes += file.size;
    std::optional<ReadReason> reason =
        known ? reason_to_read(file, *known) : ReadReason::unknown_path;
    if (known && !known->archived) ++counts.known;
    // Nobody has read yet what was taken over from an older manifest, whose times are not known.
    const bool was_read = known && known->content.has_sha1 &&
                          (known->mtime_ns != kNoTime || file.mtime_ns == kNoTime);
    if (was_read && (reason == ReadReason::size_differs || reason == ReadReason::mtime_differs))
      ++counts.look_changed;
    if (!reason && rules.rehash && rules.rehash(file.path)) reason = ReadReason::rehash;
    if (!reason && rules.is_recent && rules.is_recent(file.ctime_ns)) {
      reason = ReadReason::ctime_differs;
      ++counts.ctime_differs;
      counts.ctime_differs_bytes += file.size;
    }
    if (!reason) {
      ++counts.unchanged;
      return {};
    }
    ++counts.to_read;
    counts.to_read_bytes += file.size;
    return sink.read({std::move(file), *reason, std::move(known)});
  };

  TRY(scan.advance(sort_key));
  TRY(rows.advance(row_key));
  while (scan.item() || rows.item()) {
    // A row before the next scanned thing has no file.
    if (rows.item() && (!scan.item() || rows.item()->path < sort_key(*scan.item()))) {
      TRY(row_is_absent(std::move(*rows.item())));
      TRY(rows.advance(row_key));
      continue;
    }
    if (const auto* folder = std::get_if<UncertainFolder>(&*scan.item())) {
      std::erase_if(uncertain,
                    [&](const std::string& prefix) { return is_passed(prefix, folder->prefix); });
      uncertain.push_back(folder->prefix);
      TRY(scan.advance(sort_key));
      continue;
    }
    auto file = std::get<SourceFile>(std::move(*scan.item()));
    std::optional<FileRecord> known;
    if (rows.item() && rows.item()->path == file.path) {
      known = std::move(*rows.item());
      TRY(rows.advance(row_key));
    }
    TRY(file_is_there(std::move(file), std::move(known)));
    TRY(scan.advance(sort_key));
  }
  return counts;
}

}  // namespace ib
