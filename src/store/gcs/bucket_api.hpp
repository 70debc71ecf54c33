// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "store/store_description.hpp"

#include <string>
#include <string_view>

namespace ib {

/// The fields of a bucket resource that parse_bucket() reads
/// (https://cloud.google.com/storage/docs/json_api/v1/buckets#resource-representations).
inline constexpr std::string_view kBucketFields =
    "location,locationType,storageClass,versioning,retentionPolicy(retentionPeriod,isLocked),"
    "softDeletePolicy(retentionDurationSeconds),lifecycle,iamConfiguration(publicAccessPrevention,"
    "uniformBucketLevelAccess(enabled)),autoclass(enabled),encryption(defaultKmsKeyName)";

/// A bucket's location and settings. A setting that the reply leaves out is off. unavailable if the
/// reply is not a JSON object.
Result<BucketDescription> parse_bucket(std::string_view json);

/// Only the location, from a reply of storageLayout.
Result<BucketDescription> parse_storage_layout(std::string_view json);

/// The query of a testPermissions request for everything in StoreAccess.
std::string permissions_query();

/// The meaning of the reply to such a request, which lists the permissions that are held.
/// unavailable if it is not a JSON object.
Result<StoreAccess> parse_permissions(std::string_view json);

}  // namespace ib
