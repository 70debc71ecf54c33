// SPDX-License-Identifier: Apache-2.0
#include "store/gcs/gcs_store.hpp"

#include "base/text.hpp"
#include "store/gcs/gcs_api.hpp"
#include "store/gcs/gcs_insert.hpp"
#include "store/gcs/gcs_listing.hpp"
#include "store/gcs/refusals.hpp"
#include "store/gcs/resumable_upload.hpp"
#include "sys/hash.hpp"
#include "sys/system.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

namespace ib {
namespace {

// For a stream. The server demands a multiple of 256 KiB.
constexpr std::size_t kStreamChunk = std::size_t{8} * 1024 * 1024;

bool is_stored_as_gzip(const HttpResponse& response)
{
  return response.header("x-goog-stored-content-encoding") == "gzip";
}

/// Compares the received bytes with the store's checksum, for a reply with a complete object.
Result<> check_received(const HttpResponse& response, const ObjectName& name, Crc32c received)
{
  // A proxy may have expanded the bytes, or removed what tells whether they were to be. Then the
  // header's checksum may not be theirs.
  const bool is_gzip = !response.header("content-encoding").empty();
  const bool tells = !response.header("x-goog-stored-content-encoding").empty();
  if (is_stored_as_gzip(response) ? !is_gzip : is_gzip && !tells) return {};
  const std::optional<Crc32c> expected = crc32c_in(response.header("x-goog-hash"));
  if (expected && *expected != received)
    return fail(Errc::corrupt, name.value + ": its bytes were damaged in transit");
  return {};
}

/// https://cloud.google.com/storage/quotas#objects
constexpr std::uint64_t kLargestObject = std::uint64_t{5} << 40;

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
    if (object.size > kLargestObject) {
      return fail(Errc::too_large, object.name.value + ": a bucket holds no object of over 5 TiB");
    }
    Result<ObjectInfo> stored = insert(object, source, 0, stop);
    if (stored) return stored;
    return std::unexpected(resolve_refusal(object.name, std::move(stored).error(), stop));
  }

  Result<ObjectInfo> replace(const NewObject& object, ByteSource& source, std::uint64_t generation,
                             const std::stop_token& stop) override
  {
    return insert(object, source, generation, stop);
  }

  Result<std::unique_ptr<ObjectWriter>> create(const ObjectName& name, const Metadata& metadata,
                                               const std::string& content_type,
                                               const std::stop_token& stop) override
  {
    TRY(require_valid(name));
    const StorageClass storage_class = class_of(name);
    const std::string resource =
        object_resource(full(name), metadata, content_type, std::nullopt, storage_class);
    Result<ResumableUpload> upload = ResumableUpload::open(
        *client_, *retrier_, resource, content_type, 0, std::nullopt, storage_class, stop);
    if (!upload) {
      Error error = explain_refusal(std::move(upload).error(), name, *client_);
      return std::unexpected(resolve_refusal(name, std::move(error), stop));
    }
    return std::make_unique<Writer>(*this, name, std::move(*upload));
  }

  Result<> remove(const RemovableName& name, const std::stop_token& stop) override
  {
    const HttpResponse response = TRY(
        client_->send({.method = "DELETE", .url = object_url(name.name())}, Billing::free, stop));
    if (response.is_success() || response.status == 404) return {};
    return std::unexpected(
        explain_refused_removal(error_from(response, name.name().value), name.name(), *client_));
  }

  Result<ObjectInfo> stat(const ObjectName& name, const std::stop_token& stop) override
  {
    TRY(require_findable(name));
    // Lists instead of getting, because the credential may only list.
    return find_object(*client_, name, stop);
  }

