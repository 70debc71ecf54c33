// SPDX-License-Identifier: Apache-2.0
#include "app/rebuild.hpp"

#include "app/findings.hpp"
#include "app/stored_dump.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "core/records/file_record.hpp"
#include "repository/catalog.hpp"
#include "repository/commit.hpp"
#include "repository/object_metadata.hpp"
#include "repository/restore_points.hpp"
#include "repository/signed_store.hpp"
#include "repository/store_marker.hpp"
#include "store/object_streams.hpp"
#include "sys/hash.hpp"
#include "sys/system.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace ib {
namespace {

class RebuildRun {
public:
  RebuildRun(const Session& session, Catalog catalog)
      : session_(session), catalog_(std::move(catalog))
  {
    report_.header.command = "rebuild-manifest";
    report_.header.store = session.store.url();
    if (catalog_.base) report_.based_on = catalog_.base->object;
  }

  Result<RebuildReport> run(std::vector<std::string> notes)
  {
    report_.header.notes = std::move(notes);
    started_ = catalog_.listing.next_time();
    run_ = format_compact(started_) + "-" + random_hex(4);
    TRY(catalog_.manifest.begin_run(
        {.generation = catalog_.generation + 1, .run = run_, .started = started_}));
    TRY(compare());
    for (const ObjectName& name : to_forget_)
      report_.dropped += TRY(catalog_.manifest.forget_object(name));
    TRY(record_found());
    TRY(commit());
    return std::move(report_);
  }

private:
  struct Found {
    ObjectName object;
    Content content;
    std::int64_t mtime_ns = 0;
  };

