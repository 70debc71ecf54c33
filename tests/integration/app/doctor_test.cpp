// SPDX-License-Identifier: Apache-2.0
//
// The doctor against the emulator with each kind of credential and bucket, a folder, a library and
// a real PostgreSQL.
#include "app/doctor/doctor.hpp"
#include "postgres/database_settings.hpp"
#include "report/doctor.hpp"
#include "support/builders.hpp"
#include "support/emulated_bucket.hpp"
#include "support/fake_bin.hpp"
#include "support/postgres_cluster.hpp"
#include "support/temp_dir.hpp"
#include "support/workplace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <algorithm>
#include <chrono>

namespace ib::test {
namespace {

constexpr const char* kCredentials = R"([
  {"token": "full", "permissions": ["storage.objects.create", "storage.objects.list", "storage.objects.get",
    "storage.objects.delete", "storage.buckets.get", "storage.buckets.update"]},
  {"token": "backup", "permissions": ["storage.objects.create", "storage.objects.list", "storage.buckets.get"],
   "conditions": {"storage.objects.get": ["manifest", "runs/"]}},
  {"token": "create", "permissions": ["storage.objects.create", "storage.objects.list"],
   "conditions": {"storage.objects.get": ["manifest", "runs/"]}},
  {"token": "list", "permissions": ["storage.objects.list"]},
  {"token": "nothing"}])";

constexpr const char* kGoodBucket =
    R"({"name": "photos", "location": "EUROPE-WEST3", "storageClass": "STANDARD",
  "softDeletePolicy": {"retentionDurationSeconds": "604800"}, "iamConfiguration":
  {"publicAccessPrevention": "enforced", "uniformBucketLevelAccess": {"enabled": true}}})";

DoctorReport examine(const DoctorJob& job)
{
  SilentProgress progress;
  return must(run_doctor(job, progress, {}));
}

const Check& find(const DoctorReport& report, const std::string& name)
{
  const auto found = std::ranges::find(report.checks, name, &Check::name);
  if (found == report.checks.end())
    throw std::runtime_error("no check " + name + ":\n" + to_text(report));
  return *found;
}

Verdict verdict(const DoctorReport& report, const std::string& name)
{
  return find(report, name).verdict;
}

bool has(const DoctorReport& report, const std::string& name)
{
  return std::ranges::find(report.checks, name, &Check::name) != report.checks.end();
}

/// A job on the emulator's bucket with one of its tokens.
DoctorJob on(EmulatedBucket& bucket, const std::string& token, const std::string& prefix = "")
{
  return {.store_url = "gs://photos" + (prefix.empty() ? "" : "/" + prefix),
          .open = [&bucket, token, prefix](const StoreAddress&, const StoreOptions&) {
            return Result<OpenStore>(bucket.open(prefix.empty() ? "" : prefix + "/", token));
          }};
}

EmulatedBucket emulated(const char* config = kGoodBucket)
{
  return EmulatedBucket({.bucket_config = config, .credentials = kCredentials});
}

TEST(Doctor, FindsNothingWrongWithALeastPrivilegedBackupAndAGoodBucket)
{
  EmulatedBucket bucket = emulated();
  Workplace work;
  const OpenStore opened = bucket.open("", "backup");
  bucket.begin();
  const auto key = std::make_shared<const MachineKey>(MachineKey::create());
  const auto sign = [&](ObjectStore& store, const std::stop_token&) {
    return SignedStore::open(store, {.own = key});
  };
  const std::unique_ptr<SignedStore> signed_store = must(sign(*opened.store, {}));
  Session session{{.store = *signed_store,
                   .progress = work.session(opened).progress,
                   .stop = {},
                   .scratch_parent = work.session(opened).scratch_parent,
                   .signatures = signed_store.get()},
                  *opened.inspector,
                  *opened.usage_meter};
  ASSERT_TRUE(ok(run_backup(session, work.job())));
  bucket.emulator().reset_stats();

  DoctorJob job = on(bucket, "backup");
  job.layers = [&](ObjectStore& store, const std::stop_token& stop) -> Result<StoreLayers> {
    StoreLayers layers{.encryption = std::make_unique<EncryptedStore>(store, EncryptionKeys{}),
                       .signatures = nullptr};
    layers.signatures = TRY(sign(*layers.encryption, stop));
    return layers;
  };
  job.machine_key = "/keys/machine.key";
  const DoctorReport report = examine(job);
  for (const Check& check : report.checks) {
    const bool asked_for =
        check.area != "library" && check.area != "database" && check.name != "delete";
    EXPECT_EQ(check.verdict, asked_for ? Verdict::ok : Verdict::unknown) << to_text(report);
  }
  EXPECT_EQ(outcome_of(report), Outcome::ok);
  EXPECT_THAT(find(report, "location").message, HasSubstr("EUROPE-WEST3"));
  EXPECT_THAT(find(report, "credential").message, HasSubstr("a test's token"));
  EXPECT_THAT(find(report, "restore_point").message, HasSubstr("complete"));
  EXPECT_EQ(find(report, "machine_key").message,
            "/keys/machine.key signs what this machine stores");
}

