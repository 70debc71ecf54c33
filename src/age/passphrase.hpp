// SPDX-License-Identifier: Apache-2.0
//
// The scrypt stanza of age (https://c2sp.org/age), which wraps a file key for whoever knows a
// passphrase. It is the only stanza of its file.
#pragma once

#include "age/header.hpp"
#include "age/stream.hpp"

#include <functional>
#include <string_view>

namespace ib {

/// What a person types to open a file. Wiped when it goes; so is each copy.
class Passphrase {
public:
  static constexpr std::size_t kMost = 1024;

  /// invalid if it is empty, or longer than kMost bytes.
  static Result<Passphrase> of(std::string_view text);

  std::string_view text() const { return text_of(ByteView(bytes_.bytes).first(size_)); }

private:
  Passphrase() = default;

  Secret<kMost> bytes_;
  std::size_t size_ = 0;
};

/// Asks somebody for the passphrase of a file.
using AskPassphrase = std::function<Result<Passphrase>()>;

/// The binary logarithm of scrypt's cost. `age` writes the first: 256 MiB of memory and about a
/// second. It reads up to the second: 4 GiB.
inline constexpr unsigned kAgeWorkFactor = 18;
inline constexpr unsigned kMostAgeWorkFactor = 22;

/// Wraps `file_key`. Takes as long and as much memory as the work factor says. io if there is not
/// as much.
Result<AgeStanza> wrap_for_passphrase(const Secret<kAgeFileKey>& file_key,
                                      const Passphrase& passphrase, unsigned work_factor);

/// The file key in a scrypt stanza. Asks only if the stanza is in order. corrupt if it is malformed
/// or its work factor above `most_work_factor`; denied if the passphrase is another; io if there is
/// not as much memory as its work factor needs; and any error of `ask`.
Result<Secret<kAgeFileKey>> unwrap_with_passphrase(const AgeStanza& stanza,
                                                   const AskPassphrase& ask,
                                                   unsigned most_work_factor);

}  // namespace ib
