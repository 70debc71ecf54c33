// SPDX-License-Identifier: Apache-2.0
#include "store/gcs/gcs_store.hpp"

#include "base/text.hpp"
#include "store/gcs/gcs_api.hpp"
#include "store/gcs/refusals.hpp"
#include "store/gcs/resumable_upload.hpp"
#include "sys/hash.hpp"
#include "sys/system.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>
#include <vector>

namespace ib {
namespace {

// Up to here one request carries description and bytes; above, a session costs one request more and
// survives a break.
constexpr std::uint64_t kLargestSingleRequest = std::uint64_t{16} * 1024 * 1024;
// Of a stream; a multiple of 256 KiB, as the server demands.
constexpr std::size_t kStreamChunk = std::size_t{8} * 1024 * 1024;

std::string strip(std::string name, const std::string& prefix)
{
  name.erase(0, prefix.size());
  return name;
}

/// A source that must hold exactly so many bytes: what is longer fails with its last piece, before
/// the request is whole.
class ExactSource final : public ByteSource {
public:
  ExactSource(ByteSource& inner, const NewObject& object) : inner_(inner), object_(object) {}

  Result<std::size_t> read(std::span<std::byte> buffer) override
  {
    const std::size_t n = TRY(inner_.read(
        buffer.first(std::min<std::uint64_t>(buffer.size(), object_.size - position_))));
    position_ += n;
    std::byte more{};
    if (position_ == object_.size && TRY(inner_.read({&more, 1})) > 0) {
      return fail(Errc::corrupt,
                  object_.name.value + ": the bytes are not those that were announced");
    }
    return n;
  }

  Result<> seek(std::uint64_t offset) override
  {
    position_ = offset;
    return inner_.seek(offset);
  }

private:
  ByteSource& inner_;
  const NewObject& object_;
  std::uint64_t position_ = 0;
};

class GcsStore final : public ObjectStore {
public:
  GcsStore(std::shared_ptr<GcsClient> client, StorageClasses classes,
           std::shared_ptr<Retrier> retrier)
      : address_(StoreAddress::of_bucket(client->bucket())),
        client_(std::move(client)),
        classes_(std::move(classes)),
        retrier_(std::move(retrier))
  {}

  const StoreAddress& address() const override { return address_; }

  Result<ObjectInfo> put(const NewObject& object, ByteSource& source,
                         const std::stop_token& stop) override
  {
    return resolve_refusal(object.name, insert(object, source, 0, stop), stop);
  }

  Result<ObjectInfo> replace(const NewObject& object, ByteSource& source,
                             std::uint64_t generation) override
  {
    return insert(object, source, generation, {});
  }

  Result<std::unique_ptr<ObjectWriter>> create(const ObjectName& name, const Metadata& metadata,
                                               const std::string& content_type,
                                               const std::stop_token& stop) override
  {
    TRY(require_valid(name));
    // Only dumps are streams; anything else of unknown size is taken for large.
    const StorageClass storage_class = class_of(name, std::numeric_limits<std::uint64_t>::max());
    const std::string resource =
        object_resource(full(name), metadata, content_type, std::nullopt, storage_class);
    Result<ResumableUpload> session = ResumableUpload::open(
        *client_, *retrier_, resource, content_type, 0, std::nullopt, storage_class, stop);
    if (!session)
      return std::unexpected(explain_refusal(std::move(session).error(), name, *client_));
    return std::make_unique<Writer>(*this, name, std::move(*session));
  }

  Result<> remove(const RemovableName& name, const std::stop_token& stop) override
  {
    const std::string& object = name.name().value;
    const HttpResponse response = TRY(client_->send(
        {.method = "DELETE", .url = client_->api("/o/" + percent_encode(full(name.name())))},
        Billing::free, stop));
    if (response.is_success() || response.status == 404) return {};
    return std::unexpected(
        explain_refused_removal(error_from(response, object), name.name(), *client_));
  }

