// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <string>
#include <variant>

namespace ib {

struct FolderAddress {
  std::string path;  ///< absolute, without a slash at its end
};

struct BucketAddress {
  std::string bucket;
  std::string prefix = {};  ///< "" or "home/": keeps several backups in one bucket

  /// "photos" or "photos/home": what GCS_BUCKET takes.
  std::string path() const;
  /// "gs://photos/home"
  std::string url() const;
};

/// Where a store is: a folder or a bucket.
class StoreAddress {
public:
  /// From file:///absolute/folder or gs://bucket[/prefix]; slashes at the end do not count. invalid
  /// for anything else. Nothing is asked of the folder or the bucket.
  static Result<StoreAddress> parse(const std::string& url);
  /// `path` is absolute; slashes at its end do not count.
  static StoreAddress of_folder(std::string path);
  static StoreAddress of_bucket(BucketAddress bucket);

  /// Null where it is a bucket.
  const FolderAddress* folder() const { return std::get_if<FolderAddress>(&place_); }
  /// Null where it is a folder.
  const BucketAddress* bucket() const { return std::get_if<BucketAddress>(&place_); }
  /// As a user would write it.
  std::string url() const;

private:
  using Place = std::variant<FolderAddress, BucketAddress>;
  explicit StoreAddress(Place place) : place_(std::move(place)) {}
  Place place_;
};

}  // namespace ib
