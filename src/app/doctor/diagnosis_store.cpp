// SPDX-License-Identifier: Apache-2.0
#include "app/doctor/diagnosis.hpp"
#include "base/text.hpp"

#include <algorithm>

namespace ib {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// A signed token is refused when its times are off by more than a few minutes.
constexpr seconds kTokensFail = minutes(5);
constexpr seconds kOdd = minutes(1);
// A nightly job that has missed a week has stopped; a weekly one is not yet late.
constexpr std::chrono::days kLate{8};

constexpr std::uint64_t kMebibyte = std::uint64_t{1024} * 1024;
constexpr std::uint64_t kLittle = 10 * (1024 * kMebibyte);
constexpr std::uint64_t kTooLittle = 256 * kMebibyte;

std::string sentence(std::string text)
{
  if (!text.empty() && !text.ends_with('.')) text += '.';
  return text;
}

/// Whether "15.4" is of the same major version as "15.18", and before it.
bool is_older_minor(std::string_view client, std::string_view server)
{
  const auto minor_of = [](std::string_view version) {
    const std::size_t dot = std::min(version.find('.'), version.size());
    return parse_number<unsigned>(version.substr(std::min(dot + 1, version.size())));
  };
  const auto a = minor_of(client), b = minor_of(server);
  return a && b && *a < *b &&
         client.substr(0, client.find('.')) == server.substr(0, server.find('.'));
}

}  // namespace

Check judge_credential(const std::string& credential, const std::optional<Error>& error)
{
  const bool taken = !error || (error->code != Errc::denied && error->code != Errc::unavailable);
  return {
      .area = "store",
      .name = "credential",
      .verdict = taken ? Verdict::ok : Verdict::unknown,
      .message = credential + (taken ? "" : ": found; whether the store takes it is not known")};
}

Check judge_emulator(const std::string& host)
{
  return {.area = "store",
          .name = "emulator",
          .verdict = Verdict::warning,
          .message = "every request goes to " + printable(host) +
                     ", without a credential: this is no backup",
          .fix = "Unset STORAGE_EMULATOR_HOST for real backups."};
}

Check judge_answer(const std::string& url, const std::optional<Error>& error,
                   const std::string& emulator_host)
{
  Check check{
      .area = "store", .name = "answer", .verdict = Verdict::ok, .message = url + " answers"};
  if (!error) return check;
  check.verdict = Verdict::problem;
  check.message = error->message;
  check.fix = error->hint;
  if (!emulator_host.empty() && error->code == Errc::unavailable) {
    check.fix = "STORAGE_EMULATOR_HOST is " + printable(emulator_host) +
                ": start the emulator, or unset the variable to reach Google Cloud Storage.";
  } else if (check.fix.empty()) {
    check.fix = error->code == Errc::unavailable
                    ? "Look at this machine's network, its name server (DNS) and its proxy: curl "
                      "-sSI https://storage.googleapis.com"
                    : "Look at --store and at the credential.";
  }
  return check;
}

Check judge_clock(std::optional<seconds> ahead)
{
  Check check{.area = "store",
              .name = "clock",
              .verdict = Verdict::ok,
              .message = "this machine's agrees with the store's"};
  if (!ahead) {
    check.verdict = Verdict::warning;
    check.message = "the store's replies carry no date: this machine's clock dates what is stored";
    check.fix = "A proxy may remove the header Date. Have it pass it on.";
    return check;
  }
  const seconds off = std::chrono::abs(*ahead);
  if (off <= kOdd) return check;
  check.verdict = off > kTokensFail ? Verdict::problem : Verdict::warning;
  check.message = "this machine's is " + format_duration(off) +
                  (ahead->count() > 0 ? " ahead of" : " behind") + " the store's" +
                  (off > kTokensFail ? ": Google refuses tokens that are dated so" : "");
  check.fix = "Have the time set from the network: timedatectl set-ntp true";
  return check;
}

Check judge_restore_point(const std::optional<RestorePoint>& newest, Timestamp now,
                          const std::optional<Error>& error)
{
  Check check{.area = "store", .name = "restore_point", .verdict = Verdict::ok};
  if (error) {
    check.verdict = error->code == Errc::denied ? Verdict::unknown : Verdict::problem;
    check.message = error->message;
    check.fix = error->hint;
    return check;
  }
  if (!newest) {
    check.message = "none yet: `immich-backup backup` makes the first";
    return check;
  }
  const seconds age = std::max(seconds(0), now - newest->time);
  check.message = format_iso(newest->time) + " (" + format_duration(age) + " ago), " +
                  (newest->is_complete() ? "complete" : "incomplete");
  if (!newest->is_complete()) {
    check.verdict = Verdict::warning;
    check.fix = "immich-backup backup; its report names what could not be saved.";
  } else if (age > kLate) {
    check.verdict = Verdict::warning;
    check.message += ": does the job still run?";
    check.fix = "Look at its timer and its log: systemctl list-timers, crontab -l";
  }
  return check;
}

