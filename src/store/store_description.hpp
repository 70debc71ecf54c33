// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ib {

/// One rule of a bucket's lifecycle. The action applies to an object that meets all of its
/// conditions. An empty or absent condition always holds.
struct LifecycleRule {
  std::string action;         ///< "Delete", "SetStorageClass", "AbortIncompleteMultipartUpload"
  std::string storage_class;  ///< the class that SetStorageClass gives
  std::optional<std::int64_t> age_days;
  std::vector<std::string>
      prefixes;  ///< an object's whole name, with the store's prefix, begins with one of these
  std::vector<std::string> suffixes;
  std::vector<std::string> storage_classes;
  /// Only versions that were replaced or deleted: isLive=false, or a condition that no live object
  /// can meet.
  bool noncurrent_only = false;
  /// Only objects that have a customTime.
  bool custom_time_only = false;
  std::vector<std::string>
      others;  ///< other conditions, as the API writes them: "createdBefore 2024-01-01"
};

/// What a caller with `storage.buckets.get` may know.
struct BucketSettings {
  std::string default_class;  ///< of new objects that name none; sets the price of LIST: "STANDARD"
  bool versioning = false;
  std::chrono::seconds retention{0};  ///< nothing younger can be deleted or replaced; 0: no policy
  bool retention_locked = false;      ///< nobody can shorten it any more
  std::chrono::seconds soft_delete{0};  ///< deleted objects can be restored for this long; 0: off
  std::vector<LifecycleRule> lifecycle;
  bool public_access_prevented = false;  ///< by the bucket itself; an organisation may do so too
  bool uniform_access = false;           ///< only IAM grants permissions
  bool autoclass = false;                ///< Google chooses each object's class
  std::string kms_key;  ///< the user's own key that encrypts objects; empty: Google's
};

struct BucketDescription {
  std::string bucket;
  std::string prefix;                        ///< the store's prefix: "" or "home/"
  std::optional<std::string> location;       ///< "EUROPE-WEST3", "EU", "NAM4"
  std::optional<std::string> location_type;  ///< "region", "dual-region", "multi-region"
  std::optional<BucketSettings> settings;    ///< absent if the credential may not read them
  std::string missing_permission;            ///< the permission that it lacks then
};

struct FolderDescription {
  std::string path;
  bool exists =
      false;  ///< the first write creates it; until then the rest describes the nearest parent
  std::string file_system;  ///< "ext4", "nfs4"; empty if unknown
  std::string mount_point;
  std::uint64_t free_bytes = 0;  ///< that this user may fill
  std::uint64_t total_bytes = 0;
  bool is_read_only = false;       ///< its file system is mounted so
  bool is_open_to_others = false;  ///< every user of the machine may read what is stored
};

/// What a store tells about itself. Exactly one member is set.
struct StoreDescription {
  std::optional<BucketDescription> bucket;
  std::optional<FolderDescription> folder;
};

/// What the credential may do with every object of a store, as the store says. Nothing was tried.
/// Excludes rights that a condition grants for some names only.
struct StoreAccess {
  bool create = false;
  bool list = false;
  bool read = false;
  bool remove = false;  ///< delete; together with create this also allows overwriting
  bool administer =
      false;  ///< change the store's settings or its permissions, and so lift any protection
};

}  // namespace ib
