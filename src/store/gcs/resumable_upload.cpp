// SPDX-License-Identifier: Apache-2.0
#include "store/gcs/resumable_upload.hpp"

#include "base/text.hpp"
#include "store/gcs/gcs_api.hpp"

#include <utility>

namespace ib {
namespace {

// Each part of an upload but the last is a multiple of it.
constexpr std::uint64_t kUnit = std::uint64_t{256} * 1024;

std::string content_range(std::uint64_t first, std::uint64_t count, const std::string& total)
{
  if (count == 0) return "Content-Range: bytes */" + total;
  return "Content-Range: bytes " + std::to_string(first) + "-" + std::to_string(first + count - 1) +
         "/" + total;
}

/// Beside the last bytes: the server refuses the object if it has got others.
std::string hash_header(Crc32c crc32c)
{
  return "X-Goog-Hash: crc32c=" + crc32c.base64();
}

/// What `source` has from `front` to `size`.
Result<std::vector<std::byte>> read_end(ByteSource& source, std::uint64_t front, std::uint64_t size)
{
  std::vector<std::byte> end(static_cast<std::size_t>(size - front));
  TRY(source.seek(front));
  std::size_t have = 0;
  while (have < end.size()) {
    const std::size_t n = TRY(source.read(std::span(end).subspan(have)));
    if (n == 0) return fail(Errc::corrupt, "has fewer bytes than were announced");
    have += n;
  }
  return end;
}

}  // namespace

Result<ResumableUpload> ResumableUpload::open(
    GcsClient& client, Retrier& retrier, const std::string& resource,
    const std::string& content_type, std::uint64_t generation, std::optional<std::uint64_t> size,
    StorageClass storage_class, const std::stop_token& stop)
{
  HttpRequest request{
      .method = "POST",
      .url = client.upload("uploadType=resumable&ifGenerationMatch=" + std::to_string(generation) +
                           "&fields=" + percent_encode(kObjectFields)),
      .headers = {"Content-Type: application/json; charset=UTF-8",
                  "X-Upload-Content-Type: " + content_type},
      .body = bytes_of(resource)};
  if (size) request.headers.push_back("X-Upload-Content-Length: " + std::to_string(*size));
  const HttpResponse response = TRY(client.send(request, Billing::class_a, stop, storage_class));
  if (!response.is_success()) return std::unexpected(error_from(response, "opening an upload"));
  std::string url(response.header("location"));
  if (url.empty())
    return fail(Errc::unavailable, "opening an upload: the store names no address for it");
  if (!client.is_own_address(url))
    return fail(
        Errc::invalid,
        "opening an upload: the store names an address elsewhere: " + printable(host_of(url)),
        "Something between this machine and Google Cloud Storage may have answered. Check "
        "the network's proxy.");
  return ResumableUpload(client, retrier, std::move(url), stop);
}

ResumableUpload::ResumableUpload(ResumableUpload&& other) noexcept
    : client_(other.client_),
      retrier_(other.retrier_),
      url_(std::exchange(other.url_, {})),
      stop_(std::move(other.stop_)),
      offset_(other.offset_)
{}

ResumableUpload::~ResumableUpload()
{
  if (url_.empty()) return;
  // Ignores a failure: the server drops an upload that nobody cancels after a week.
  static_cast<void>(client_->send(
      {.method = "DELETE", .url = url_, .timeout = std::chrono::seconds(10)}, Billing::free, {}));
}

Result<ResumableUpload::Progress> ResumableUpload::put(HttpRequest request,
                                                       const std::stop_token& stop)
{
  request.method = "PUT";
  request.url = url_;
  const HttpResponse response = TRY(client_->send(std::move(request), Billing::free, stop));
  if (response.status == 308) {
    const std::uint64_t stored = TRY(stored_bytes(response));
    return Progress{.stored = stored, .object = std::nullopt};
  }
  if (response.status == 410) return fail(Errc::not_found, "the upload is gone");
  if (!response.is_success()) return std::unexpected(error_from(response, "sending an upload"));
  ObjectInfo object = TRY(parse_object(response.body));
  url_.clear();
  return Progress{.stored = 0, .object = std::move(object)};
}

Result<ResumableUpload::Progress> ResumableUpload::require_progress(Result<Progress> sent,
                                                                    std::uint64_t offset)
{
  if (sent && !sent->object && sent->stored == offset) {
    return fail(Errc::unavailable, "sending an upload: the store accepts no bytes");
  }
  return sent;
}

Result<ResumableUpload::Progress> ResumableUpload::ask(const std::string& total,
                                                       const std::stop_token& stop)
{
  return put({.headers = {content_range(0, 0, total)}}, stop);
}

Result<ObjectInfo> ResumableUpload::send_all(ByteSource& source, const NewObject& object,
                                             const std::stop_token& stop)
{
  const std::uint64_t size = object.size;
  const std::string total = std::to_string(size);
  // All but the last bytes, if these are sent by themselves.
  const std::uint64_t front = object.crc32c || size == 0 ? size : (size - 1) / kUnit * kUnit;
  std::vector<std::byte> end;
  std::uint64_t offset = 0;
  for (;;) {
    // Each success of the inner loop is progress, so a long upload may break any number of times.
    const std::uint64_t before = offset;
    Progress progress = TRY(retrier_->run(stop, [&](int attempt) -> Result<Progress> {
      if (attempt > 1) {
        Progress there = TRY(ask(total, stop));
        if (there.object || there.stored > offset) return there;
      }
      if (!object.crc32c && offset >= front) {
        if (end.empty()) end = TRY(read_end(source, front, size));
        const ByteView rest = ByteView(end).subspan(static_cast<std::size_t>(offset - front));
        const std::optional<Crc32c> crc32c = object.known_crc32c();
        if (!crc32c)
          return fail(Errc::corrupt,
                      "sending an upload: the store says that it has bytes that were not sent");
        HttpRequest request{
            .headers = {content_range(offset, rest.size(), total), hash_header(*crc32c)},
            .body = rest};
        return require_progress(put(std::move(request), stop), offset);
      }
      TRY(source.seek(offset));
      Result<Progress> sent = put({.headers = {content_range(offset, front - offset, total)},
                                   .source = &source,
                                   .source_size = front - offset},
                                  stop);
      return require_progress(std::move(sent), offset);
    }));
    if (progress.object) return *std::move(progress.object);
    if (progress.stored > size)
      return fail(Errc::unavailable,
                  "sending an upload: the store says that it has more bytes than were sent");
    offset = progress.stored;
    if (offset < before)
      return fail(Errc::not_found, "the upload has lost bytes that the store had confirmed");
  }
}

Result<ResumableUpload::Progress> ResumableUpload::send_stream(ByteView bytes,
                                                               const std::string& total,
                                                               std::optional<Crc32c> crc32c)
{
  const std::uint64_t end = offset_ + bytes.size();
  for (;;) {
    const std::uint64_t before = offset_;
    Progress progress = TRY(retrier_->run(stop_, [&](int attempt) -> Result<Progress> {
      if (attempt > 1) {
        Progress there = TRY(ask(total, stop_));
        if (there.object || there.stored > offset_) return there;
      }
      const ByteView rest = bytes.last(end - offset_);
      HttpRequest request{.headers = {content_range(offset_, rest.size(), total)}, .body = rest};
      if (crc32c) request.headers.push_back(hash_header(*crc32c));
      return require_progress(put(std::move(request), stop_), offset_);
    }));
    if (progress.object) return progress;
    if (progress.stored > end || progress.stored < before) {
      return fail(Errc::io, "sending an upload: the store has lost bytes that it had confirmed");
    }
    offset_ = progress.stored;
    // Without a total, the server waits for more bytes. With a total, it must answer with the
    // object.
    if (offset_ == end && total == "*") return progress;
  }
}

Result<> ResumableUpload::send_more(ByteView bytes)
{
  if (bytes.empty()) return {};
  TRY(send_stream(bytes, "*", std::nullopt));
  return {};
}

Result<ObjectInfo> ResumableUpload::finish(ByteView bytes, Crc32c crc32c)
{
  const std::string total = std::to_string(offset_ + bytes.size());
  return *TRY(send_stream(bytes, total, crc32c)).object;
}

}  // namespace ib
