// SPDX-License-Identifier: Apache-2.0
#include "app/doctor/diagnosis.hpp"
#include "base/text.hpp"
#include "core/names/object_name.hpp"

#include <algorithm>
#include <string_view>

namespace ib {
namespace {

std::string update(const std::string& bucket, const std::string& flag)
{
  return "gcloud storage buckets update gs://" + bucket + " " + flag;
}

/// How a permission is given: no role of Google's own has just these.
std::string grant(const std::string& bucket, const std::string& permissions)
{
  return "gcloud iam roles create immichBackup --project=PROJECT --permissions=" + permissions +
         "; gcloud storage buckets add-iam-policy-binding gs://" + bucket +
         " --member=serviceAccount:ACCOUNT --role=projects/PROJECT/roles/immichBackup";
}

constexpr const char* kLeastRole =
    "storage.objects.create,storage.objects.list,storage.buckets.get";

std::string days(std::chrono::seconds time)
{
  const std::uint64_t whole = static_cast<std::uint64_t>(time / std::chrono::days(1));
  return whole > 0 ? count_of(whole, "day", "days") : format_duration(time);
}

std::string joined_printable(const std::vector<std::string>& texts, std::string_view between)
{
  std::string all;
  for (const std::string& text : texts)
    all += (all.empty() ? "" : std::string(between)) + printable(text);
  return all;
}

/// Whether an object whose name begins with `ours` may be among those that the rule's prefixes
/// name.
bool reaches(const LifecycleRule& rule, const std::string& ours)
{
  if (rule.prefixes.empty()) return true;
  return std::ranges::any_of(rule.prefixes, [&](const std::string& prefix) {
    return ours.starts_with(prefix) || prefix.starts_with(ours);
  });
}

bool reaches_any(const LifecycleRule& rule, const std::string& prefix,
                 std::initializer_list<std::string_view> names)
{
  return std::ranges::any_of(
      names, [&](std::string_view name) { return reaches(rule, prefix + std::string(name)); });
}

/// What a rule does to the backup; ok where it is harmless.
Verdict effect_of(const LifecycleRule& rule, const std::string& prefix)
{
  // Nothing here is ever replaced but two copies for people, and no object is given a customTime.
  if (rule.noncurrent_only || rule.custom_time_only) return Verdict::ok;
  if (rule.action == "Delete") {
    if (reaches_any(rule, prefix,
                    {kLibraryPrefix, kVersionsPrefix, kHashedPrefix, kManifestPrefix}))
      return Verdict::problem;
    return reaches_any(rule, prefix, {kDatabasePrefix, kRunsPrefix, kProofsPrefix})
               ? Verdict::warning
               : Verdict::ok;
  }
  if (rule.action == "SetStorageClass" && rule.storage_class != "STANDARD")
    return reaches_any(rule, prefix, {kManifestPrefix, kRunsPrefix}) ? Verdict::warning
                                                                     : Verdict::ok;
  return Verdict::ok;
}

int rank(Verdict verdict)
{
  return verdict == Verdict::problem ? 2 : verdict == Verdict::warning ? 1 : 0;
}

}  // namespace

// ---- what the credential may do

Check judge_may_list(const BucketDescription& bucket, const std::optional<Error>& error)
{
  Check check{.area = "access",
              .name = "list",
              .verdict = Verdict::ok,
              .message = "can list the bucket, which the backup needs"};
  if (!error) return check;
  check.verdict = error->code == Errc::denied ? Verdict::problem : Verdict::unknown;
  check.message = error->message;
  check.fix = error->code == Errc::denied ? grant(bucket.bucket, kLeastRole) : error->hint;
  return check;
}

Check judge_may_create(const BucketDescription& bucket, const StoreAccess& access)
{
  Check check{.area = "access",
              .name = "create",
              .verdict = Verdict::ok,
              .message = "can create objects, which the backup needs"};
  if (access.create) return check;
  // Only writing would tell what a condition allows.
  check.verdict = bucket.prefix.empty() ? Verdict::problem : Verdict::unknown;
  check.message =
      "may not create objects in the whole of the bucket" +
      (bucket.prefix.empty() ? "" : "; whether below " + printable(bucket.prefix) + " is not told");
  check.fix = grant(bucket.bucket, kLeastRole);
  return check;
}

Check judge_may_read_manifests(const BucketDescription& bucket, bool found,
                               const std::optional<Error>& error)
{
  Check check{.area = "access", .name = "read_manifests"};
  if (!found) {
    check.message = "there is no manifest yet to try it on";
  } else if (!error || error->code != Errc::denied) {
    check.verdict = Verdict::ok;
    check.message = "can read manifests, which the backup needs";
  } else {
    check.verdict = Verdict::problem;
    check.message = "may not read manifest*: " + error->message;
    check.fix = "Grant storage.objects.get on the names that begin with " +
                printable(bucket.prefix) + "manifest and " + printable(bucket.prefix) +
                "runs/, by a condition: docs/bucket.md, Permissions, has it.";
  }
  return check;
}

Check judge_may_delete(const BucketDescription& bucket, const StoreAccess& access)
{
  // https://cloud.google.com/storage/docs/access-control/iam#conditions
  Check check{.area = "access",
              .name = "delete",
              .verdict = Verdict::unknown,
              .message =
                  "may not delete in the whole bucket; Google does not tell whether a grant "
                  "with a condition allows it for some names: `gcloud storage buckets "
                  "get-iam-policy gs://" +
                  bucket.bucket + "` shows them to the owner"};
  if (!access.remove) return check;
  check.verdict = Verdict::warning;
  check.message = "can delete and overwrite: who steals it, or a mistake, can destroy the backup";
  check.fix = "Give the backup on gs://" + bucket.bucket +
              " a role of its own without storage.objects.delete: docs/bucket.md, Permissions.";
  return check;
}

Check judge_may_read_photos(const StoreAccess& access)
{
  Check check{.area = "access",
              .name = "read_photos",
              .verdict = Verdict::ok,
              .message = "cannot read photos (tried): a restore takes another credential"};
  if (!access.read) return check;
  check.verdict = Verdict::warning;
  check.message =
      "can read everything, photos and dumps too: right for a restore, more than a backup needs";
  check.fix = "Where the library lives, use a credential that may read manifest* and runs/* alone.";
  return check;
}

Check judge_may_administer(const StoreAccess& access)
{
  Check check{.area = "access",
              .name = "administer",
              .verdict = Verdict::ok,
              .message = "cannot change the bucket's settings"};
  if (!access.administer) return check;
  check.verdict = Verdict::warning;
  check.message = "can change the bucket's settings or permissions, and so lift what protects it";
  check.fix =
      "Use a service account that has no more than the backup needs: docs/bucket.md, "
      "Permissions.";
  return check;
}

// ---- the bucket

Check judge_location(const BucketDescription& bucket)
{
  Check check{.area = "bucket", .name = "location"};
  if (!bucket.location) {
    check.message =
        "not known: neither " + bucket.missing_permission + " nor storage.objects.list is granted";
    check.fix = grant(bucket.bucket, kLeastRole);
    return check;
  }
  check.verdict = Verdict::ok;
  check.message = printable(*bucket.location);
  if (bucket.location_type) check.message += " (" + printable(*bucket.location_type) + ")";
  return check;
}

Check judge_hidden_settings(const BucketDescription& bucket)
{
  return {.area = "bucket",
          .name = "settings",
          .message =
              "default class, protection against deletion and lifecycle rules are not known: this "
              "credential lacks " +
              bucket.missing_permission,
          .fix = grant(bucket.bucket, kLeastRole) +
                 " (or look: gcloud storage buckets describe gs://" + bucket.bucket + ")"};
}

Check judge_default_class(const std::string& bucket, const BucketSettings& settings)
{
  Check check{.area = "bucket",
              .name = "default_class",
              .verdict = Verdict::ok,
              .message = printable(settings.default_class)};
  if (settings.default_class == "STANDARD") return check;
  check.verdict = Verdict::warning;
  check.message +=
      ": every listing is billed at the price of this class. The program names each object's class "
      "itself, so STANDARD makes listings cheap and changes nothing else";
  check.fix = update(bucket, "--default-storage-class=STANDARD");
  return check;
}

Check judge_versioning(const BucketSettings& settings)
{
  return {.area = "bucket",
          .name = "versioning",
          .verdict = Verdict::ok,
          .message = settings.versioning
                         ? "on: what is deleted or overwritten stays as an old version"
                         : "off"};
}

Check judge_retention(const BucketSettings& settings)
{
  Check check{
      .area = "bucket", .name = "retention", .verdict = Verdict::ok, .message = "no policy"};
  if (settings.retention.count() == 0) return check;
  check.message = "nothing can be deleted before it is " + days(settings.retention) + " old" +
                  (settings.retention_locked ? ", and nobody can change that"
                                             : "; the policy is not locked: an owner can lift it");
  return check;
}

Check judge_soft_delete(const BucketSettings& settings)
{
  return {.area = "bucket",
          .name = "soft_delete",
          .verdict = Verdict::ok,
          .message = settings.soft_delete.count() == 0
                         ? "off"
                         : "what is deleted can be restored for " + days(settings.soft_delete)};
}

Check judge_protection(const std::string& bucket, const BucketSettings& settings,
                       const std::optional<StoreAccess>& access)
{
  Check check{.area = "bucket",
              .name = "protection",
              .verdict = Verdict::ok,
              .message = "what somebody deletes can be brought back"};
  if (settings.retention.count() > 0) check.message = "what is young cannot be deleted";
  const bool locked = settings.retention.count() > 0 && settings.retention_locked;
  const bool some =
      settings.versioning || settings.retention.count() > 0 || settings.soft_delete.count() > 0;
  if (some && access && access->remove && access->administer && !locked) {
    check.verdict = Verdict::warning;
    check.message += ", but this credential can delete and lift the protection too";
    check.fix = "Use a credential without storage.objects.delete and storage.buckets.update.";
  } else if (!some) {
    const bool by_us = access && access->remove;
    check.verdict = by_us ? Verdict::problem : Verdict::warning;
    check.message = by_us ? "this credential can delete, and nothing brings back what it deletes: "
                            "no versioning, no retention, no soft delete"
                          : "what an owner of the bucket deletes by mistake is gone: no "
                            "versioning, no retention, no soft delete";
    check.fix = update(bucket, "--soft-delete-duration=30d");
  }
  return check;
}

std::string in_words(const LifecycleRule& rule)
{
  std::string text = rule.action == "Delete" ? "deletes"
                     : rule.action == "SetStorageClass"
                         ? "moves to " + printable(rule.storage_class)
                         : printable(rule.action) + " for";
  text += rule.noncurrent_only ? " replaced versions" : " objects";
  if (!rule.prefixes.empty()) text += " under " + joined_printable(rule.prefixes, ", ");
  if (!rule.suffixes.empty()) text += " ending in " + joined_printable(rule.suffixes, ", ");
  if (!rule.storage_classes.empty())
    text += " of class " + joined_printable(rule.storage_classes, ", ");
  if (rule.age_days) {
    text += " that are older than " +
            count_of(static_cast<std::uint64_t>(std::max<std::int64_t>(0, *rule.age_days)), "day",
                     "days");
  }
  if (!rule.others.empty()) text += " (" + joined_printable(rule.others, ", ") + ")";
  return text;
}

Check judge_lifecycle(const std::string& bucket, const std::string& prefix,
                      const BucketSettings& settings)
{
  Check check{.area = "bucket", .name = "lifecycle", .verdict = Verdict::ok, .message = "no rules"};
  if (settings.lifecycle.empty()) return check;
  for (const LifecycleRule& rule : settings.lifecycle)
    check.verdict = rank(effect_of(rule, prefix)) > rank(check.verdict) ? effect_of(rule, prefix)
                                                                        : check.verdict;
  check.message.clear();
  for (const LifecycleRule& rule : settings.lifecycle) {
    if (effect_of(rule, prefix) != check.verdict) continue;
    check.message += (check.message.empty() ? "a rule " : "; a rule ") + in_words(rule);
  }
  if (check.verdict == Verdict::ok) {
    check.message += ": the backup is not touched";
    return check;
  }
  if (check.verdict == Verdict::problem) check.message += ": it deletes the backup itself";
  check.fix = update(bucket, settings.lifecycle.size() == 1
                                 ? "--clear-lifecycle"
                                 : "--lifecycle-file=FILE, with the other rules alone");
  return check;
}

Check judge_autoclass(const std::string& bucket, const BucketSettings& settings)
{
  Check check{.area = "bucket", .name = "autoclass", .verdict = Verdict::ok, .message = "off"};
  if (!settings.autoclass) return check;
  check.verdict = Verdict::warning;
  check.message =
      "on: Google chooses each object's class, whatever this program names, and begins with "
      "STANDARD, the dearest to keep";
  check.fix = update(bucket, "--no-enable-autoclass");
  return check;
}

Check judge_public_access(const std::string& bucket, const BucketSettings& settings)
{
  Check check{.area = "bucket",
              .name = "public_access",
              .verdict = Verdict::ok,
              .message = "prevented by the bucket"};
  if (settings.public_access_prevented) return check;
  check.verdict = Verdict::warning;
  check.message = "not prevented by the bucket: one wrong grant makes the photos public";
  check.fix = update(bucket, "--public-access-prevention");
  return check;
}

Check judge_uniform_access(const std::string& bucket, const BucketSettings& settings)
{
  Check check{.area = "bucket",
              .name = "uniform_access",
              .verdict = Verdict::ok,
              .message = "on: permissions are those of IAM"};
  if (settings.uniform_access) return check;
  check.verdict = Verdict::warning;
  check.message = "off: objects may have permissions of their own, and conditions do not work";
  check.fix = update(bucket, "--uniform-bucket-level-access");
  return check;
}

Check judge_encryption(const BucketSettings& settings)
{
  Check check{.area = "bucket",
              .name = "encryption",
              .verdict = Verdict::ok,
              .message = "with Google's keys"};
  if (settings.kms_key.empty()) return check;
  check.verdict = Verdict::warning;
  check.message = "with your key " + printable(settings.kms_key) +
                  ": if it is destroyed or disabled, the backup cannot be read";
  check.fix =
      "Guard the key as you guard the backup; or take Google's keys for new objects: gcloud "
      "storage buckets update --clear-default-encryption-key";
  return check;
}

}  // namespace ib
