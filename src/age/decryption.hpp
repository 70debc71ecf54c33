// SPDX-License-Identifier: Apache-2.0
//
// Reads age files, version 1 (https://c2sp.org/age).
#pragma once

#include "age/keys.hpp"
#include "age/passphrase.hpp"
#include "base/bytes.hpp"

#include <memory>
#include <span>

namespace ib {

/// Decrypts a stream. Holds one chunk. One thread at a time.
///
/// A message does not name the file: `.context(name)` does. The codes:
///   - denied: what is there does not open it: it is of other keys, or of a passphrase, or of
///   another
///     one; it may be whole;
///   - corrupt: it is no binary age file, its header is malformed or was changed, a chunk was
///     changed, moved or lost, or something follows the last one.
class AgeDecryptor {
public:
  /// Passes to `out` each chunk of plain text once it is known to be authentic. That the file is
  /// whole is known only when finish() succeeds: nothing may count as the file before. The
  /// identities must outlive the decryptor. They are tried in order.
  AgeDecryptor(std::span<const AgeIdentity> identities, ByteSink out);
  /// The same of a file that a passphrase protects, for which `ask` is called once, and only if the
  /// header is in order. Its errors are passed on. corrupt if the work factor is above
  /// `most_work_factor`.
  AgeDecryptor(AskPassphrase ask, ByteSink out, unsigned most_work_factor = kMostAgeWorkFactor);
  AgeDecryptor(AgeDecryptor&&) noexcept;
  ~AgeDecryptor();

  /// After an error, every call returns the same one.
  Result<> write(ByteView encrypted);
  /// corrupt if the end is missing.
  Result<> finish();

private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace ib
