// SPDX-License-Identifier: Apache-2.0
#include "cli/options.hpp"

#include "base/assert.hpp"

#include <algorithm>

namespace ib {
namespace {

constexpr unsigned kBackup = bit_of(Verb::backup);
constexpr unsigned kVerify = bit_of(Verb::verify);
constexpr unsigned kDrill = bit_of(Verb::verify_restore);
constexpr unsigned kRestore = bit_of(Verb::restore);
constexpr unsigned kRestoreDatabase = bit_of(Verb::restore_database);
constexpr unsigned kHeal = bit_of(Verb::heal);
constexpr unsigned kLs = bit_of(Verb::ls);
constexpr unsigned kAlbums = bit_of(Verb::albums);
constexpr unsigned kFind = bit_of(Verb::find);
constexpr unsigned kCost = bit_of(Verb::cost) | bit_of(Verb::recovery_kit);
constexpr unsigned kPrune = bit_of(Verb::prune);
constexpr unsigned kDoctor = bit_of(Verb::doctor);
constexpr unsigned kDatabase = kBackup | kDrill | kRestoreDatabase | kDoctor;
constexpr unsigned kStore = kBackup | kVerify | kDrill | kRestore | kHeal | kRestoreDatabase | kLs |
                            bit_of(Verb::status) | bit_of(Verb::snapshots) | kAlbums |
                            bit_of(Verb::history) | kFind | bit_of(Verb::diff) | kCost | kPrune |
                            bit_of(Verb::rebuild_manifest) | kDoctor;
constexpr unsigned kSpends = kVerify | kDrill | kRestore | kHeal | kAlbums;
// What runs by itself, and has to be told of; a person looks at the others.
constexpr unsigned kTold = kBackup | kVerify | kDrill | kPrune;
constexpr unsigned kMeasured = kTold | bit_of(Verb::status);

std::vector<OptionInfo> common_options()
{
  return {
      {.name = "store",
       .metavar = "URL",
       .environment = {},
       .help = "where the backup is: gs://bucket[/prefix] or file:///folder; without it, "
               "gs://$GCS_BUCKET",
       .commands = kStore},
      {.name = "json",
       .metavar = "",
       .environment = {},
       .help = "print one JSON object instead of text",
       .commands = kStore},
      {.name = "quiet",
       .metavar = "",
       .environment = {},
       .help = "no progress on stderr; results and errors alone",
       .commands = kStore},
      {.name = "log-format",
       .metavar = "FORMAT",
       .environment = {},
       .help = "text (default), or json: each line on stderr is one JSON object",
       .commands = kStore,
       .choices = {"text", "json"}},
      {.name = "scratch",
       .metavar = "DIR",
       .environment = {},
       .help = "where temporary files go (default: $TMPDIR or /tmp)",
       .commands = kStore},
      {.name = "ignore-manifest",
       .metavar = "NAME",
       .environment = {},
       .help = "go on without this manifest-*.db or manifest-*.json",
       .commands = kStore,
       .repeatable = true},
      {.name = "map-prefix",
       .metavar = "OLD=NEW",
       .environment = {},
       .help = "of a manifest of version 2.0, take paths that begin with OLD as beginning with "
               "NEW: /data/=/",
       .commands = kStore,
       .repeatable = true},
      {.name = "workers",
       .metavar = "N",
       .environment = {"UPLOAD_WORKERS"},
       .help =
           "how many files are transferred at a time (default: 4 with a folder, 16 with a bucket)",
       .commands = kStore},
      {.name = "bwlimit",
       .metavar = "RATE",
       .environment = {},
       .help = "bytes a second up and down together: 2M (2 MiB), 512k, off; or by the time of the "
               "day, \"08:00,2M 23:00,off\"",
       .commands = kStore},
      {.name = "timezone",
       .metavar = "ZONE",
       .environment = {"TZ"},
       .help = "whose time of the day counts in --bwlimit: Europe/Berlin (default: the system's)",
       .commands = kStore},
      {.name = "ca-bundle",
       .metavar = "FILE",
       .environment = {"CURL_CA_BUNDLE", "SSL_CERT_FILE"},
       .help = "certificates in PEM form to trust instead of the system's, if a proxy of yours "
               "reads TLS",
       .commands = kStore},
      {.name = "config",
       .metavar = "FILE",
       .environment = {},
       .help = "a TOML file with these options, such as: library = \"/photos\"",
       .commands = kStore},
      {.name = "env",
       .metavar = "NAME=VALUE",
       .environment = {},
       .help = "set an environment variable for this program first",
       .commands = kStore,
       .repeatable = true,
       .command_line_only = true},
  };
}

std::vector<OptionInfo> file_options()
{
  return {
      {.name = "library",
       .metavar = "DIR",
       .environment = {"LIBRARY_PATH"},
       .help = "Immich's media root, the folder that holds upload/ and library/",
       .commands = kBackup | kHeal | kDoctor},
      {.name = "extra-root",
       .metavar = "NAME=DIR",
       .environment = {},
       .help = "back up this folder as well, which lies outside the media root, such as an "
               "external library of Immich's; its files are called /@external/NAME/...",
       .commands = kBackup,
       .repeatable = true},
      {.name = "include",
       .metavar = "GLOB",
       .environment = {},
       .help = "back up these as well, a pattern as in .gitignore: /thumbs/",
       .commands = kBackup,
       .repeatable = true},
      {.name = "exclude",
       .metavar = "GLOB",
       .environment = {},
       .help = "leave these out",
       .commands = kBackup,
       .repeatable = true},
      {.name = "time-limit",
       .metavar = "TIME",
       .environment = {},
       .help = "begin no more files after so long (20h, 90m, 2d), and go on with the next run; "
               "exit status 3",
       .commands = kBackup},
      {.name = "rehash",
       .metavar = "",
       .environment = {},
       .help = "read every file again, also those whose size and time are as before",
       .commands = kBackup},
      {.name = "rehash-share",
       .metavar = "1/N",
       .environment = {},
       .help = "read a part of those again, another one each run: 1/60 finds bit rot within two "
               "months of nights",
       .commands = kBackup},
      {.name = "shards",
       .metavar = "N",
       .environment = {},
       .help = "several machines at once, each with one of N parts; a backup of the whole puts "
               "them together",
       .commands = kBackup | kVerify},
      {.name = "shard",
       .metavar = "K",
       .environment = {"JOB_COMPLETION_INDEX"},
       .help = "with --shards: which part this is, from 0; the first also takes the dump",
       .commands = kBackup | kVerify},
      {.name = "max-loss",
       .metavar = "PERCENT",
       .environment = {},
       .help = "when more of the files (and at least 100) have vanished or changed at once, leave "
               "what is stored alone and say so (default: 30)",
       .commands = kBackup},
      {.name = "accept-lost",
       .metavar = "ASSET=WHY",
       .environment = {},
       .help = "this asset (its id, or its path below the media root) is lost, and its owner "
               "knows: it no longer makes a restore point incomplete",
       .commands = kBackup,
       .repeatable = true},
      {.name = "accept-changes",
       .metavar = "",
       .environment = {},
       .help = "whatever has vanished or changed was meant to",
       .commands = kBackup},
      {.name = "no-database",
       .metavar = "",
       .environment = {},
       .help = "files alone, no dump",
       .commands = kBackup},
      {.name = "no-files",
       .metavar = "",
       .environment = {},
       .help = "the database alone",
       .commands = kBackup},
      {.name = "sample",
       .metavar = "N",
       .environment = {"VERIFY_SAMPLE_SIZE"},
       .help = "read N objects back, and compare their bytes: verify chooses them at random, "
               "verify-restore by turns",
       .commands = kVerify | kDrill},
      {.name = "proven-within",
       .metavar = "MONTHS",
       .environment = {},
       .help = "a drill a week reads each file back within so many months (default: 12)",
       .commands = kDrill},
      {.name = "all",
       .metavar = "",
       .environment = {},
       .help = "read every object back, and the dump",
       .commands = kVerify},
      {.name = "target",
       .metavar = "DIR",
       .environment = {},
       .help = "where the files go; needed",
       .commands = kRestore},
      {.name = "at",
       .metavar = "TIME",
       .environment = {},
       .help = "latest, a restore point, a date (2026-01-15) or an age (36h, 30d, 8w)",
       .commands = kDrill | kRestore | kRestoreDatabase | kLs | kAlbums},
      {.name = "content",
       .metavar = "",
       .environment = {},
       .help =
           "what is named are files and folders of this machine: is their content in the backup?",
       .commands = kFind,
       .command_line_only = true},
      {.name = "sha256",
       .metavar = "HEX",
       .environment = {},
       .help = "the paths whose content has, or had, this digest; restore brings that content back",
       .commands = kFind | kRestore,
       .repeatable = true,
       .command_line_only = true},
      {.name = "sha1",
       .metavar = "HEX",
       .environment = {},
       .help = "the same by SHA-1, as Immich's database has it",
       .commands = kFind,
       .repeatable = true,
       .command_line_only = true},
      {.name = "overwrite",
       .metavar = "WHEN",
       .environment = {},
       .help = "never, if-different or always: what to do with files that are there; without it "
               "they are compared, left alone, and named if they differ",
       .commands = kRestore,
       .choices = {"never", "if-different", "always"}},
      {.name = "dry-run",
       .metavar = "",
       .environment = {},
       .help = "say what would be done, and do nothing",
       .commands = kBackup | kRestore},
      {.name = "create",
       .metavar = "",
       .environment = {},
       .help = "make the database first, if there is none of that name",
       .commands = kRestoreDatabase},
      {.name = "replace-empty-immich",
       .metavar = "",
       .environment = {},
       .help = "replace what a newly started Immich has made in the database; refused where it "
               "holds a photo",
       .commands = kRestoreDatabase},
      {.name = "dump",
       .metavar = "NAME",
       .environment = {},
       .help = "this object under database/ instead of the restore point's",
       .commands = kRestoreDatabase},
  };
}

/// What people remember of their photos. A photo fits that fits one of each kind.
std::vector<OptionInfo> asset_options()
{
  const auto option = [](std::string_view name, std::string_view metavar, std::string_view help) {
    return OptionInfo{.name = name,
                      .metavar = metavar,
                      .environment = {},
                      .help = help,
                      .commands = kRestore,
                      .repeatable = true,
                      .command_line_only = true};
  };
  OptionInfo trashed =
      option("trashed", "WHICH",
             "only: what is in Immich's trash; no: all but that; also: both (default)");
  trashed.repeatable = false;
  trashed.choices = {"only", "no", "also"};
  OptionInfo album_json = option("album-json", "FILE",
                                 "with --album: write there what the album holds, in order, since "
                                 "Immich keeps the photos of a deleted album and loses the list");
  album_json.repeatable = false;
  OptionInfo owner =
      option("chown", "UID:GID", "to whom the files and folders shall belong; needs root");
  owner.repeatable = false;
  owner.command_line_only = false;
  owner.commands |= kHeal;
  return {
      option("album", "NAME",
             "the photos of this album (`immich-backup albums` lists them), or its id"),
      option("user", "EMAIL", "the photos of this user"),
      option("taken", "DATE",
             "taken then: 2021, 2021-07, 2021-07-04, or a range: 2021-07..2021-09"),
      option("name", "TEXT",
             "whose file had this in its name when it was uploaded; or a pattern: 'IMG_1*'"),
      option("asset", "ID", "the photo with this id, as it stands in Immich's address"),
      trashed,
      album_json,
      owner,
  };
}

std::vector<OptionInfo> database_options()
{
  return {
      {.name = "db-url",
       .metavar = "URL",
       .environment = {"DB_URL"},
       .help =
           "postgresql://USER@HOST:PORT/DATABASE; a password in it is safe in the environment only",
       .commands = kDatabase},
      {.name = "db-host",
       .metavar = "HOST",
       .environment = {"DB_HOSTNAME", "DB_HOST"},
       .help = "the database server, or the folder of its Unix socket",
       .commands = kDatabase},
      {.name = "db-port",
       .metavar = "PORT",
       .environment = {"DB_PORT"},
       .help = "default: 5432",
       .commands = kDatabase},
      {.name = "db-user",
       .metavar = "USER",
       .environment = {"DB_USERNAME", "DB_USER"},
       .help = "default: postgres",
       .commands = kDatabase},
      {.name = "db-name",
       .metavar = "DATABASE",
       .environment = {"DB_DATABASE_NAME", "DB_NAME"},
       .help = "default: immich",
       .commands = kDatabase},
      {.name = "db-password",
       .metavar = "PASSWORD",
       .environment = {"DB_PASSWORD"},
       .help = "the password: in the environment or the config file, never on the command line",
       .commands = kDatabase,
       .secret = true},
      {.name = "db-password-file",
       .metavar = "FILE",
       .environment = {"DB_PASSWORD_FILE"},
       .help = "a file that holds the password",
       .commands = kDatabase},
      {.name = "pg-bin",
       .metavar = "DIR",
       .environment = {},
       .help = "where pg_dump and psql lie (default: they are looked for)",
       .commands = kDatabase},
      {.name = "immich-version",
       .metavar = "VERSION",
       .environment = {"IMMICH_VERSION"},
       .help = "what to call Immich's version where the database does not say it",
       .commands = kBackup},
  };
}

std::vector<OptionInfo> cost_options()
{
  return {
      {.name = "budget",
       .metavar = "USD",
       .environment = {},
       .help = "spend no more than this; verify and verify-restore read as much back as it pays "
               "for (verify-restore: 0.25 unless told)",
       .commands = kSpends},
      {.name = "ask-above",
       .metavar = "USD",
       .environment = {},
       .help = "ask, or without a terminal refuse, before spending more (default: 5)",
       .commands = kSpends},
      {.name = "yes",
       .metavar = "",
       .environment = {},
       .help = "do not ask, whatever it costs; with prune and heal: do what else is only shown",
       .commands = kSpends | kPrune},
      {.name = "storage-class",
       .metavar = "CLASS",
       .environment = {"GCS_STORAGE_CLASS"},
       .help = "of the library's objects in a bucket (default: ARCHIVE); auto: the cheapest for "
               "each one's size",
       .commands = kBackup | kCost | kDoctor,
       .choices = {"STANDARD", "NEARLINE", "COLDLINE", "ARCHIVE", "auto"}},
      {.name = "kept-for",
       .metavar = "DAYS",
       .environment = {},
       .help =
           "how long the library's objects will be kept: what auto reckons with (default: 1825)",
       .commands = kBackup | kCost | kDoctor},
      {.name = "keep-last",
       .metavar = "N",
       .environment = {"DB_BACKUP_RETENTION"},
       .help = "how many good dumps are kept: a backup removes older ones where it may, prune "
               "their restore points too; the class of new dumps is the cheapest for so many days",
       .commands = kBackup | kCost | kPrune | kDoctor},
      {.name = "keep-daily",
       .metavar = "N",
       .environment = {},
       .help = "and the newest restore point of each of so many days (UTC) that have one",
       .commands = kPrune},
      {.name = "keep-weekly",
       .metavar = "N",
       .environment = {},
       .help = "and of so many weeks, from Monday on",
       .commands = kPrune},
      {.name = "keep-monthly",
       .metavar = "N",
       .environment = {},
       .help = "and of so many months",
       .commands = kPrune},
      {.name = "keep-yearly",
       .metavar = "N",
       .environment = {},
       .help = "and of so many years",
       .commands = kPrune},
      {.name = "dump-class",
       .metavar = "CLASS",
       .environment = {},
       .help = "of new dumps in a bucket (default: by --keep-last; ARCHIVE where they are kept for "
               "ever)",
       .commands = kBackup | kCost | kDoctor,
       .choices = {"STANDARD", "NEARLINE", "COLDLINE", "ARCHIVE"}},
      {.name = "location",
       .metavar = "NAME",
       .environment = {},
       .help =
           "whose prices hold, such as europe-west3 (default: the bucket is asked where it lies)",
       .commands = kBackup | kSpends | kCost | kPrune | kDoctor},
      {.name = "prices",
       .metavar = "FILE",
       .environment = {},
       .help = "a TOML file of prices, before those that the program knows",
       .commands = kBackup | kSpends | kCost | kPrune | kDoctor},
  };
}

std::vector<OptionInfo> notice_options()
{
  return {
      {.name = "metrics-file",
       .metavar = "FILE",
       .environment = {},
       .help = "write there what the run has to tell Prometheus, for node_exporter's textfile "
               "collector: /var/lib/node_exporter/immich.prom",
       .commands = kMeasured},
      {.name = "pushgateway",
       .metavar = "URL",
       .environment = {},
       .help = "send the same to a Pushgateway: http://pushgateway:9091",
       .commands = kMeasured},
      {.name = "ping",
       .metavar = "[COMMAND=]URL",
       .environment = {},
       .help =
           "a dead-man's switch in healthchecks' manner: URL/start, then URL or URL/EXITSTATUS; in "
           "the environment and the config file a URL without COMMAND is the backup's",
       .commands = kTold,
       .repeatable = true},
      {.name = "webhook",
       .metavar = "URL",
       .environment = {},
       .help = "post a message there at the end; what has a token in it belongs in the environment",
       .commands = kTold},
      {.name = "webhook-on",
       .metavar = "WHEN",
       .environment = {},
       .help = "failure: where the exit status is not 0 (default); problems: also where there is "
               "something to note; always",
       .commands = kTold,
       .choices = {"failure", "problems", "always"}},
      {.name = "webhook-template",
       .metavar = "TEXT",
       .environment = {},
       .help =
           R"(the message, or @FILE that holds it, as JSON or plain text: '{"text": "{summary}"}')",
       .commands = kTold},
  };
}

std::vector<OptionInfo> make_options()
{
  std::vector<OptionInfo> options = file_options();
  for (auto part :
       {asset_options(), database_options(), cost_options(), notice_options(), common_options()}) {
    options.insert(options.end(), part.begin(), part.end());
  }
  return options;
}

}  // namespace

std::span<const OptionInfo> all_options()
{
  static const std::vector<OptionInfo> kOptions = make_options();
  return kOptions;
}

const OptionInfo* find_option(std::string_view name)
{
  const auto options = all_options();
  const auto found = std::ranges::find(options, name, &OptionInfo::name);
  return found == options.end() ? nullptr : &*found;
}

const CommandInfo* find_command(std::string_view name)
{
  const auto commands = all_commands();
  const auto found = std::ranges::find(commands, name, &CommandInfo::name);
  return found == commands.end() ? nullptr : &*found;
}

const CommandInfo& info_of(Verb command)
{
  const auto commands = all_commands();
  const auto found = std::ranges::find(commands, command, &CommandInfo::command);
  IB_ASSERT(found != commands.end());
  return *found;
}

std::vector<std::string> environment_names(const OptionInfo& option)
{
  if (option.command_line_only) return {};
  std::string own = "IMMICH_BACKUP_";
  for (const char c : option.name) own += c == '-' ? '_' : static_cast<char>(c - 'a' + 'A');
  std::vector<std::string> names{own};
  names.insert(names.end(), option.environment.begin(), option.environment.end());
  return names;
}

}  // namespace ib