TEST(Doctor, AsksSixTimesAndWritesNothing)
{
  EmulatedBucket bucket = emulated();
  Workplace work;
  const OpenStore opened = bucket.open("", "full");
  bucket.begin();
  ASSERT_TRUE(ok(run_backup(work.session(opened), work.job())));
  const std::vector<std::string> before = bucket.emulator().list("photos");
  for (const char* token : {"full", "backup", "create", "list", "nothing"}) {
    bucket.emulator().reset_stats();
    const DoctorReport report = examine(on(bucket, token));
    const emulator::EmulatorStats stats = bucket.emulator().stats();
    EXPECT_LE(stats.requests, 6U) << token;
    EXPECT_LE(stats.class_a, 1U) << token;
    for (const char* change :
         {"insert", "start", "chunk", "patch", "rewrite", "copy", "compose", "delete"})
      EXPECT_FALSE(stats.kinds.contains(change)) << token << " " << change;
    EXPECT_EQ(report.usage.class_a(), stats.class_a) << token;
    EXPECT_EQ(report.usage.class_b(), stats.class_b) << token;
  }
  EXPECT_EQ(bucket.emulator().list("photos"), before);
  EXPECT_EQ(bucket.emulator().open_uploads(), 0U);
}

TEST(Doctor, WarnsOfACredentialThatCanDoEverything)
{
  EmulatedBucket bucket = emulated();
  bucket.begin();
  const DoctorReport report = examine(on(bucket, "full"));
  for (const char* name : {"delete", "read_photos", "administer", "protection"})
    EXPECT_EQ(verdict(report, name), Verdict::warning) << name;
  EXPECT_EQ(outcome_of(report), Outcome::ok);  // a warning is no problem
}

TEST(Doctor, FindsOutThatAConditionLetsACredentialReadPhotos)
{
  EmulatedBucket bucket({.credentials = R"([
    {"token": "photos", "permissions": ["storage.objects.create", "storage.objects.list"],
     "conditions": {"storage.objects.get": ["library/"]}},
    {"token": "manifests", "permissions": ["storage.objects.create", "storage.objects.list"],
     "conditions": {"storage.objects.get": ["manifest", "runs/"]}}])"});
  EXPECT_EQ(verdict(examine(on(bucket, "photos")), "read_photos"), Verdict::warning);
  EXPECT_EQ(verdict(examine(on(bucket, "manifests")), "read_photos"), Verdict::ok);
}

TEST(Doctor, SaysWhatAListOnlyCredentialLacks)
{
  EmulatedBucket bucket = emulated();
  const OpenStore opened = bucket.open("", "full");
  bucket.begin();
  Workplace work;
  ASSERT_TRUE(ok(run_backup(work.session(opened), work.job())));
  const DoctorReport report = examine(on(bucket, "list"));
  EXPECT_EQ(verdict(report, "create"), Verdict::problem);
  EXPECT_EQ(verdict(report, "list"), Verdict::ok);
  EXPECT_EQ(verdict(report, "read_manifests"), Verdict::problem);
  EXPECT_EQ(verdict(report, "restore_point"), Verdict::unknown);
  EXPECT_EQ(verdict(report, "delete"), Verdict::unknown);
  EXPECT_EQ(verdict(report, "location"), Verdict::ok);
  EXPECT_EQ(verdict(report, "settings"), Verdict::unknown);
  EXPECT_FALSE(has(report, "lifecycle"));
  EXPECT_EQ(outcome_of(report), Outcome::incomplete);
  EXPECT_THAT(codes(report.header), ElementsAre("create", "read_manifests"));
}

