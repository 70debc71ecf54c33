// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ib {

/// One rule of a bucket's lifecycle. All of its conditions must hold for an object before the
/// action is taken; an empty or absent one is no condition.
struct LifecycleRule {
  std::string action;         ///< "Delete", "SetStorageClass", "AbortIncompleteMultipartUpload"
  std::string storage_class;  ///< that SetStorageClass gives
  std::optional<std::int64_t> age_days;
  std::vector<std::string>
      prefixes;  ///< the name begins with one of these; whole names, the store's prefix too
  std::vector<std::string> suffixes;
  std::vector<std::string> storage_classes;
  /// Only versions that were replaced or deleted (isLive=false, or a condition that no live object
  /// meets).
  bool noncurrent_only = false;
  /// Only objects whose customTime was set.
  bool custom_time_only = false;
  std::vector<std::string>
      others;  ///< further conditions as the API writes them: "createdBefore 2024-01-01"
};

/// What `storage.buckets.get` lets one know.
struct BucketSettings {
  std::string default_class;  ///< of objects that name none, and whose price LIST has: "STANDARD"
  bool versioning = false;
  std::chrono::seconds retention{0};  ///< nothing younger can be deleted or replaced; 0: no policy
  bool retention_locked = false;      ///< nobody can shorten it any more
  std::chrono::seconds soft_delete{0};  ///< what is deleted can be restored for so long; 0: off
  std::vector<LifecycleRule> lifecycle;
  bool public_access_prevented = false;  ///< by the bucket itself; an organisation may do so too
  bool uniform_access = false;           ///< permissions by IAM alone
  bool autoclass = false;                ///< Google chooses each object's class
  std::string kms_key;  ///< objects are encrypted with this key of the user's; empty: Google's
};

struct BucketDescription {
  std::string bucket;
  std::string prefix;                        ///< the store's within it: "" or "home/"
  std::optional<std::string> location;       ///< "EUROPE-WEST3", "EU", "NAM4"
  std::optional<std::string> location_type;  ///< "region", "dual-region", "multi-region"
  std::optional<BucketSettings> settings;    ///< absent where the credential may not read them
  std::string missing_permission;            ///< then this is what it lacks
};

struct FolderDescription {
  std::string path;
  bool exists = false;  ///< the first write makes it; until then the rest is of the nearest parent
  std::string file_system;  ///< "ext4", "nfs4"; empty if unknown
  std::string mount_point;
  std::uint64_t free_bytes = 0;  ///< for this user
  std::uint64_t total_bytes = 0;
};

/// What a store tells about itself: one of the two.
struct StoreDescription {
  std::optional<BucketDescription> bucket;
  std::optional<FolderDescription> folder;
};

/// What may be done with every object of a store, by the store's own word: nothing was tried. A
/// right that is granted for some names only, under a condition, is not among them.
struct StoreAccess {
  bool create = false;
  bool list = false;
  bool read = false;
  bool remove = false;  ///< delete; with create, that is also: overwrite
  bool administer =
      false;  ///< change the store's settings or who may do what, and so lift any protection
};

}  // namespace ib
