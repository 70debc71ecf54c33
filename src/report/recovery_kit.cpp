// SPDX-License-Identifier: Apache-2.0
//
// One page for the day on which there is no screen to look it up on.
#include "report/recovery_kit.hpp"

#include "base/text.hpp"
#include "report/json.hpp"
#include "report/layout.hpp"

#include <algorithm>

namespace ib {
namespace {

bool is_in_bucket(const RecoveryKitReport& report)
{
  return !report.bucket.empty();
}

std::string facts(const RecoveryKitReport& report)
{
  const RestorePoint& point = report.restore_point;
  Rows rows;
  rows.add("store", printable(report.header.store) +
                        (is_in_bucket(report) ? ", in " + printable(report.prices.location)
                                              : std::string()));
  rows.add("restore point",
           format_iso(point.time) + ", " + (point.is_complete() ? "complete" : "incomplete") +
               (point.audit ? ", " + format_count(point.audit->protected_originals()) + " of " +
                                  count_of(point.audit->originals, "original", "originals")
                            : std::string()));
  rows.add("library", files_of_size(point.counts.files, point.counts.bytes));
  rows.add("database", point.database ? "Immich " + printable(point.database->immich_version) +
                                            ", " + printable(point.database->object.value)
                                      : "not in this restore point");
  rows.add("verified",
           !report.last_verified
               ? "never: run `immich-backup verify-restore`, then print this again"
               : format_iso(*report.last_verified) +
                     (report.last_verified_ok ? ": no damage found"
                                              : ": DAMAGE WAS FOUND, and is not mended"));
  if (!report.prices.free_of_charge()) {
    rows.add("full restore", format_dollars(cost_of(report.restore, report.prices)) + " to read " +
                                 format_bytes(report.restore.retrieved_bytes()) +
                                 " outside Google's network (prices of " +
                                 printable(report.prices.date) + ")");
  }
  rows.add("program", "immich-backup " + printable(report.program_version));
  rows.add_notes(report.header.notes);
  return rows.text();
}

constexpr std::string_view kKeepForABucket = R"(
KEEP WITH THIS PAGE, AWAY FROM THE HOUSE

  [ ] The Google project ____________________, and its owner's login
      ____________________: password and second factor, with recovery codes.
      Who can sign in as the owner needs no key: keys can be made anew.
  [ ] The age key of your repository. Without it no secret in it can be read.
  [ ] Where that repository, or Immich's compose file, lies: ____________________
  [ ] This program: its image, its source, or docs/restore-by-hand.md on paper.
)";

constexpr std::string_view kKeepForAFolder = R"(
KEEP WITH THIS PAGE, AWAY FROM THE HOUSE

  [ ] Where the disk with this store is, and what opens it if it is encrypted:
      ____________________. A disk beside the server burns with it.
  [ ] The age key of your repository, if you have one.
  [ ] Where that repository, or Immich's compose file, lies: ____________________
  [ ] This program: its image, its source, or docs/restore-by-hand.md on paper.
)";

constexpr std::string_view kInACluster = R"(
IN A NEW CLUSTER, whose workload identity is another one: a key for the reader, then
the Jobs of components/immich/components/restore (docs/restore.md)

  gcloud iam service-accounts keys create reader.json \
    --iam-account=immich-backup-reader@PROJECT.iam.gserviceaccount.com
  kubectl create secret generic immich-backup-reader-secrets -n immich \
    --from-literal=GCS_BUCKET=$GCS_BUCKET --from-file=GCS_CREDENTIALS=reader.json
  kubectl patch job -n immich immich-restore -p '{"spec":{"suspend":false}}'
  kubectl patch job -n immich immich-restore-database -p '{"spec":{"suspend":false}}'
)";

/// Where a restore has put the folders outside the media root, and where they were.
std::string external_libraries(const RestorePoint& point)
{
  const std::vector<ExtraRoot>& roots = point.extra_roots;
  constexpr std::size_t kMost = 5;  // the kit is one page
  std::string text;
  for (std::size_t i = 0; i < std::min(kMost, roots.size()); ++i) {
    const ExtraRoot& root = roots[i];
    std::string seen_as;
    for (const ImmichFolder& folder : root.in_immich)
      if (folder.below.empty()) seen_as = folder.path;
    text += "  # Move /srv/immich/library/@external/" + printable(root.name) + " to " +
            printable(root.folder) +
            (seen_as.empty() || seen_as == root.folder ? "" : ", Immich's " + printable(seen_as)) +
            "\n";
  }
  if (roots.size() > kMost)
    text += "  # and " + count_of(roots.size() - kMost, "more folder", "more folders") +
            " of @external/ to where they were\n";
  if (point.not_covered)
    text += "  # What else is in @external/ was of folders that are not backed up any more.\n";
  return text;
}