TEST(Doctor, SaysWhatACredentialWithoutAnyRightLacks)
{
  EmulatedBucket bucket = emulated();
  const DoctorReport report = examine(on(bucket, "nothing"));
  EXPECT_EQ(verdict(report, "create"), Verdict::problem);
  EXPECT_EQ(verdict(report, "list"), Verdict::problem);
  EXPECT_EQ(verdict(report, "location"), Verdict::unknown);
}

TEST(Doctor, TakesMissingKnowledgeOfTheBucketForUnknownAndNotForAFailure)
{
  EmulatedBucket bucket = emulated();
  bucket.begin();
  const DoctorReport report = examine(on(bucket, "create"));
  EXPECT_EQ(verdict(report, "settings"), Verdict::unknown);
  EXPECT_THAT(find(report, "settings").message, HasSubstr("storage.buckets.get"));
  EXPECT_EQ(outcome_of(report), Outcome::ok);
}

TEST(Doctor, DoesNotTrustATokenThatTheBucketRefuses)
{
  EmulatedBucket bucket = emulated();
  const DoctorReport report = examine(on(bucket, "forged"));
  EXPECT_EQ(verdict(report, "credential"), Verdict::unknown);
  EXPECT_EQ(verdict(report, "answer"), Verdict::problem);
  EXPECT_FALSE(has(report, "create"));
  EXPECT_THAT(to_text(report) + to_json(report), Not(HasSubstr("forged")));
}

struct Setting {
  const char* fields;
  const char* check;
  Verdict for_backup;
  Verdict for_full;
};

TEST(Doctor, JudgesEachSettingOfABucket)
{
  using enum Verdict;
  for (
      const Setting& row : {
          Setting{R"("storageClass": "ARCHIVE")", "default_class", warning, warning},
          Setting{R"("storageClass": "STANDARD")", "protection", warning, problem},
          Setting{R"("versioning": {"enabled": true})", "protection", ok, warning},
          Setting{R"("retentionPolicy": {"retentionPeriod": "86400", "isLocked": true})",
                  "protection", ok, ok},
          Setting{R"("softDeletePolicy": {"retentionDurationSeconds": "0"})", "protection", warning,
                  problem},
          Setting{
              R"("lifecycle": {"rule": [{"action": {"type": "Delete"}, "condition": {"age": 30}}]})",
              "lifecycle", problem, problem},
          Setting{
              R"("lifecycle": {"rule": [{"action": {"type": "Delete"}, "condition": {"numNewerVersions": 2}}]})",
              "lifecycle", ok, ok},
          Setting{R"("lifecycle": {"rule": [{"action": {"type": "Delete"},
                       "condition": {"matchesPrefix": ["other/"]}}]})",
                  "lifecycle", ok, ok},
          Setting{R"("autoclass": {"enabled": true})", "autoclass", warning, warning},
          Setting{R"("location": "EU")", "public_access", warning, warning},
          Setting{R"("location": "EU")", "uniform_access", warning, warning},
          Setting{R"("encryption": {"defaultKmsKeyName": "projects/p/k"})", "encryption", warning,
                  warning},
      }) {
    EmulatedBucket bucket =
        emulated(("{\"name\": \"photos\", " + std::string(row.fields) + "}").c_str());
    EXPECT_EQ(verdict(examine(on(bucket, "backup")), row.check), row.for_backup) << row.fields;
    EXPECT_EQ(verdict(examine(on(bucket, "full")), row.check), row.for_full) << row.fields;
  }
}

TEST(Doctor, LooksForRulesUnderItsOwnPrefix)
{
  EmulatedBucket bucket = emulated(R"({"name": "photos", "lifecycle": {"rule": [
    {"action": {"type": "Delete"}, "condition": {"matchesPrefix": ["home/"]}}]}})");
  EXPECT_EQ(verdict(examine(on(bucket, "backup", "home")), "lifecycle"), Verdict::problem);
  EXPECT_EQ(verdict(examine(on(bucket, "backup", "work")), "lifecycle"), Verdict::ok);
}

