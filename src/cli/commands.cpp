// SPDX-License-Identifier: Apache-2.0
#include "cli/options.hpp"

namespace ib {
namespace {

CommandInfo backup_command()
{
  return {
      .command = Verb::backup,
      .name = "backup",
      .summary = "back up the database and the library",
      .description =
          "Dumps the database, stores every file of the library that the store does not hold yet, "
          "and writes a restore point. What is stored already is neither sent again nor "
          "overwritten; the library is only read.",
      .arguments = "",
      .statuses = "  3    incomplete: some of it was saved, and the report names what was not\n",
      .examples = {{"immich-backup backup --store file:///mnt/usb/immich --library /srv/immich",
                    "with DB_HOSTNAME and DB_PASSWORD in the environment"},
                   {"immich-backup backup --dry-run", "what would it do?"},
                   {"immich-backup backup --no-database --include /thumbs/",
                    "files alone, thumbnails too"},
                   {"immich-backup backup --extra-root photos=/mnt/photos",
                    "an external library, too"}},
  };
}

CommandInfo verify_command()
{
  return {
      .command = Verb::verify,
      .name = "verify",
      .summary = "compare the store with the manifest",
      .description =
          "Checks that every object which the newest manifest names is in the store with its "
          "recorded size and, where the store tells it, its checksum. With --sample or --all it "
          "also reads objects back and compares their bytes.",
      .arguments = "",
      .statuses =
          "  3    incomplete: the report names what could not be checked\n"
          "  4    damage was found, and the report names it\n",
      .examples = {{"immich-backup verify", "by listing: quick, whatever the size"},
                   {"immich-backup verify --sample 500", "and read 500 objects back"},
                   {"immich-backup verify --all", "and read everything back"}},
  };
}

CommandInfo verify_restore_command()
{
  return {
      .command = Verb::verify_restore,
      .name = "verify-restore",
      .summary = "prove a restore point by restoring it",
      .description =
          "The drill. Restores the newest complete restore point's dump into a scratch PostgreSQL, "
          "counts its rows, and looks for each original that it names in the manifest. Then it "
          "restores a part of the files into a scratch folder, each compared with its SHA-256 and "
          "with Immich's SHA-1: another part each week. A server is started where PostgreSQL's "
          "programs are installed; or one is named by DB_HOSTNAME, which must not be Immich's own. "
          "Nothing of it stays but the proof, in proofs/.",
      .arguments = "",
      .statuses =
          "  3    incomplete: the report names what could not be proven\n"
          "  4    damage was found, and the report names it\n",
      .examples = {{"immich-backup verify-restore", "once a week"},
                   {"immich-backup verify-restore --at 90d --budget 2",
                    "an older one, more of the files"}},
  };
}

CommandInfo restore_command()
{
  return {
      .command = Verb::restore,
      .name = "restore",
      .summary = "put files back",
      .description =
          "Fetches the files of a restore point into a folder, each compared with its recorded "
          "checksum before it gets its name. Without a PATTERN it restores everything, and the "
          "folder is ready for Immich. --album, --user, --taken, --name, --asset and --trashed "
          "choose by what the restore point's own dump says: no database is needed. Of several "
          "kinds, all must fit; the other halves of live photos and sidecars come along. After an "
          "interruption, run it again: what is whole is not fetched again.",
      .arguments = "[PATTERN...]",
      .statuses =
          "  3    incomplete: the report names what could not be restored\n"
          "  4    what the store holds is damaged; nothing damaged was written\n",
      .examples = {{"immich-backup restore --target /srv/immich",
                    "everything, as of the newest restore point"},
                   {"immich-backup restore --target /tmp/r --at 30d '*.heic'",
                    "these, as they were 30 days ago"},
                   {"immich-backup restore --target /tmp/r --album Holidays --album-json list.json",
                    "an album, and the list of what it held"},
                   {"immich-backup restore --target /tmp/r --user anna@example.org --taken 2021-07",
                    "what Anna took in July 2021"},
                   {"immich-backup restore --target /tmp/r -- -odd-name.jpg",
                    "a name that begins with a dash"}},
  };
}

CommandInfo restore_database_command()
{
  return {
      .command = Verb::restore_database,
      .name = "restore-database",
      .summary = "put a dump back into an empty database",
      .description =
          "Checks the dump of a restore point to its end, restores it in one transaction, and "
          "counts its rows. The database must be empty, and nobody else connected to it; if "
          "anything fails it stays as it was.",
      .arguments = "",
      .statuses = "  4    the dump is damaged; the database was not touched\n",
      .examples = {{"immich-backup restore-database",
                    "with DB_HOSTNAME and DB_PASSWORD in the environment"},
                   {"immich-backup restore-database --create",
                    "where the server has no database immich yet"},
                   {"immich-backup restore-database --at 2026-01-15", "as of the end of that day"}},
  };
}

CommandInfo heal_command()
{
  return {
      .command = Verb::heal,
      .name = "heal",
      .summary = "put a good copy back over a damaged or missing file of the library",
      .description =
          "Looks at each FILE that is named, and says whether it is whole. With --yes it puts what "
          "is stored in its place where it is missing or holds other bytes, compared with its "
          "recorded checksums first. Bytes that the backup does not hold are never replaced. It is "
          "the only command that writes into the library.",
      .arguments = "FILE...",
      .statuses =
          "  3    incomplete: the report names what was left alone, and why\n"
          "  4    what is stored of a file is damaged: nothing of it was written\n",
      .examples = {{"immich-backup heal /upload/1f/2e/photo.jpg", "is it whole?"},
                   {"immich-backup heal /upload/1f/2e/photo.jpg --yes", "put it back"}},
  };
}

std::vector<CommandInfo> looking_commands()
{
  return {
      {.command = Verb::status,
       .name = "status",
       .summary = "how is the backup?",
       .description = "Says how old and how complete the newest restore point is, what it holds, "
                      "when the store was last verified, and which restore point to restore from.",
       .arguments = "",
       .statuses = "  3    there is no restore point, or the newest is incomplete\n"
                   "  4    the last verification found damage\n",
       .examples = {{"immich-backup status", ""},
                    {"immich-backup status --json | jq .age_s", "for a script that watches"}}},
      {.command = Verb::snapshots,
       .name = "snapshots",
       .summary = "list the restore points",
       .description =
           "Lists every restore point, oldest first. --at of the other commands takes their times.",
       .arguments = "",
       .statuses = "",
       .examples = {{"immich-backup snapshots", ""}}},
      {.command = Verb::ls,
       .name = "ls",
       .summary = "list the files of a restore point",
       .description = "Lists size, time and path of the files in a restore point, below the media "
                      "root. Patterns are those of .gitignore.",
       .arguments = "[PATTERN...]",
       .statuses = "",
       .examples = {{"immich-backup ls /upload/", "one folder"},
                    {"immich-backup ls --at 30d '*.heic'", "these, as they were 30 days ago"}}},
      {.command = Verb::albums,
       .name = "albums",
       .summary = "list the albums of a restore point",
       .description = "Reads the restore point's own dump and lists its albums: how many photos "
                      "and videos they hold, of which days, whose they are, and their names, which "
                      "restore --album takes.",
       .arguments = "",
       .statuses = "  4    the dump is damaged\n",
       .examples = {{"immich-backup albums", ""},
                    {"immich-backup albums --at 30d", "as they were 30 days ago"}}},
      {.command = Verb::history,
       .name = "history",
       .summary = "every state that a file was in",
       .description =
           "Says of each path since when its content was what it was, when it was gone and back, "
           "which object of the store holds it, and the command that restores it. A PATH is below "
           "the media root; it may also be the name of an object, or a pattern as in .gitignore.",
       .arguments = "PATH...",
       .statuses = "",
       .examples = {{"immich-backup history /upload/3f2b8c1e/0a/1b/photo.jpg.xmp", ""},
                    {"immich-backup history '*.xmp'", "of all sidecars"}}},
      {.command = Verb::find,
       .name = "find",
       .summary = "find a file by its name or its content",
       .description =
           "Looks through all paths that ever were in the backup, also those that are gone from "
           "the library. TEXT is any part of a path, or with * ? [ a pattern as in .gitignore; A "
           "and a are the same. With --content it says of files on this machine whether, and "
           "where, the backup has their content, whatever their names are.",
       .arguments = "[TEXT|PATTERN|FILE...]",
       .statuses = "  3    nothing was found, or with --content: not all of it\n",
       .examples = {{"immich-backup find dsc0100", "every path with that in it"},
                    {"immich-backup find '*.heic'", ""},
                    {"immich-backup find --content /media/stick/DCIM", "may this card be erased?"},
                    {"immich-backup find --sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709",
                     "an asset of Immich's by its checksum"}}},
      {.command = Verb::diff,
       .name = "diff",
       .summary = "what changed between two restore points",
       .description =
           "Lists what was added, changed, gone and moved (the same content under another path) "
           "between the restore points A and B, and sums it up. A and B are like --at: a restore "
           "point, a date (2026-01-15), an age (30d) or latest, which B is unless it is named.",
       .arguments = "A [B]",
       .statuses = "",
       .examples = {{"immich-backup diff 7d", "of the last week"},
                    {"immich-backup diff 2026-01-01 2026-01-31", ""}}},
      {.command = Verb::cost,
       .name = "cost",
       .summary = "what the backup costs",
       .description = "Says what is stored, by kind and storage class, what that costs a month now "
                      "and at the year's end, and what a full restore would cost.",
       .arguments = "",
       .statuses = "",
       .examples = {{"immich-backup cost", ""},
                    {"immich-backup cost --json | jq .usd_month", "for a script that watches"}}},
      {.command = Verb::recovery_kit,
       .name = "recovery-kit",
       .summary = "one page to print for the worst day",
       .description = "Says on one page, without a secret, where the backup is, what it holds and "
                      "what restoring it costs, what else has to be kept away from the house, and "
                      "the commands that bring everything back.",
       .arguments = "",
       .statuses = "",
       .examples = {{"immich-backup recovery-kit | lp", "print it"}}},
      {.command = Verb::prune,
       .name = "prune",
       .summary = "remove restore points and dumps that are too old",
       .description =
           "Says which restore points the --keep options keep, and what would be removed: the "
           "others, with the dumps, manifests and marks of finished runs that only they need, and "
           "old proofs. With --yes it is removed. What the library holds or has held stays for "
           "ever, and so do the last good dump and the newest complete restore point. Needs a "
           "credential that may delete; that of the backup need not.",
       .arguments = "",
       .statuses =
           "  3    a restore point is damaged: it stays, with everything that it may need\n",
       .examples = {{"immich-backup prune --keep-last 14 --keep-monthly 12", "what would go?"},
                    {"immich-backup prune --keep-last 14 --keep-monthly 12 --yes", "remove it"}}},
      {.command = Verb::rebuild_manifest,
       .name = "rebuild-manifest",
       .summary = "make the manifest again from the store",
       .description = "For a store whose manifest is lost or damaged: takes the newest manifest "
                      "that can be read and everything that lies in the store, and writes a new "
                      "manifest and restore point. Nothing is overwritten.",
       .arguments = "",
       .statuses = "  3    incomplete: the report names what could not be recovered\n",
       .examples = {{"immich-backup rebuild-manifest", ""}}},
  };
}

CommandInfo doctor_command()
{
  return {
      .command = Verb::doctor,
      .name = "doctor",
      .summary = "what is wrong, and how to mend it",
      .description =
          "Looks at everything that a backup needs: the store and the credential, what it may do "
          "and what it had better not, how the bucket is set, the library, the database, pg_dump "
          "and this machine. Changes nothing, and takes some seconds. What is not set is not "
          "looked at.",
      .arguments = "",
      .statuses = "  3    something is a problem, and the report says how to mend it\n",
      .examples = {{"immich-backup doctor",
                    "with the settings of the nightly backup in the environment"},
                   {"immich-backup doctor --store gs://my-photos", "a bucket alone"},
                   {"immich-backup doctor --json | jq '.problems[]'", "for a script"}},
  };
}

std::vector<CommandInfo> make_commands()
{
  std::vector<CommandInfo> commands{backup_command(), verify_command(), verify_restore_command(),
                                    restore_command(), restore_database_command()};
  commands.push_back(heal_command());
  for (CommandInfo& info : looking_commands()) commands.push_back(std::move(info));
  commands.push_back(doctor_command());
  commands.push_back(
      {.command = Verb::completion,
       .name = "completion",
       .summary = "print a completion script for a shell",
       .description =
           "Prints a script that makes a shell complete this program's commands and options.",
       .arguments = "bash|zsh|fish",
       .statuses = "",
       .examples = {{"source <(immich-backup completion bash)", "in ~/.bashrc"}}});
  commands.push_back({.command = Verb::version,
                      .name = "version",
                      .summary = "print the program's version",
                      .description = "Prints the program's version.",
                      .arguments = "",
                      .statuses = "",
                      .examples = {}});
  return commands;
}

}  // namespace

std::span<const CommandInfo> all_commands()
{
  static const std::vector<CommandInfo> kCommands = make_commands();
  return kCommands;
}

}  // namespace ib