  Result<> get(const ObjectName& name, const ByteSink& sink, const std::stop_token& stop,
               std::uint64_t offset) override
  {
    TRY(require_findable(name));
    Crc32c crc;
    std::uint64_t received = 0;
    std::uint64_t to_skip = 0;
    const ByteSink hashing = [&](ByteView bytes) -> Result<> {
      crc = crc32c(bytes, crc);
      received += bytes.size();
      const auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(to_skip, bytes.size()));
      to_skip -= skipped;
      return skipped == bytes.size() ? Result<>() : sink(bytes.subspan(skipped));
    };
    // Who changes a body on its way does not know its parts, and sends the whole again.
    const std::function<bool(const HttpResponse&)> keeps_gzip = [&](const HttpResponse& head) {
      to_skip = head.status == 206 ? 0 : offset;
      return is_stored_as_gzip(head);
    };
    // Without this header, the server decodes an object that has a content encoding. Its checksum
    // and byte ranges would then not match the bytes that it sends
    // (https://cloud.google.com/storage/docs/transcoding).
    HttpRequest request{.method = "GET",
                        .url = object_url(name, "?alt=media"),
                        .headers = {"Accept-Encoding: gzip"},
                        .sink = &hashing,
                        .keeps_gzip = &keeps_gzip};
    if (offset > 0) request.headers.push_back("Range: bytes=" + std::to_string(offset) + "-");
    const Result<HttpResponse> sent =
        client_->send(request, Billing::class_b, stop, class_of(name));
    if (!sent) client_->count_retrieved(received, class_of(name));
    const HttpResponse& response = TRY(sent);
    if (response.status == 416 && offset > 0) return {};  // the break came after the last byte
    if (!response.is_success())
      return std::unexpected(explain_refusal(error_from(response, name.value), name, *client_));
    if (response.status != 206) return check_received(response, name, crc);
    // A part has no checksum of its own. The caller that joins the parts compares the whole.
    return {};
  }

  Result<std::unique_ptr<ObjectCursor>> list(const std::string& prefix, const std::string& start,
                                             const std::stop_token& stop,
                                             ListedMetadata metadata) override
  {
    return list_pages(*client_,
                      {.prefix = prefix,
                       .start = start,
                       .with_metadata = metadata == ListedMetadata::of_all ||
                                        !prefix.starts_with(kLibraryPrefix)},
                      stop);
  }

  StoreFeatures features() const override
  {
    return {.keeps_encodings = true, .lists_checksums = true, .replaces_by_generation = true};
  }

  Result<Timestamp> now(const std::stop_token& stop) override
  {
    if (!client_->server_time())
      TRY(fetch_page(*client_, {.prefix = "manifest", .limit = 1, .with_metadata = false}, stop));
    // A proxy may remove the date. Then this is like a folder (see StoreInspector::tells_time()).
    return client_->server_time().value_or(wall_clock_now());
  }

private:
  class Writer final : public ObjectWriter {
  public:
    Writer(GcsStore& store, ObjectName name, ResumableUpload upload)
        : store_(store), name_(std::move(name)), upload_(std::move(upload))
    {
      buffer_.reserve(kStreamChunk);
    }

    Result<> write(ByteView bytes) override
    {
      crc_ = crc32c(bytes, crc_);
      while (!bytes.empty()) {
        // The last bytes stay here until commit(). Only they may be less than a chunk, and sending
        // them makes the object visible.
        if (buffer_.size() == kStreamChunk) {
          TRY(upload_.send_more(buffer_).context(name_.value));
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
      Result<ObjectInfo> stored = upload_.finish(buffer_, crc_);
      if (!stored) {
        const Error error = explain_refusal(std::move(stored).error(), name_, *store_.client_);
        return store_.retrier_->run({}, [&](int /*attempt*/) -> Result<ObjectInfo> {
          return std::unexpected(store_.resolve_refusal(name_, error, {}));
        });
      }
      stored = store_.retrier_->run(
          {}, [&](int /*attempt*/) { return as_confirmed(*store_.client_, *stored, {}); });
      if (stored && stored->crc32c != crc_)
        return fail(Errc::corrupt,
                    name_.value + ": the store confirmed other bytes than were sent");
      return stored;
    }

  private:
    GcsStore& store_;
    ObjectName name_;
    ResumableUpload upload_;
    std::vector<std::byte> buffer_;
    Crc32c crc_;
  };

  const std::string& prefix() const { return client_->bucket().prefix; }
  std::string full(const ObjectName& name) const { return prefix() + name.value; }
  std::string object_url(const ObjectName& name, const std::string& query = "") const
  {
    return client_->api("/o/" + percent_encode(full(name)) + query);
  }

  /// A stream has no size yet. Only dumps are streams; any other object of unknown size counts as
  /// large.
  StorageClass class_of(const ObjectName& name,
                        std::uint64_t size = std::numeric_limits<std::uint64_t>::max()) const
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

  /// An invalid name has no object. In an address, "." and ".." would even mean something else.
  Result<> require_findable(const ObjectName& name) const
  {
    if (require_valid(name)) return {};
    return fail(Errc::not_found, url() + ": there is no " + printable(name.value));
  }

  Result<ObjectInfo> insert(const NewObject& object, ByteSource& source, std::uint64_t generation,
                            const std::stop_token& stop)
  {
    TRY(require_valid(object.name));
    return insert_object(*client_, *retrier_, object, class_of(object.name, object.size), source,
                         generation, stop);
  }

  /// With a create-only credential, the server may answer 403 if a name is taken. A listing tells
  /// this from a missing permission.
  Error resolve_refusal(const ObjectName& name, Error error, const std::stop_token& stop)
  {
    if (error.code != Errc::denied) return error;
    const Result<ObjectInfo> there = stat(name, stop);
    if (there)
      return {.code = Errc::precondition_failed, .message = name.value + ": the name is taken"};
    const Errc code = there.error().code;
    return code == Errc::unavailable || code == Errc::cancelled ? there.error() : error;
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
