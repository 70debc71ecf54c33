// SPDX-License-Identifier: Apache-2.0
#include "app/rebuild.hpp"

#include "app/findings.hpp"
#include "app/stored_dump.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "base/version.hpp"
#include "core/names/extra_root.hpp"
#include "core/records/file_record.hpp"
#include "immich/dumped_assets.hpp"
#include "immich/media_paths.hpp"
#include "repository/catalog.hpp"
#include "repository/commit.hpp"
#include "repository/encrypted_store.hpp"
#include "repository/listing.hpp"
#include "repository/object_metadata.hpp"
#include "repository/own_uploads.hpp"
#include "repository/redating.hpp"
#include "repository/restore_points.hpp"
#include "repository/signed_store.hpp"
#include "repository/store_marker.hpp"
#include "store/object_streams.hpp"
#include "sys/hash.hpp"
#include "sys/system.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <tuple>
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
    may_read_ = session.encryption == nullptr || !session.store.features().encrypts ||
                session.encryption->has_identity();
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
    dump_ = TRY(newest_dump());
    TRY(ask_other_manifests());
    TRY(ask_immich());
    leave_out_damaged();
    note_what_is_not_shown();
    TRY(record_found());
    TRY(commit());
    return std::move(report_);
  }

private:
  /// What an object holds that no row claims.
  struct Found {
    ObjectName object;
    Content content;
    std::optional<EncryptedObject> encrypted = std::nullopt;
    std::int64_t mtime_ns = 0;
    /// Something else than the bytes says that they are what was stored.
    bool vouched_for = false;
    bool damaged = false;
    /// Of an encrypted store, under the name that is for content whose first object was doubted.
    bool sent_again = false;
  };
  struct KnownDump {
    DumpInfo info;
    RestorePoint point = {};  // that names it, if one does
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
      session_.progress.advance(1, object->size.value_or(0));
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

  /// Absent if it cannot be read as a whole. What was damaged on its way is read once more.
  Result<std::optional<Content>> read(const ObjectName& name)
  {
    ++report_.read_back;
    for (int attempt = 1;; ++attempt) {
      ContentHasher hasher;
      const Result<> got = session_.store.get(
          name,
          [&](ByteView bytes) -> Result<> {
            hasher.update(bytes);
            return {};
          },
          session_.stop);
      if (got) return hasher.finish();
      const Errc code = got.error().code;
      if (code != Errc::corrupt && code != Errc::io && code != Errc::not_found)
        return std::unexpected(got.error());
      if (code != Errc::corrupt || attempt == 2) return std::nullopt;
    }
  }

  /// What this machine's key has tagged, and can not decrypt: its own words, unless the store holds
  /// another age file than they were said of.
  std::optional<Content> content_told_by(const ObjectInfo& info)
  {
    const std::optional<Sha256> sha256 = sha256_of(info);
    const std::optional<Sha1> sha1 = sha1_of(info);
    if (!sha256 || !sha1 || !info.plain) return std::nullopt;
    // To send all large files again would be worse.
    if (!info.plain->announced_crc32c)
      ++not_shown_whole_;
    else if (!holds_what_was_announced(info))
      return std::nullopt;
    return Content{
        .sha256 = *sha256, .sha1 = *sha1, .crc32c = info.plain->crc32c, .size = info.plain->size};
  }

  Result<std::optional<Content>> content_of(const ObjectInfo& info)
  {
    if (!may_read_) return content_told_by(info);
    Result<std::optional<Content>> content = read(info.name);
    const bool is_for_others = !content && content.error().code == Errc::invalid;
    return is_for_others ? content_told_by(info) : std::move(content);
  }

  Result<> check_claim(const StoredContent& claim, const ObjectInfo& object)
  {
    bool right = !object.size || object.size == claim.object_size;
    const bool listing_tells = object.size && object.crc32c && claim.object_crc32c;
    if (right && listing_tells) right = *object.crc32c == *claim.object_crc32c;
    if (right && !listing_tells && session_.store.features().encrypts) {
      // The age file as it was confirmed, whoever can decrypt it.
      const Result<ObjectInfo> there = session_.store.stat(object.name, session_.stop);
      if (!there && there.error().code != Errc::corrupt) return std::unexpected(there.error());
      right = there && there->size == claim.object_size && there->crc32c == claim.object_crc32c;
    } else if (right && !listing_tells) {
      const std::optional<Content> content = TRY(read(object.name));
      right = content && claim.content.agrees_with(*content);
    }
    if (!right) forget(claim, "object_damaged", "does not hold what was recorded");
    return {};
  }

  /// An object that no manifest knows: an interrupted run's, or one of a manifest that is lost.
  Result<> take_up(const ObjectName& name)
  {
    const Result<ObjectInfo> there = session_.store.stat(name, session_.stop);
    if (!there && there.error().code == Errc::not_found) return {};  // since the listing
    const ObjectInfo& info = TRY(there);
    if (!is_own_upload(session_, info)) {
      findings_.problem(
          {.path = "",
           .code = "not_ours",
           .message = printable(name.value) + ": carries no tag of this machine's key",
           .hint = "The object is kept, and not taken up. Find out who put it there."});
      return {};
    }
    const std::optional<std::string> path = path_of(info);
    if (!path || names_other_path(name, *path)) {
      findings_.problem(
          {.path = "",
           .code = "path_unknown",
           .message = printable(name.value) + ": nothing says which path this content had",
           .hint = "The object is kept; look at it by hand."});
      return {};
    }
    const std::optional<Content> content = TRY(content_of(info));
    // What the object says of itself, and what its name says, must be what it holds.
    const std::optional<Sha256> expected = sha256_of(info);
    Found found{.object = name,
                .content = content.value_or(Content{}),
                .encrypted = encrypted_object(info),
                .mtime_ns = mtime_of(info).value_or(kNoTime),
                .vouched_for = expected.has_value(),
                .sent_again = info.plain && !session_.encryption->has_named(info)};
    found.damaged = !content || (expected && content->sha256 != *expected) ||
                    names_other_content(name, content->sha256);
    found_[*path].push_back(std::move(found));
    return {};
  }

  void note_what_is_not_shown()
  {
    if (not_shown_whole_ == 0) return;
    findings_.note(
        count_of(not_shown_whole_, "large file was", "large files were") +
        " taken up, and nothing here shows whether all bytes arrived. `immich-backup verify "
        "--all --identity FILE` reads them.");
  }

  /// Of objects whose metadata is lost, a manifest may know what they held: one from before a
  /// rebuild that found them damaged, or a run's that did not end.
  Result<> ask_other_manifests()
  {
    std::map<ObjectName, Found*> open;
    each_unvouched([&](const std::string& /*path*/, Found& found) { open[found.object] = &found; });
    if (open.empty()) return {};
    return look_into_other_manifests(
        session_, catalog_, [&](const Manifest& manifest) -> Result<bool> {
          const auto stored = TRY(manifest.stored_contents());
          while (const std::optional<StoredContent> claim = TRY(stored->next())) {
            const auto there = open.find(claim->name);
            if (there == open.end()) continue;
            there->second->vouched_for = true;
            there->second->damaged = !claim->content.agrees_with(there->second->content);
            open.erase(there);
          }
          return !open.empty();
        });
  }

  /// Immich has recorded what its originals hold, and where they are. Its word counts for what
  /// nothing else vouches for, and it tells which of several contents of a path is the right one:
  /// their times may be lost or made up.
  Result<> ask_immich()
  {
    if (!dump_ || found_.empty()) return {};
    std::set<Sha1> open, known;
    each_unvouched(
        [&](const std::string& /*path*/, const Found& found) { open.insert(found.content.sha1); });
    Result<> read = read_originals([&](const std::string& path, const Sha1& sha1) {
      if (open.contains(sha1)) known.insert(sha1);
      if (found_.contains(path)) originals_[path] = sha1;
    });
    if (!read && (read.error().code == Errc::cancelled || read.error().code == Errc::unavailable))
      return read;
    if (!read) {
      findings_.note("what Immich recorded could not be compared: " + read.error().message);
      return {};
    }
    each_unvouched([&](const std::string& path, Found& found) {
      const auto original = originals_.find(path);
      found.vouched_for = known.contains(found.content.sha1) || original != originals_.end();
      found.damaged = found.vouched_for && !known.contains(found.content.sha1);
    });
    return {};
  }

  Result<> read_originals(const std::function<void(const std::string&, const Sha1&)>& take)
  {
    session_.progress.begin("reading the dump", std::nullopt, dump_->info.bytes);
    DumpedAssets assets = TRY(DumpedAssets::create(catalog_.scratch.file("dumped")));
    TRY(read_stored_dump(session_, dump_->info.object, dump_->info.sha256,
                         [&](ByteView plain) { return assets.write(plain); }));
    TRY(assets.finish());
    const MediaPaths paths = MediaPaths::of(dump_->point, assets.media_location());
    return assets.each_asset([&](const DumpedAsset& asset) -> Result<> {
      const std::optional<std::string> path = paths.in_backup(asset.original_path);
      if (path && asset.sha1) take(*path, *asset.sha1);
      return {};
    });
  }

  void each_unvouched(const std::function<void(const std::string& path, Found&)>& take)
  {
    for (auto& [path, contents] : found_) {
      for (Found& found : contents)
        if (!found.vouched_for && !found.damaged) take(path, found);
    }
  }

  void leave_out_damaged()
  {
    for (auto& [path, contents] : found_) {
      for (const Found& found : contents) {
        if (!found.damaged) continue;
        findings_.problem({.path = path,
                           .code = "object_damaged",
                           .message = printable(found.object.value) +
                                      ": does not hold what was stored and is not taken up",
                           .hint = "The object is kept; look at it by hand."});
      }
      std::erase_if(contents, &Found::damaged);
    }
    std::uint64_t unvouched = 0;
    std::string example;
    each_unvouched([&](const std::string& path, const Found& /*found*/) {
      if (unvouched++ == 0) example = path;
    });
    if (unvouched == 0) return;
    findings_.note(count_of(unvouched, "file was", "files were") + " taken up, such as " +
                   printable(example) +
                   ", of which nothing tells any more what was stored: the objects' metadata is "
                   "lost");
  }

  /// Of several contents of one path, that which Immich recorded is its current one, or else the
  /// youngest. The others are kept for reference.
  Result<> record_found()
  {
    for (auto& [path, contents] : found_) {
      const auto original = originals_.find(path);
      const auto is_original = [&](const Content& content) {
        return original != originals_.end() && content.sha1 == original->second;
      };
      const std::optional<FileRecord> known = TRY(catalog_.manifest.find(path));
      std::ranges::stable_sort(contents, {}, [&](const Found& found) {
        return std::tuple(is_original(found.content), found.mtime_ns, found.sent_again);
      });
      for (const Found& found : contents) {
        // The manifest's row is the right one, or younger: this stays unclaimed.
        if (known && std::pair(is_original(known->content), known->mtime_ns) >=
                         std::pair(is_original(found.content), found.mtime_ns))
          continue;
        ++report_.added;
        // The mtime may be that of another machine's copy: the next run reads the file once.
        const FileRecord record{.path = path,
                                .content = found.content,
                                .mtime_ns = found.mtime_ns,
                                .recheck = true,
                                .object = found.object,
                                .encrypted = found.encrypted};
        TRY(&found == &contents.back() ? catalog_.manifest.record(record)
                                       : catalog_.manifest.record_aside(record));
      }
    }
    return {};
  }

  /// The newest dump that can be vouched for: a restore point's, or one that is whole.
  Result<std::optional<KnownDump>> newest_dump()
  {
    const auto& points = catalog_.listing.restore_points;
    for (auto it = points.rbegin(); it != points.rend(); ++it) {
      const Result<RestorePoint> point = read_restore_point(session_, it->name);
      if (point && point->database) return KnownDump{.info = *point->database, .point = *point};
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
    return KnownDump{.info = {.object = newest->name,
                              .bytes = checked->bytes,
                              .sha256 = checked->sha256,
                              .immich_version = "unknown"}};
  }

  Result<> commit()
  {
    session_.progress.begin("committing the manifest", std::nullopt, std::nullopt);
    TRY(catalog_.manifest.set_metadata("last_backup", format_iso(started_)));
    TRY(catalog_.manifest.set_metadata("run", run_));
    std::optional<DumpInfo> dump = dump_ ? std::optional(dump_->info) : std::nullopt;
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
    if (dump_) {
      point.extra_roots = dump_->point.extra_roots;
      point.media_roots = dump_->point.media_roots;
    }
    catalog_.manifest.write_anew();
    TRY(commit_catalog(session_, catalog_, point, nullptr, report_.header.notes));
    report_.manifest = point.manifest;
    report_.totals = point.counts;
    report_.restore_point = point.time;
    return {};
  }

  const Session& session_;
  std::uint64_t not_shown_whole_ = 0;
  bool may_read_ = true;  // false where the owner's identity alone could
  Catalog catalog_;
  RebuildReport report_;
  Findings findings_{session_.progress, report_.header};
  Timestamp started_{};
  std::string run_;
  std::vector<ObjectName> to_forget_;
  std::map<std::string, std::vector<Found>> found_;  // by path
  std::optional<KnownDump> dump_;
  std::map<std::string, Sha1>
      originals_;  // by path: of those that were found, what Immich recorded
};

}  // namespace

Result<RebuildReport> run_rebuild_manifest(const Session& session)
{
  std::vector<std::string> notes;
  Catalog catalog = TRY(salvage_catalog(session, notes));
  return RebuildRun(session, std::move(catalog)).run(std::move(notes));
}

Result<RebuildReport> run_redate(const Session& session)
{
  session.progress.begin("looking for what is dated ahead", std::nullopt, std::nullopt);
  RebuildReport report{.header = {.command = "rebuild-manifest", .store = session.store.url()}};
  report.redated = TRY(redate(session));
  const ManifestListing listing = TRY(list_manifests(session));
  if (!listing.restore_points.empty()) report.restore_point = listing.restore_points.back().time;
  return report;
}

}  // namespace ib
