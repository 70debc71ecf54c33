// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/digest.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ib::emulator {

/// How to keep the bytes of objects.
struct Storage {
  /// Bytes of objects whose names begin with this are counted and checksummed, but not kept.
  std::optional<std::string> discard_below = std::nullopt;
  bool md5 = true;         ///< false: computes an MD5 only if the client names one
  std::string spool = {};  ///< a folder: bodies above 1 MiB go to unnamed files there
};

/// The bytes of one object. They do not change once it is finished, so any number of threads may
/// read them.
class Blob {
public:
  Blob() = default;
  Blob(const Blob&) = delete;
  Blob& operator=(const Blob&) = delete;
  ~Blob();

  std::uint64_t size() const { return size_; }
  bool discarded() const { return discarded_; }
  /// At most `most` bytes from `offset`. Bytes in a file are read into `buffer`.
  ByteView read(std::uint64_t offset, std::size_t most, std::vector<std::byte>& buffer) const;
  std::string text() const;

private:
  friend class BlobWriter;
  struct Piece {
    std::uint64_t start = 0;
    std::size_t used = 0;
    std::size_t capacity = 0;
    std::unique_ptr<std::byte[]> bytes;
  };
  std::vector<Piece> pieces_;
  std::uint64_t size_ = 0;
  int fd_ = -1;
  bool discarded_ = false;
};

/// Takes the bytes of a new object. One thread at a time.
class BlobWriter {
public:
  /// `expected` is the size of the first allocation. With `checkpoints`, roll_back() is possible.
  BlobWriter(const Storage& storage, std::string_view name, std::uint64_t expected, bool md5,
             bool checkpoints);
  ~BlobWriter();

  void append(ByteView bytes);
  /// Forgets the bytes after the last multiple of 256 KiB.
  void roll_back();
  /// Inverts all bits of the byte at this offset, as a damaged network could.
  void flip_at(std::uint64_t offset) { flip_at_ = offset; }

  std::uint64_t size() const { return blob_->size_; }
  Crc32c crc32c() const { return crc_; }
  /// Base64. Absent if no MD5 is computed.
  std::optional<std::string> md5() const;
  std::shared_ptr<const Blob> finish() { return std::move(blob_); }

private:
  struct Md5;
  void take(ByteView bytes);
  void keep(ByteView bytes);

  std::string spool_;
  std::uint64_t expected_;
  std::shared_ptr<Blob> blob_ = std::make_shared<Blob>();
  Crc32c crc_;
  std::unique_ptr<Md5> md5_;
  bool checkpoints_;
  std::uint64_t checkpoint_size_ = 0;
  Crc32c checkpoint_crc_;
  std::unique_ptr<Md5> checkpoint_md5_;
  std::optional<std::uint64_t> flip_at_;
};

constexpr std::uint64_t kChunkUnit = 256 * 1024;

}  // namespace ib::emulator
