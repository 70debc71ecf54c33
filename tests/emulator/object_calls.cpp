// SPDX-License-Identifier: Apache-2.0
#include "emulator/service.hpp"
#include "sys/gzip.hpp"

namespace ib::emulator {
namespace {

std::string http_time(Instant time)
{
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 40> buffer{};
  return {buffer.data(),
          std::strftime(buffer.data(), buffer.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

struct Extent {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  bool partial = false;
};

/// The part that a Range header asks for. Everything if the header is absent or not understood.
Outcome<Extent> parse_range(const std::string& header, std::uint64_t size)
{
  const Extent all{0, size, false};
  if (!header.starts_with("bytes=") || header.find(',') != std::string::npos) return all;
  const std::string_view range = std::string_view(header).substr(6);
  const auto dash = range.find('-');
  if (dash == std::string_view::npos) return all;
  const auto unsatisfiable = [] {
    return refuse(416, "requestedRangeNotSatisfiable", "Request range not satisfiable");
  };
  const auto last = parse_number(range.substr(dash + 1));
  if (dash == 0) {
    if (!last) return all;
    if (*last == 0 || size == 0) return unsatisfiable();
    const std::uint64_t length = std::min(*last, size);
    return Extent{size - length, length, true};
  }
  const auto first = parse_number(range.substr(0, dash));
  if (!first || (!last && dash + 1 != range.size()) || (last && *last < *first)) return all;
  if (*first >= size) return unsatisfiable();
  return Extent{*first, std::min(last.value_or(size - 1), size - 1) - *first + 1, true};
}

std::optional<std::string> gunzipped(const Blob& blob)
{
  std::string plain;
  GzipReader reader([&](ByteView bytes) -> Result<> {
    plain += text_of(bytes);
    return {};
  });
  if (!reader.write(bytes_of(blob.text())) || !reader.finish()) return std::nullopt;
  return plain;
}

}  // namespace

Outcome<Version> Service::readable(Call& call, const std::string& bucket, const std::string& object,
                                   std::string_view prefix)
{
  const bool source = prefix == "ifSource";
  auto wanted = Preconditions::parse(call.request.query, prefix);
  if (!wanted) return std::unexpected(wanted.error());
  const std::string generation = call.query(source ? "sourceGeneration" : "generation");
  const auto number = parse_signed(generation);
  if (!generation.empty() && !number)
    return refuse(400, "invalid", "Invalid value for: generation");
  const std::scoped_lock lock(buckets.mutex);
  const Bucket* found = buckets.find(bucket);
  if (found == nullptr) return no_bucket();
  if (auto allowed = call.who->require("storage.objects.get", bucket, object); !allowed) {
    return std::unexpected(allowed.error());
  }
  Version there = found->version(object, number);
  if (!there) {
    if (auto allowed = call.who->require("storage.objects.list", bucket, object); !allowed) {
      return std::unexpected(allowed.error());
    }
    return no_object(bucket, object);
  }
  if (auto holds = wanted->check(there, !source); !holds) return std::unexpected(holds.error());
  return there;
}

Response Service::object_response(const Call& call, const StoredVersion& version,
                                  const std::string& bucket) const
{
  std::string body;
  body.reserve(1024);
  append_object(body, version, bucket, origin(call.request), FieldMask(call.query("fields")));
  return json_reply(std::move(body));
}

Service::Reply Service::show_object(Call& call)
{
  const auto version = readable(call, call.operation.bucket, call.operation.object, "if");
  if (!version) return std::unexpected(version.error());
  call.operation.storage_class = (*version)->fields.storage_class;
  return object_response(call, **version, call.operation.bucket);
}

Service::Reply Service::download(Call& call)
{
  const auto version = readable(call, call.operation.bucket, call.operation.object, "if");
  if (!version) return std::unexpected(version.error());
  const StoredVersion& object = **version;
  const ObjectFields& fields = object.fields;
  if (object.blob->discarded())
    return refuse(501, "notImplemented", "The emulator does not keep the bytes.");
  Response response{.blob = object.blob};
  const bool zipped = fields.content_encoding == "gzip";
  const bool expand =
      zipped && fields.cache_control.find("no-transform") == std::string::npos &&
      call.request.headers.value("accept-encoding").find("gzip") == std::string::npos;
  if (expand) {
    auto plain = gunzipped(*object.blob);
    if (!plain)
      return refuse(500, "internalError", "Not gzip, although its contentEncoding says so.");
    response.blob.reset();
    response.body = *std::move(plain);
    response.headers.add("Warning", "214 UploadServer gunzipped");
  } else {
    const auto extent = parse_range(call.request.headers.value("range"), object.blob->size());
    if (!extent) return std::unexpected(extent.error());
    response.offset = extent->offset;
    response.length = extent->length;
    if (extent->partial) {
      response.status = 206;
      response.headers.add("Content-Range",
                           "bytes " + std::to_string(extent->offset) + "-" +
                               std::to_string(extent->offset + extent->length - 1) + "/" +
                               std::to_string(object.blob->size()));
    }
    if (zipped) response.headers.add("Content-Encoding", "gzip");
  }
  Fields& headers = response.headers;
  headers.add("Content-Type", fields.content_type);
  headers.add("X-Goog-Generation", std::to_string(object.generation));
  headers.add("X-Goog-Metageneration", std::to_string(object.metageneration));
  headers.add("X-Goog-Hash",
              "crc32c=" + fields.crc32c + (fields.md5.empty() ? "" : ",md5=" + fields.md5));
  headers.add("X-Goog-Storage-Class", fields.storage_class);
  headers.add("X-Goog-Stored-Content-Encoding", zipped ? "gzip" : "identity");
  headers.add("X-Goog-Stored-Content-Length", std::to_string(object.blob->size()));
  headers.add("Accept-Ranges", expand ? "none" : "bytes");
  headers.add("Last-Modified", http_time(object.updated));
  headers.add("ETag", "\"" + std::to_string(object.generation) + "\"");
  if (!fields.cache_control.empty()) headers.add("Cache-Control", fields.cache_control);
  if (!fields.content_disposition.empty())
    headers.add("Content-Disposition", fields.content_disposition);
  call.operation.storage_class = fields.storage_class;
  if (call.request.method != "HEAD")
    call.operation.retrieved = response.blob ? response.length : response.body.size();
  return response;
}

Service::Reply Service::patch_object(Call& call)
{
  const auto wanted = Preconditions::parse(call.request.query);
  if (!wanted) return std::unexpected(wanted.error());
  const auto json = Json::parse(call.body.text().value_or(""));
  if (!json || !json->is_object()) return refuse(400, "parseError", "Parse Error");
  const std::string& name = call.operation.object;
  const std::scoped_lock lock(buckets.mutex);
  Bucket* bucket = buckets.find(call.operation.bucket);
  if (bucket == nullptr) return no_bucket();
  if (auto allowed = call.who->require("storage.objects.update", bucket->name(), name); !allowed) {
    return std::unexpected(allowed.error());
  }
  const Version there = bucket->live(name);
  if (!there) return no_object(bucket->name(), name);
  if (auto holds = wanted->check(there, false); !holds) return std::unexpected(holds.error());
  auto changed = std::make_shared<StoredVersion>(*there);
  ObjectFields& fields = changed->fields;
  const std::string storage_class = (*json)["storageClass"].text(fields.storage_class);
  if (storage_class != fields.storage_class) {
    return refuse(400, "invalid",
                  "Cannot change the storage class of an object by patch: rewrite it.");
  }
  const std::array<std::pair<const char*, std::string*>, 6> texts{
      {{"contentType", &fields.content_type},
       {"contentEncoding", &fields.content_encoding},
       {"contentDisposition", &fields.content_disposition},
       {"contentLanguage", &fields.content_language},
       {"cacheControl", &fields.cache_control},
       {"customTime", &fields.custom_time}}};
  for (const auto& [member, to] : texts) {
    if (!json->object().contains(member)) continue;
    const std::string value = (*json)[member].text();
    if (to == &fields.custom_time && value < fields.custom_time) {
      return refuse(400, "invalid", "Custom time cannot be removed or set to an earlier time.");
    }
    *to = value;
  }
  if (json->object().contains("metadata")) {
    const Json& metadata = (*json)["metadata"];
    if (metadata.is_null() || call.request.method == "PUT") fields.metadata.clear();
    for (const auto& [key, value] : metadata.object()) {
      if (value.is_null()) {
        fields.metadata.erase(key);
      } else {
        fields.metadata.insert_or_assign(key, value.text());
      }
    }
  }
  if (auto valid = check_fields(fields); !valid) return std::unexpected(valid.error());
  ++changed->metageneration;
  changed->updated = now();
  bucket->replace(changed);
  call.operation.storage_class = fields.storage_class;
  return object_response(call, *changed, bucket->name());
}

Service::Reply Service::delete_object(Call& call)
{
  const auto wanted = Preconditions::parse(call.request.query);
  if (!wanted) return std::unexpected(wanted.error());
  const std::string& name = call.operation.object;
  const auto generation = parse_signed(call.query("generation"));
  const std::scoped_lock lock(buckets.mutex);
  Bucket* bucket = buckets.find(call.operation.bucket);
  if (bucket == nullptr) return no_bucket();
  if (auto allowed = call.who->require("storage.objects.delete", bucket->name(), name); !allowed) {
    return std::unexpected(allowed.error());
  }
  const Version there = bucket->version(name, generation);
  if (!there) return no_object(bucket->name(), name);
  if (auto holds = wanted->check(there, false); !holds) return std::unexpected(holds.error());
  if (auto free = bucket->check_retention(there); !free) return std::unexpected(free.error());
  bucket->remove(name, generation);
  call.operation.storage_class = there->fields.storage_class;
  return Response{.status = 204};
}

Service::Reply Service::rewrite(Call& call)
{
  const std::string to_bucket = call.path[6];
  const std::string to_name = call.path[8];
  const auto source = readable(call, call.operation.bucket, call.operation.object, "ifSource");
  if (!source) return std::unexpected(source.error());
  const auto wanted = Preconditions::parse(call.request.query);
  if (!wanted) return std::unexpected(wanted.error());
  const std::string text = call.body.text().value_or("");
  StoredVersion copy{
      .fields = (*source)->fields, .components = (*source)->components, .blob = (*source)->blob};
  if (!text.empty()) {
    const auto json = Json::parse(text);
    if (!json) return refuse(400, "parseError", "Parse Error");
    auto fields = parse_object_fields(*json);
    if (!fields) return std::unexpected(fields.error());
    // A body with metadata replaces the metadata of the source. A body with only the class keeps
    // it.
    const bool only_class = json->object().size() == json->object().count("storageClass");
    if (only_class) {
      if (!fields->storage_class.empty()) copy.fields.storage_class = fields->storage_class;
    } else {
      fields->crc32c = copy.fields.crc32c;
      fields->md5 = copy.fields.md5;
      if (fields->content_type.empty()) fields->content_type = copy.fields.content_type;
      copy.fields = *std::move(fields);
    }
  } else {
    copy.fields.storage_class.clear();
  }
  copy.fields.name = to_name;
  const std::uint64_t size = copy.blob->size();
  const auto stored = commit(call, to_bucket, std::move(copy), *wanted, *call.who);
  if (!stored) return std::unexpected(stored.error());
  if (call.operation.kind == "copy") return object_response(call, **stored, to_bucket);
  std::string resource;
  const FieldMask mask(call.query("fields"));
  append_object(resource, **stored, to_bucket, origin(call.request), mask.of("resource"));
  std::string body;
  ObjectWriter json(body, mask);
  json.text("kind", "storage#rewriteResponse");
  json.text("totalBytesRewritten", std::to_string(size));
  json.text("objectSize", std::to_string(size));
  json.boolean("done", true);
  json.raw("resource", resource);
  json.end();
  return json_reply(std::move(body));
}

Service::Reply Service::compose(Call& call)
{
  const auto wanted = Preconditions::parse(call.request.query);
  if (!wanted) return std::unexpected(wanted.error());
  const auto json = Json::parse(call.body.text().value_or(""));
  if (!json) return refuse(400, "parseError", "Parse Error");
  auto fields = parse_object_fields((*json)["destination"].is_object() ? (*json)["destination"]
                                                                       : Json::Object{});
  if (!fields) return std::unexpected(fields.error());
  const Json::Array& sources = (*json)["sourceObjects"].array();
  if (sources.empty() || sources.size() > 32) {
    return refuse(400, "invalid",
                  "The number of source components provided must be between 1 and 32.");
  }
  BlobWriter writer(storage_, call.operation.object, 0, false, false);
  std::uint64_t components = 0;
  std::vector<std::byte> buffer;
  for (const Json& source : sources) {
    const auto part = readable(call, call.operation.bucket, source["name"].text(), "ifComponent");
    if (!part) return std::unexpected(part.error());
    const auto generation = source["objectPreconditions"]["ifGenerationMatch"].number();
    if (generation && *generation != (*part)->generation) {
      return refuse(412, "conditionNotMet",
                    "At least one of the pre-conditions you specified did not hold.");
    }
    const Blob& blob = *(*part)->blob;
    if (blob.discarded())
      return refuse(501, "notImplemented", "The emulator does not keep the bytes.");
    for (std::uint64_t at = 0; at < blob.size();) {
      const ByteView bytes = blob.read(at, SIZE_MAX, buffer);
      if (bytes.empty()) return refuse(500, "internalError", "The spool cannot be read.");
      writer.append(bytes);
      at += bytes.size();
    }
    components += std::max<std::uint64_t>((*part)->components, 1);
  }
  fields->name = call.operation.object;
  fields->crc32c = writer.crc32c().base64();
  fields->md5.clear();  // a composite object has none
  StoredVersion whole{
      .fields = *std::move(fields), .components = components, .blob = writer.finish()};
  const auto stored = commit(call, call.operation.bucket, std::move(whole), *wanted, *call.who);
  if (!stored) return std::unexpected(stored.error());
  return object_response(call, **stored, call.operation.bucket);
}

}  // namespace ib::emulator
