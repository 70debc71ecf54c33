// SPDX-License-Identifier: Apache-2.0
//
// What `doctor` makes of what it found: from facts to verdicts, one function for each check.
// Nothing here asks anybody or looks at a clock.
#pragma once

#include "base/error.hpp"
#include "base/time.hpp"
#include "core/names/extra_root.hpp"
#include "core/records/problem.hpp"
#include "core/records/restore_point.hpp"
#include "core/records/store_marker.hpp"
#include "immich/database.hpp"
#include "report/doctor.hpp"
#include "store/store_description.hpp"
#include "sys/place_probe.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ib {

// ---- the store

/// `credential` is StoreInspector::credential(); `error` is how the store's first question ended.
Check judge_credential(const std::string& credential, const std::optional<Error>& error);
/// STORAGE_EMULATOR_HOST is set.
Check judge_emulator(const std::string& host);
/// Whether the store answered its first question.
Check judge_answer(const std::string& url, const std::optional<Error>& error,
                   const std::string& emulator_host);
/// How far this machine's clock is ahead of the store's; absent if that tells no time.
Check judge_clock(std::optional<std::chrono::seconds> ahead);
/// The newest restore point by the store's clock; `error` is what kept one from being read.
Check judge_restore_point(const std::optional<RestorePoint>& newest, Timestamp now,
                          const std::optional<Error>& error);

/// Whether the place was begun as a store. `error` is what kept its marker from being understood;
/// `holds_backup`: there are manifests or restore points.
Check judge_marker(const std::string& url, const std::optional<StoreMarker>& marker,
                   bool holds_backup, const std::optional<Error>& error);

/// How this machine tells a store's own objects from a stranger's.
struct KeyFacts {
  std::string file;        ///< where the machine key is, or would be
  std::string public_key;  ///< its public half; empty: there is none
  bool others_may_read = false;
  std::size_t trusted = 0;   ///< public keys that are trusted beside it
  bool is_verified = false;  ///< objects that no trusted key has signed are set aside
  bool in_bucket = false;
  std::string marked;          ///< the key that the store's marker names; empty: none
  std::optional<Error> error;  ///< the settings of keys cannot be used
};
Check judge_machine_key(const KeyFacts& key);
/// Of an encrypted store: whether this machine's settings say to whom a backup encrypts, and
/// whether its keys open the store.
struct EncryptionFacts {
  std::vector<std::string> owners;  ///< as the marker names them
  bool may_back_up = false;         ///< the settings name the same
  bool opens_documents = false;     ///< manifests and restore points can be read
  bool opens_photos = false;        ///< there is an identity
};
Check judge_recipients(const EncryptionFacts& encryption);
/// `strangers` is what problem_of() says of those that were set aside.
Check judge_signatures(const std::optional<Problem>& strangers);

// ---- what the credential may do

/// `error` is how a listing of the manifests ended.
Check judge_may_list(const BucketDescription& bucket, const std::optional<Error>& error);
Check judge_may_create(const BucketDescription& bucket, const StoreAccess& access);
/// `found`: there is a manifest to read; `error`: how that ended.
Check judge_may_read_manifests(const BucketDescription& bucket, bool found,
                               const std::optional<Error>& error);
Check judge_may_delete(const BucketDescription& bucket, const StoreAccess& access);
Check judge_may_read_photos(const StoreAccess& access);
Check judge_may_administer(const StoreAccess& access);

// ---- the bucket

Check judge_location(const BucketDescription& bucket);
/// One check for all settings where they may not be read.
Check judge_hidden_settings(const BucketDescription& bucket);
Check judge_default_class(const std::string& bucket, const BucketSettings& settings);
Check judge_versioning(const BucketSettings& settings);
Check judge_retention(const BucketSettings& settings);
Check judge_soft_delete(const BucketSettings& settings);
/// Whether anything of the three brings back what somebody deletes; absent access: it is not known.
Check judge_protection(const std::string& bucket, const BucketSettings& settings,
                       const std::optional<StoreAccess>& access);
/// A rule that deletes what the backup stores under `prefix` is a problem.
Check judge_lifecycle(const std::string& bucket, const std::string& prefix,
                      const BucketSettings& settings);
Check judge_autoclass(const std::string& bucket, const BucketSettings& settings);
Check judge_public_access(const std::string& bucket, const BucketSettings& settings);
Check judge_uniform_access(const std::string& bucket, const BucketSettings& settings);
Check judge_encryption(const BucketSettings& settings);

/// "deletes objects under library/ that are older than 30 days"
std::string in_words(const LifecycleRule& rule);

// ---- a folder as the store

Check judge_folder(const FolderDescription& folder, const StoreAccess& access);
Check judge_file_system(const FolderDescription& folder);
/// `library_mount` is the mount point that the library lies on; empty if unknown.
Check judge_other_disk(const FolderDescription& folder, const std::string& library_mount);
Check judge_store_space(const FolderDescription& folder);
/// What the file system lacks. `error` is what kept it from being tried. A problem where no store
/// can be kept there.
Check judge_place(const PlaceFacts& place, const std::optional<Error>& error);
/// Whether others on this machine may read dumps and photos.
Check judge_privacy(const FolderDescription& folder);

// ---- the library

struct LibraryFolder {
  std::string name;  ///< "upload"
  bool present = false;
  bool readable = false;
  std::string obstacle = {};  ///< where it is not: whose it is, and who asks
  bool marked = false;
};
struct LibraryFacts {
  std::string path;
  std::optional<Error> error;          ///< it could not be opened
  bool empty = false;                  ///< there is nothing in it at all
  std::string mount_point;             ///< that it lies on; empty if unknown
  std::vector<LibraryFolder> folders;  ///< those of Immich
};
/// Absent: no library is named.
Check judge_library(const std::optional<LibraryFacts>& library);
Check judge_markers(const LibraryFacts& library);

struct ExtraRootFacts {
  ExtraRoot root;
  std::optional<Error> error;  ///< it could not be read
  bool empty = false;
};
Check judge_extra_root(const ExtraRootFacts& root);

// ---- the database

struct DatabaseFacts {
  std::string description;      ///< "immich on db:5432 as postgres"
  std::optional<Error> error;   ///< no connection
  std::string server_version;   ///< "16.4"
  std::optional<Error> unread;  ///< Immich's tables could not be asked
  ImmichFacts immich;
  std::vector<std::string> unreadable;  ///< tables that a dump reads and the user may not
  std::optional<Error> no_pg_dump;
  std::string pg_dump;  ///< its path
  std::string pg_dump_version;
};
/// Absent: no database is named.
Check judge_database(const std::optional<DatabaseFacts>& database);
Check judge_immich(const DatabaseFacts& database);
/// Whether the store is of this Immich. `same`: as far as both are known.
Check judge_store_owner(const std::string& url, bool same);
/// Whether the user may read all that a dump has to.
Check judge_may_dump(const DatabaseFacts& database);
Check judge_pg_dump(const DatabaseFacts& database);

// ---- this machine

/// The folder for temporary files.
struct ScratchFacts {
  std::string path;
  bool exists = false;
  bool writable = false;
  std::uint64_t free_bytes = 0;
};
Check judge_scratch(const ScratchFacts& scratch);

}  // namespace ib
