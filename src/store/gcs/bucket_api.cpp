// SPDX-License-Identifier: Apache-2.0
#include "store/gcs/bucket_api.hpp"

#include "base/text.hpp"
#include "store/gcs/json_reply.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace ib {
namespace {

using nlohmann::json;

/// The member of this name. Null if there is none, or if `object` is not an object.
const json& member(const json& object, const char* name)
{
  static const json kNull;
  if (!object.is_object()) return kNull;
  const auto found = object.find(name);
  return found == object.end() ? kNull : *found;
}

std::string text_of(const json& value)
{
  return value.is_string() ? value.get<std::string>() : std::string();
}

bool is_true(const json& value)
{
  return value.is_boolean() && value.get<bool>();
}

/// A number, with or without quotes: Google's JSON writes 64-bit numbers as strings.
std::optional<std::int64_t> number_of(const json& value)
{
  if (value.is_number_integer()) return value.get<std::int64_t>();
  return parse_number<std::int64_t>(text_of(value));
}

std::chrono::seconds seconds_of(const json& value)
{
  return std::chrono::seconds(number_of(value).value_or(0));
}

std::vector<std::string> texts_of(const json& value)
{
  std::vector<std::string> texts;
  if (!value.is_array()) return texts;
  for (const json& item : value) {
    if (item.is_string()) texts.push_back(item.get<std::string>());
  }
  return texts;
}

/// A condition that this program does not evaluate, as a message shows it.
std::string in_words(const std::string& name, const json& value)
{
  return name + " " + (value.is_string() ? value.get<std::string>() : value.dump());
}

LifecycleRule rule_from(const json& source)
{
  const json& action = member(source, "action");
  const json& condition = member(source, "condition");
  LifecycleRule rule{.action = text_of(member(action, "type")),
                     .storage_class = text_of(member(action, "storageClass")),
                     .age_days = number_of(member(condition, "age")),
                     .prefixes = texts_of(member(condition, "matchesPrefix")),
                     .suffixes = texts_of(member(condition, "matchesSuffix")),
                     .storage_classes = texts_of(member(condition, "matchesStorageClass"))};
  const json& is_live = member(condition, "isLive");
  rule.noncurrent_only = is_live.is_boolean() && !is_live.get<bool>();
  constexpr std::array<std::string_view, 5> kJudged{"age", "matchesPrefix", "matchesSuffix",
                                                    "matchesStorageClass", "isLive"};
  // A live object has no newer version and never became noncurrent.
  constexpr std::array<std::string_view, 3> kOfNoncurrent{
      "numNewerVersions", "daysSinceNoncurrentTime", "noncurrentTimeBefore"};
  constexpr std::array<std::string_view, 2> kOfCustomTime{"daysSinceCustomTime",
                                                          "customTimeBefore"};
  const auto among = [](const auto& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (!condition.is_object()) return rule;
  for (const auto& [name, value] : condition.items()) {
    if (among(kJudged, name)) continue;
    const bool no_condition = name == "numNewerVersions" && number_of(value) == 0;
    if (among(kOfNoncurrent, name) && !no_condition) rule.noncurrent_only = true;
    if (among(kOfCustomTime, name)) rule.custom_time_only = true;
    rule.others.push_back(in_words(name, value));
  }
  return rule;
}

constexpr std::string_view kCreate = "storage.objects.create";
constexpr std::string_view kList = "storage.objects.list";
constexpr std::string_view kGet = "storage.objects.get";
constexpr std::string_view kDelete = "storage.objects.delete";
constexpr std::string_view kUpdateBucket = "storage.buckets.update";
constexpr std::string_view kSetPolicy = "storage.buckets.setIamPolicy";

std::optional<std::string> text_if_there(const json& value)
{
  return value.is_string() ? std::optional(value.get<std::string>()) : std::nullopt;
}

}  // namespace

Result<BucketDescription> parse_storage_layout(std::string_view text)
{
  const json layout = parse_json(text);
  if (!layout.is_object()) return fail(Errc::unavailable, "the store's reply describes no bucket");
  return BucketDescription{.location = text_if_there(member(layout, "location")),
                           .location_type = text_if_there(member(layout, "locationType"))};
}

Result<BucketDescription> parse_bucket(std::string_view text)
{
  BucketDescription description = TRY(parse_storage_layout(text));
  const json bucket = parse_json(text);
  const json& retention = member(bucket, "retentionPolicy");
  const json& access = member(bucket, "iamConfiguration");
  BucketSettings settings{
      .default_class = text_of(member(bucket, "storageClass")),
      .versioning = is_true(member(member(bucket, "versioning"), "enabled")),
      .retention = seconds_of(member(retention, "retentionPeriod")),
      .retention_locked = is_true(member(retention, "isLocked")),
      .soft_delete =
          seconds_of(member(member(bucket, "softDeletePolicy"), "retentionDurationSeconds")),
      .public_access_prevented = text_of(member(access, "publicAccessPrevention")) == "enforced",
      .uniform_access = is_true(member(member(access, "uniformBucketLevelAccess"), "enabled")),
      .autoclass = is_true(member(member(bucket, "autoclass"), "enabled")),
      .kms_key = text_of(member(member(bucket, "encryption"), "defaultKmsKeyName"))};
  const json& rules = member(member(bucket, "lifecycle"), "rule");
  if (rules.is_array()) {
    for (const json& rule : rules) settings.lifecycle.push_back(rule_from(rule));
  }
  description.settings = std::move(settings);
  return description;
}

std::string permissions_query()
{
  std::string query;
  for (const std::string_view name : {kCreate, kList, kGet, kDelete, kUpdateBucket, kSetPolicy}) {
    query += (query.empty() ? "permissions=" : "&permissions=") + std::string(name);
  }
  return query;
}

Result<StoreAccess> parse_permissions(std::string_view text)
{
  const json reply = parse_json(text);
  if (!reply.is_object()) return fail(Errc::unavailable, "the store's reply names no permissions");
  const std::vector<std::string> held = texts_of(member(reply, "permissions"));
  const auto holds = [&](std::string_view name) {
    return std::ranges::find(held, name) != held.end();
  };
  return StoreAccess{.create = holds(kCreate),
                     .list = holds(kList),
                     .read = holds(kGet),
                     .remove = holds(kDelete),
                     .administer = holds(kUpdateBucket) || holds(kSetPolicy)};
}

}  // namespace ib
