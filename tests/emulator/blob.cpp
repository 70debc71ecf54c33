// SPDX-License-Identifier: Apache-2.0
#include "emulator/blob.hpp"

#include "base/assert.hpp"
#include "sys/hash.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace ib::emulator {
namespace {

constexpr std::uint64_t kPiece = 1024 * 1024;

}  // namespace

struct BlobWriter::Md5 {
  Md5() : context(EVP_MD_CTX_new())
  {
    IB_ASSERT(EVP_DigestInit_ex(context, EVP_md5(), nullptr) == 1);
  }
  Md5(const Md5& other) : context(EVP_MD_CTX_new()) { *this = other; }
  Md5& operator=(const Md5& other)
  {
    if (this != &other) IB_ASSERT(EVP_MD_CTX_copy_ex(context, other.context) == 1);
    return *this;
  }
  ~Md5() { EVP_MD_CTX_free(context); }

  EVP_MD_CTX* context;
};

Blob::~Blob()
{
  if (fd_ >= 0) ::close(fd_);
}

ByteView Blob::read(std::uint64_t offset, std::size_t most, std::vector<std::byte>& buffer) const
{
  if (offset >= size_ || discarded_) return {};
  most = static_cast<std::size_t>(std::min<std::uint64_t>(most, size_ - offset));
  if (fd_ >= 0) {
    buffer.resize(std::min<std::size_t>(most, kPiece));
    const ::ssize_t n = ::pread(fd_, buffer.data(), buffer.size(), static_cast<::off_t>(offset));
    return n <= 0 ? ByteView{} : ByteView(buffer).first(static_cast<std::size_t>(n));
  }
  auto piece = std::upper_bound(pieces_.begin(), pieces_.end(), offset,
                                [](std::uint64_t at, const Piece& p) { return at < p.start; });
  --piece;
  const auto within = static_cast<std::size_t>(offset - piece->start);
  return {piece->bytes.get() + within, std::min(most, piece->used - within)};
}

std::string Blob::text() const
{
  std::string text;
  std::vector<std::byte> buffer;
  for (;;) {
    const ByteView bytes = read(text.size(), SIZE_MAX, buffer);
    if (bytes.empty()) return text;
    text += text_of(bytes);
  }
}

BlobWriter::BlobWriter(const Storage& storage, std::string_view name, std::uint64_t expected,
                       bool md5, bool checkpoints)
    : spool_(storage.spool), expected_(expected), checkpoints_(checkpoints)
{
  blob_->discarded_ = storage.discard_below && name.starts_with(*storage.discard_below);
  if (md5 || storage.md5) md5_ = std::make_unique<Md5>();
  if (checkpoints && md5_) checkpoint_md5_ = std::make_unique<Md5>(*md5_);
}

BlobWriter::~BlobWriter() = default;

void BlobWriter::append(ByteView bytes)
{
  if (flip_at_ && *flip_at_ >= size() && *flip_at_ < size() + bytes.size()) {
    std::vector<std::byte> damaged(bytes.begin(), bytes.end());
    damaged[static_cast<std::size_t>(*flip_at_ - size())] ^= std::byte{0xFF};
    flip_at_.reset();
    append(damaged);
    return;
  }
  while (!bytes.empty()) {
    // Several passes read each piece. Small pieces stay in the cache meanwhile.
    std::size_t n = std::min<std::size_t>(bytes.size(), 32 * 1024);
    if (checkpoints_) n = std::min<std::size_t>(n, kChunkUnit - size() % kChunkUnit);
    take(bytes.first(n));
    bytes = bytes.subspan(n);
    if (checkpoints_ && size() % kChunkUnit == 0) {
      checkpoint_size_ = size();
      checkpoint_crc_ = crc_;
      if (md5_) *checkpoint_md5_ = *md5_;
    }
  }
}

void BlobWriter::take(ByteView bytes)
{
  crc_ = ib::crc32c(bytes, crc_);
  if (md5_) EVP_DigestUpdate(md5_->context, bytes.data(), bytes.size());
  if (!blob_->discarded_) keep(bytes);
  blob_->size_ += bytes.size();
}

void BlobWriter::keep(ByteView bytes)
{
  Blob& blob = *blob_;
  const auto to_file = [&](ByteView all, std::uint64_t at) {
    while (!all.empty()) {
      const ::ssize_t n = ::pwrite(blob.fd_, all.data(), all.size(), static_cast<::off_t>(at));
      if (n <= 0)
        throw std::runtime_error(std::string("cannot write to the spool: ") + std::strerror(errno));
      all = all.subspan(static_cast<std::size_t>(n));
      at += static_cast<std::uint64_t>(n);
    }
  };
  if (blob.fd_ < 0 && !spool_.empty() && blob.size_ + bytes.size() > kPiece) {
    blob.fd_ = ::open(spool_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (blob.fd_ < 0)
      throw std::runtime_error("cannot make a file in " + spool_ + ": " + std::strerror(errno));
    for (const Blob::Piece& piece : blob.pieces_)
      to_file({piece.bytes.get(), piece.used}, piece.start);
    blob.pieces_.clear();
  }
  if (blob.fd_ >= 0) return to_file(bytes, blob.size_);
  std::uint64_t at = blob.size_;
  while (!bytes.empty()) {
    if (blob.pieces_.empty() || blob.pieces_.back().used == blob.pieces_.back().capacity) {
      const std::uint64_t wanted = expected_ > at ? expected_ - at : kPiece;
      const auto capacity =
          static_cast<std::size_t>(std::min(std::max<std::uint64_t>(wanted, 1), kPiece));
      blob.pieces_.push_back(
          {at, 0, capacity, std::make_unique_for_overwrite<std::byte[]>(capacity)});
    }
    Blob::Piece& piece = blob.pieces_.back();
    const std::size_t n = std::min(bytes.size(), piece.capacity - piece.used);
    std::memcpy(piece.bytes.get() + piece.used, bytes.data(), n);
    piece.used += n;
    at += n;
    bytes = bytes.subspan(n);
  }
}

void BlobWriter::roll_back()
{
  if (size() == checkpoint_size_) return;
  blob_->size_ = checkpoint_size_;
  crc_ = checkpoint_crc_;
  if (md5_) *md5_ = *checkpoint_md5_;
  auto& pieces = blob_->pieces_;
  while (!pieces.empty() && pieces.back().start >= checkpoint_size_) pieces.pop_back();
  if (!pieces.empty()) {
    Blob::Piece& last = pieces.back();
    last.used = std::min(last.used, static_cast<std::size_t>(checkpoint_size_ - last.start));
  }
}

std::optional<std::string> BlobWriter::md5() const
{
  if (!md5_) return std::nullopt;
  const Md5 copy = *md5_;
  std::array<std::byte, 16> digest{};
  unsigned length = 0;
  EVP_DigestFinal_ex(copy.context, reinterpret_cast<unsigned char*>(digest.data()), &length);
  return to_base64(digest);
}

}  // namespace ib::emulator
