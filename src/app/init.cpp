// SPDX-License-Identifier: Apache-2.0
#include "app/init.hpp"

#include "app/doctor/diagnosis.hpp"
#include "immich/database.hpp"
#include "immich/media_root.hpp"
#include "postgres/address.hpp"
#include "postgres/connection.hpp"
#include "repository/listing.hpp"
#include "repository/restore_points.hpp"
#include "repository/store_marker.hpp"
#include "scan/library.hpp"
#include "sys/file_system.hpp"
#include "sys/place_probe.hpp"

#include <utility>

namespace ib {
namespace {

/// Now, and not at the first backup, a person is there to put it right.
Result<> require_library(const Session& session, const InitJob& job)
{
  const FolderAddress* folder = session.store.address().folder();
  if (!job.library) return {};
  TRY(require_media_root(*job.library));
  if (folder == nullptr) return {};
  return TRY(Library::open(*job.library)).require_outside(folder->path);
}

/// Now, and not in the middle of a night.
Result<> require_place(const Session& session, std::vector<std::string>& notes)
{
  const FolderAddress* folder = session.store.address().folder();
  if (folder == nullptr) return {};
  const Result<PlaceFacts> place = probe_place_at(folder->path);
  const Check check = judge_place(place.value_or(PlaceFacts{}),
                                  place ? std::nullopt : std::optional(place.error()));
  if (check.verdict == Verdict::problem && place)
    return fail(Errc::invalid, session.store.url() + ": its file system " + check.message,
                check.fix);
  if (!place) return std::unexpected(in_context(session.store.url(), place.error()));
  notes.push_back("its file system " + check.message);
  const FileSystem system = TRY(file_system_of(folder->path));
  const Check kind =
      judge_file_system({.file_system = system.type, .mount_point = system.mount_point});
  if (kind.verdict == Verdict::warning) notes.push_back(kind.message + ". " + kind.fix);
  return {};
}

/// A database without a user tells nothing: then whose Immich it is stays unknown.
Result<std::vector<std::string>> ask_database(const Session& session, const InitJob& job,
                                              std::vector<std::string>& notes)
{
  if (!job.database) return std::vector<std::string>{};
  Connection connection = TRY(Connection::open(job.database->address, session.stop));
  const ImmichFacts facts = TRY(read_immich_facts(connection));
  const std::string database = describe(job.database->address);
  if (!facts.known_schema) {
    notes.push_back(database + ": its tables are not those of an Immich that this program knows");
  } else if (facts.identity.empty()) {
    notes.push_back(database + ": this Immich has no user yet, by whom it could be known again");
  }
  return facts.identity;
}

/// The id that the newest readable restore point gives its store. Absent where there is none.
std::optional<std::string> named_id(const Session& session, const ManifestListing& listing)
{
  for (auto it = listing.restore_points.rbegin(); it != listing.restore_points.rend(); ++it) {
    const Result<RestorePoint> point = read_restore_point(session, it->name);
    if (point) return point->store;
  }
  return std::nullopt;
}

}  // namespace

Result<InitReport> run_init(const Session& session, const InitJob& job)
{
  InitReport report;
  report.header.command = "init";
  report.header.store = session.store.url();
  if (job.database) report.database = describe(job.database->address);
  TRY(require_library(session, job));
  const std::vector<std::string> immich = TRY(ask_database(session, job, report.header.notes));
  const ManifestListing listing = TRY(list_manifests(session));
  const std::optional<std::string> named = named_id(session, listing);
  const std::string id = named.value_or("");
  Result<std::optional<StoreMarker>> found = find_marker(session, listing);
  if (!found && !(job.adopt && found.error().code == Errc::invalid))
    return std::unexpected(std::move(found).error());
  if (found && !*found) {
    TRY(require_place(session, report.header.notes));
    const StoreMarker marker = new_marker(id, immich, listing.store_time);
    report.marker = TRY(create_marker(session, marker));
    const bool holds_backup = named || !listing.manifests.empty() || listing.has_current_manifest;
    report.did = holds_backup ? InitReport::Did::marked : InitReport::Did::began;
    if (report.marker.id == marker.id) return report;
    found = report.marker;  // another init was first
  }
  report.did = InitReport::Did::nothing;
  const bool is_the_stores = found && (id.empty() || (*found)->id == id);
  const bool is_this_immichs = found && may_be_same_immich((*found)->immich, immich);
  const bool tells_more = found && (*found)->immich.empty() && !immich.empty();
  if (is_the_stores && is_this_immichs && !(job.adopt && tells_more)) {
    report.marker = **found;
    return report;
  }
  if (!job.adopt && !is_the_stores) return another_stores_marker(session.store.url());
  if (!job.adopt) return another_immich(session.store.url(), report.database);
  report.marker = new_marker(id.empty() && found ? (*found)->id : id, immich, listing.store_time);
  TRY(replace_marker(session, listing, report.marker));
  report.did = InitReport::Did::adopted;
  return report;
}

}  // namespace ib