Check judge_place(const PlaceFacts& place, const std::optional<Error>& error)
{
  constexpr std::size_t kShortestName = 100;  // those of manifests, dumps and digests fit
  Check check{.area = "folder", .name = "place", .verdict = Verdict::ok};
  if (error || !place.keeps_names || place.longest_name < kShortestName) {
    check.verdict = Verdict::problem;
    check.message = error ? error->message
                    : !place.keeps_names
                        ? "shows names in another spelling than they were written in, so a backup "
                          "would not find its own files"
                        : "holds no file names of 100 bytes";
    check.fix = error ? error->hint
                      : "Mount it without the option that changes names (such as ignore_case of "
                        "lowntfs-3g), or keep the backup on another file system.";
    return check;
  }
  std::string lacks;
  const auto add = [&](bool is_lacking, std::string_view what) {
    if (is_lacking) lacks += (lacks.empty() ? "" : "; ") + std::string(what);
  };
  add(!place.renames_exclusively && !place.links,
      "no exclusive rename and no links, so only one machine may write to it at a time");
  add(!place.locks, "no locks, so what a killed run left is told by its age");
  add(!place.attributes, "no extended attributes, so rebuild-manifest finds fewer paths again");
  add(place.folds_names, "one name for upper and lower case, so some files get longer names");
  add(!place.permissions, "no permissions, so its mount options decide who may read it");
  add(!place.flushes, "no fsync, so a power failure may damage the last backup");
  add(place.largest_file > 0, "no file of more than " + format_bytes(place.largest_file) +
                                  ", so larger videos are not saved");
  check.message = lacks.empty() ? "has all that a store makes use of" : "has " + lacks;
  if (!place.flushes || place.largest_file > 0) {
    check.verdict = Verdict::warning;
    check.fix = "Keep the backup on ext4, XFS, Btrfs or ZFS where you can.";
  }
  return check;
}

Check judge_privacy(const FolderDescription& folder)
{
  Check check{.area = "folder", .name = "privacy", .verdict = Verdict::ok};
  if (!folder.is_open_to_others) {
    check.message = "other users of this machine may not read it";
    return check;
  }
  check.verdict = Verdict::warning;
  check.message =
      "every user of this machine may read it, and a dump holds password hashes and mail secrets";
  check.fix = "chmod -R go-rwx " + shell_quoted(folder.path) +
              "; on a file system without permissions, mount it with umask=077";
  return check;
}

Check judge_marker(const std::string& url, const std::optional<StoreMarker>& marker,
                   bool holds_backup, const std::optional<Error>& error)
{
  Check check{.area = "store", .name = "marker", .verdict = Verdict::ok};
  if (error) {
    check.verdict = error->code == Errc::denied ? Verdict::unknown : Verdict::problem;
    check.message = error->message;
    check.fix = error->hint;
  } else if (marker) {
    check.message =
        "begun on " + format_iso(marker->created) +
        (marker->immich.empty()
             ? "; whose Immich it is of is not known: `immich-backup init --adopt` with "
               "the database's address tells it"
             : "");
  } else if (holds_backup) {
    check.message = "not there yet; the next backup writes it";
  } else {
    check.verdict = Verdict::problem;
    check.message = "no store was begun here: is the disk mounted, and is the address right?";
    check.fix = "Where a new backup is to begin: immich-backup init --store " + shell_quoted(url);
  }
  return check;
}

Check judge_machine_key(const KeyFacts& key)
{
  Check check{.area = "store", .name = "machine_key", .verdict = Verdict::ok};
  const auto warn = [&](std::string message, std::string fix) {
    check.verdict = Verdict::warning;
    check.message = std::move(message);
    check.fix = std::move(fix);
  };
  if (key.error) {
    check.verdict = Verdict::problem;
    check.message = key.error->message;
    check.fix = key.error->hint;
  } else if (!key.is_verified) {
    check.message = "none: whoever can write to this store is believed";
    if (key.in_bucket)
      warn(check.message, "`immich-backup init` makes the key and signs what is stored.");
  } else if (key.others_may_read) {
    warn(key.file + ": others on this machine can read the machine key, and sign with it",
         "chmod 600 " + shell_quoted(key.file));
  } else if (key.public_key.empty()) {
    check.message = "this machine verifies with " +
                    count_of(key.trusted, "trusted key", "trusted keys") +
                    ", and has none to sign a backup with";
  } else if (!key.marked.empty() && key.marked != key.public_key) {
    warn(key.file + " is not the key that the store was begun with",
         "If that one was replaced: `immich-backup init --new-machine-key` on the machine that "
         "backs up notes the new one, and --trusted-key believes the old one, too.");
  } else {
    check.message = key.file + " signs what this machine stores";
  }
  return check;
}

