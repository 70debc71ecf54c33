// SPDX-License-Identifier: Apache-2.0
// Requests to and replies of Google Cloud Storage's JSON API
// (https://cloud.google.com/storage/docs/json_api/v1): addresses, bodies and the meaning of
// statuses. Uses no network.
#pragma once

#include "base/result.hpp"
#include "net/http_message.hpp"
#include "store/object_store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// Escapes everything except letters, digits and -._~ as %XX: for a path segment or a query's
/// value.
std::string percent_encode(std::string_view text);

/// The body that describes a new object. `full_name` includes the store's prefix. With a CRC32C,
/// the server refuses bytes that do not match it.
std::string object_resource(const std::string& full_name, const Metadata& metadata,
                            const std::string& content_type, std::optional<Crc32c> crc32c,
                            StorageClass storage_class, const std::string& content_encoding = {});

/// The object in a reply. Its name is the server's, with the store's prefix.
Result<ObjectInfo> parse_object(std::string_view json);

struct ObjectPage {
  std::vector<ObjectInfo> objects;
  std::string next_token;  ///< empty: this is the last page
};
Result<ObjectPage> parse_page(std::string_view json);

/// The error for an unsuccessful reply. Its message is `what`, the status and the server's own
/// sentence. 408, 429, 5xx and a 403 for too many requests are unavailable, with the reply's
/// Retry-After; 429, 503 and 403 always have a retry_after. 401 and other 403 are denied. 404 is
/// not_found. 412 is precondition_failed. A checksum that the server refuses is corrupt. Everything
/// else is invalid.
Error error_from(const HttpResponse& response, std::string_view what);

/// The fields that every insert asks for. They are needed to know that the object holds what was
/// sent.
inline constexpr std::string_view kObjectFields = "name,size,crc32c,generation,storageClass";

/// The CRC32C in an x-goog-hash header ("crc32c=yZRlqg==,md5=..."). Absent if it has none.
std::optional<Crc32c> crc32c_in(std::string_view x_goog_hash);

/// How many bytes are stored, by the Range of a 308 reply ("bytes=0-524287"). 0 without a Range.
Result<std::uint64_t> stored_bytes(const HttpResponse& response);

/// Parses an HTTP date ("Sun, 06 Nov 1994 08:49:37 GMT"). Absent for anything else.
std::optional<Timestamp> parse_http_date(std::string_view text);

}  // namespace ib
