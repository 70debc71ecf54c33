// SPDX-License-Identifier: Apache-2.0
//
// One page for the day on which there is no screen to look it up on.
#include "report/recovery_kit.hpp"

#include "base/text.hpp"
#include "report/json.hpp"
#include "report/layout.hpp"
#include "report/status.hpp"

#include <algorithm>

namespace ib {
namespace {

bool is_in_bucket(const RecoveryKitReport& report)
{
  return !report.bucket.empty();
}

std::string verified_row(const RecoveryKitReport& report)
{
  if (report.may_not_read_proofs)
    return report.drill_proven
               ? "a restore was tried on " + format_iso(*report.drill_proven) + ", and worked"
               : "not known: this credential may not read proofs/";
  if (!report.last_verified)
    return "never: run `immich-backup verify-restore`, then print this again";
  return format_iso(*report.last_verified) +
         (report.last_verified_ok ? ": no damage found" : ": DAMAGE WAS FOUND, and is not mended");
}

bool is_encrypted(const RecoveryKitReport& report)
{
  return !report.restore_point.recipients.empty();
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
  const std::vector<std::string> encrypted = encryption_rows(point, report.opened_objects);
  for (const std::string& line : encrypted)
    rows.add(&line == &encrypted.front() ? "encrypted" : "", line);
  if (!report.opened_photo.empty())
    rows.add("", "it has just opened this restore point and " + printable(report.opened_photo));
  rows.add("verified", verified_row(report));
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

std::string to_keep(const RecoveryKitReport& report)
{
  std::string text = "\nKEEP WITH THIS PAGE, AWAY FROM THE HOUSE\n\n";
  if (is_in_bucket(report)) {
    text +=
        "  [ ] The Google project ____________________, and its owner's login\n"
        "      ____________________: password and second factor, with recovery codes.\n"
        "      Who can sign in as the owner needs no key: keys can be made anew.\n";
  } else {
    text +=
        "  [ ] Where the disk with this store is, and what opens it if it is encrypted:\n"
        "      ____________________. A disk beside the server burns with it.\n";
  }
  if (is_encrypted(report)) {
    text +=
        "  [ ] The identity (AGE-SECRET-KEY-1...) of one of the public keys above: WITHOUT IT\n"
        "      NOTHING OPENS. In two places: ____________________, ____________________\n";
  }
  text +=
      "  [ ] Immich runs as user and group ____________________ (0:0, unless you changed it).\n"
      "  [ ] Where your own compose file or repository lies, and its age key: ________________\n";
  if (!report.trusted_keys.empty()) {
    text +=
        "  [ ] A copy of machine.key, which is secret. A restore needs none, but the backups after "
        "it do.\n";
  }
  text +=
      "  [ ] This program: its image (docker save), Debian package or source: "
      "____________________\n";
  return text + "  [ ] docs/restore-by-hand.md on paper: the way without this program.\n";
}

std::string in_a_cluster(const RecoveryKitReport& report)
{
  return R"(
IN A NEW CLUSTER (docs/restore.md, section 3), from the manifests of this program, with the
trusted key above in overlays/site/backup-config.yaml. The second Job once the first has ended:

  kubectl create secret generic immich-backup-reader-secrets -n immich \
    --from-literal=GCS_BUCKET=)" +
         shell_quoted(report.bucket) + R"( --from-file=GCS_CREDENTIALS=reader.json
  kubectl apply -k components/immich/overlays/restore-only/
  kubectl create job -n immich --from=cronjob/immich-restore restore-1
  kubectl create job -n immich --from=cronjob/immich-restore-database database-1
)";
}

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

/// How `docker run` reaches the store and knows whom to believe.
std::string reaching_the_store(const RecoveryKitReport& report)
{
  std::string text;
  if (is_in_bucket(report)) {
    text +=
        "    -v \"$PWD/reader.json:/reader.json:ro\""
        " -e GOOGLE_APPLICATION_CREDENTIALS=/reader.json \\\n"
        "    -e GCS_BUCKET=" +
        shell_quoted(report.bucket) + " \\\n";
  } else {
    text += "    -v " + shell_quoted(report.folder + ":/store:ro") +
            " -e IMMICH_BACKUP_STORE=file:///store \\\n";
  }
  if (is_encrypted(report)) {
    text +=
        "    -v \"$PWD/identity.txt:/identity.txt:ro\""
        " -e IMMICH_BACKUP_IDENTITY_FILE=/identity.txt \\\n";
  }
  // At the beginning of a line: what a shell joins must have no spaces.
  for (const std::string& key : report.trusted_keys)
    text +=
        (&key == &report.trusted_keys.front() ? "    -e IMMICH_BACKUP_TRUSTED_KEY=\\\n" : ",\\\n") +
        key;
  if (!report.trusted_keys.empty()) text += " \\\n";
  return text;
}

std::string immichs_compose_file(const RecoveryKitReport& report)
{
  const std::string& release = report.immich_release;
  return "  curl -fLO https://github.com/immich-app/immich/releases/" +
         (release.empty() ? "latest/download" : "download/" + release) +
         "/docker-compose.yml\n"
         "  cat >.env <<END\n"
         "  UPLOAD_LOCATION=/srv/immich/library\n"
         "  DB_DATA_LOCATION=/srv/immich/postgres\n"
         "  IMMICH_VERSION=" +
         (release.empty() ? "release" : release) +
         "\n"
         "  DB_PASSWORD=$(tr -dc a-z0-9 </dev/urandom | head -c 20)\n"
         "  DB_USERNAME=postgres\n"
         "  DB_DATABASE_NAME=immich\n"
         "  END\n";
}

/// Where the store is, or how to be let in.
std::string the_store(const RecoveryKitReport& report)
{
  const std::string identity =
      is_encrypted(report)
          ? "  The identity (AGE-SECRET-KEY-1...): one line in a file identity.txt beside it.\n"
          : "";
  if (is_in_bucket(report)) {
    return "1 A key that may read. console.cloud.google.com as the owner: IAM & Admin, Service\n"
           "  Accounts, immich-backup-reader (or a new one, with the role Storage Object Viewer\n"
           "  on the bucket), Keys, Add key, JSON. Save it as reader.json.\n" +
           identity;
  }
  return "1 Connect the disk. Its folder with manifest.store.json was " +
         shell_quoted(report.folder) +
         "\n"
         "  (in a container, if the backup ran in one). If it is another now, write that one "
         "below.\n" +
         identity;
}

/// A new machine has no image of this program, and may have no registry that has it.
std::string the_program(const RecoveryKitReport& report)
{
  const bool has_registry = report.image.contains('/');
  std::string text =
      std::string("2 This program's image") +
      (has_registry ? ", where step 3 cannot fetch it" : "") +
      ": docker load -i FILE; or, in the program's\n"
      "  source, docker build -t immich-backup . Write the image's name in step 3.\n"
      "  Without Docker: apt install ./immich-backup_*.deb, and as root, with the key of step 3:\n";
  if (is_in_bucket(report)) text += "  export GOOGLE_APPLICATION_CREDENTIALS=reader.json\n";
  return text + "  immich-backup restore --store " + shell_quoted(report.header.store) + " \\\n" +
         (report.trusted_keys.empty() ? "    " : "    --trusted-key ed25519:... ") +
         (is_encrypted(report) ? "--identity identity.txt " : "") +
         "--target /srv/immich/library --chown 0:0 --yes\n";
}

std::string going_on(const RecoveryKitReport& report, int step)
{
  if (report.trusted_keys.empty()) return "";
  const std::string_view new_key = is_encrypted(report)
                                       ? "init --new-machine-key --sign --identity identity.txt"
                                       : "init --new-machine-key --sign";
  return std::to_string(step) +
         " Backups go on: set the program up as before, put machine.key back, and run init and "
         "backup.\n"
         "  Is the key lost? Then " +
         std::string(new_key) + (is_in_bucket(report) ? ", as the bucket's owner" : "") +
         ". Print this page again.\n";
}

std::string worst_day(const RecoveryKitReport& report)
{
  std::string text =
      "\nTHE WORST DAY: a new machine, and this page\n\n"
      "  Nothing here can harm the backup. A restore that ended early goes on where it was.\n";
  text += the_store(report);
  text += the_program(report);
  text +=
      "3 The photos, and the dump. It goes on when the terminal closes; after a restart of the\n"
      "  machine: docker start immich-restore. From before a theft or ransomware: --at "
      "2026-01-15.\n"
      "  If its log asks which restore point: docker rm immich-restore, and again with that "
      "--at.\n\n"
      "  docker run -d --name immich-restore --user 0 -v immich-restore:/tmp \\\n" +
      reaching_the_store(report) + "    -v /srv/immich/library:/library \\\n    " + report.image +
      " \\\n    restore --target /library --chown 0:0 --yes\n"
      "  docker logs -f immich-restore\n\n" +
      external_libraries(report.restore_point) +
      "4 Immich of the same release, with a new database (or by the compose file that you kept).\n"
      "  cd /srv/immich\n" +
      immichs_compose_file(report) + "\n";
  if (report.immich_restores) {
    text +=
        "5 docker compose up -d, then http://localhost:2283 in a browser: on its first page, "
        "choose\n"
        "  to restore a backup, and take restored-...-dump.sql.gz.\n";
  } else if (report.restore_point.database) {
    text +=
        "5 The database, before Immich's server has started once:\n\n"
        "  docker compose up -d --wait database\n"
        "  docker run --rm --user 0 -v immich-restore:/tmp --network container:immich_postgres "
        "\\\n" +
        reaching_the_store(report) + "    --env-file .env -e DB_HOSTNAME=127.0.0.1 \\\n    " +
        report.image +
        " restore-database\n"
        "  docker compose up -d\n\n";
  }
  if (!report.restore_point.database)
    return text +
           "5 docker compose up -d. This restore point has no database: Immich begins anew.\n" +
           going_on(report, 6);
  return text +
         "6 In Immich: Administration, Jobs: Generate Thumbnails, All; Transcode Videos, All.\n" +
         going_on(report, 7);
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
         to_keep(report) + worst_day(report) + (in_bucket ? in_a_cluster(report) : std::string()) +
         "\nWITHOUT THIS PROGRAM: docs/restore-by-hand.md, "
         "with a copy tool, sqlite3, gunzip" +
         (is_encrypted(report) ? ", age" : "") +
         " and psql.\n"
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
  json["image"] = to_utf8(report.image);
  json["immich_release"] =
      report.immich_release.empty() ? Json(nullptr) : Json(report.immich_release);
  json["restore"] = full_restore_object(report.restore, report.prices);
  json["prices"] = prices_object(report.prices);
  Json roots = Json::array();
  for (const ExtraRoot& root : point.extra_roots)
    roots.push_back({{"name", to_utf8(root.name)}, {"folder", to_utf8(root.folder)}});
  json["extra_roots"] = std::move(roots);
  Json recipients = Json::array();
  for (const RecipientSet& set : point.recipients)
    recipients.push_back({{"keys", to_array(set.keys)}, {"objects", set.objects}});
  json["recipients"] = std::move(recipients);
  json["identity_opens"] = report.opened_objects ? Json(*report.opened_objects) : Json(nullptr);
  json["identity_read"] = !report.opened_photo.empty();
  json["trusted_keys"] = to_array(report.trusted_keys);
  return json_line(json);
}

}  // namespace ib
