// SPDX-License-Identifier: Apache-2.0
#include "app/doctor/diagnosis.hpp"

#include "support/matchers.hpp"

namespace ib::test {

void PrintTo(Verdict verdict, std::ostream* out)
{
  constexpr const char* kWords[] = {"ok", "warning", "problem", "unknown"};
  *out << kWords[static_cast<int>(verdict)];
}

namespace {

using namespace std::chrono_literals;
using enum Verdict;

constexpr std::uint64_t kGibibyte = 1ULL << 30U;

// ---- the store

TEST(Diagnosis, FindsFaultWithAClockByHowFarItIsOff)
{
  struct Row {
    std::optional<std::chrono::seconds> ahead;
    Verdict verdict;
    const char* says;
  };
  for (const Row& row :
       {Row{std::nullopt, warning, "carry no date"}, Row{0s, ok, "agrees"}, Row{60s, ok, "agrees"},
        Row{-60s, ok, "agrees"}, Row{61s, warning, "ahead of"}, Row{-61s, warning, "behind"},
        Row{300s, warning, "5 min"}, Row{301s, problem, "refuses"},
        Row{-90000s, problem, "behind"}}) {
    const Check check = judge_clock(row.ahead);
    EXPECT_EQ(check.verdict, row.verdict) << row.says;
    EXPECT_THAT(check.message, HasSubstr(row.says));
    EXPECT_EQ(check.fix.empty(), row.verdict == ok);
  }
}

TEST(Diagnosis, ExplainsAStoreThatDoesNotAnswer)
{
  const Error lost{.code = Errc::unavailable, .message = "127.0.0.1:1: refused"};
  EXPECT_EQ(judge_answer("gs://b", std::nullopt, "").verdict, ok);
  const Check down = judge_answer("gs://b", lost, "http://127.0.0.1:1");
  EXPECT_EQ(down.verdict, problem);
  EXPECT_THAT(down.fix, HasSubstr("start the emulator"));
  EXPECT_THAT(judge_answer("gs://b", lost, "").fix, HasSubstr("DNS"));
  const Error denied{.code = Errc::denied, .message = "certificate", .hint = "ca-certificates"};
  EXPECT_EQ(judge_answer("gs://b", denied, "").fix, "ca-certificates");
}

TEST(Diagnosis, DoesNotCallACredentialGoodThatWasRefused)
{
  const auto verdict = [](Errc code) {
    return judge_credential("service account x", Error{.code = code, .message = "m"}).verdict;
  };
  EXPECT_EQ(judge_credential("service account x", std::nullopt).verdict, ok);
  EXPECT_EQ(verdict(Errc::denied), unknown);
  EXPECT_EQ(verdict(Errc::unavailable), unknown);
  EXPECT_EQ(verdict(Errc::invalid), ok);  // a bucket that does not exist was answered for
}

TEST(Diagnosis, TellsHowTheNewestRestorePointIs)
{
  const Timestamp now{1'800'000'000s};
  const auto point = [&](std::chrono::seconds age, bool complete) {
    return RestorePoint{.time = now - age, .covers = {.files = true}, .missed = complete ? 0U : 1U};
  };
  EXPECT_EQ(judge_restore_point(std::nullopt, now, std::nullopt).verdict, ok);
  EXPECT_EQ(judge_restore_point(point(24h, true), now, std::nullopt).verdict, ok);
  EXPECT_EQ(judge_restore_point(point(24h * 9, true), now, std::nullopt).verdict, warning);
  EXPECT_EQ(judge_restore_point(point(24h, false), now, std::nullopt).verdict, warning);
  EXPECT_EQ(judge_restore_point(point(-5s, true), now, std::nullopt).verdict, ok);
  const Error corrupt{.code = Errc::corrupt, .message = "m"};
  EXPECT_EQ(judge_restore_point(std::nullopt, now, corrupt).verdict, problem);
  const Error denied{.code = Errc::denied, .message = "m"};
  EXPECT_EQ(judge_restore_point(std::nullopt, now, denied).verdict,
            unknown);  // the permission is the matter
}

TEST(Diagnosis, WarnsOfAStoreThatEverybodyMayRead)
{
  FolderDescription folder{.path = "/mnt/my disk", .exists = true};
  EXPECT_EQ(judge_privacy(folder).verdict, ok);
  folder.is_open_to_others = true;
  EXPECT_EQ(judge_privacy(folder).verdict, warning);
  EXPECT_TRUE(judge_privacy(folder).fix.starts_with("chmod -R go-rwx '/mnt/my disk'"));
}

TEST(Diagnosis, TellsWhatAPlaceLacks)
{
  const PlaceFacts good{.keeps_names = true,
                        .renames_exclusively = true,
                        .links = true,
                        .locks = true,
                        .flushes = true,
                        .attributes = true,
                        .permissions = true,
                        .longest_name = 255};
  EXPECT_EQ(judge_place(good, std::nullopt).verdict, ok);
  PlaceFacts poor = good;
  poor.renames_exclusively = poor.links = poor.attributes = false;
  EXPECT_EQ(judge_place(poor, std::nullopt).verdict, ok);
  EXPECT_TRUE(judge_place(poor, std::nullopt).message.contains("only one machine"));
  PlaceFacts fat = good;
  fat.largest_file = (std::uint64_t{4} << 30U) - 1;
  EXPECT_EQ(judge_place(fat, std::nullopt).verdict, warning);
  PlaceFacts unsafe = good;
  unsafe.flushes = false;
  EXPECT_EQ(judge_place(unsafe, std::nullopt).verdict, warning);
  PlaceFacts lower = good;
  lower.keeps_names = false;
  EXPECT_EQ(judge_place(lower, std::nullopt).verdict, problem);
  EXPECT_EQ(judge_place(good, Error{.code = Errc::denied, .message = "m"}).verdict, problem);
}

TEST(Diagnosis, TellsWhetherTheStoreWasBegun)
{
  const StoreMarker marker{.id = "1", .immich = {"a user"}};
  const StoreMarker of_nobody{.id = "1"};
  EXPECT_EQ(judge_marker("file:///b", marker, false, std::nullopt).verdict, ok);
  EXPECT_EQ(judge_marker("file:///b", of_nobody, false, std::nullopt).verdict, ok);
  EXPECT_EQ(judge_marker("file:///b", std::nullopt, true, std::nullopt).verdict, ok);
  const Check missing = judge_marker("file:///b", std::nullopt, false, std::nullopt);
  EXPECT_EQ(missing.verdict, problem);
  EXPECT_TRUE(missing.fix.ends_with("immich-backup init --store file:///b"));
  const Error foreign{.code = Errc::invalid, .message = "m"};
  EXPECT_EQ(judge_marker("file:///b", std::nullopt, true, foreign).verdict, problem);
  const Error denied{.code = Errc::denied, .message = "m"};
  EXPECT_EQ(judge_marker("file:///b", std::nullopt, true, denied).verdict, unknown);
  EXPECT_EQ(judge_store_owner("file:///b", true).verdict, ok);
  EXPECT_EQ(judge_store_owner("file:///b", false).verdict, problem);
}

TEST(Diagnosis, TellsWhoseWordCounts)
{
  const KeyFacts own{.file = "/etc/k",
                     .public_key = "ed25519:aa",
                     .is_verified = true,
                     .in_bucket = true,
                     .marked = "ed25519:aa"};
  EXPECT_EQ(judge_machine_key(own).verdict, ok);
  EXPECT_EQ(judge_machine_key(own).message, "/etc/k signs what this machine stores");

  KeyFacts readable = own;
  readable.others_may_read = true;
  EXPECT_EQ(judge_machine_key(readable).verdict, warning);
  EXPECT_EQ(judge_machine_key(readable).fix, "chmod 600 /etc/k");

  KeyFacts replaced = own;
  replaced.marked = "ed25519:bb";
  EXPECT_EQ(judge_machine_key(replaced).verdict, warning);

  const KeyFacts reader{.file = "/etc/k", .trusted = 1, .is_verified = true, .in_bucket = true};
  EXPECT_EQ(judge_machine_key(reader).verdict, ok);
  EXPECT_THAT(judge_machine_key(reader).message, HasSubstr("none to sign a backup with"));

  EXPECT_EQ(judge_machine_key({.file = "/etc/k"}).verdict, ok) << "a folder may go without";
  EXPECT_EQ(judge_machine_key({.file = "/etc/k", .in_bucket = true}).verdict, warning);
  EXPECT_EQ(judge_machine_key({.error = Error{.code = Errc::invalid, .message = "m"}}).verdict,
            problem);

  EXPECT_EQ(judge_signatures(std::nullopt).verdict, ok);
  const Check strange =
      judge_signatures(Problem{.path = "", .code = "c", .message = "m", .hint = "h"});
  EXPECT_EQ(strange.verdict, problem);
  EXPECT_EQ(strange.message + strange.fix, "mh");
}

// ---- what the credential may do

const BucketDescription kBucket{.bucket = "photos"};
const BucketDescription kPrefixed{.bucket = "photos", .prefix = "home/"};
constexpr StoreAccess kLeast{.create = true, .list = true};
constexpr StoreAccess kEverything{
    .create = true, .list = true, .read = true, .remove = true, .administer = true};

TEST(Diagnosis, PraisesWhatACredentialCannotDo)
{
  EXPECT_EQ(judge_may_delete(kBucket, kLeast).verdict, unknown) << "a condition may grant it";
  EXPECT_EQ(judge_may_delete(kBucket, kEverything).verdict, warning);
  EXPECT_EQ(judge_may_read_photos(kLeast).verdict, ok);
  EXPECT_EQ(judge_may_read_photos(kEverything).verdict, warning);
  EXPECT_EQ(judge_may_administer(kLeast).verdict, ok);
  EXPECT_EQ(judge_may_administer(kEverything).verdict, warning);
}

TEST(Diagnosis, NeedsToCreateAndListAndReadManifests)
{
  EXPECT_EQ(judge_may_create(kBucket, kLeast).verdict, ok);
  const Check create = judge_may_create(kBucket, {});
  EXPECT_EQ(create.verdict, problem);
  EXPECT_THAT(create.fix, HasSubstr("storage.objects.create"));
  EXPECT_THAT(create.fix, HasSubstr("gs://photos"));
  EXPECT_EQ(judge_may_create(kPrefixed, {}).verdict, unknown);  // a condition may grant it

  const Error denied{.code = Errc::denied, .message = "status 403"};
  const Error lost{.code = Errc::unavailable, .message = "lost"};
  EXPECT_EQ(judge_may_list(kBucket, std::nullopt).verdict, ok);
  EXPECT_EQ(judge_may_list(kBucket, denied).verdict, problem);
  EXPECT_EQ(judge_may_list(kBucket, lost).verdict, unknown);

  EXPECT_EQ(judge_may_read_manifests(kBucket, false, std::nullopt).verdict, unknown);
  EXPECT_EQ(judge_may_read_manifests(kBucket, true, std::nullopt).verdict, ok);
  const Check read = judge_may_read_manifests(kPrefixed, true, denied);
  EXPECT_EQ(read.verdict, problem);
  EXPECT_THAT(read.fix, HasSubstr("home/manifest"));
}

// ---- the bucket

TEST(Diagnosis, WantsStandardAsTheDefaultClass)
{
  EXPECT_EQ(judge_default_class("photos", {.default_class = "STANDARD"}).verdict, ok);
  for (const char* name : {"NEARLINE", "COLDLINE", "ARCHIVE"}) {
    const Check check = judge_default_class("photos", {.default_class = name});
    EXPECT_EQ(check.verdict, warning) << name;
    EXPECT_EQ(check.fix,
              "gcloud storage buckets update gs://photos --default-storage-class=STANDARD");
  }
}

TEST(Diagnosis, WantsDeletedThingsToComeBackMostOfAllWhereTheCredentialCanDelete)
{
  struct Row {
    BucketSettings settings;
    std::optional<StoreAccess> access;
    Verdict verdict;
  };
  const StoreAccess deletes{.create = true, .list = true, .remove = true};
  const BucketSettings none{};
  const BucketSettings versioned{.versioning = true};
  const BucketSettings soft{.soft_delete = 24h};
  const BucketSettings retained{.retention = 24h};
  const BucketSettings locked{.retention = 24h, .retention_locked = true};
  const Row rows[] = {{none, kLeast, warning},
                      {none, deletes, problem},
                      {none, kEverything, problem},
                      {none, std::nullopt, warning},
                      {versioned, kLeast, ok},
                      {versioned, deletes, ok},
                      {soft, deletes, ok},
                      {retained, deletes, ok},
                      {versioned, kEverything, warning},
                      {retained, kEverything, warning},
                      {locked, kEverything, ok},
                      {soft, std::nullopt, ok}};
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    const Check check = judge_protection("photos", rows[i].settings, rows[i].access);
    EXPECT_EQ(check.verdict, rows[i].verdict) << "row " << i << ": " << check.message;
    EXPECT_EQ(check.fix.empty(), rows[i].verdict == ok) << "row " << i;
  }
}

LifecycleRule deletes(std::vector<std::string> prefixes)
{
  return {.action = "Delete", .age_days = 30, .prefixes = std::move(prefixes)};
}

TEST(Diagnosis, CallsARuleThatDeletesTheBackupAProblem)
{
  struct Row {
    const char* prefix;
    LifecycleRule rule;
    Verdict verdict;
  };
  const Row rows[] = {
      {"", deletes({}), problem},
      {"", deletes({"library/"}), problem},
      {"", deletes({"lib"}), problem},
      {"", deletes({"library/upload/2019/"}), problem},
      {"", deletes({"manifest-2"}), problem},
      {"", deletes({"versions/"}), problem},
      {"", deletes({"hashed/"}), problem},
      {"", deletes({"tmp/", "library/"}), problem},
      {"", deletes({"database/"}), warning},
      {"", deletes({"runs/"}), warning},
      {"", deletes({"tmp/"}), ok},
      {"home/", deletes({"library/"}), ok},
      {"home/", deletes({"home/library/"}), problem},
      {"home/", deletes({"home"}), problem},
      {"", {.action = "Delete", .noncurrent_only = true}, ok},
      {"", {.action = "Delete", .custom_time_only = true}, ok},
      {"", {.action = "Delete", .storage_classes = {"ARCHIVE"}}, problem},
      {"", {.action = "SetStorageClass", .storage_class = "COLDLINE"}, warning},
      {"",
       {.action = "SetStorageClass", .storage_class = "COLDLINE", .prefixes = {"library/"}},
       ok},
      {"", {.action = "SetStorageClass", .storage_class = "STANDARD"}, ok},
      {"", {.action = "AbortIncompleteMultipartUpload", .age_days = 7}, ok}};
  for (const Row& row : rows) {
    const Check check = judge_lifecycle("photos", row.prefix, {.lifecycle = {row.rule}});
    EXPECT_EQ(check.verdict, row.verdict) << row.prefix << ": " << check.message;
    EXPECT_EQ(check.fix.empty(), row.verdict == ok) << check.message;
  }
  EXPECT_EQ(judge_lifecycle("photos", "", {}).verdict, ok);
}

TEST(Diagnosis, NamesTheWorstRulesAlone)
{
  const Check check = judge_lifecycle(
      "photos", "", {.lifecycle = {deletes({"tmp/"}), deletes({"library/"}), deletes({"runs/"})}});
  EXPECT_EQ(check.verdict, problem);
  EXPECT_EQ(check.message,
            "a rule deletes objects under library/ that are older than 30 days: it deletes the "
            "backup itself");
  EXPECT_THAT(check.fix, HasSubstr("--lifecycle-file"));  // the others may be wanted
}

TEST(Diagnosis, SaysARuleInWords)
{
  EXPECT_EQ(in_words({.action = "Delete"}), "deletes objects");
  EXPECT_EQ(in_words({.action = "Delete",
                      .age_days = 1,
                      .prefixes = {"a/", "b"},
                      .suffixes = {".tmp"},
                      .storage_classes = {"NEARLINE"},
                      .noncurrent_only = true,
                      .others = {"numNewerVersions 3"}}),
            "deletes replaced versions under a/, b ending in .tmp of class NEARLINE that are older "
            "than 1 day (numNewerVersions 3)");
  EXPECT_EQ(in_words({.action = "SetStorageClass", .storage_class = "ARCHIVE"}),
            "moves to ARCHIVE objects");
}

TEST(Diagnosis, SaysWhatSettingsDo)
{
  EXPECT_THAT(judge_retention({}).message, HasSubstr("no policy"));
  EXPECT_THAT(judge_retention({.retention = 24h * 30}).message,
              HasSubstr("30 days old; the policy is not locked"));
  EXPECT_THAT(judge_retention({.retention = 24h * 30, .retention_locked = true}).message,
              HasSubstr("nobody"));
  EXPECT_THAT(judge_soft_delete({.soft_delete = 24h * 7}).message, HasSubstr("7 days"));
  EXPECT_THAT(judge_soft_delete({.soft_delete = 1h}).message, HasSubstr("1 h"));
  EXPECT_EQ(judge_soft_delete({}).message, "off");
  EXPECT_THAT(judge_versioning({.versioning = true}).message, HasSubstr("on"));
  EXPECT_EQ(judge_autoclass("b", {}).verdict, ok);
  EXPECT_EQ(judge_autoclass("b", {.autoclass = true}).verdict, warning);
  EXPECT_EQ(judge_public_access("b", {}).verdict, warning);
  EXPECT_EQ(judge_public_access("b", {.public_access_prevented = true}).verdict, ok);
  EXPECT_EQ(judge_uniform_access("b", {}).verdict, warning);
  EXPECT_EQ(judge_uniform_access("b", {.uniform_access = true}).verdict, ok);
  EXPECT_EQ(judge_encryption({}).verdict, ok);
  EXPECT_EQ(judge_encryption({.kms_key = "projects/p/key"}).verdict, warning);
}

TEST(Diagnosis, DoesNotGuessWhatItMayNotSee)
{
  const Check hidden =
      judge_hidden_settings({.bucket = "photos", .missing_permission = "storage.buckets.get"});
  EXPECT_EQ(hidden.verdict, unknown);
  EXPECT_THAT(hidden.message, HasSubstr("storage.buckets.get"));
  EXPECT_EQ(judge_location({.location = "EU", .location_type = "multi-region"}).message,
            "EU (multi-region)");
  EXPECT_EQ(judge_location(kBucket).verdict, unknown);
}

// ---- a folder

TEST(Diagnosis, WantsAFolderThatCanBeWritten)
{
  const StoreAccess all{.create = true, .list = true, .read = true};
  EXPECT_EQ(judge_folder({.path = "/b", .exists = true}, all).verdict, ok);
  EXPECT_EQ(judge_folder({.path = "/b"}, all).verdict, ok);
  EXPECT_THAT(judge_folder({.path = "/b"}, all).message,
              HasSubstr("`immich-backup init` makes it"));
  const Check readonly = judge_folder({.path = "/b", .exists = true}, {.list = true, .read = true});
  EXPECT_EQ(readonly.verdict, problem);
  EXPECT_THAT(readonly.message, HasSubstr("may not write"));
  const Check remounted =
      judge_folder({.path = "/b", .exists = true, .mount_point = "/mnt", .is_read_only = true},
                   {.list = true, .read = true});
  EXPECT_EQ(remounted.verdict, problem);
  EXPECT_THAT(remounted.message, HasSubstr("the file system at /mnt is mounted read-only"));
  EXPECT_THAT(judge_folder({.path = "/b", .exists = true}, {}).message, HasSubstr("may not read"));
  EXPECT_THAT(judge_folder({.path = "/b"}, {.read = true}).message, HasSubstr("may not make it"));
}

TEST(Diagnosis, KnowsFileSystems)
{
  const auto verdict = [](const char* type) {
    return judge_file_system({.file_system = type, .mount_point = "/"}).verdict;
  };
  for (const char* good : {"ext4", "xfs", "btrfs", "zfs", "nfs4", "exfat"})
    EXPECT_EQ(verdict(good), ok) << good;
  EXPECT_EQ(verdict("fuse.rclone"), warning);
  EXPECT_EQ(verdict("tmpfs"), problem);
  EXPECT_EQ(verdict(""), unknown);
}

TEST(Diagnosis, WantsTheStoreOnAnotherDiskThanTheLibrary)
{
  EXPECT_EQ(judge_other_disk({.mount_point = "/mnt/usb"}, "/").verdict, ok);
  EXPECT_EQ(judge_other_disk({.mount_point = "/"}, "/").verdict, warning);
  EXPECT_EQ(judge_other_disk({.mount_point = "/"}, "").verdict, unknown);
}

TEST(Diagnosis, WantsSpace)
{
  const auto verdict = [](std::uint64_t free) {
    return judge_store_space({.free_bytes = free}).verdict;
  };
  EXPECT_EQ(verdict(10 * kGibibyte), ok);
  EXPECT_EQ(verdict(10 * kGibibyte - 1), warning);
  EXPECT_EQ(verdict(kGibibyte / 4), warning);
  EXPECT_EQ(verdict(kGibibyte / 4 - 1), problem);

  const auto scratch = [](bool exists, bool writable, std::uint64_t free) {
    return judge_scratch(
               {.path = "/tmp", .exists = exists, .writable = writable, .free_bytes = free})
        .verdict;
  };
  EXPECT_EQ(scratch(true, true, kGibibyte), ok);
  EXPECT_EQ(scratch(true, true, kGibibyte - 1), warning);
  EXPECT_EQ(scratch(true, true, kGibibyte / 16 - 1), problem);
  EXPECT_EQ(scratch(true, false, kGibibyte), problem);
  EXPECT_EQ(scratch(false, false, kGibibyte), problem);
}

// ---- the library

LibraryFacts library(std::vector<LibraryFolder> folders)
{
  return {.path = "/srv/immich", .mount_point = "/", .folders = std::move(folders)};
}

TEST(Diagnosis, TellsAnEmptyLibraryFromAGoodOne)
{
  const LibraryFolder upload{.name = "upload", .present = true, .readable = true, .marked = true};
  EXPECT_EQ(judge_library(std::nullopt).verdict, unknown);
  EXPECT_EQ(judge_library(std::nullopt).message, "not set");
  EXPECT_EQ(judge_library(library({upload})).verdict, ok);
  EXPECT_EQ(judge_library(library({{.name = "upload"}})).verdict, problem);
  EXPECT_EQ(judge_library(library({{.name = "upload", .present = true}})).verdict, problem);

  LibraryFacts empty = library({});
  empty.empty = true;
  EXPECT_EQ(judge_library(empty).verdict, problem);
  EXPECT_THAT(judge_library(empty).fix, HasSubstr("mount /srv/immich"));
  empty.mount_point = "/srv/immich";
  EXPECT_THAT(judge_library(empty).fix, HasSubstr("Something empty is mounted"));

  LibraryFacts gone = library({});
  gone.error = Error{.code = Errc::invalid, .message = "no such folder", .hint = "name it"};
  EXPECT_EQ(judge_library(gone).verdict, problem);
  EXPECT_EQ(judge_library(gone).fix, "name it");
}

TEST(Diagnosis, MissesMarkers)
{
  const LibraryFolder upload{.name = "upload", .present = true, .readable = true, .marked = true};
  EXPECT_EQ(judge_markers(library({upload})).verdict, ok);
  const Check unmarked = judge_markers(library({upload, {.name = "library", .present = true}}));
  EXPECT_EQ(unmarked.verdict, warning);
  EXPECT_THAT(unmarked.message, HasSubstr("without an .immich file: library."));
  const Check absent = judge_markers(library({upload, {.name = "profile"}}));
  EXPECT_THAT(absent.message, HasSubstr("not there: profile."));
}

// ---- the database

TEST(Diagnosis, NamesTheTablesThatADumpMayNotRead)
{
  EXPECT_EQ(judge_may_dump({}).verdict, ok);
  const Check two = judge_may_dump({.unreadable = {"public.session", "public.asset"}});
  EXPECT_EQ(two.verdict, problem);
  EXPECT_THAT(two.message, HasSubstr("public.session and 1 other table"));
  const Error down{.code = Errc::unavailable, .message = "m"};
  EXPECT_EQ(judge_may_dump({.error = down}).verdict, unknown);
}

TEST(Diagnosis, TellsHowTheDatabaseIs)
{
  EXPECT_EQ(judge_database(std::nullopt).verdict, unknown);
  EXPECT_EQ(judge_database(std::nullopt).message, "not set");
  const Error error{
      .code = Errc::denied, .message = "password authentication failed", .hint = "check it"};

  const DatabaseFacts unreachable{.error = error};
  EXPECT_EQ(judge_database(unreachable).verdict, problem);
  EXPECT_EQ(judge_database(unreachable).fix, "check it");
  EXPECT_EQ(judge_immich(unreachable).verdict, unknown);
  EXPECT_EQ(judge_pg_dump(unreachable).verdict, unknown);

  DatabaseFacts good{.description = "immich on db",
                     .server_version = "16.4",
                     .immich = {.version = "v2.3.1",
                                .schema_level = "1750-x",
                                .known_schema = true,
                                .assets = 1234},
                     .pg_dump = "/usr/bin/pg_dump",
                     .pg_dump_version = "16.4"};
  EXPECT_EQ(judge_database(good).verdict, ok);
  EXPECT_EQ(judge_immich(good).verdict, ok);
  EXPECT_EQ(judge_immich(good).message, "Immich v2.3.1: 1,234 assets, 0 users, schema 1750-x");
  EXPECT_EQ(judge_pg_dump(good).verdict, ok);
  const auto beside = [&](const char* client, const char* server) {
    DatabaseFacts both = good;
    both.pg_dump_version = client;
    both.server_version = server;
    return judge_pg_dump(both).verdict;
  };
  EXPECT_EQ(beside("15.4", "15.18"), warning);
  EXPECT_EQ(beside("15.18", "15.4"), ok);
  EXPECT_EQ(beside("15.18", "15.18"), ok);
  EXPECT_EQ(beside("17.0", "16.4"), ok);
  EXPECT_EQ(beside("17", "17.2"), ok) << "not told";

  good.no_pg_dump = Error{
      .code = Errc::invalid, .message = "pg_dump 16 or newer is needed", .hint = "install it"};
  EXPECT_EQ(judge_pg_dump(good).verdict, problem);
  EXPECT_EQ(judge_pg_dump(good).fix, "install it.");
  good.unread = error;
  EXPECT_EQ(judge_immich(good).verdict, unknown);
}

TEST(Diagnosis, TellsADatabaseThatIsNotImmichsFromANewerImmich)
{
  const DatabaseFacts other{};
  EXPECT_EQ(judge_immich(other).verdict, warning);
  EXPECT_THAT(judge_immich(other).fix, HasSubstr("DB_DATABASE_NAME"));
  const DatabaseFacts newer{.immich = {.version = "v9.0.0"}};
  EXPECT_EQ(judge_immich(newer).verdict, warning);
  EXPECT_THAT(judge_immich(newer).fix, HasSubstr("newer immich-backup"));
}

TEST(Diagnosis, LetsNoNameMoveATerminalsCursor)
{
  const std::string evil = "x\x1b[2J";
  EXPECT_THAT(judge_encryption({.kms_key = evil}).message, Not(HasSubstr("\x1b")));
  EXPECT_THAT(judge_location({.location = evil}).message, Not(HasSubstr("\x1b")));
  EXPECT_THAT(in_words({.action = evil, .prefixes = {evil}, .others = {evil}}),
              Not(HasSubstr("\x1b")));
  EXPECT_THAT(judge_scratch({.path = evil}).message, Not(HasSubstr("\x1b")));
}

TEST(Diagnosis, SaysToWhomAStoreIsEncryptedAndWhatThisMachineOpens)
{
  const Check backs_up = judge_recipients(
      {.owners = {"age1a", "age1b"}, .may_back_up = true, .opens_documents = true});
  EXPECT_EQ(backs_up.verdict, Verdict::ok);
  EXPECT_THAT(backs_up.message, HasSubstr("age1a,age1b; this machine reads no photos"));
  const Check reads = judge_recipients(
      {.owners = {"age1a"}, .may_back_up = true, .opens_documents = true, .opens_photos = true});
  EXPECT_THAT(reads.message, HasSubstr("has an identity"));
  const Check unset = judge_recipients({.owners = {"age1a"}, .opens_documents = true});
  EXPECT_EQ(unset.verdict, Verdict::warning);
  EXPECT_THAT(unset.fix, HasSubstr("IMMICH_BACKUP_ENCRYPT_TO=age1a"));
  const Check closed = judge_recipients({.owners = {"age1a"}, .may_back_up = true});
  EXPECT_EQ(closed.verdict, Verdict::problem);
}

}  // namespace
}  // namespace ib::test