Check judge_recipients(const EncryptionFacts& encryption)
{
  const std::string owners = joined(encryption.owners, ",");
  Check check{
      .area = "store",
      .name = "recipients",
      .verdict = Verdict::ok,
      .message = "encrypted to " + owners +
                 (encryption.opens_photos ? ", and this machine has an identity that reads photos"
                                          : "; this machine reads no photos and dumps")};
  if (!encryption.opens_documents) {
    check.verdict = Verdict::problem;
    check.message = "encrypted to " + owners + ", and no key here opens its manifests";
    check.fix = "Name the machine key with --machine-key, or an identity with --identity.";
  } else if (!encryption.may_back_up) {
    check.verdict = Verdict::warning;
    check.message += ", and a backup from here would be refused";
    check.fix = "Where this machine backs up: IMMICH_BACKUP_ENCRYPT_TO=" + owners +
                ", if your key file or recovery kit names the same.";
  }
  return check;
}

Check judge_signatures(const std::optional<Problem>& strangers)
{
  Check check{.area = "store",
              .name = "not_signed",
              .verdict = Verdict::ok,
              .message = "all manifests and restore points are signed by a trusted key"};
  if (!strangers) return check;
  check.verdict = Verdict::problem;
  check.message = strangers->message;
  check.fix = strangers->hint;
  return check;
}

Check judge_store_owner(const std::string& url, bool same)
{
  Check check{.area = "database", .name = "store_owner", .verdict = Verdict::ok};
  if (same) {
    check.message = "the store is this Immich's";
    return check;
  }
  check.verdict = Verdict::problem;
  check.message = printable(url) + ": is the store of another Immich";
  check.fix =
      "Are both addresses right? If this Immich takes the other one's place: immich-backup init "
      "--adopt";
  return check;
}

Check judge_folder(const FolderDescription& folder, const StoreAccess& access)
{
  Check check{.area = "folder", .name = "folder", .verdict = Verdict::ok};
  const std::string path = printable(folder.path);
  if (access.create && access.read) {
    check.message = path + (folder.exists ? ": can be read and written"
                                          : ": not there yet; `immich-backup init` makes it on " +
                                                printable(folder.mount_point));
    return check;
  }
  check.verdict = Verdict::problem;
  if (access.read && folder.is_read_only) {
    check.message =
        path + ": the file system at " + printable(folder.mount_point) + " is mounted read-only";
    check.fix =
        "Linux does that to a disk that fails: look at `dmesg`, and check the disk. If all is "
        "well: "
        "sudo mount -o remount,rw " +
        printable(folder.mount_point);
    return check;
  }
  check.message = path + (folder.exists ? access.read ? ": this user may not write to it"
                                                      : ": this user may not read it"
                                        : ": is not there, and this user may not make it");
  // To give it away would take it from the user who backs up.
  check.fix = folder.exists ? "Run this as the user whose folder it is, or as root. Who that is: "
                              "stat -c %U " +
                                  path
                            : "sudo install -d -o \"$(id -un)\" -m 0700 " + path;
  return check;
}

Check judge_file_system(const FolderDescription& folder)
{
  Check check{.area = "folder",
              .name = "file_system",
              .verdict = Verdict::ok,
              .message = folder.file_system + " at " + printable(folder.mount_point)};
  if (folder.file_system.empty()) {
    check.verdict = Verdict::unknown;
    check.message = "not told by this system";
  } else if (folder.file_system == "tmpfs" || folder.file_system == "ramfs") {
    check.verdict = Verdict::problem;
    check.message += ": it is in memory, and gone at the next start of the machine";
    check.fix = "Name a folder on a disk with --store file:///folder.";
  } else if (folder.file_system == "fuse.rclone") {
    // Its --vfs-cache-mode writes: https://rclone.org/commands/rclone_mount/
    check.verdict = Verdict::warning;
    check.message +=
        ": rclone says that a file is written before it has sent it, so a backup may confirm what "
        "lies in rclone's cache alone";
    check.fix = "Name the bucket itself with --store where you can.";
  }
  return check;
}

