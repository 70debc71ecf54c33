// SPDX-License-Identifier: Apache-2.0
//
// The JSON documents that the program keeps in the bucket (docs/formats/).
#pragma once

#include "base/result.hpp"
#include "core/records/audit.hpp"
#include "core/records/restore_point.hpp"
#include "core/records/store_marker.hpp"
#include "core/selection/shard.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ib {

/// How many problems a restore point names; it always tells their number.
inline constexpr std::size_t kProblemsInDocument = 100;

/// A larger restore point is not read: bytes.
inline constexpr std::uint64_t kLargestDocument = std::uint64_t{16} * 1024 * 1024;

/// manifest-<time>.json. Of its problems, the first kProblemsInDocument.
std::string serialize(const RestorePoint& point);
/// corrupt if it is not a restore point; fields that are not known are passed over. `name` is what
/// the message calls it.
Result<RestorePoint> parse_restore_point(std::string_view json, std::string_view name);

/// manifest.store.json, for people; and the same for its metadata.
std::string serialize(const StoreMarker& marker);
std::string serialize_on_one_line(const StoreMarker& marker);
/// corrupt if it is no marker, or of a format that this program does not know.
Result<StoreMarker> parse_store_marker(std::string_view json, std::string_view name);

/// What manifest.signed-<time>.json says of one object.
struct VouchedObject {
  std::string name;
  std::string sha256;           ///< of its content, in hexadecimal
  std::string metadata_sha256;  ///< of its metadata
};
std::string serialize(const std::vector<VouchedObject>& vouched);
Result<std::vector<VouchedObject>> parse_vouching(std::string_view json, std::string_view name);

/// runs/<run>/begin.json and end.json
struct RunMark {
  std::string run;
  Timestamp time{};
  std::string program_version;
};
std::string serialize(const RunMark& mark);
Result<RunMark> parse_run_mark(std::string_view json, std::string_view name);

/// proofs/<time>.json: what a verification found.
struct Proof {
  enum class Verdict : std::uint8_t {
    proven,      ///< all that was looked at is as it should be
    not_proven,  ///< nothing is damaged, as far as it could be told; it could not all be told
    damaged,
  };
  Timestamp time{};
  std::string command;
  std::string program_version;
  Verdict verdict = Verdict::not_proven;
  std::optional<Timestamp> restore_point;
  std::uint64_t objects = 0;
  std::uint64_t present = 0;
  std::uint64_t read_back = 0;
  std::uint64_t read_back_bytes = 0;
  std::uint64_t damaged = 0;
  std::uint64_t damaged_read_back = 0;  ///< of these, what only reading has told
  /// The part of the files that was read back, each one of it, and found whole; not read again. Of
  /// `parts` 1: all.
  std::optional<Shard> proven = std::nullopt;
  /// Of a drill: whether the dump was restored, and what the database then named.
  struct Drill {
    bool restored = false;
    std::uint64_t tables = 0, rows = 0;
    std::uint64_t originals = 0, protected_originals = 0;
  };
  std::optional<Drill> drill = std::nullopt;  ///< of what is read again, only `restored`
};
/// "proven", "not_proven", "damaged"
std::string_view word_for(Proof::Verdict verdict);
std::string serialize(const Proof& proof);
Result<Proof> parse_proof(std::string_view json, std::string_view name);

/// The document of a restore point or a proof as if it had been written at `time`. `redated` tells
/// what each other time in it is now, by which manifests are named; but none is later than `time`.
Result<std::string> redated_document(std::string_view json, std::string_view name, Timestamp time,
                                     const std::function<Timestamp(Timestamp)>& redated);

}  // namespace ib