TEST(Doctor, NamesABucketThatDoesNotExist)
{
  EmulatedBucket bucket({.buckets = {"other"}});
  const DoctorReport report = examine(on(bucket, ""));
  EXPECT_EQ(verdict(report, "answer"), Verdict::problem);
  EXPECT_THAT(find(report, "answer").message, HasSubstr("no such bucket"));
  EXPECT_EQ(outcome_of(report), Outcome::incomplete);
}

TEST(Doctor, SaysWithinSecondsThatNobodyAnswers)
{
  std::string url;
  {
    EmulatedBucket gone;
    url = gone.emulator().url();
  }
  const auto began = std::chrono::steady_clock::now();
  const DoctorReport report =
      examine({.store_url = "gs://photos", .store_options = {.emulator_host = url}});
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::minutes(1));
  EXPECT_EQ(verdict(report, "emulator"), Verdict::warning);
  EXPECT_EQ(verdict(report, "answer"), Verdict::problem);
  EXPECT_THAT(find(report, "answer").fix, HasSubstr(url));
}

TEST(Doctor, ExplainsAnAddressACredentialAndAClassThatCannotBe)
{
  EXPECT_EQ(verdict(examine({}), "address"), Verdict::problem);
  EXPECT_EQ(verdict(examine({.store_url = "ftp://x"}), "address"), Verdict::problem);
  EXPECT_EQ(verdict(examine({.store_url = "gs://Not_A_Bucket"}), "address"), Verdict::problem);

  const DoctorReport no_key =
      examine({.store_url = "gs://photos",
               .store_options = {.application_credentials = "/nowhere/key.json"}});
  EXPECT_EQ(verdict(no_key, "credential"), Verdict::problem);
  EXPECT_THAT(find(no_key, "credential").message, HasSubstr("GOOGLE_APPLICATION_CREDENTIALS"));

  EmulatedBucket bucket;
  const DoctorReport no_class =
      examine({.store_url = "gs://photos",
               .store_options = {.emulator_host = bucket.emulator().url()},
               .class_error = Error{.code = Errc::invalid,
                                    .message = "GCS_STORAGE_CLASS: there is no class"}});
  EXPECT_EQ(verdict(no_class, "storage_class"), Verdict::problem);
  EXPECT_EQ(verdict(no_class, "create"), Verdict::ok);  // and the rest is looked at
}

TEST(Doctor, LooksAtAFolderWithoutMakingIt)
{
  const TempDir dir;
  dir.make_folder("library");
  const DoctorReport report =
      examine({.store_url = "file://" + dir.file("store"), .library = dir.file("library")});
  EXPECT_EQ(verdict(report, "folder"), Verdict::ok);
  EXPECT_NE(verdict(report, "file_system"), Verdict::unknown);
  EXPECT_EQ(verdict(report, "other_disk"), Verdict::warning);
  EXPECT_EQ(verdict(report, "restore_point"), Verdict::ok);
  EXPECT_FALSE(has(report, "create"));
  EXPECT_FALSE(dir.exists("store"));
  EXPECT_EQ(report.usage.class_a() + report.usage.class_b(), 0U);
}

TEST(Doctor, FindsADamagedRestorePoint)
{
  const TempDir dir;
  dir.write_file("store/manifest-20260115T030000Z.json", "{");
  const DoctorReport report = examine({.store_url = "file://" + dir.file("store")});
  EXPECT_EQ(verdict(report, "restore_point"), Verdict::problem);
  EXPECT_EQ(outcome_of(report), Outcome::incomplete);
}

TEST(Doctor, LooksAtTheLibrary)
{
  const TempDir dir;
  const auto at = [&](const std::string& path) { return examine({.library = dir.file(path)}); };
  EXPECT_EQ(verdict(examine({}), "library"), Verdict::unknown);
  EXPECT_EQ(verdict(at("absent"), "library"), Verdict::problem);
  dir.make_folder("empty");
  EXPECT_THAT(find(at("empty"), "library").message, HasSubstr("is empty"));
  dir.write_file("other/holiday.jpg", "x");
  EXPECT_EQ(verdict(at("other"), "library"), Verdict::problem);
  EXPECT_FALSE(has(at("other"), "markers"));
  for (const char* name : {"backups", "encoded-video", "library", "profile", "thumbs", "upload"})
    dir.write_file("immich/" + std::string(name) + "/.immich", "1");
  EXPECT_EQ(verdict(at("immich"), "library"), Verdict::ok);
  EXPECT_EQ(verdict(at("immich"), "markers"), Verdict::ok);
  dir.remove("immich/upload/.immich");
  EXPECT_THAT(find(at("immich"), "markers").message, HasSubstr("upload"));
}

