// SPDX-License-Identifier: Apache-2.0
#include "store/gcs/bucket_api.hpp"

#include "support/matchers.hpp"

#include <string>

namespace ib::test {
namespace {

LifecycleRule rule(const std::string& condition)
{
  const std::string json =
      R"({"lifecycle":{"rule":[{"action":{"type":"Delete"},"condition":)" + condition + "}]}}";
  return parse_bucket(json).value().settings.value().lifecycle.at(0);
}

TEST(BucketApi, ReadsEverySetting)
{
  const BucketDescription bucket =
      parse_bucket(R"({"location":"EU","locationType":"multi-region","storageClass":"ARCHIVE",
        "versioning":{"enabled":true},"retentionPolicy":{"retentionPeriod":"86400","isLocked":true},
        "softDeletePolicy":{"retentionDurationSeconds":"604800"},
        "iamConfiguration":{"publicAccessPrevention":"enforced","uniformBucketLevelAccess":{"enabled":true}},
        "autoclass":{"enabled":true},"encryption":{"defaultKmsKeyName":"projects/p/k"}})")
          .value();
  EXPECT_EQ(bucket.location, "EU");
  EXPECT_EQ(bucket.location_type, "multi-region");
  const BucketSettings& settings = bucket.settings.value();
  EXPECT_EQ(settings.default_class, "ARCHIVE");
  EXPECT_TRUE(settings.versioning);
  EXPECT_EQ(settings.retention, std::chrono::days(1));
  EXPECT_TRUE(settings.retention_locked);
  EXPECT_EQ(settings.soft_delete, std::chrono::days(7));
  EXPECT_TRUE(settings.public_access_prevented);
  EXPECT_TRUE(settings.uniform_access);
  EXPECT_TRUE(settings.autoclass);
  EXPECT_EQ(settings.kms_key, "projects/p/k");
}

TEST(BucketApi, TakesWhatIsLeftOutForOff)
{
  const BucketSettings settings =
      parse_bucket(R"({"iamConfiguration":{"publicAccessPrevention":"inherited"}})")
          .value()
          .settings.value();
  EXPECT_FALSE(settings.versioning);
  EXPECT_EQ(settings.retention.count(), 0);
  EXPECT_EQ(settings.soft_delete.count(), 0);
  EXPECT_THAT(settings.lifecycle, IsEmpty());
  EXPECT_FALSE(settings.public_access_prevented);
  EXPECT_FALSE(settings.uniform_access);
  EXPECT_FALSE(settings.autoclass);
}

TEST(BucketApi, ReadsARulesConditions)
{
  const LifecycleRule all = rule(
      R"({"age":30,"matchesPrefix":["a/","b"],"matchesSuffix":[".tmp"],"matchesStorageClass":["ARCHIVE"],
          "isLive":true,"createdBefore":"2024-01-01"})");
  EXPECT_EQ(all.action, "Delete");
  EXPECT_EQ(all.age_days, 30);
  EXPECT_THAT(all.prefixes, ElementsAre("a/", "b"));
  EXPECT_THAT(all.suffixes, ElementsAre(".tmp"));
  EXPECT_THAT(all.storage_classes, ElementsAre("ARCHIVE"));
  EXPECT_THAT(all.others, ElementsAre("createdBefore 2024-01-01"));
  EXPECT_FALSE(all.noncurrent_only);
  EXPECT_FALSE(all.custom_time_only);
}

TEST(BucketApi, TellsRulesThatSpareLiveObjects)
{
  for (const char* condition :
       {R"({"isLive":false})", R"({"numNewerVersions":3})", R"({"daysSinceNoncurrentTime":7})",
        R"({"noncurrentTimeBefore":"2024-01-01"})"}) {
    EXPECT_TRUE(rule(condition).noncurrent_only) << condition;
  }
  for (const char* condition :
       {"{}", R"({"numNewerVersions":0})", R"({"isLive":true})", R"({"age":0})"}) {
    EXPECT_FALSE(rule(condition).noncurrent_only) << condition;
  }
  EXPECT_TRUE(rule(R"({"daysSinceCustomTime":7})").custom_time_only);
}

TEST(BucketApi, ReadsAPlaceAlone)
{
  const BucketDescription bucket =
      parse_storage_layout(R"({"location":"NAM4","locationType":"dual-region"})").value();
  EXPECT_EQ(bucket.location, "NAM4");
  EXPECT_FALSE(bucket.settings);
}

TEST(BucketApi, ReadsPermissions)
{
  EXPECT_EQ(permissions_query(),
            "permissions=storage.objects.create&permissions=storage.objects.list&permissions="
            "storage.objects.get&permissions=storage.objects.delete&permissions=storage.buckets."
            "update&permissions=storage.buckets.setIamPolicy");
  const StoreAccess some =
      parse_permissions(R"({"permissions":["storage.objects.create"]})").value();
  EXPECT_TRUE(some.create);
  EXPECT_FALSE(some.list || some.read || some.remove || some.administer);
  EXPECT_TRUE(
      parse_permissions(R"({"permissions":["storage.buckets.setIamPolicy"]})").value().administer);
  EXPECT_FALSE(parse_permissions("{}").value().create);
  EXPECT_EQ(parse_permissions("<html>").error().code, Errc::unavailable);
}

TEST(BucketApi, TakesNoRubbishForABucket)
{
  // A condition that is not known is written out, level by level.
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_FALSE(parse_bucket(R"({"lifecycle":{"rule":[{"condition":{"new":)" + deep + "}}]}}"));
  for (const char* text : {"", "<html>", "[]", "1"}) {
    EXPECT_EQ(parse_bucket(text).error().code, Errc::unavailable) << text;
    EXPECT_EQ(parse_storage_layout(text).error().code, Errc::unavailable) << text;
  }
  // Members of another type than expected are as if they were not there.
  EXPECT_TRUE(parse_bucket(R"({"lifecycle":[],"versioning":1,"location":7})").value().settings);
}

}  // namespace
}  // namespace ib::test
