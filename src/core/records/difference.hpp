// SPDX-License-Identifier: Apache-2.0
//
// What changed in the library between two restore points.
#pragma once

#include "base/digest.hpp"
#include "base/result.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace ib {

enum class DifferenceKind : std::uint8_t { added, changed, gone, moved };
inline constexpr std::array kDifferenceKinds{DifferenceKind::added, DifferenceKind::changed,
                                             DifferenceKind::gone, DifferenceKind::moved};

struct FileVersion {
  Sha256 sha256;
  std::uint64_t size = 0;
  friend bool operator==(const FileVersion&, const FileVersion&) = default;
};

struct Difference {
  DifferenceKind kind = DifferenceKind::added;
  std::string path;        ///< where the file is now; where it was, if it is gone
  std::string moved_from;  ///< where a moved one was
  std::optional<FileVersion> before = std::nullopt;
  std::optional<FileVersion> after = std::nullopt;
};

/// In the byte order of `path`.
class DifferenceCursor {
public:
  virtual ~DifferenceCursor() = default;
  virtual Result<std::optional<Difference>> next() = 0;
};

struct FileAmount {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;  ///< of what is there now; of what was there, if it is gone
};

/// How much there is of each kind.
class DifferenceTotals {
public:
  FileAmount& operator[](DifferenceKind kind) { return of_.at(std::to_underlying(kind)); }
  const FileAmount& operator[](DifferenceKind kind) const
  {
    return of_.at(std::to_underlying(kind));
  }

private:
  std::array<FileAmount, kDifferenceKinds.size()> of_{};
};

}  // namespace ib
