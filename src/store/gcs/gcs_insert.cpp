// SPDX-License-Identifier: Apache-2.0
#include "store/gcs/gcs_insert.hpp"

#include "store/gcs/gcs_api.hpp"
#include "store/gcs/gcs_listing.hpp"
#include "store/gcs/refusals.hpp"
#include "store/gcs/resumable_upload.hpp"
#include "sys/system.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace ib {
namespace {

// Up to this size, one request sends the description and the bytes. A larger object takes a
// resumable upload, which costs one more request and survives a break.
constexpr std::uint64_t kLargestSingleRequest = std::uint64_t{16} * 1024 * 1024;

/// A source that must hold exactly the announced number of bytes. If it holds more, its last piece
/// fails, so the request never becomes complete.
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

/// The parts that both ways of inserting share.
struct Insert {
  GcsClient& client;
  Retrier& retrier;
  const NewObject& object;
  std::string resource;  // the object's JSON
  StorageClass storage_class;
  ByteSource& source;
  std::uint64_t generation;
  const std::stop_token& stop;
};

/// Sends the description and the bytes in one multipart request.
Result<ObjectInfo> insert_at_once(const Insert& insert)
{
  const NewObject& object = insert.object;
  const std::string boundary = "immich-backup-" + random_hex(16);
  const std::string head = "--" + boundary +
                           "\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n" +
                           insert.resource + "\r\n--" + boundary +
                           "\r\nContent-Type: " + object.content_type + "\r\n\r\n";
  const std::string tail = "\r\n--" + boundary + "--\r\n";
  HttpRequest request{.method = "POST",
                      .url = insert.client.upload("uploadType=multipart&ifGenerationMatch=" +
                                                  std::to_string(insert.generation) +
                                                  "&fields=" + percent_encode(kObjectFields)),
                      .headers = {"Content-Type: multipart/related; boundary=" + boundary},
                      .body = bytes_of(head),
                      .source = &insert.source,
                      .source_size = object.size,
                      .body_end = bytes_of(tail)};
  // As Google's libraries do. A resumable upload must not have this header: the repeated answer
  // would name an upload that may have died meanwhile.
  if (!object.operation.empty())
    request.headers.push_back("x-goog-gcs-idempotency-token: " + object.operation);
  const HttpResponse response = TRY(
      insert.client.send(std::move(request), Billing::class_a, insert.stop, insert.storage_class));
  if (!response.is_success()) return std::unexpected(error_from(response, object.name.value));
  return parse_object(response.body);
}

Result<ObjectInfo> insert_by_upload(const Insert& insert)
{
  ResumableUpload upload = TRY(ResumableUpload::open(
      insert.client, insert.retrier, insert.resource, insert.object.content_type, insert.generation,
      insert.object.size, insert.storage_class, insert.stop));
  Result<ObjectInfo> stored = upload.send_all(insert.source, insert.object, insert.stop);
  // A dead upload does not mean that there is no object. The whole insert is worth another attempt.
  if (!stored && stored.error().code == Errc::not_found) stored.error().code = Errc::unavailable;
  return stored;
}

}  // namespace

Result<ObjectInfo> insert_object(GcsClient& client, Retrier& retrier, const NewObject& object,
                                 StorageClass storage_class, ByteSource& source,
                                 std::uint64_t generation, const std::stop_token& stop)
{
  ExactSource exact(source, object);
  std::byte none{};
  if (object.size == 0) TRY(exact.read({&none, 1}));  // an empty source is read by nobody else
  const std::string& prefix = client.bucket().prefix;
  const Insert insert{
      .client = client,
      .retrier = retrier,
      .object = object,
      .resource = object_resource(prefix + object.name.value, object.metadata, object.content_type,
                                  object.crc32c, storage_class, object.content_encoding),
      .storage_class = storage_class,
      .source = exact,
      .generation = generation,
      .stop = stop};
  // One request tells the checksum before the bytes.
  const bool is_at_once = object.size <= kLargestSingleRequest && object.crc32c;
  Result<ObjectInfo> stored = is_at_once ? insert_at_once(insert) : insert_by_upload(insert);
  if (!stored)
    return std::unexpected(explain_refusal(std::move(stored).error(), object.name, client));
  stored = as_confirmed(client, *std::move(stored), stop);
  if (!stored) return stored;
  if (!object.is_confirmed_by(*stored)) {
    return fail(Errc::corrupt,
                object.name.value + ": the store confirmed other bytes than were sent");
  }
  return stored;
}

}  // namespace ib
