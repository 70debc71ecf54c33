// SPDX-License-Identifier: Apache-2.0
#include "emulator/bucket.hpp"

#include "base/text.hpp"
#include "base/time.hpp"

#include <array>
#include <cstdio>
#include <set>

namespace ib::emulator {
namespace {

constexpr std::array<std::string_view, 7> kStorageClasses{"STANDARD",
                                                          "NEARLINE",
                                                          "COLDLINE",
                                                          "ARCHIVE",
                                                          "MULTI_REGIONAL",
                                                          "REGIONAL",
                                                          "DURABLE_REDUCED_AVAILABILITY"};

/// A time in microseconds that is larger than all generations before.
std::int64_t next_generation()
{
  static std::int64_t last = 0;  // guarded by the lock of Buckets
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(
                          std::chrono::system_clock::now().time_since_epoch())
                          .count();
  last = std::max<std::int64_t>(last + 1, micros);
  return last;
}

std::string etag(const StoredVersion& version)
{
  const std::string text =
      std::to_string(version.generation) + "/" + std::to_string(version.metageneration);
  return to_base64(bytes_of(text));
}

}  // namespace

std::unexpected<Refusal> refuse(int status, std::string reason, std::string message)
{
  return std::unexpected(Refusal{status, std::move(reason), std::move(message)});
}

Instant now()
{
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

std::string rfc3339(Instant time)
{
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  std::string text = format_iso(seconds);
  std::array<char, 8> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%03dZ",
                static_cast<int>((time - seconds).count()));
  text.pop_back();
  return text + fraction.data();
}

Outcome<Preconditions> Preconditions::parse(const Fields& query, std::string_view prefix)
{
  Preconditions wanted;
  const std::array<std::pair<std::string_view, std::optional<std::int64_t>*>, 4> names{
      {{"GenerationMatch", &wanted.generation},
       {"GenerationNotMatch", &wanted.not_generation},
       {"MetagenerationMatch", &wanted.metageneration},
       {"MetagenerationNotMatch", &wanted.not_metageneration}}};
  for (const auto& [name, to] : names) {
    const std::string* value = query.find(std::string(prefix) + std::string(name));
    if (value == nullptr) continue;
    *to = parse_signed(*value);
    if (!*to)
      return refuse(400, "invalid",
                    "Invalid value for: " + std::string(prefix) + std::string(name));
  }
  return wanted;
}

Outcome<> Preconditions::check(const Version& live, bool read) const
{
  const std::int64_t is = live ? live->generation : 0;
  const std::int64_t meta = live ? live->metageneration : 0;
  if ((generation && *generation != is) || (metageneration && *metageneration != meta)) {
    return refuse(412, "conditionNotMet",
                  "At least one of the pre-conditions you specified did not hold.");
  }
  if ((not_generation && *not_generation == is) ||
      (not_metageneration && *not_metageneration == meta)) {
    if (read) return refuse(304, "notModified", "Not modified.");
    return refuse(412, "conditionNotMet",
                  "At least one of the pre-conditions you specified did not hold.");
  }
  return {};
}

Outcome<> check_name(std::string_view name)
{
  if (name.empty()) return refuse(400, "required", "Required object name.");
  if (name.size() > 1024)
    return refuse(400, "invalid", "The maximum object length is 1024 characters.");
  if (!is_valid_utf8(name) || name.find_first_of("\r\n") != std::string_view::npos) {
    return refuse(400, "invalid",
                  "Disallowed unicode characters present in object name '" + printable(name) + "'");
  }
  if (name == "." || name == ".." || name.starts_with(".well-known/acme-challenge/")) {
    return refuse(400, "invalid", "Invalid object name '" + std::string(name) + "'");
  }
  return {};
}

Outcome<> check_fields(const ObjectFields& fields)
{
  if (!fields.storage_class.empty() && std::find(kStorageClasses.begin(), kStorageClasses.end(),
                                                 fields.storage_class) == kStorageClasses.end()) {
    return refuse(400, "invalid", "Invalid storage class: " + fields.storage_class);
  }
  std::size_t size = 0;
  for (const auto& [name, value] : fields.metadata) size += name.size() + value.size();
  if (size > 8192) {
    return refuse(400, "invalid",
                  "The metadata for object is " + std::to_string(size) +
                      " bytes long; the maximum is 8192 bytes.");
  }
  if (!fields.custom_time.empty()) {
    const std::string& text = fields.custom_time;
    const bool plausible = text.size() >= 20 && text[4] == '-' && text[7] == '-' &&
                           text[10] == 'T' && text[13] == ':' && text[16] == ':' &&
                           (text.ends_with('Z') || text[text.size() - 3] == ':');
    if (!plausible) return refuse(400, "invalid", "Invalid value for: customTime: " + text);
  }
  return {};
}

Outcome<ObjectFields> parse_object_fields(const Json& json)
{
  if (!json.is_object()) return refuse(400, "parseError", "Parse Error");
  ObjectFields fields;
  fields.name = json["name"].text();
  fields.storage_class = json["storageClass"].text();
  fields.content_type = json["contentType"].text();
  fields.content_encoding = json["contentEncoding"].text();
  fields.content_disposition = json["contentDisposition"].text();
  fields.content_language = json["contentLanguage"].text();
  fields.cache_control = json["cacheControl"].text();
  fields.custom_time = json["customTime"].text();
  fields.crc32c = json["crc32c"].text();
  fields.md5 = json["md5Hash"].text();
  for (const auto& [name, value] : json["metadata"].object()) {
    if (value.string() == nullptr)
      return refuse(400, "invalid", "Invalid value for: metadata." + name);
    fields.metadata.emplace(name, *value.string());
  }
  return fields;
}

Bucket::Bucket(std::string name, Json config) : name_(std::move(name))
{
  configure(std::move(config));
}

void Bucket::configure(Json config)
{
  config_ = std::move(config);
  Json::Object& resource = config_.mutable_object();
  const std::string time = rfc3339(now());
  resource.insert_or_assign("name", name_);
  resource.try_emplace("kind", "storage#bucket");
  resource.try_emplace("id", name_);
  resource.try_emplace("location", "US-CENTRAL1");
  resource.try_emplace("locationType", "region");
  resource.try_emplace("storageClass", "STANDARD");
  resource.try_emplace("projectNumber", "0");
  resource.try_emplace("metageneration", "1");
  resource.try_emplace("etag", "CAE=");
  resource.try_emplace("timeCreated", time);
  resource.try_emplace("updated", time);
  versioning_ = config_["versioning"]["enabled"].boolean();
  retention_ =
      std::chrono::seconds(config_["retentionPolicy"]["retentionPeriod"].number().value_or(0));
}

Version Bucket::live(const std::string& object) const
{
  const auto it = live_.find(object);
  return it == live_.end() ? nullptr : it->second;
}

Version Bucket::version(const std::string& object, std::optional<std::int64_t> generation) const
{
  Version there = live(object);
  if (!generation || (there && there->generation == *generation)) return there;
  const auto it = noncurrent_.find(object);
  if (it == noncurrent_.end()) return nullptr;
  const auto found = it->second.find(*generation);
  return found == it->second.end() ? nullptr : found->second;
}

Outcome<> Bucket::check_retention(const Version& there) const
{
  if (!there || retention_.count() == 0) return {};
  const Instant until = there->created + retention_;
  if (now() >= until) return {};
  return refuse(403, "retentionPolicyNotMet",
                "Object '" + name_ + "/" + there->fields.name +
                    "' is subject to bucket's retention policy or object retention and cannot be "
                    "deleted or overwritten until " +
                    rfc3339(until));
}

Version Bucket::put(StoredVersion version)
{
  version.generation = next_generation();
  version.created = version.updated = version.class_updated = now();
  if (version.fields.storage_class.empty()) version.fields.storage_class = default_class();
  auto stored = std::make_shared<const StoredVersion>(std::move(version));
  Version& slot = live_[stored->fields.name];
  if (slot && versioning_) noncurrent_[stored->fields.name].emplace(slot->generation, slot);
  slot = stored;
  return stored;
}

void Bucket::replace(const Version& version)
{
  Version& slot = live_[version->fields.name];
  if (slot && slot->generation != version->generation) {
    noncurrent_[version->fields.name].insert_or_assign(version->generation, version);
  } else {
    slot = version;
  }
}

void Bucket::remove(const std::string& object, std::optional<std::int64_t> generation)
{
  const auto it = live_.find(object);
  if (it != live_.end() && (!generation || it->second->generation == *generation)) {
    if (versioning_ && !generation) noncurrent_[object].emplace(it->second->generation, it->second);
    live_.erase(it);
  } else if (generation) {
    noncurrent_[object].erase(*generation);
  }
}

ListPage Bucket::list(const ListQuery& query) const
{
  ListPage page;
  // Names in byte order, each with its versions, the oldest first.
  std::set<std::string> older;
  if (query.versions) {
    for (const auto& [name, versions] : noncurrent_) {
      if (!versions.empty()) older.insert(name);
    }
  }
  std::string from = std::max(query.prefix, query.start);
  if (!query.page_token.empty())
    from = std::max(from, base64_decoded(query.page_token).value_or(""));
  const auto next_name = [&](const std::string& at) -> std::optional<std::string> {
    const auto live = live_.lower_bound(at);
    const auto old = older.lower_bound(at);
    if (live == live_.end() && old == older.end()) return std::nullopt;
    if (old == older.end()) return live->first;
    return live == live_.end() ? *old : std::min(live->first, *old);
  };
  for (auto name = next_name(from); name; name = next_name(from)) {
    if (!name->starts_with(query.prefix) || (!query.end.empty() && *name >= query.end)) return page;
    if (page.items.size() + page.prefixes.size() >= query.max_results) {
      page.next_page_token = to_base64(bytes_of(*name));
      return page;
    }
    const auto cut = query.delimiter.empty() ? std::string::npos
                                             : name->find(query.delimiter, query.prefix.size());
    if (cut != std::string::npos) {
      std::string folder = name->substr(0, cut + query.delimiter.size());
      if (query.trailing_delimiter && *name == folder) {
        if (const Version there = live(*name)) page.items.push_back(there);
      }
      // All valid UTF-8 names that begin with the folder come before this.
      from = folder + "\xFF";
      page.prefixes.push_back(std::move(folder));
      continue;
    }
    if (const auto old = noncurrent_.find(*name); query.versions && old != noncurrent_.end()) {
      for (const auto& [generation, version] : old->second) page.items.push_back(version);
    }
    if (Version there = live(*name)) page.items.push_back(std::move(there));
    from = *name + std::string(1, '\0');
  }
  return page;
}

void append_object(std::string& out, const StoredVersion& version, const std::string& bucket,
                   const std::string& origin, const FieldMask& mask)
{
  const ObjectFields& fields = version.fields;
  ObjectWriter json(out, mask);
  const std::string generation = std::to_string(version.generation);
  json.text("kind", "storage#object");
  if (json.wants("id")) json.text("id", bucket + "/" + fields.name + "/" + generation);
  if (json.wants("selfLink") || json.wants("mediaLink")) {
    const std::string rest = "/storage/v1/b/" + bucket + "/o/" + percent_encoded(fields.name);
    json.text("selfLink", origin + rest);
    json.text("mediaLink",
              origin + "/download" + rest + "?generation=" + generation + "&alt=media");
  }
  json.text("name", fields.name);
  json.text("bucket", bucket);
  json.text("generation", generation);
  json.text("metageneration", std::to_string(version.metageneration));
  json.text_unless_empty("contentType", fields.content_type);
  json.text("storageClass", fields.storage_class);
  json.text("size", std::to_string(version.blob->size()));
  json.text_unless_empty("md5Hash", fields.md5);
  json.text("crc32c", fields.crc32c);
  if (json.wants("etag")) json.text("etag", etag(version));
  json.text_unless_empty("contentEncoding", fields.content_encoding);
  json.text_unless_empty("contentDisposition", fields.content_disposition);
  json.text_unless_empty("contentLanguage", fields.content_language);
  json.text_unless_empty("cacheControl", fields.cache_control);
  json.text_unless_empty("customTime", fields.custom_time);
  if (version.components != 0) json.number("componentCount", version.components);
  const std::string created = rfc3339(version.created);
  json.text("timeCreated", created);
  json.text("updated", version.updated == version.created ? created : rfc3339(version.updated));
  json.text("timeStorageClassUpdated", rfc3339(version.class_updated));
  json.text("timeFinalized", created);
  if (!fields.metadata.empty() && json.wants("metadata")) {
    Json::Object metadata;
    for (const auto& [name, value] : fields.metadata) metadata.emplace(name, value);
    json.raw("metadata", mask.of("metadata").applied(Json(std::move(metadata))).dump());
  }
  json.end();
}

}  // namespace ib::emulator
