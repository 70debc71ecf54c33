// SPDX-License-Identifier: Apache-2.0
#include "app/backup/audit.hpp"

#include "base/text.hpp"
#include "core/records/file_record.hpp"
#include "immich/media_path.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace ib {
namespace {

constexpr std::size_t kMostHoles = 100;  // named one by one
constexpr std::size_t kMostExamples = 3;

std::string_view word_for(NamedFile::Kind kind)
{
  switch (kind) {
    case NamedFile::Kind::original:
      return "original";
    case NamedFile::Kind::sidecar:
      return "sidecar";
    case NamedFile::Kind::avatar:
      return "avatar";
  }
  return "file";
}

std::string examples(const std::vector<std::string>& paths, std::uint64_t of)
{
  std::string text;
  for (const std::string& path : paths) text += (text.empty() ? ": " : ", ") + printable(path);
  return of > paths.size() && !text.empty() ? text + ", ..." : text;
}

void remember(std::vector<std::string>& few, const std::string& path)
{
  if (few.size() < kMostExamples) few.push_back(path);
}

}  // namespace

Result<> DatabaseAudit::read(DatabaseSnapshot& snapshot, const ImmichFacts& facts)
{
  obstacle_.clear();
  read_any_ = false;
  media_location_ = facts.media_location;
  if (!facts.known_schema) {
    obstacle_ = "the tables are not those of an Immich that this program knows (1.132 to 3.x)";
    return {};
  }
  if (named_) {
    TRY(named_->clear());
  } else {
    named_.emplace(TRY(NamedFiles::create(scratch_.file("named.db"))));
  }
  for (const NamedFile::Kind kind :
       {NamedFile::Kind::original, NamedFile::Kind::sidecar, NamedFile::Kind::avatar}) {
    TRY(read_kind(snapshot, kind));
  }
  return {};
}

Result<> DatabaseAudit::read_kind(DatabaseSnapshot& snapshot, NamedFile::Kind kind)
{
  bool disk_failed = false;
  Result<> read = snapshot.named_files(kind, [&](const NamedFile& file) {
    Result<> added = named_->add(mapped(file));
    disk_failed = !added;
    return added;
  });
  if (read) {
    read_any_ = read_any_ || kind == NamedFile::Kind::original;
    return {};
  }
  const Errc code = read.error().code;
  if (disk_failed || code == Errc::unavailable || code == Errc::cancelled) return read;
  if (obstacle_.empty())
    obstacle_ = "the " + std::string(word_for(kind)) +
                "s that the database names cannot be read: " + read.error().message;
  return {};
}

NamedFile DatabaseAudit::mapped(NamedFile file) const
{
  if (!file.external) {
    if (std::optional<std::string> path = below_media_root(file.path, media_location_)) {
      file.path = std::move(*path);
      return file;
    }
  }
  for (const ExtraRoot& root : job_.extra_roots) {
    std::string folder = root.folder;
    while (folder.ends_with('/')) folder.pop_back();
    if (!file.path.starts_with(folder + "/")) continue;
    file.path = extra_root_prefix(root.name) + file.path.substr(folder.size() + 1);
    return file;
  }
  file.outside = true;
  return file;
}

