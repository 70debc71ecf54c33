// SPDX-License-Identifier: Apache-2.0
#include "store/store_address.hpp"

#include "base/digest.hpp"
#include "core/names/object_name.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

namespace ib {
namespace {

constexpr std::string_view kFolderScheme = "file://";
constexpr std::string_view kBucketScheme = "gs://";

/// Undoes the escapes of RFC 3986 in place, such as %20 for a space: file managers show addresses
/// with them. False where a percent sign does not begin one.
bool unescape(std::string& path)
{
  for (std::size_t at = path.find('%'); at != std::string::npos; at = path.find('%', at + 1)) {
    std::byte byte{};
    const std::string_view digits = std::string_view(path).substr(at + 1, 2);
    if (digits.size() != 2 || !from_hex(digits, std::span(&byte, 1)) || byte == std::byte{0})
      return false;
    path[at] = static_cast<char>(byte);
    path.erase(at + 1, 2);
  }
  return true;
}

Result<StoreAddress> parse_folder(const std::string& url)
{
  std::string path = url.substr(kFolderScheme.size());
  if (!unescape(path)) {
    return fail(Errc::invalid, "store " + url + ": a percent sign that begins no escape like %20",
                "Write %25 for a percent sign in the folder's name.");
  }
  if (!path.starts_with('/')) {
    return fail(Errc::invalid, "store " + url + ": the folder's path is not absolute",
                "Write three slashes: file:///srv/immich-backup");
  }
  return StoreAddress::of_folder(std::move(path));
}

/// https://cloud.google.com/storage/docs/buckets#naming
bool is_bucket_name(std::string_view name)
{
  return name.size() >= 3 && name.size() <= 222 && std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                  c == '.';
         });
}

Result<StoreAddress> parse_bucket(const std::string& url)
{
  std::string rest = url.substr(kBucketScheme.size());
  while (rest.ends_with('/')) rest.pop_back();
  const std::size_t slash = rest.find('/');
  BucketAddress bucket{.bucket = rest.substr(0, slash),
                       .prefix = slash == std::string::npos ? "" : rest.substr(slash + 1) + "/"};
  const bool prefix_is_good = bucket.prefix.empty() || is_valid_object_name(bucket.prefix + "x");
  if (!is_bucket_name(bucket.bucket) || !prefix_is_good) {
    return fail(Errc::invalid, "store '" + url + "': not a bucket's address",
                "Write gs://bucket or gs://bucket/prefix.");
  }
  return StoreAddress::of_bucket(std::move(bucket));
}

}  // namespace

std::string BucketAddress::path() const
{
  return prefix.empty() ? bucket : bucket + "/" + prefix.substr(0, prefix.size() - 1);
}

std::string BucketAddress::url() const
{
  return std::string(kBucketScheme) + path();
}

Result<StoreAddress> StoreAddress::parse(const std::string& url)
{
  if (url.starts_with(kFolderScheme)) return parse_folder(url);
  if (url.starts_with(kBucketScheme)) return parse_bucket(url);
  return fail(Errc::invalid, "store '" + url + "': not a store's address",
              "Name a bucket, gs://bucket, or a folder, file:///srv/immich-backup");
}

StoreAddress StoreAddress::of_folder(std::string path)
{
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return StoreAddress(FolderAddress{.path = std::move(path)});
}

StoreAddress StoreAddress::of_bucket(BucketAddress bucket)
{
  return StoreAddress(std::move(bucket));
}

std::string StoreAddress::url() const
{
  if (bucket() != nullptr) return bucket()->url();
  std::string url(kFolderScheme);
  for (const char c : folder()->path) url += c == '%' ? "%25" : std::string(1, c);
  return url;
}

}  // namespace ib