Check judge_other_disk(const FolderDescription& folder, const std::string& library_mount)
{
  Check check{.area = "folder", .name = "other_disk"};
  if (folder.mount_point.empty() || library_mount.empty()) {
    check.message = "whether the store and the library lie on two disks is not known";
  } else if (folder.mount_point == library_mount) {
    check.verdict = Verdict::warning;
    check.message = "store and library lie on one file system, " + printable(library_mount) +
                    ": what takes the one takes the other";
    check.fix = "Name a folder on another disk, or a bucket, with --store.";
  } else {
    check.verdict = Verdict::ok;
    check.message = "store and library lie on two file systems: " + printable(folder.mount_point) +
                    " and " + printable(library_mount);
  }
  return check;
}

Check judge_store_space(const FolderDescription& folder)
{
  Check check{.area = "folder",
              .name = "free_space",
              .verdict = Verdict::ok,
              .message = format_bytes(folder.free_bytes) + " of " +
                         format_bytes(folder.total_bytes) + " free"};
  if (folder.free_bytes >= kLittle) return check;
  check.verdict = folder.free_bytes < kTooLittle ? Verdict::problem : Verdict::warning;
  check.fix =
      "Each backup adds a dump and, where something changed, a manifest: make room, or move the "
      "folder to a larger disk.";
  return check;
}

Check judge_scratch(const ScratchFacts& scratch)
{
  constexpr std::uint64_t kRoomy = 1024 * kMebibyte;
  const std::string path = printable(scratch.path);
  Check check{.area = "machine",
              .name = "scratch",
              .verdict = Verdict::ok,
              .message = path + ": " + format_bytes(scratch.free_bytes) + " free"};
  if (!scratch.exists || !scratch.writable) {
    check.verdict = Verdict::problem;
    check.message = path + (scratch.exists ? ": this user may not write to it" : ": is not there");
    check.fix = "Name a folder for temporary files with --scratch or TMPDIR.";
  } else if (scratch.free_bytes < kRoomy) {
    check.verdict = scratch.free_bytes < kTooLittle / 4 ? Verdict::problem : Verdict::warning;
    check.message += "; three to four times the size of manifest.db is needed";
    check.fix = "Name a larger folder for temporary files with --scratch or TMPDIR.";
  }
  return check;
}

Check judge_library(const std::optional<LibraryFacts>& library)
{
  Check check{.area = "library", .name = "library"};
  const std::string how =
      "Name Immich's media root (its UPLOAD_LOCATION) with --library or LIBRARY_PATH.";
  if (!library) {
    check.message = "not set";
    check.fix = how;
    return check;
  }
  const std::string path = printable(library->path);
  check.verdict = Verdict::problem;
  if (library->error) {
    check.message = library->error->message;
    check.fix = library->error->hint;
    return check;
  }
  if (library->empty) {
    check.message = path + ": is empty";
    check.fix =
        library->mount_point == library->path
            ? "Something empty is mounted there: look at what belongs there, and at its mount."
            : "If a disk belongs there, it is not mounted: mount " + path + ". Otherwise: " + how;
    return check;
  }
  std::string present;
  std::string unreadable;
  std::string obstacle;
  for (const LibraryFolder& folder : library->folders) {
    if (!folder.present) continue;
    present += (present.empty() ? "" : ", ") + folder.name;
    if (folder.readable) continue;
    unreadable += (unreadable.empty() ? "" : ", ") + folder.name;
    if (obstacle.empty()) obstacle = folder.obstacle;
  }
  if (present.empty()) {
    check.message = path + ": holds none of Immich's folders (upload, library, profile, ...)";
    check.fix = how;
  } else if (!unreadable.empty()) {
    check.message = path + ": this user may not read " + unreadable;
    check.fix = obstacle.empty() ? "Run the backup as a user who may." : obstacle;
    check.fix += " Or: sudo setfacl -R -m u:$(id -un):rX -m d:u:$(id -un):rX " + path;
  } else {
    check.verdict = Verdict::ok;
    check.message = path + ": " + present;
  }
  return check;
}

Check judge_extra_root(const ExtraRootFacts& root)
{
  const std::string what = root.root.name + " at " + printable(root.root.folder);
  Check check{.area = "library", .name = "extra_root", .verdict = Verdict::problem};
  if (root.error) {
    check.message = "extra root " + what + ": " + root.error->message;
    check.fix = "If a disk belongs there, mount it. Else name the folder right with --extra-root.";
  } else if (root.empty) {
    check.message = "extra root " + what + ": is empty";
    check.fix = "If a disk belongs there, it is not mounted: mount it.";
  } else {
    check.verdict = Verdict::ok;
    check.message = what;
  }
  return check;
}

