// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "emulator/blob.hpp"
#include "emulator/http_message.hpp"
#include "emulator/json.hpp"

#include <chrono>
#include <expected>
#include <mutex>

namespace ib::emulator {

/// A refusal with Google's status, reason and message.
struct Refusal {
  int status = 400;
  std::string reason = "invalid";
  std::string message = "Invalid argument.";
};

template <class T = void>
using Outcome = std::expected<T, Refusal>;

std::unexpected<Refusal> refuse(int status, std::string reason, std::string message);

using Instant = std::chrono::sys_time<std::chrono::milliseconds>;
Instant now();
std::string rfc3339(Instant time);

/// The properties of an object that an upload names.
struct ObjectFields {
  std::string name = {};
  std::string storage_class = {};  ///< empty: the bucket's
  std::string content_type = {};
  std::string content_encoding = {};
  std::string content_disposition = {};
  std::string content_language = {};
  std::string cache_control = {};
  std::string custom_time = {};
  std::map<std::string, std::string> metadata = {};
  std::string crc32c = {};  ///< base64; empty: not named
  std::string md5 = {};
};

/// One generation of an object. It does not change once it is in a bucket.
struct StoredVersion {
  ObjectFields fields;  ///< including its class, crc32c and md5
  std::int64_t generation = 0;
  std::int64_t metageneration = 1;
  std::uint64_t components = 0;
  Instant created{};
  Instant updated{};
  Instant class_updated{};
  std::shared_ptr<const Blob> blob;
};

using Version = std::shared_ptr<const StoredVersion>;

/// The conditions that a request sets for the existing object.
struct Preconditions {
  std::optional<std::int64_t> generation = {};  ///< 0: the object must not exist
  std::optional<std::int64_t> not_generation = {};
  std::optional<std::int64_t> metageneration = {};
  std::optional<std::int64_t> not_metageneration = {};

  /// `prefix` begins the names: "if", or "ifSource" as in "ifSourceGenerationMatch".
  static Outcome<Preconditions> parse(const Fields& query, std::string_view prefix = "if");
  /// 412 if a condition fails, or 304 for the read of an unchanged object.
  Outcome<> check(const Version& live, bool read) const;
};

/// Parses name, contentType, metadata and so on from JSON. Refuses what Google refuses.
Outcome<ObjectFields> parse_object_fields(const Json& json);
Outcome<> check_name(std::string_view name);
Outcome<> check_fields(const ObjectFields& fields);

struct ListQuery {
  std::string prefix = {};
  std::string delimiter = {};
  std::string start = {};
  std::string end = {};
  std::string page_token = {};
  std::size_t max_results = 1000;
  bool versions = false;
  bool trailing_delimiter = false;
};

struct ListPage {
  std::vector<Version> items = {};
  std::vector<std::string> prefixes = {};
  std::string next_page_token = {};
};

/// One bucket. Not thread-safe: lock Buckets.
class Bucket {
public:
  Bucket(std::string name, Json config);

  /// Replaces the settings. The objects stay.
  void configure(Json config);
  const std::string& name() const { return name_; }
  std::string default_class() const { return config_["storageClass"].text("STANDARD"); }
  /// The bucket resource as in the API.
  const Json& resource() const { return config_; }

  Version live(const std::string& object) const;
  /// The live version, or the one with this `generation`.
  Version version(const std::string& object, std::optional<std::int64_t> generation) const;
  /// Refuses with retentionPolicyNotMet while the version must stay.
  Outcome<> check_retention(const Version& there) const;
  /// Makes `version` the live one. Sets its generation, times and class.
  Version put(StoredVersion version);
  /// Replaces the version with the same generation, to change its metadata.
  void replace(const Version& version);
  void remove(const std::string& object, std::optional<std::int64_t> generation);
  ListPage list(const ListQuery& query) const;
  bool empty() const { return live_.empty(); }

private:
  std::string name_;
  Json config_;
  bool versioning_ = false;
  std::chrono::seconds retention_{0};
  std::map<std::string, Version> live_;
  std::map<std::string, std::map<std::int64_t, Version>> noncurrent_;
};

/// Appends the JSON of one object.
void append_object(std::string& out, const StoredVersion& version, const std::string& bucket,
                   const std::string& origin, const FieldMask& mask);

/// All buckets and their lock. Hold the lock while you use a bucket.
struct Buckets {
  std::mutex mutex;
  std::map<std::string, Bucket> all;

  Bucket* find(const std::string& name)
  {
    const auto it = all.find(name);
    return it == all.end() ? nullptr : &it->second;
  }
};

}  // namespace ib::emulator