std::string worst_day(const RecoveryKitReport& report)
{
  std::string text =
      "\nTHE WORST DAY\n\n"
      "  Do not start Immich's server before its database is restored. Nothing here can\n"
      "  harm the backup. On any machine, in the container or with the program:\n\n";
  if (is_in_bucket(report)) {
    text +=
        "  gcloud auth application-default login        # as the project's owner\n"
        "  export GCS_BUCKET=" +
        shell_quoted(report.bucket) + "\n";
  } else {
    text += "  export IMMICH_BACKUP_STORE=" + shell_quoted(report.header.store) +
            "\n  # As root, or as the backup's own user: nobody else may read the folder.\n";
  }
  if (!report.trusted_keys.empty()) {
    text +=
        "  # Whose backup to believe. Without it, --unsigned believes whoever could write there.\n"
        "  export IMMICH_BACKUP_TRUSTED_KEY=";
    // At the beginning of a line: what a shell joins must have no spaces.
    for (const std::string& key : report.trusted_keys)
      text += (&key == &report.trusted_keys.front() ? "\\\n" : ",\\\n") + key;
    text += "\n";
  }
  text +=
      "  immich-backup doctor                         # is all at hand?\n"
      "  immich-backup status                         # the restore point to take\n"
      "  immich-backup restore --target /srv/immich/library    # Immich's UPLOAD_LOCATION\n" +
      external_libraries(report.restore_point) +
      "  export DB_HOSTNAME=127.0.0.1 DB_USERNAME=postgres"
      " DB_PASSWORD=... DB_DATABASE_NAME=immich\n"
      "  immich-backup restore-database --create      # Immich's own PostgreSQL image\n\n"
      "  Interrupted? Run the same again. From before a theft or ransomware: --at 2026-01-15.\n"
      "  Then start Immich; Administration, Jobs: Generate Thumbnails, All; Transcode Videos, "
      "All.\n";
  return text;
}

}  // namespace

Outcome outcome_of(const RecoveryKitReport& report)
{
  return outcome_by_problems(report.header);
}

std::string to_text(const RecoveryKitReport& report)
{
  const bool in_bucket = is_in_bucket(report);
  return "RECOVERY KIT for an Immich library, of " + format_iso(report.now).substr(0, 10) +
         "\nPrint it, and keep it away from the house. It holds no secret.\n\n" + facts(report) +
         std::string(in_bucket ? kKeepForABucket : kKeepForAFolder) + worst_day(report) +
         std::string(in_bucket ? kInACluster : "") +
         "\nWITHOUT THIS PROGRAM: docs/restore-by-hand.md, "
         "with a copy tool, sqlite3, gunzip and psql.\n"
         "`immich-backup recovery-kit` prints this anew: "
         "after a move to another bucket, once a year.\n";
}

std::string to_json(const RecoveryKitReport& report)
{
  const RestorePoint& point = report.restore_point;
  Json json = header_object(report.header, outcome_of(report));
  json["program_version"] = to_utf8(report.program_version);
  json["restore_point"] = format_iso(point.time);
  json["complete"] = point.is_complete();
  json["files"] = {{"count", point.counts.files}, {"bytes", point.counts.bytes}};
  json["database"] = object_or_null(point.database);
  json["last_verified"] = time_or_null(report.last_verified);
  json["last_verified_ok"] = report.last_verified_ok;
  json["restore"] = full_restore_object(report.restore, report.prices);
  json["prices"] = prices_object(report.prices);
  Json roots = Json::array();
  for (const ExtraRoot& root : point.extra_roots)
    roots.push_back({{"name", to_utf8(root.name)}, {"folder", to_utf8(root.folder)}});
  json["extra_roots"] = std::move(roots);
  json["trusted_keys"] = to_array(report.trusted_keys);
  return json_line(json);
}

}  // namespace ib