Check judge_markers(const LibraryFacts& library)
{
  Check check{.area = "library",
              .name = "markers",
              .verdict = Verdict::ok,
              .message = "Immich's folders have their .immich files"};
  std::string without;
  std::string absent;
  for (const LibraryFolder& folder : library.folders) {
    std::string& list = folder.present ? without : absent;
    if (!folder.marked) list += (list.empty() ? "" : ", ") + folder.name;
  }
  if (without.empty() && absent.empty()) return check;
  check.verdict = Verdict::warning;
  check.message = absent.empty() ? "" : "not there: " + absent;
  if (!without.empty())
    check.message += (absent.empty() ? "" : "; ") + ("without an .immich file: " + without);
  check.message += ". A disk may not be mounted: what is missing below is not marked as gone";
  check.fix = "Mount what belongs there, and start Immich once: it makes folders and markers.";
  return check;
}

Check judge_database(const std::optional<DatabaseFacts>& database)
{
  Check check{.area = "database", .name = "server"};
  if (!database) {
    check.message = "not set";
    check.fix = "Set DB_HOSTNAME and DB_PASSWORD, or DB_URL, as Immich has them.";
  } else if (database->error) {
    check.verdict = Verdict::problem;
    check.message = database->error->message;
    check.fix = database->error->hint;
  } else {
    check.verdict = Verdict::ok;
    check.message = "PostgreSQL " + database->server_version + ", " + database->description;
  }
  return check;
}

Check judge_immich(const DatabaseFacts& database)
{
  Check check{.area = "database", .name = "immich"};
  if (database.error || database.unread) {
    check.message = database.error ? "not asked" : database.unread->message;
    check.fix = database.error ? "" : database.unread->hint;
    return check;
  }
  const ImmichFacts& immich = database.immich;
  const std::string version =
      immich.version.empty() ? "" : "Immich " + printable(immich.version) + ": ";
  if (!immich.known_schema) {
    check.verdict = Verdict::warning;
    check.message = version + "the tables are not those of an Immich that this program knows";
    check.fix = immich.version.empty() && immich.schema_level.empty()
                    ? "Is it Immich's database? Look at DB_DATABASE_NAME (or DB_URL)."
                    : "The dump is whole all the same. Look for a newer immich-backup.";
    return check;
  }
  check.verdict = Verdict::ok;
  check.message = (version.empty() ? "Immich of an unknown version: " : version) +
                  count_of(immich.assets, "asset", "assets") + ", " +
                  count_of(immich.users, "user", "users") +
                  (immich.schema_level.empty() ? "" : ", schema " + printable(immich.schema_level));
  return check;
}

Check judge_may_dump(const DatabaseFacts& database)
{
  Check check{.area = "database", .name = "rights"};
  if (database.error) {
    check.message = "not asked";
  } else if (database.unreadable.empty()) {
    check.verdict = Verdict::ok;
    check.message = "the user may read all tables";
  } else {
    check.verdict = Verdict::problem;
    check.message = "the user may not read " + printable(database.unreadable.front());
    if (database.unreadable.size() > 1) {
      check.message +=
          " and " + count_of(database.unreadable.size() - 1, "other table", "other tables");
    }
    check.message += ", and a dump needs all of them";
    check.fix =
        "As the owner of Immich's tables: GRANT pg_read_all_data TO the user in "
        "DB_USERNAME; or use the user that Immich has.";
  }
  return check;
}

Check judge_pg_dump(const DatabaseFacts& database)
{
  Check check{.area = "database", .name = "pg_dump"};
  if (database.error) {
    check.message = "which version is needed is not known before the server answers";
  } else if (database.no_pg_dump) {
    check.verdict = Verdict::problem;
    check.message = database.no_pg_dump->message;
    check.fix = sentence(database.no_pg_dump->hint);
  } else {
    check.verdict = Verdict::ok;
    check.message = database.pg_dump_version + " at " + printable(database.pg_dump);
    if (!is_older_minor(database.pg_dump_version, database.server_version)) return check;
    check.verdict = Verdict::warning;
    check.message += ", older than the server, " + database.server_version;
    check.fix =
        "Update the PostgreSQL client: of a newer server's dump, an older client may leave out or "
        "mistake what is new.";
  }
  return check;
}

}  // namespace ib
