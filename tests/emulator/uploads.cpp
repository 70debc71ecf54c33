// SPDX-License-Identifier: Apache-2.0
#include "emulator/multipart.hpp"
#include "emulator/service.hpp"

namespace ib::emulator {
namespace {

/// Takes "crc32c=...,md5=..." from X-Goog-Hash, and Content-MD5. There may be several such lines.
void add_hashes(const Fields& headers, ObjectFields& fields)
{
  for (const std::string& header : headers.all("x-goog-hash")) {
    for (const std::string_view part : split(header, ',')) {
      const std::string_view hash = trimmed(part);
      if (hash.starts_with("crc32c=")) fields.crc32c = hash.substr(7);
      if (hash.starts_with("md5=")) fields.md5 = hash.substr(4);
    }
  }
  if (const std::string* md5 = headers.find("content-md5")) fields.md5 = *md5;
}

/// Checks the bytes against the client's checksums, and puts the computed checksums into `fields`.
Outcome<> settle_hashes(const BlobWriter& writer, ObjectFields& fields)
{
  const std::string crc = writer.crc32c().base64();
  if (!fields.crc32c.empty() && fields.crc32c != crc) {
    return refuse(400, "invalid",
                  "Provided CRC32C \"" + fields.crc32c + "\" doesn't match calculated CRC32C \"" +
                      crc + "\".");
  }
  const std::string md5 = writer.md5().value_or("");
  if (!fields.md5.empty() && fields.md5 != md5) {
    return refuse(400, "invalid",
                  "Provided MD5 hash \"" + fields.md5 + "\" doesn't match calculated MD5 hash \"" +
                      md5 + "\".");
  }
  fields.crc32c = crc;
  fields.md5 = md5;
  return {};
}

void add_query(const Call& call, ObjectFields& fields)
{
  if (const std::string name = call.query("name"); !name.empty()) fields.name = name;
  if (const std::string encoding = call.query("contentEncoding"); !encoding.empty()) {
    fields.content_encoding = encoding;
  }
}

/// The Content-Range of a chunk: "bytes 0-524287/*". Without the header, the chunk is the whole
/// object.
struct ChunkRange {
  bool query = false;
  std::uint64_t first = 0;
  std::optional<std::uint64_t> last = {};  ///< inclusive; absent: to the end of the body
  std::optional<std::uint64_t> total = {};
};

std::optional<ChunkRange> parse_chunk_range(const Request& request)
{
  const std::string* header = request.headers.find("content-range");
  if (header == nullptr) return ChunkRange{};
  if (!header->starts_with("bytes ")) return std::nullopt;
  const auto halves = split(std::string_view(*header).substr(6), '/');
  if (halves.size() != 2) return std::nullopt;
  ChunkRange range;
  range.total = parse_number(halves[1]);
  if (!range.total && halves[1] != "*") return std::nullopt;
  if (halves[0] == "*") {
    range.query = true;
    return range;
  }
  const auto ends = split(halves[0], '-');
  if (ends.size() != 2) return std::nullopt;
  const auto first = parse_number(ends[0]);
  range.last = parse_number(ends[1]);
  if (!first || (!range.last && ends[1] != "*")) return std::nullopt;
  range.first = *first;
  if (range.last && (*range.last < *first || (range.total && *range.last >= *range.total)))
    return std::nullopt;
  return range;
}

}  // namespace

Outcome<> Service::check_replacing(const Bucket& bucket, const Version& there,
                                   const std::string& name, const Preconditions& wanted,
                                   const Identity& who) const
{
  const auto may_replace = [&]() -> Outcome<> {
    return there ? who.require("storage.objects.delete", bucket.name(), name) : Outcome<>{};
  };
  if (taken_name_is_403_) {
    if (auto allowed = may_replace(); !allowed) return allowed;
  }
  if (auto holds = wanted.check(there, false); !holds) return holds;
  if (auto allowed = may_replace(); !allowed) return allowed;
  return bucket.check_retention(there);
}

Outcome<Version> Service::commit(Call& call, const std::string& bucket, StoredVersion version,
                                 const Preconditions& wanted, const Identity& who)
{
  const std::string& name = version.fields.name;
  if (auto valid = check_name(name); !valid) return std::unexpected(valid.error());
  if (auto valid = check_fields(version.fields); !valid) return std::unexpected(valid.error());
  const std::scoped_lock lock(buckets.mutex);
  Bucket* found = buckets.find(bucket);
  if (found == nullptr) return no_bucket();
  if (auto allowed = who.require("storage.objects.create", bucket, name); !allowed) {
    return std::unexpected(allowed.error());
  }
  if (auto free = check_replacing(*found, found->live(name), name, wanted, who); !free) {
    return std::unexpected(free.error());
  }
  Version stored = found->put(std::move(version));
  call.operation.storage_class = stored->fields.storage_class;
  call.operation.stored = stored->blob->size();
  return stored;
}

Service::Reply Service::insert_once(Call& call)
{
  const std::string token = call.request.headers.value("x-goog-gcs-idempotency-token");
  if (!replay_inserts_ || token.empty()) return insert(call);
  {
    const std::scoped_lock lock(replays_mutex_);
    if (const auto known = replays_.find(token); known != replays_.end()) {
      call.operation.billed_elsewhere = true;
      return known->second;
    }
  }
  Reply reply = insert(call);
  const std::scoped_lock lock(replays_mutex_);
  if (reply && reply->status == 200) replays_.emplace(token, *reply);
  return reply;
}

Service::Reply Service::insert(Call& call)
{
  const auto wanted = Preconditions::parse(call.request.query);
  if (!wanted) return std::unexpected(wanted.error());
  ObjectFields fields;
  const auto may_create = [&]() -> Outcome<> {
    add_query(call, fields);
    call.operation.object = fields.name;
    if (auto valid = check_name(fields.name); !valid) return valid;
    if (auto valid = check_fields(fields); !valid) return valid;
    const std::scoped_lock lock(buckets.mutex);
    if (buckets.find(call.operation.bucket) == nullptr) return no_bucket();
    return call.who->require("storage.objects.create", call.operation.bucket, fields.name);
  };
  const auto receive = [&](auto next) -> Outcome<std::unique_ptr<BlobWriter>> {
    if (auto allowed = may_create(); !allowed) return std::unexpected(allowed.error());
    add_hashes(call.request.headers, fields);
    auto writer = std::make_unique<BlobWriter>(
        storage_, fields.name, call.body.declared().value_or(0), !fields.md5.empty(), false);
    if (call.fault.flip_stored) writer->flip_at(*call.fault.flip_stored);
    for (ByteView bytes = next(); !bytes.empty(); bytes = next()) writer->append(bytes);
    if (fields.content_type.empty()) fields.content_type = "application/octet-stream";
    return writer;
  };
  Outcome<std::unique_ptr<BlobWriter>> writer;
  const std::string type = call.request.headers.value("content-type");
  if (call.query("uploadType") == "multipart") {
    const std::string boundary = media_parameter(type, "boundary");
    if (boundary.empty()) return refuse(400, "badContent", "Missing multipart boundary.");
    MultipartReader parts(call.body, boundary);
    Fields headers;
    std::string text;
    if (parts.next(headers)) {
      for (ByteView bytes = parts.read(); !bytes.empty(); bytes = parts.read())
        text += text_of(bytes);
    }
    const auto json = Json::parse(text);
    if (!json) return refuse(400, "parseError", "Parse Error");
    auto parsed = parse_object_fields(*json);
    if (!parsed) return std::unexpected(parsed.error());
    fields = *std::move(parsed);
    if (!parts.next(headers))
      return refuse(400, "badContent", "The multipart body has no media part.");
    if (fields.content_type.empty()) fields.content_type = headers.value("content-type");
    writer = receive([&] { return parts.read(); });
    if (writer && !parts.complete()) {
      return refuse(400, "badContent",
                    "Malformed multipart body: no closing boundary after the media part.");
    }
  } else {
    fields.content_type = type;
    writer = receive([&, n = std::size_t{0}]() mutable {
      call.body.consume(n);
      const ByteView bytes = call.body.peek();
      n = bytes.size();
      return bytes;
    });
  }
  if (!writer) return std::unexpected(writer.error());
  if (!call.body.finished()) return refuse(400, "badContent", "The body ended early.");
  if (auto good = settle_hashes(**writer, fields); !good) return std::unexpected(good.error());
  const auto stored = commit(call, call.operation.bucket,
                             {.fields = fields, .blob = (*writer)->finish()}, *wanted, *call.who);
  if (!stored) return std::unexpected(stored.error());
  return object_response(call, **stored, call.operation.bucket);
}

Service::Reply Service::start_upload(Call& call)
{
  const std::string text = call.body.text().value_or("");
  const auto json = text.empty() ? Json(Json::Object{}) : Json::parse(text);
  if (!json) return refuse(400, "parseError", "Parse Error");
  auto fields = parse_object_fields(*json);
  if (!fields) return std::unexpected(fields.error());
  const auto wanted = Preconditions::parse(call.request.query);
  if (!wanted) return std::unexpected(wanted.error());
  const std::string& bucket = call.operation.bucket;
  add_query(call, *fields);
  call.operation.object = fields->name;
  if (fields->content_type.empty()) {
    fields->content_type =
        call.request.headers.value("x-upload-content-type", "application/octet-stream");
  }
  if (auto valid = check_name(fields->name); !valid) return std::unexpected(valid.error());
  if (auto valid = check_fields(*fields); !valid) return std::unexpected(valid.error());
  {
    const std::scoped_lock lock(buckets.mutex);
    const Bucket* found = buckets.find(bucket);
    if (found == nullptr) return no_bucket();
    if (auto allowed = call.who->require("storage.objects.create", bucket, fields->name);
        !allowed) {
      return std::unexpected(allowed.error());
    }
    if (auto free =
            check_replacing(*found, found->live(fields->name), fields->name, *wanted, *call.who);
        !free) {
      return std::unexpected(free.error());
    }
    call.operation.storage_class =
        fields->storage_class.empty() ? found->default_class() : fields->storage_class;
  }
  auto upload = std::make_shared<Upload>();
  upload->bucket = bucket;
  upload->total = parse_number(call.request.headers.value("x-upload-content-length"));
  upload->preconditions = *wanted;
  upload->who = call.who;
  upload->writer = std::make_unique<BlobWriter>(storage_, fields->name, upload->total.value_or(0),
                                                !fields->md5.empty(), true);
  upload->fields = *std::move(fields);
  const std::string id = random_hex(32);
  Response response;
  response.headers.add("Location", origin(call.request) + "/upload/storage/v1/b/" +
                                       percent_encoded(bucket) + "/o?uploadType=resumable&name=" +
                                       percent_encoded(upload->fields.name) + "&upload_id=" + id);
  response.headers.add("X-GUploader-UploadID", id);
  const std::scoped_lock lock(uploads_mutex_);
  uploads_.emplace(id, std::move(upload));
  return response;
}

std::shared_ptr<Upload> Service::find_upload(const std::string& id)
{
  const std::scoped_lock lock(uploads_mutex_);
  const auto it = uploads_.find(id);
  return it == uploads_.end() ? nullptr : it->second;
}

std::size_t Service::open_uploads()
{
  const std::scoped_lock lock(uploads_mutex_);
  std::size_t open = 0;
  for (const auto& [id, upload] : uploads_) {
    const std::scoped_lock upload_lock(upload->mutex);
    if (!upload->finished && upload->dead == 0) ++open;
  }
  return open;
}

Service::Reply Service::upload_state(const Call& call, const Upload& upload) const
{
  Response response{.status = 308};
  // Google's Go client, and so rclone, asks for this, because 308 now has another meaning in HTTP.
  if (call.request.headers.value("x-guploader-no-308") == "yes") {
    response.status = 200;
    response.headers.add("X-Http-Status-Code-Override", "308");
  }
  const std::uint64_t size = upload.writer->size();
  if (size > 0) response.headers.add("Range", "bytes=0-" + std::to_string(size - 1));
  return response;
}

Service::Reply Service::finish_upload(Call& call, Upload& upload)
{
  ObjectFields fields = upload.fields;
  add_hashes(call.request.headers, fields);
  // A refused upload cannot be continued.
  upload.dead = 404;
  if (auto good = settle_hashes(*upload.writer, fields); !good)
    return std::unexpected(good.error());
  const auto stored =
      commit(call, upload.bucket, {.fields = fields, .blob = upload.writer->finish()},
             upload.preconditions, *upload.who);
  upload.writer.reset();
  if (!stored) return std::unexpected(stored.error());
  upload.dead = 0;
  upload.finished = *stored;
  return object_response(call, **stored, upload.bucket);
}

Service::Reply Service::continue_upload(Call& call)
{
  const auto upload = find_upload(call.query("upload_id"));
  if (!upload) return refuse(404, "notFound", "Not Found: no such upload.");
  const auto range = parse_chunk_range(call.request);
  if (!range) return refuse(400, "badRequest", "Failed to parse Content-Range header.");
  const auto bad = [](const std::string& why) {
    return refuse(400, "badRequest", "Invalid request. " + why);
  };
  std::unique_lock lock(upload->mutex);
  if (upload->dead != 0) return refuse(upload->dead, "notFound", "The upload is gone.");
  if (upload->finished) return object_response(call, *upload->finished, upload->bucket);
  const std::uint64_t epoch = ++upload->epoch;
  BlobWriter& writer = *upload->writer;
  writer.roll_back();
  std::uint64_t offset = writer.size();
  if (range->total && upload->total && *range->total != *upload->total) {
    return bad("The total is not the one that was declared: " + std::to_string(*upload->total));
  }
  if (range->total && *range->total < offset) return bad("More bytes are stored than the total.");
  if (range->query) {
    if (range->total && *range->total == offset) return finish_upload(call, *upload);
    return upload_state(call, *upload);
  }
  if (range->first > offset) {
    call.body.drain();
    Response response{.status = 503,
                      .body = "Invalid request. There were gaps in the upload: " +
                              std::to_string(offset) + " bytes are stored.\n"};
    response.headers.add("Content-Type", "text/plain; charset=utf-8");
    return response;
  }
  const auto declared = call.body.declared();
  if (range->last && declared && *declared != *range->last - range->first + 1) {
    return bad("The body is not as long as Content-Range says.");
  }
  if (range->total) upload->total = range->total;
  const bool to_the_end = !range->last || (range->total && *range->last + 1 == *range->total);
  std::uint64_t keep_to = UINT64_MAX;
  if (!to_the_end) keep_to = (*range->last + 1) / kChunkUnit * kChunkUnit;
  const bool cut_short = call.fault.store_only.has_value();
  if (cut_short)
    keep_to = std::min(keep_to, (range->first + *call.fault.store_only) / kChunkUnit * kChunkUnit);
  if (call.fault.flip_stored) writer.flip_at(*call.fault.flip_stored);
  for (std::uint64_t at = range->first;;) {
    lock.unlock();
    ByteView bytes = call.body.peek();
    lock.lock();
    if (bytes.empty()) break;
    if (upload->epoch != epoch)
      return refuse(503, "backendError", "Another request has taken over this upload.");
    const std::size_t came = bytes.size();
    // Skips bytes that are already stored. Does not keep bytes after the last whole unit.
    const std::uint64_t skip = offset > at ? std::min<std::uint64_t>(offset - at, came) : 0;
    ByteView fresh = bytes.subspan(static_cast<std::size_t>(skip));
    const std::uint64_t room = keep_to > offset ? keep_to - offset : 0;
    fresh = fresh.first(static_cast<std::size_t>(std::min<std::uint64_t>(fresh.size(), room)));
    writer.append(fresh);
    offset += fresh.size();
    at += came;
    call.body.consume(came);
  }
  if (upload->epoch != epoch)
    return refuse(503, "backendError", "Another request has taken over this upload.");
  // A broken connection leaves whole units. So does every chunk except the last.
  const bool whole = call.body.finished() && to_the_end && !cut_short &&
                     (!upload->total || *upload->total == offset);
  if (whole) return finish_upload(call, *upload);
  writer.roll_back();
  if (call.body.finished() && to_the_end && !cut_short)
    return bad("The body is not as long as the total says.");
  return upload_state(call, *upload);
}

Service::Reply Service::cancel_upload(Call& call)
{
  const auto upload = find_upload(call.query("upload_id"));
  if (!upload) return refuse(404, "notFound", "Not Found: no such upload.");
  const std::scoped_lock lock(upload->mutex);
  if (upload->dead != 0) return refuse(upload->dead, "notFound", "The upload is gone.");
  if (upload->finished) return refuse(404, "notFound", "The upload is finished.");
  ++upload->epoch;
  upload->dead = 410;
  upload->writer.reset();
  return Response{.status = 499};
}

}  // namespace ib::emulator