TEST(Doctor, SaysWhichFolderOfTheLibraryItMayNotRead)
{
  const TempDir dir;
  dir.write_file("immich/upload/.immich", "1");
  dir.write_file("immich/library/.immich", "1");
  ASSERT_EQ(::chmod(dir.file("immich/library").c_str(), 0700), 0);
  const WithoutRoot permissions_count;
  const DoctorReport report = examine({.library = dir.file("immich")});
  EXPECT_EQ(verdict(report, "library"), Verdict::problem);
  EXPECT_THAT(find(report, "library").message,
              AllOf(HasSubstr("may not read library"), Not(HasSubstr("upload"))));
  EXPECT_THAT(find(report, "library").fix,
              AllOf(HasSubstr("This process is user " + std::to_string(::geteuid())),
                    HasSubstr("mode 0700")));
}

TEST(Doctor, LooksAtTheDatabaseAndItsPgDump)
{
  PostgresCluster& cluster = shared_cluster();
  cluster.create_database("doctor");
  const DoctorReport report =
      examine({.database = DatabaseSettings{.address = cluster.address("doctor")}});
  EXPECT_EQ(verdict(report, "server"), Verdict::ok);
  EXPECT_THAT(find(report, "server").message, HasSubstr("PostgreSQL "));
  EXPECT_EQ(verdict(report, "immich"), Verdict::warning);  // an empty database is not Immich's
  EXPECT_EQ(verdict(report, "pg_dump"), Verdict::ok);

  cluster.sql("doctor", R"(
    CREATE TABLE "user"(id int); CREATE TABLE album(id int);
    CREATE TABLE asset(id int, "ownerId" int, "originalPath" text, checksum bytea, "isExternal" bool,
      "deletedAt" timestamptz, status text);
    CREATE TABLE version_history("createdAt" timestamptz, version text);
    INSERT INTO version_history VALUES ('2026-01-01', '2.3.1');
    INSERT INTO asset SELECT i FROM generate_series(1, 7) i)");
  const DoctorReport immich =
      examine({.database = DatabaseSettings{.address = cluster.address("doctor")}});
  EXPECT_EQ(verdict(immich, "immich"), Verdict::ok);
  EXPECT_THAT(find(immich, "immich").message, HasSubstr("Immich v2.3.1: 7 assets"));

  DatabaseAddress wrong = cluster.address("doctor");
  wrong.password = "not-this-one";
  const DoctorReport denied = examine({.database = DatabaseSettings{.address = wrong}});
  EXPECT_EQ(verdict(denied, "server"), Verdict::problem);
  EXPECT_EQ(verdict(denied, "pg_dump"), Verdict::unknown);
  EXPECT_THAT(to_text(denied) + to_json(denied), Not(HasSubstr("not-this-one")));
}

TEST(Doctor, NamesThePackageWhereThePgDumpIsOlderThanTheServer)
{
  const FakeBin old;
  old.script("pg_dump", "echo 'pg_dump (PostgreSQL) 9.6'");
  const DoctorReport report =
      examine({.database = DatabaseSettings{.address = shared_cluster().address(),
                                            .client_folder = old.folder().path()}});
  EXPECT_EQ(verdict(report, "pg_dump"), Verdict::problem);
  EXPECT_THAT(find(report, "pg_dump").message, HasSubstr("9.6"));
  EXPECT_THAT(find(report, "pg_dump").fix, HasSubstr("postgresql-client-"));
}

TEST(Doctor, TakesSettingsThatCannotBeUnderstoodForAProblem)
{
  DoctorJob job;
  job.database = fail(Errc::invalid, "DB_URL in the environment: not an address", "write one");
  EXPECT_EQ(verdict(examine(job), "server"), Verdict::problem);
}

TEST(Doctor, StopsWhenAsked)
{
  std::stop_source stop;
  stop.request_stop();
  SilentProgress progress;
  EXPECT_TRUE(fails_with(Errc::cancelled, run_doctor({}, progress, stop.get_token())));
}

}  // namespace
}  // namespace ib::test