  Result<ObjectInfo> stat(const ObjectName& name, const std::stop_token& stop) override
  {
    TRY(require_findable(name));
    // By a listing, since the credential may list but not get: the name itself sorts before all
    // that it begins.
    const ObjectPage page = TRY(fetch_page(full(name), full(name), "", 1, true, stop));
    if (page.objects.empty() || page.objects.front().name.value != full(name)) {
      return fail(Errc::not_found, url() + ": there is no " + name.value);
    }
    return with_own_name(page.objects.front());
  }

  Result<> get(const ObjectName& name, const ByteSink& sink, const std::stop_token& stop,
               std::uint64_t offset) override
  {
    TRY(require_findable(name));
    Crc32c crc;
    std::uint64_t received = 0;
    const ByteSink hashing = [&](ByteView bytes) {
      crc = crc32c(bytes, crc);
      received += bytes.size();
      return sink(bytes);
    };
    // Without this header the server would decode what has a content encoding, and its checksum and
    // byte ranges would not be those of what it sends
    // (https://cloud.google.com/storage/docs/transcoding).
    HttpRequest request{.method = "GET",
                        .url = client_->api("/o/" + percent_encode(full(name)) + "?alt=media"),
                        .headers = {"Accept-Encoding: gzip"},
                        .sink = &hashing};
    if (offset > 0) request.headers.push_back("Range: bytes=" + std::to_string(offset) + "-");
    const StorageClass storage_class = class_of(name, std::numeric_limits<std::uint64_t>::max());
    const Result<HttpResponse> sent = client_->send(request, Billing::class_b, stop, storage_class);
    if (!sent) client_->count_retrieved(received, storage_class);
    const HttpResponse& response = TRY(sent);
    if (response.status == 416 && offset > 0) return {};  // the break came after the last byte
    if (!response.is_success())
      return std::unexpected(explain_refusal(error_from(response, name.value), name, *client_));
    if (offset > 0) {
      if (response.status != 206)
        return fail(Errc::io,
                    name.value + ": the store sends the whole where a part was asked for");
      return {};  // a part has no checksum of its own: whoever put the parts together compares the
                  // whole
    }
    // Something on the way may decode all the same: what came has then no checksum of its own
    // either.
    if (response.header("x-goog-stored-content-encoding") == "gzip" &&
        response.header("content-encoding") != "gzip")
      return {};
    const std::optional<Crc32c> expected = crc32c_in(response.header("x-goog-hash"));
    if (expected && *expected != crc)
      return fail(Errc::corrupt, name.value + ": its bytes were damaged on their way");
    return {};
  }

  Result<std::unique_ptr<ObjectCursor>> list(const std::string& prefix, const std::string& start,
                                             ListedMetadata metadata) override
  {
    const bool of_all = metadata == ListedMetadata::of_all || !prefix.starts_with(kLibraryPrefix);
    return std::make_unique<Cursor>(*this, client_->bucket().prefix + prefix,
                                    start.empty() ? "" : client_->bucket().prefix + start, of_all);
  }

  StoreFeatures features() const override
  {
    return {.keeps_encodings = true, .lists_checksums = true, .replaces_by_generation = true};
  }

  Result<Timestamp> now() override
  {
    if (!client_->server_time()) TRY(fetch_page(full({"manifest"}), "", "", 1, false, {}));
    const std::optional<Timestamp> time = client_->server_time();
    if (!time) return fail(Errc::unavailable, url() + ": its replies carry no date");
    return *time;
  }

private:
  class Cursor final : public ObjectCursor {
  public:
    Cursor(GcsStore& store, std::string prefix, std::string start, bool with_metadata)
        : store_(store),
          prefix_(std::move(prefix)),
          start_(std::move(start)),
          with_metadata_(with_metadata)
    {}
    Result<std::optional<ObjectInfo>> next() override
    {
      constexpr unsigned kPage = 1000;  // the most that one request tells
      while (position_ == page_.objects.size()) {
        if (started_ && page_.next_token.empty()) return std::nullopt;
        page_ =
            TRY(store_.fetch_page(prefix_, start_, page_.next_token, kPage, with_metadata_, {}));
        started_ = true;
        position_ = 0;
      }
      return store_.with_own_name(std::move(page_.objects[position_++]));
    }

