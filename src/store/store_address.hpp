// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <string>
#include <variant>

namespace ib {

struct FolderAddress {
  std::string path;  ///< absolute, without a slash at the end
};

struct BucketAddress {
  std::string bucket;
  std::string prefix = {};  ///< "" or "home/": keeps several backups in one bucket

  /// "photos" or "photos/home", as in GCS_BUCKET.
  std::string path() const;
  /// "gs://photos/home"
  std::string url() const;
};

/// The place of a store: a folder or a bucket.
class StoreAddress {
public:
  /// Parses file:///absolute/folder, with escapes such as %20, or gs://bucket[/prefix] and ignores
  /// slashes at the end. invalid for anything else. Does not look at the folder or the bucket.
  static Result<StoreAddress> parse(const std::string& url);
  /// `path` must be absolute. Slashes at its end are ignored.
  static StoreAddress of_folder(std::string path);
  static StoreAddress of_bucket(BucketAddress bucket);

  /// Null if it is a bucket.
  const FolderAddress* folder() const { return std::get_if<FolderAddress>(&place_); }
  /// Null if it is a folder.
  const BucketAddress* bucket() const { return std::get_if<BucketAddress>(&place_); }
  /// The address as a user would write it.
  std::string url() const;

private:
  using Place = std::variant<FolderAddress, BucketAddress>;
  explicit StoreAddress(Place place) : place_(std::move(place)) {}
  Place place_;
};

}  // namespace ib