Result<std::optional<Audit>> DatabaseAudit::judge(Manifest& manifest, const Scope& scope,
                                                  bool unfinished, ReportHeader& header)
{
  if (!obstacle_.empty()) {
    header.problems.push_back(
        {.path = "",
         .code = "audit_not_made",
         .message =
             "whether every file that Immich names is stored could not be found out: " + obstacle_,
         .hint = "Database and files are backed up all the same. The backup's database user needs "
                 "SELECT on all of Immich's tables."});
  }
  if (!named_ || !read_any_) return std::nullopt;

  NamedFiles doubtful = TRY(NamedFiles::create(scratch_.file("doubtful.db")));
  {
    const std::unique_ptr<NamedFileCursor> named = TRY(named_->in_order());
    const std::unique_ptr<RecordCursor> records = TRY(manifest.records());
    audit_ = TRY(compare_named_files(
        *named, *records,
        {.doubtful = [&](const NamedFile& file, const FileRecord*) { return doubtful.add(file); },
         .unknown = [&](const FileRecord& record) -> Result<> {
           remember(unknown_, record.path);
           return {};
         }}));
  }
  const std::unique_ptr<NamedFileCursor> closer = TRY(doubtful.in_order());
  while (const std::optional<NamedFile> file = TRY(closer->next())) {
    if (session_.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
    TRY(look_closer(manifest, scope, *file));
  }
  sum_up(unfinished, header);
  return audit_;
}

/// Where is the content of a file that is not where it should be, or not as it should be?
Result<> DatabaseAudit::look_closer(Manifest& manifest, const Scope& scope, const NamedFile& file)
{
  const bool original = file.kind == NamedFile::Kind::original;
  if (original && file.odd_checksum) {
    ++odd_;
    remember(odd_names_, file.path);
  }
  const std::optional<FileRecord> here = TRY(manifest.find(file.path));
  if (here && !here->archived && !file.sha1) {
    if (original) ++audit_.stored;
    return {};
  }
  if (file.sha1) {
    if (const std::optional<FileRecord> found = TRY(manifest.find_sha1(*file.sha1))) {
      const bool is_in_library = !found->archived && found->path != file.path;
      // That the right content is stored elsewhere, as an earlier version or as somebody else's
      // same photo, makes the file at its own path no better. Only where Immich has moved it
      // meanwhile, it is another one's path now.
      if (here && !here->archived && TRY(is_still_named(file))) {
        hole(file, audit_.differs, "differs_from_immich",
             "its current content is not what Immich recorded; what the backup has of " +
                 printable(found->path) + " is");
        return {};
      }
      ++(is_in_library ? audit_.moved : audit_.gone);
      if (!is_in_library) gone(file);
      return {};
    }
    if (here && !here->archived) {
      hole(file, audit_.differs, "differs_from_immich",
           "its content is not what Immich recorded, and no version in the backup is");
      return {};
    }
  } else if (here) {
    if (original) ++audit_.gone;
    gone(file);
    return {};
  }
  if (file.being_deleted || !TRY(is_still_named(file))) {
    if (original) ++audit_.left;
    return {};
  }
  if (!file.outside && !scope.covers(file.path) && !extra_root_of(file.path)) {
    if (original) ++audit_.left;
    return {};
  }
  hole(file, original ? audit_.missing : audit_.others_missing, "not_protected",
       file.outside ? "it lies outside every folder that is backed up, at " + printable(file.path)
                    : "it is neither in the library nor in the backup");
  return {};
}

/// Whether the database names it still: what was deleted or moved since the dump is no hole.
Result<bool> DatabaseAudit::is_still_named(const NamedFile& file)
{
  if (!std::exchange(asked_, true) && job_.database) {
    Result<Connection> opened = Connection::open(job_.database->address, session_.stop);
    if (opened) database_.emplace(std::move(*opened));
  }
  if (!database_) return true;
  bool named = false;
  const std::array ids{file.id};
  const Result<> asked =
      named_files_of(*database_, file.kind, ids, [&](const NamedFile& now) -> Result<> {
        named = named || mapped(now).path == file.path;
        return {};
      });
  if (!asked && asked.error().code == Errc::cancelled) return std::unexpected(asked.error());
  if (!asked) database_.reset();
  return !asked || named;
}

bool DatabaseAudit::is_accepted(const NamedFile& file)
{
  return std::ranges::any_of(job_.accepted_losses, [&](const AcceptedLoss& loss) {
    return loss.what == file.id || loss.what == file.path;
  });
}

void DatabaseAudit::hole(const NamedFile& file, std::uint64_t& kind, std::string_view code,
                         const std::string& what)
{
  if (is_accepted(file)) {
    if (file.kind == NamedFile::Kind::original) ++audit_.accepted;
    return;
  }
  ++kind;
  if (++holes_found_ > kMostHoles) return;
  holes_.push_back({.path = file.path,
                    .code = std::string(code),
                    .message = printable(file.path) + ": " + std::string(word_for(file.kind)) +
                               " of " +
                               (file.kind == NamedFile::Kind::avatar ? "user " : "asset ") +
                               file.id + ": " + what,
                    .hint = "If it is lost for good, and you know, say so: --accept-lost '" +
                            file.id + "=why' (or accept-lost in the configuration file)."});
}

void DatabaseAudit::gone(const NamedFile& file)
{
  if (file.kind == NamedFile::Kind::original) remember(gone_, file.path);
}

void DatabaseAudit::sum_up(bool unfinished, ReportHeader& header) const
{
  if (audit_.gone > 0) {
    header.notes.push_back(
        count_of(audit_.gone, "original that Immich names is", "originals that Immich names are") +
        " no longer in the library, and safe in the backup" + examples(gone_, audit_.gone) +
        " (`immich-backup history PATH` says how to restore it)");
  }
  if (audit_.unknown > 0) {
    header.notes.push_back(
        count_of(audit_.unknown, "stored file is", "stored files are") +
        " unknown to Immich's database, such as uploads under way and left-overs" +
        examples(unknown_, audit_.unknown));
  }
  if (audit_.external > 0) {
    header.notes.push_back(count_of(audit_.external, "file of an external library is",
                                    "files of external libraries are") +
                           " not in the backup: --extra-root covers the folder");
  }
  if (odd_ > 0) {
    header.notes.push_back("Immich's checksum of " + count_of(odd_, "original", "originals") +
                           " has not the length of a SHA-1, and proves nothing" +
                           examples(odd_names_, odd_));
  }
  if (unfinished) return;  // what is not stored yet is said in one sentence already
  header.problems.insert(header.problems.end(), holes_.begin(), holes_.end());
  if (holes_found_ > holes_.size()) {
    header.problems.push_back(
        {.path = "",
         .code = "not_protected",
         .message = format_count(holes_found_ - holes_.size()) +
                    " more files that Immich names are not stored, or not as it recorded them"});
  }
}

}  // namespace ib
