// SPDX-License-Identifier: Apache-2.0
//
// Manifests of version 2.0, which this program's predecessor wrote: files(file_path TEXT PRIMARY
// KEY, checksum TEXT 'sha256:<hex>', size INTEGER, archived INTEGER DEFAULT 0), and no SHA-1,
// CRC32C, time or object name (docs/formats/manifest-schema.md).
#pragma once

#include "manifest/manifest.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// Recorded paths that begin with `from` are taken as beginning with `to`.
struct PathMapping {
  std::string from;
  std::string to;
  /// "/data/=/". invalid where it is none, or `to` is no path below the media root.
  static Result<PathMapping> parse(std::string_view text);
};

/// The path below the media root that a recorded one means: by the first mapping that fits, and
/// with a leading slash.
std::string mapped_path(std::string_view recorded, const std::vector<PathMapping>& mappings);

/// What became of an older manifest's rows.
struct TakenOver {
  enum class Reason : std::uint8_t {
    object_missing,  ///< the store does not hold it
    other_size,      ///< the store holds an object of another size
    unreadable,      ///< no path, checksum or size
    same_path,       ///< another row became the same path
  };
  struct Dropped {
    std::string path;
    Reason reason = Reason::object_missing;
  };
  std::uint64_t rows = 0;
  std::uint64_t dropped = 0;
  std::vector<Dropped> examples;      ///< the first of those that were dropped
  std::optional<std::string> a_path;  ///< as recorded, of one that was taken: to show
};

/// A manifest of version 2.0 that becomes one of this program's, once the store has told what it
/// holds. What a row claims is taken over only if the store holds an object of that size in its
/// place; the row then has the SHA-256 that was recorded, the CRC32C that the store tells, if it
/// does, and neither SHA-1 nor time: the next backup reads the file. The older file is not changed.
/// One thread at a time.
class OlderManifest {
public:
  /// Whether the SQLite file `file` is one. An error only where it cannot be read at all.
  static Result<bool> is_one(const std::string& file);

  /// Starts taking over `file`. `name` is what messages call it. corrupt if SQLite finds it
  /// damaged.
  static Result<OlderManifest> open(const std::string& file, std::string_view name,
                                    std::vector<PathMapping> mappings);
  OlderManifest(OlderManifest&&) noexcept;
  ~OlderManifest();

  /// An object below library/ that the store lists. Each once, in any order.
  Result<> add_object(const ObjectName& name, std::uint64_t size, std::optional<Crc32c> crc32c,
                      std::optional<StorageClass> storage_class);

  /// Writes the rows into `manifest`, which is new and empty. States begin at the older manifest's
  /// last backup, and before `now`.
  Result<TakenOver> write_into(Manifest& manifest, Timestamp now);

private:
  struct State;
  explicit OlderManifest(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ib
