// SPDX-License-Identifier: Apache-2.0
//
// Writes age files, version 1 (https://c2sp.org/age), for recipients of the X25519 kind or for a
// passphrase: a header that wraps a random file key for each recipient, and the content in chunks
// of 64 KiB, each encrypted and authenticated by itself.
#pragma once

#include "age/keys.hpp"
#include "age/passphrase.hpp"
#include "age/primitives.hpp"
#include "base/byte_source.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ib {

/// The key of one age file, with the header that wraps it for its recipients. All that is random in
/// the file is chosen here: the same object makes the same bytes of the same plain text, so that an
/// upload can be tried again. It must encrypt one plain text only: of two, each would tell about
/// the other. May be used by several threads at once.
class AgeFileKey {
public:
  /// invalid if there is no recipient, or more than 256.
  static Result<AgeFileKey> create(std::span<const AgeRecipient> recipients);
  /// For whoever knows the passphrase. See wrap_for_passphrase().
  static Result<AgeFileKey> for_passphrase(const Passphrase& passphrase,
                                           unsigned work_factor = kAgeWorkFactor);

  /// The size of the age file of a plain text of this size.
  std::uint64_t encrypted_size(std::uint64_t plain_size) const;

private:
  friend class AgeEncryptor;
  friend class AgeSource;
  AgeFileKey(const Secret<kAgeFileKey>& file_key, const std::vector<AgeStanza>& stanzas);

  std::string start_;  // the header and the payload's nonce
  Secret<32> payload_key_;
};

/// Encrypts a stream whose size need not be known. Holds one chunk. One thread at a time.
class AgeEncryptor {
public:
  /// Passes the age file to `out` as it is made. `key` must outlive the encryptor.
  AgeEncryptor(const AgeFileKey& key, ByteSink out);

  Result<> write(ByteView plain);
  /// Passes on the rest, without which the file counts as cut. Nothing may be written after it.
  Result<> finish();

private:
  Result<> pass_on(ByteView plain, bool is_last);

  const AgeFileKey& key_;
  ByteSink out_;
  ChaCha20Poly1305 cipher_;
  std::uint64_t chunk_ = 0;
  bool has_begun_ = false;
  std::vector<std::byte> waiting_;  // of the current chunk, which may be the last
  std::vector<std::byte> sealed_;
};

/// The age file of a source whose size is known. Reads no more of it than it needs. Holds one
/// chunk, and eight bytes for each chunk that it has made. One thread at a time.
class AgeSource final : public ByteSource {
public:
  /// `plain` stands at its beginning. `changed` from read() if it has fewer or more bytes than
  /// `plain_size`, or if a chunk that is made once more has another plain text than the first time:
  /// two cipher texts under one key would tell how they differ. So a key needs to have one source
  /// alone. Key and `plain` must outlive it.
  AgeSource(const AgeFileKey& key, ByteSource& plain, std::uint64_t plain_size);

  /// In the age file: from 0 to its size.
  std::uint64_t size() const { return size_; }
  Result<std::size_t> read(std::span<std::byte> buffer) override;
  /// To any position, in constant time.
  Result<> seek(std::uint64_t offset) override;

private:
  std::uint64_t plain_size_of(std::uint64_t chunk) const;
  Result<> seal(std::uint64_t chunk, std::span<std::byte> sealed);
  bool is_as_before(std::uint64_t chunk, ByteView tag);

  const AgeFileKey& key_;
  ByteSource& plain_;
  std::uint64_t plain_size_;
  std::uint64_t size_;
  ChaCha20Poly1305 cipher_;
  std::uint64_t position_ = 0;
  std::uint64_t plain_position_ = 0;
  std::vector<std::byte> buffer_;    // the plain text of one chunk
  std::vector<std::byte> sealed_;    // one chunk, from which a part was asked for
  std::uint64_t sealed_number_ = 0;  // its number, if sealed_ is not empty
  std::vector<std::uint64_t> made_;  // of each chunk, the beginning of its tag; 0: not made yet
};

}  // namespace ib