  private:
    GcsStore& store_;
    std::string prefix_, start_;
    bool with_metadata_;
    ObjectPage page_;
    std::size_t position_ = 0;
    bool started_ = false;
  };

  class Writer final : public ObjectWriter {
  public:
    Writer(GcsStore& store, ObjectName name, ResumableUpload session)
        : store_(store), name_(std::move(name)), session_(std::move(session))
    {
      buffer_.reserve(kStreamChunk);
    }

    Result<> write(ByteView bytes) override
    {
      crc_ = crc32c(bytes, crc_);
      while (!bytes.empty()) {
        // The last bytes stay here until commit(): only they may be fewer than a chunk, and they
        // make the object visible.
        if (buffer_.size() == kStreamChunk) {
          TRY(session_.send_more(buffer_).context(name_.value));
          buffer_.clear();
        }
        const ByteView piece = bytes.first(std::min(bytes.size(), kStreamChunk - buffer_.size()));
        buffer_.insert(buffer_.end(), piece.begin(), piece.end());
        bytes = bytes.subspan(piece.size());
      }
      return {};
    }

    Result<ObjectInfo> commit() override
    {
      Result<ObjectInfo> stored = session_.finish(buffer_, crc_);
      if (!stored)
        return store_.resolve_refusal(
            name_,
            std::unexpected(explain_refusal(std::move(stored).error(), name_, *store_.client_)),
            {});
      if (stored->crc32c != crc_)
        return fail(Errc::corrupt,
                    name_.value + ": the store confirmed other bytes than were sent");
      return store_.with_own_name(std::move(*stored));
    }

  private:
    GcsStore& store_;
    ObjectName name_;
    ResumableUpload session_;
    std::vector<std::byte> buffer_;
    Crc32c crc_;
  };

  std::string full(const ObjectName& name) const { return client_->bucket().prefix + name.value; }

  ObjectInfo with_own_name(ObjectInfo info) const
  {
    info.name.value = strip(std::move(info.name.value), client_->bucket().prefix);
    return info;
  }

  StorageClass class_of(const ObjectName& name, std::uint64_t size) const
  {
    for (const std::string_view prefix : {kLibraryPrefix, kVersionsPrefix, kHashedPrefix}) {
      if (name.value.starts_with(prefix)) return classes_.files(size);
    }
    return name.value.starts_with(kDatabasePrefix) ? classes_.dumps : classes_.control;
  }

  Result<> require_valid(const ObjectName& name) const
  {
    if (is_valid_object_name(name.value) && full(name).size() <= 1024) return {};
    return fail(Errc::invalid, name.value + ": not a valid object name");
  }

  /// What cannot be a name has no object; in an address, "." and ".." would even mean something
  /// else.
  Result<> require_findable(const ObjectName& name) const
  {
    if (require_valid(name)) return {};
    return fail(Errc::not_found, url() + ": there is no " + printable(name.value));
  }

  Result<ObjectInfo> insert(const NewObject& object, ByteSource& source, std::uint64_t generation,
                            const std::stop_token& stop)
  {
    TRY(require_valid(object.name));
    ExactSource exact(source, object);
    std::byte none{};
    if (object.size == 0) TRY(exact.read({&none, 1}));  // nobody else would look
    const StorageClass storage_class = class_of(object.name, object.size);
    const std::string resource =
        object_resource(full(object.name), object.metadata, object.content_type, object.crc32c,
                        storage_class, object.content_encoding);
    Result<ObjectInfo> stored =
        object.size <= kLargestSingleRequest
            ? insert_at_once(object, resource, storage_class, exact, generation, stop)
            : insert_in_session(object, resource, storage_class, exact, generation, stop);
    if (!stored)
      return std::unexpected(explain_refusal(std::move(stored).error(), object.name, *client_));
    if (stored->size != object.size || stored->crc32c != object.crc32c) {
      return fail(Errc::corrupt,
                  object.name.value + ": the store confirmed other bytes than were sent");
    }
    return with_own_name(std::move(*stored));
  }

