// SPDX-License-Identifier: Apache-2.0
//
// The words of Google Cloud Storage's JSON API (https://cloud.google.com/storage/docs/json_api/v1):
// addresses, bodies and replies, without a network.
#pragma once

#include "base/result.hpp"
#include "net/http.hpp"
#include "store/object_store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// Everything but letters, digits and -._~ as %XX: for a path segment or a query's value.
std::string percent_encode(std::string_view text);

/// The body that describes a new object. `full_name` is the object's name with the store's prefix.
/// A CRC32C makes the server refuse bytes that do not have it.
std::string object_resource(const std::string& full_name, const Metadata& metadata,
                            const std::string& content_type, std::optional<Crc32c> crc32c,
                            StorageClass storage_class, const std::string& content_encoding = {});

/// The object in a reply. The name is as the server says it, with the store's prefix.
Result<ObjectInfo> parse_object(std::string_view json);

struct ObjectPage {
  std::vector<ObjectInfo> objects;
  std::string next_token;  ///< empty: this is the last page
};
Result<ObjectPage> parse_page(std::string_view json);

/// What a reply that is no success means: `what` in front, then the status and the server's own
/// sentence. 408, 429 and 5xx are unavailable, with Retry-After, and 429 and 503 always say to
/// wait; 401 and 403 are denied, 404 is not_found, 412 precondition_failed, a checksum that the
/// server refuses corrupt, everything else invalid.
Error error_from(const HttpResponse& response, std::string_view what);

/// Fields of a new object that every insert asks for: what is needed to know that it holds what was
/// sent.
inline constexpr std::string_view kObjectFields = "name,size,crc32c,generation,storageClass";

/// "crc32c=yZRlqg==,md5=..." as in x-goog-hash; absent where it holds none.
std::optional<Crc32c> crc32c_in(std::string_view x_goog_hash);

/// How much a 308 reply says is stored, from "bytes=0-524287"; 0 without a Range.
Result<std::uint64_t> stored_bytes(const HttpResponse& response);

/// An HTTP date ("Sun, 06 Nov 1994 08:49:37 GMT"); absent for anything else.
std::optional<Timestamp> parse_http_date(std::string_view text);

}  // namespace ib
