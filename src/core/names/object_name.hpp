// SPDX-License-Identifier: Apache-2.0
// The names of objects in the store. Only this file knows the bucket's layout
// (docs/formats/bucket-layout.md).
#pragma once

#include "base/digest.hpp"
#include "base/time.hpp"

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// The full name of an object in a store, such as "library/upload/2024/01/photo.jpg".
struct ObjectName {
  std::string value;
  friend auto operator<=>(const ObjectName&, const ObjectName&) = default;
};

/// Whether Google Cloud Storage accepts this name: 1 to 1,024 bytes of UTF-8, no CR or LF, not "."
/// or "..", not below .well-known/acme-challenge/
/// (https://cloud.google.com/storage/docs/objects#naming). A name with a "." or ".." component is
/// refused too, because no folder can hold it.
bool is_valid_object_name(std::string_view name);

/// The name of a file's first upload: "library" + its path below the media root, which starts with
/// a slash. Absent if that is no valid object name.
std::optional<ObjectName> library_name(std::string_view file_path);

/// The names to try, in order, for content that a path needs. `first_upload` starts with library/,
/// changed content with versions/. The last two, below hashed/, are always valid: one that no other
/// content needs, and the same with `random`, which nobody can foresee and take.
std::vector<ObjectName> candidate_names(std::string_view file_path, const Sha256& sha256,
                                        const Sha256& path_sha256, bool first_upload,
                                        std::string_view random);

inline constexpr std::string_view kLibraryPrefix = "library/";
inline constexpr std::string_view kVersionsPrefix = "versions/";
inline constexpr std::string_view kHashedPrefix = "hashed/";
inline constexpr std::string_view kDatabasePrefix = "database/";
inline constexpr std::string_view kRunsPrefix = "runs/";
inline constexpr std::string_view kProofsPrefix = "proofs/";
inline constexpr std::string_view kManifestPrefix =
    "manifest";  // manifest-*.db, manifest-*.json, and the five below
inline constexpr std::string_view kStoreMarker = "manifest.store.json";
inline constexpr std::string_view kVouchingPrefix = "manifest.signed-";
inline constexpr std::string_view kStoreKeysPrefix = "manifest.keys-";
inline constexpr std::string_view kCurrentManifest = "manifest.db";
inline constexpr std::string_view kCurrentRestorePoint = "manifest.json";

ObjectName manifest_name(Timestamp time);       // manifest-20260115T030000Z.db
ObjectName restore_point_name(Timestamp time);  // manifest-20260115T030000Z.json
/// manifest.signed-20260115T030000Z.json: what the owner has signed afterwards.
ObjectName vouching_name(Timestamp time);
/// manifest.keys-20260115T030000Z.age: the keys of an encrypted store.
ObjectName store_keys_name(Timestamp time);
/// library/ab/<64 digits>.age: the object of an encrypted file, whose name tells nothing.
ObjectName encrypted_name(const Sha256& id);
/// What the name of every object of an encrypted store ends with, but for the marker's.
inline constexpr std::string_view kEncryptedSuffix = ".age";
ObjectName dump_name(Timestamp time, std::string_view immich_version);
/// Without the version, which tells whether a server lacks an update: of an encrypted dump.
ObjectName dump_name(Timestamp time);
ObjectName begin_mark_name(std::string_view run);  // runs/<run>/begin.json
ObjectName end_mark_name(std::string_view run);    // runs/<run>/end.json
/// runs/<run>/checkpoint-000001.db: what the run has recorded since the checkpoint before.
ObjectName checkpoint_name(std::string_view run, unsigned number);
/// runs/<run>/taken-in-000001.json: another run has committed this many of its checkpoints.
ObjectName taken_in_mark_name(std::string_view run, unsigned checkpoints);
/// runs/<run>/heartbeat-000001.json: the run goes on.
ObjectName heartbeat_name(std::string_view run, unsigned number);
/// runs/<run>/stopped.json: the run does nothing any more, and another one has to take it in.
ObjectName stopped_mark_name(std::string_view run);
ObjectName proof_name(Timestamp time);  // proofs/2026-01-15T03-00-00.json

/// The number in the name of a checkpoint or of a taken-in mark. Absent for every other name.
std::optional<unsigned> checkpoint_number(const ObjectName& name);
std::optional<unsigned> taken_in_number(const ObjectName& name);

/// The time in the name of a manifest-*.db or manifest-*.json. Absent for every other name.
std::optional<Timestamp> manifest_time(const ObjectName& name);
std::optional<Timestamp> restore_point_time(const ObjectName& name);

}  // namespace ib