  /// Description and bytes in one multipart request.
  Result<ObjectInfo> insert_at_once(const NewObject& object, const std::string& resource,
                                    StorageClass storage_class, ByteSource& source,
                                    std::uint64_t generation, const std::stop_token& stop)
  {
    const std::string boundary = "immich-backup-" + random_hex(16);
    const std::string head =
        "--" + boundary + "\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n" + resource +
        "\r\n--" + boundary + "\r\nContent-Type: " + object.content_type + "\r\n\r\n";
    const std::string tail = "\r\n--" + boundary + "--\r\n";
    HttpRequest request{.method = "POST",
                        .url = client_->upload(
                            "uploadType=multipart&ifGenerationMatch=" + std::to_string(generation) +
                            "&fields=" + percent_encode(kObjectFields)),
                        .headers = {"Content-Type: multipart/related; boundary=" + boundary},
                        .body = bytes_of(head),
                        .source = &source,
                        .source_size = object.size,
                        .body_end = bytes_of(tail)};
    // As Google's libraries do. Not for a session: an answer that is given again would name one
    // that may have died since.
    if (!object.operation.empty())
      request.headers.push_back("x-goog-gcs-idempotency-token: " + object.operation);
    const HttpResponse response =
        TRY(client_->send(std::move(request), Billing::class_a, stop, storage_class));
    if (!response.is_success()) return std::unexpected(error_from(response, object.name.value));
    return parse_object(response.body);
  }

  Result<ObjectInfo> insert_in_session(const NewObject& object, const std::string& resource,
                                       StorageClass storage_class, ByteSource& source,
                                       std::uint64_t generation, const std::stop_token& stop)
  {
    ResumableUpload session =
        TRY(ResumableUpload::open(*client_, *retrier_, resource, object.content_type, generation,
                                  object.size, storage_class, stop));
    Result<ObjectInfo> stored = session.send_all(source, object.size, stop);
    // A session that died is not the object's absence: the whole is worth another try.
    if (!stored && stored.error().code == Errc::not_found) stored.error().code = Errc::unavailable;
    return stored;
  }

  /// A create-only credential may hear 403 for a name that is taken. A listing tells it from a
  /// missing permission.
  Result<ObjectInfo> resolve_refusal(const ObjectName& name, Result<ObjectInfo> stored,
                                     const std::stop_token& stop)
  {
    if (stored || stored.error().code != Errc::denied) return stored;
    const Result<ObjectInfo> there = stat(name, stop);
    if (there) return fail(Errc::precondition_failed, name.value + ": the name is taken");
    return stored;
  }

  Result<ObjectPage> fetch_page(const std::string& prefix, const std::string& start,
                                const std::string& token, unsigned most, bool with_metadata,
                                const std::stop_token& stop)
  {
    std::string query =
        "/o?maxResults=" + std::to_string(most) + "&fields=" +
        percent_encode(
            with_metadata ? "items(name,size,crc32c,generation,storageClass,metadata),nextPageToken"
                          : "items(name,size,crc32c,generation,storageClass),nextPageToken");
    if (!prefix.empty()) query += "&prefix=" + percent_encode(prefix);
    if (!start.empty()) query += "&startOffset=" + percent_encode(start);
    if (!token.empty()) query += "&pageToken=" + percent_encode(token);
    const HttpResponse response =
        TRY(client_->send({.method = "GET", .url = client_->api(query)}, Billing::class_a, stop));
    if (!response.is_success())
      return std::unexpected(
          explain_refused_listing(error_from(response, url() + ": listing"), *client_));
    return parse_page(response.body);
  }

  StoreAddress address_;
  std::shared_ptr<GcsClient> client_;
  StorageClasses classes_;
  std::shared_ptr<Retrier> retrier_;
};

}  // namespace

std::unique_ptr<ObjectStore> make_gcs_store(std::shared_ptr<GcsClient> client,
                                            StorageClasses classes,
                                            std::shared_ptr<Retrier> retrier)
{
  return std::make_unique<GcsStore>(std::move(client), std::move(classes), std::move(retrier));
}

}  // namespace ib
