// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/gcs/gcs_client.hpp"
#include "store/object_store.hpp"
#include "store/retrier.hpp"

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

namespace ib {

/// One resumable upload (https://cloud.google.com/storage/docs/performing-resumable-uploads). The
/// server keeps it for a week. Its address is a secret: whoever has it can write the object.
/// Nothing is visible before the last byte. The destructor cancels an upload that did not end. One
/// thread at a time.
class ResumableUpload {
public:
  /// Begins an upload. `resource` is the object's JSON. The object must not exist, or must have
  /// `generation`. `stop` also stops a stream.
  static Result<ResumableUpload> open(GcsClient& client, Retrier& retrier,
                                      const std::string& resource, const std::string& content_type,
                                      std::uint64_t generation, std::optional<std::uint64_t> size,
                                      StorageClass storage_class, const std::stop_token& stop);

  ResumableUpload(ResumableUpload&& other) noexcept;
  ResumableUpload& operator=(ResumableUpload&&) = delete;
  ~ResumableUpload();

  /// Sends all bytes of `object` and returns its description. After each break, asks the server how
  /// much it has and continues there. not_found if the upload died. Where the checksum is known
  /// only at the end, the last bytes are sent by themselves with it, and the server compares:
  /// corrupt if what it has got differs. Google's own libraries do so
  /// (https://github.com/googleapis/google-cloud-python/pull/18065).
  Result<ObjectInfo> send_all(ByteSource& source, const NewObject& object,
                              const std::stop_token& stop);

  /// Sends the next bytes of a stream. Their number must be a multiple of 256 KiB.
  Result<> send_more(ByteView bytes);
  /// Sends the last bytes of a stream and returns the object's description.
  Result<ObjectInfo> finish(ByteView bytes, Crc32c crc32c);

private:
  ResumableUpload(GcsClient& client, Retrier& retrier, std::string url, std::stop_token stop)
      : client_(&client), retrier_(&retrier), url_(std::move(url)), stop_(std::move(stop))
  {}
  /// How much the server has, or the object if the server has all of it.
  struct Progress {
    std::uint64_t stored = 0;
    std::optional<ObjectInfo> object;
  };
  Result<Progress> ask(const std::string& total, const std::stop_token& stop);
  Result<Progress> put(HttpRequest request, const std::stop_token& stop);
  /// If the server accepts no bytes, this makes it an error, so that the caller pauses instead of
  /// looping without end.
  static Result<Progress> require_progress(Result<Progress> sent, std::uint64_t offset);
  Result<Progress> send_stream(ByteView bytes, const std::string& total,
                               std::optional<Crc32c> crc32c);

  GcsClient* client_;
  Retrier* retrier_;
  std::string url_;           // secret; empty after the end or a move
  std::stop_token stop_;      // for a stream
  std::uint64_t offset_ = 0;  // for a stream: how much the server has
};

}  // namespace ib