  /// A merge of what the salvaged manifest claims with what the store holds.
  Result<> compare()
  {
    session_.progress.begin("reading what the store holds", std::nullopt, std::nullopt);
    const auto claimed = TRY(catalog_.manifest.stored_contents());
    FileObjects objects(session_.store, session_.stop);
    std::optional<StoredContent> claim = TRY(claimed->next());
    std::optional<ObjectInfo> object = TRY(objects.next());
    while (claim || object) {
      if (session_.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
      if (claim && (!object || claim->name < object->name)) {
        forget(*claim, "object_missing", "is missing from the store");
        claim = TRY(claimed->next());
        continue;
      }
      ++report_.objects;
      session_.progress.advance(1, object->size);
      if (claim && claim->name == object->name) {
        TRY(check_claim(*claim, *object));
        claim = TRY(claimed->next());
      } else {
        TRY(take_up(object->name));
      }
      object = TRY(objects.next());
    }
    return {};
  }

  void forget(const StoredContent& claim, std::string code, const std::string& what)
  {
    findings_.problem(
        {.path = claim.path,
         .code = std::move(code),
         .message = printable(claim.name.value) + ": " + what,
         .hint = "If the library still has the file, the next backup stores it again."});
    to_forget_.push_back(claim.name);
  }

  Result<Content> read(const ObjectName& name)
  {
    ++report_.read_back;
    ContentHasher hasher;
    TRY(session_.store.get(
        name,
        [&](ByteView bytes) -> Result<> {
          hasher.update(bytes);
          return {};
        },
        session_.stop));
    return hasher.finish();
  }

  Result<> check_claim(const StoredContent& claim, const ObjectInfo& object)
  {
    bool right = object.size == claim.content.size;
    const bool listing_tells = object.crc32c && claim.content.has_crc32c;
    if (right && listing_tells) right = *object.crc32c == claim.content.crc32c;
    if (right && !listing_tells) {
      const Result<Content> content = read(object.name);
      if (!content && content.error().code != Errc::io) return std::unexpected(content.error());
      right = content && claim.content.agrees_with(*content);
    }
    if (!right) forget(claim, "object_damaged", "does not hold what was recorded");
    return {};
  }

  /// An object that no manifest knows: an interrupted run's, or one of a manifest that is lost.
  Result<> take_up(const ObjectName& name)
  {
    const ObjectInfo info = TRY(session_.store.stat(name, session_.stop));
    if (session_.signatures != nullptr && !session_.signatures->is_own_upload(info)) {
      findings_.problem(
          {.path = "",
           .code = "not_ours",
           .message = printable(name.value) + ": carries no tag of this machine's key",
           .hint = "The object is kept, and not taken up. Find out who put it there."});
      return {};
    }
    const std::optional<std::string> path = path_of(info);
    if (!path) {
      findings_.problem(
          {.path = "",
           .code = "path_unknown",
           .message = printable(name.value) + ": nothing says which path this content had",
           .hint = "The object is kept; look at it by hand."});
      return {};
    }
    const Result<Content> content = read(name);
    if (!content && content.error().code != Errc::io) return std::unexpected(content.error());
    // What the object says of itself, and a version by its name, must be what it holds: damage is
    // not taken up.
    const std::optional<Sha256> expected = sha256_of(info);
    if (!content || (expected && content->sha256 != *expected)) {
      findings_.problem(
          {.path = *path,
           .code = "object_damaged",
           .message = printable(name.value) + ": does not hold what was stored and is not taken up",
           .hint = "The object is kept; look at it by hand."});
      return {};
    }
    found_[*path].push_back(
        {.object = name, .content = *content, .mtime_ns = mtime_of(info).value_or(0)});
    return {};
  }

  /// Of several contents of one path the youngest is its current one. The others are kept for
  /// reference.
  Result<> record_found()
  {
    for (auto& [path, contents] : found_) {
      std::ranges::stable_sort(contents, {}, &Found::mtime_ns);
      const std::optional<FileRecord> known = TRY(catalog_.manifest.find(path));
      for (const Found& found : contents) {
        if (known && known->mtime_ns >= found.mtime_ns)
          continue;  // the manifest's row is younger: this stays unclaimed
        ++report_.added;
        // The mtime may be that of another machine's copy: the next run reads the file once.
        const FileRecord record{.path = path,
                                .content = found.content,
                                .mtime_ns = found.mtime_ns,
                                .recheck = true,
                                .object = found.object};
        TRY(&found == &contents.back() ? catalog_.manifest.record(record)
                                       : catalog_.manifest.record_aside(record));
      }
    }
    return {};
  }

  /// The newest dump that can be vouched for: a restore point's, or one that is whole.
  Result<std::optional<DumpInfo>> newest_dump()
  {
    const auto& points = catalog_.listing.restore_points;
    for (auto it = points.rbegin(); it != points.rend(); ++it) {
      const Result<RestorePoint> point = read_restore_point(session_, it->name);
      if (point && point->database) return point->database;
    }
    // Nothing signs a dump but the restore point that names it.
    if (session_.signatures != nullptr) return std::nullopt;
    const std::unique_ptr<ObjectCursor> cursor =
        TRY(session_.store.list(std::string(kDatabasePrefix), "", session_.stop));
    std::optional<ObjectInfo> newest;
    while (std::optional<ObjectInfo> info = TRY(cursor->next())) newest = std::move(info);
    if (!newest) return std::nullopt;
    const Result<CheckedDump> checked = check_stored_dump(session_, newest->name, std::nullopt);
    if (!checked) {
      findings_.problem({.path = "", .code = "dump_damaged", .message = checked.error().message});
      return std::nullopt;
    }
    return DumpInfo{.object = newest->name,
                    .bytes = checked->bytes,
                    .sha256 = checked->sha256,
                    .immich_version = "unknown"};
  }

  Result<> commit()
  {
    session_.progress.begin("committing the manifest", std::nullopt, std::nullopt);
    TRY(catalog_.manifest.set_metadata("last_backup", format_iso(started_)));
    TRY(catalog_.manifest.set_metadata("run", run_));
    std::optional<DumpInfo> dump = TRY(newest_dump());
    const std::optional<StoreMarker> marker = TRY(find_marker(session_, catalog_.listing));
    RestorePoint point{.started = started_,
                       .run = run_,
                       .program_version = std::string(kVersion),
                       .store = marker ? marker->id : "",
                       .covers = {.files = true, .database = dump.has_value()},
                       .database = std::move(dump),
                       .missed = report_.header.problems.size(),
                       .rebuilt = true,
                       .problem_count = report_.header.problems.size(),
                       .problems = report_.header.problems};
    catalog_.manifest.write_anew();
    TRY(commit_catalog(session_, catalog_, point, nullptr, report_.header.notes));
    report_.manifest = point.manifest;
    report_.totals = point.counts;
    report_.restore_point = point.time;
    return {};
  }

  const Session& session_;
  Catalog catalog_;
  RebuildReport report_;
  Findings findings_{session_.progress, report_.header};
  Timestamp started_{};
  std::string run_;
  std::vector<ObjectName> to_forget_;
  std::map<std::string, std::vector<Found>> found_;
};

}  // namespace

Result<RebuildReport> run_rebuild_manifest(const Session& session)
{
  std::vector<std::string> notes;
  Catalog catalog = TRY(salvage_catalog(session, notes));
  return RebuildRun(session, std::move(catalog)).run(std::move(notes));
}

}  // namespace ib
