// SPDX-License-Identifier: Apache-2.0
#include "emulator/counters.hpp"

#include "emulator/json.hpp"

#include <algorithm>
#include <set>

namespace ib::emulator {
namespace {

// Source: https://cloud.google.com/storage/pricing#operations-by-class
bool is_class_a(std::string_view kind)
{
  static const std::set<std::string_view> kKinds{
      "insert", "start", "list", "patch", "rewrite", "copy", "compose", "buckets", "new-bucket"};
  return kKinds.contains(kind);
}

bool is_class_b(std::string_view kind)
{
  static const std::set<std::string_view> kKinds{"get", "media", "bucket", "permissions"};
  return kKinds.contains(kind);
}

Json json_of(std::uint64_t value)
{
  return static_cast<std::int64_t>(value);
}

template <class Key>
Json json_of(const std::map<Key, std::uint64_t>& counts)
{
  Json::Object object;
  for (const auto& [key, value] : counts) {
    if constexpr (std::is_same_v<Key, int>) {
      object.emplace(std::to_string(key), json_of(value));
    } else {
      object.emplace(key, json_of(value));
    }
  }
  return object;
}

}  // namespace

std::uint64_t Counters::begin()
{
  const std::scoped_lock lock(mutex_);
  ++running_;
  stats_.max_concurrent = std::max(stats_.max_concurrent, running_);
  return resets_;
}

void Counters::end(std::uint64_t began, const Operation& operation, int status,
                   std::uint64_t bytes_in, std::uint64_t bytes_out)
{
  const std::scoped_lock lock(mutex_);
  --running_;
  if (operation.kind == "emulator" || began != resets_) return;
  ++stats_.requests;
  ++stats_.kinds[std::string(operation.kind)];
  ++stats_.statuses[status];
  stats_.bytes_in += bytes_in;
  stats_.bytes_out += bytes_out;
  if (per_object_ && !operation.object.empty()) {
    ObjectCount& count = stats_.objects[operation.bucket + "/" + operation.object];
    ++count.requests[std::string(operation.kind)];
    count.bytes_in += bytes_in;
    count.bytes_out += bytes_out;
  }
  const bool refused = status == 307 || status >= 400;
  const bool class_a = is_class_a(operation.kind) && !refused && !operation.billed_elsewhere;
  const bool class_b = is_class_b(operation.kind) && !refused;
  ++(class_a ? stats_.class_a : class_b ? stats_.class_b : stats_.free);
  if (operation.storage_class.empty() || refused) return;
  ClassCount& of_class = stats_.storage_classes[operation.storage_class];
  if (class_a) ++of_class.class_a;
  if (class_b) ++of_class.class_b;
  of_class.bytes_stored += operation.stored;
  of_class.bytes_retrieved += operation.retrieved;
}

EmulatorStats Counters::snapshot() const
{
  const std::scoped_lock lock(mutex_);
  return stats_;
}

std::string Counters::json() const
{
  const EmulatorStats stats = snapshot();
  Json::Object classes;
  for (const auto& [name, count] : stats.storage_classes) {
    classes.emplace(name, Json::Object{{"classA", json_of(count.class_a)},
                                       {"classB", json_of(count.class_b)},
                                       {"bytesStored", json_of(count.bytes_stored)},
                                       {"bytesRetrieved", json_of(count.bytes_retrieved)}});
  }
  Json::Object objects;
  for (const auto& [name, count] : stats.objects) {
    objects.emplace(name, Json::Object{{"requests", json_of(count.requests)},
                                       {"bytesIn", json_of(count.bytes_in)},
                                       {"bytesOut", json_of(count.bytes_out)}});
  }
  return Json(Json::Object{{"requests", json_of(stats.requests)},
                           {"classA", json_of(stats.class_a)},
                           {"classB", json_of(stats.class_b)},
                           {"free", json_of(stats.free)},
                           {"bytesIn", json_of(stats.bytes_in)},
                           {"bytesOut", json_of(stats.bytes_out)},
                           {"maxConcurrent", json_of(stats.max_concurrent)},
                           {"kinds", json_of(stats.kinds)},
                           {"statuses", json_of(stats.statuses)},
                           {"storageClasses", std::move(classes)},
                           {"objects", std::move(objects)}})
      .dump();
}

void Counters::reset()
{
  const std::scoped_lock lock(mutex_);
  stats_ = {};
  ++resets_;
}

}  // namespace ib::emulator
