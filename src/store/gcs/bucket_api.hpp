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

/// A bucket's location and settings. What a reply leaves out is off. unavailable where it is no
/// JSON object.
Result<BucketDescription> parse_bucket(std::string_view json);

/// The location alone, as storageLayout tells it.
Result<BucketDescription> parse_storage_layout(std::string_view json);

/// The query of a testPermissions request for all that StoreAccess tells.
std::string permissions_query();

/// What its reply, which repeats those that are held, means. unavailable where it is no JSON
/// object.
Result<StoreAccess> parse_permissions(std::string_view json);

}  // namespace ib
