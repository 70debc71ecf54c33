// SPDX-License-Identifier: Apache-2.0
#include "app/doctor/doctor.hpp"

#include "app/doctor/diagnosis.hpp"
#include "immich/folders.hpp"
#include "postgres/client_tools.hpp"
#include "postgres/connection.hpp"
#include "postgres/database_settings.hpp"
#include "postgres/dump.hpp"
#include "report/strangers.hpp"
#include "repository/context.hpp"
#include "repository/listing.hpp"
#include "repository/restore_points.hpp"
#include "repository/store_marker.hpp"
#include "scan/library.hpp"
#include "sys/file.hpp"
#include "sys/file_system.hpp"
#include "sys/system.hpp"

#include <algorithm>
#include <utility>

namespace ib {
namespace {

template <class T>
std::optional<Error> error_of(const Result<T>& result)
{
  return result ? std::nullopt : std::optional(result.error());
}

/// What the manifests of a store tell.
struct Backups {
  std::optional<Error> listing;  ///< they could not be listed
  std::optional<Error> reading;  ///< the newest could not be read
  bool found = false;
  std::optional<RestorePoint> newest;
  std::optional<StoreMarker> marker;
  std::optional<Error> no_marker;  ///< it could not be understood
  bool hold_a_backup = false;
};

Backups look_for_backups(const RepositoryContext& repository)
{
  Backups backups;
  const Result<ManifestListing> listing = list_manifests(repository);
  backups.listing = error_of(listing);
  if (!listing) return backups;
  Result<std::optional<StoreMarker>> marker = find_marker(repository, *listing);
  backups.no_marker = error_of(marker);
  if (marker) backups.marker = std::move(*marker);
  backups.hold_a_backup = listing->has_current_manifest || !listing->manifests.empty() ||
                          !listing->restore_points.empty();
  if (listing->restore_points.empty()) return backups;
  backups.found = true;
  Result<RestorePoint> newest = read_restore_point(repository, listing->restore_points.back().name);
  backups.reading = error_of(newest);
  if (newest) backups.newest = std::move(*newest);
  return backups;
}

LibraryFacts look_at_library(const std::string& path)
{
  LibraryFacts facts{.path = absolute_path(path)};
  if (const Result<FileSystem> system = file_system_of(path))
    facts.mount_point = system->mount_point;
  const Result<Library> library = Library::open(path);
  facts.error = error_of(library);
  if (!library) return facts;
  const Result<std::vector<FolderEntry>> entries = library->root().entries();
  facts.empty = entries && entries->empty();
  for (const std::string& name : immich_folders()) {
    LibraryFolder folder{.name = name, .present = library->root().stat(name).has_value()};
    if (const Folder* top = library->top_folder(name); top != nullptr) {
      folder.readable = top->entries().has_value();
      folder.marked = top->stat(kImmichMarker).has_value();
    } else if (const Result<Folder> opened = library->root().open_folder(name); !opened) {
      folder.obstacle = opened.error().hint;
    }
    facts.folders.push_back(std::move(folder));
  }
  return facts;
}

ExtraRootFacts look_at_extra_root(const ExtraRoot& root)
{
  ExtraRootFacts facts{.root = root};
  const Result<Folder> folder = Folder::open(root.folder);
  facts.error = error_of(folder);
  if (!folder) return facts;
  const Result<std::vector<FolderEntry>> entries = folder->entries();
  facts.error = error_of(entries);
  facts.empty = entries && entries->empty();
  return facts;
}

DatabaseFacts look_at_database(const DatabaseSettings& settings, const std::stop_token& stop)
{
  DatabaseFacts facts;
  Result<Connection> connection = Connection::open(settings.address, stop);
  facts.error = error_of(connection);
  if (!connection) return facts;
  facts.description = connection->description();
  facts.server_version = connection->server_version();
  Result<ImmichFacts> immich = read_immich_facts(*connection);
  facts.unread = error_of(immich);
  if (immich) facts.immich = std::move(*immich);
  facts.unreadable = tables_without_select(*connection).value_or(std::vector<std::string>());
  const Result<std::string> pg_dump =
      find_client("pg_dump", connection->server_major(), settings.client_folder, stop);
  facts.no_pg_dump = error_of(pg_dump);
  if (!pg_dump) return facts;
  facts.pg_dump = *pg_dump;
  if (const Result<ClientVersion> version = client_version(*pg_dump, stop))
    facts.pg_dump_version = to_string(*version);
  return facts;
}

ScratchFacts look_at_scratch(const std::string& parent)
{
  const std::string path = parent.empty() ? environment("TMPDIR").value_or("/tmp") : parent;
  ScratchFacts facts{.path = path, .exists = path_exists(path), .writable = may_write(path)};
  if (const Result<FileSystem> system = file_system_of(path)) {
    facts.free_bytes = system->free_bytes;
    facts.writable = facts.writable && !system->read_only;
  }
  return facts;
}

class Examination {
public:
  Examination(const DoctorJob& job, Progress& progress, const std::stop_token& stop)
      : job_(job), progress_(progress), stop_(stop)
  {
    report_.header.command = "doctor";
    report_.header.store = job.store_url.value_or("");
  }

  Result<DoctorReport> run()
  {
    examine_store();
    examine_library();
    examine_database();
    add(judge_scratch(look_at_scratch(job_.scratch_parent)));
    if (stop_.stop_requested()) return fail(Errc::cancelled, "interrupted");
    for (const Check& check : report_.checks) {
      if (check.verdict != Verdict::problem) continue;
      report_.header.problems.push_back(
          {.path = "", .code = check.name, .message = check.message, .hint = check.fix});
    }
    return std::move(report_);
  }

private:
  void add(Check check) { report_.checks.push_back(std::move(check)); }

  void examine_store()
  {
    if (!job_.store_url) {
      add({.area = "store",
           .name = "address",
           .verdict = Verdict::problem,
           .message = "not set: where is the backup to be?",
           .fix =
               "Use --store file:///folder or --store gs://bucket, or set IMMICH_BACKUP_STORE."});
      return;
    }
    const std::optional<OpenStore> open = open_store();
    if (!open) return;
    if (job_.class_error) add(refusal("storage_class", *job_.class_error));
    examine(*open->store, *open->inspector);
    report_.usage = open->usage_meter->usage();
  }

  /// Absent where it cannot be opened, and then a check says why.
  std::optional<OpenStore> open_store()
  {
    const Result<StoreAddress> address = StoreAddress::parse(*job_.store_url);
    if (!address) {
      add(refusal("address", address.error()));
      return std::nullopt;
    }
    StoreOptions options = job_.store_options;
    options.patient = false;
    Result<OpenStore> open = job_.open(*address, options);
    if (open) return std::move(*open);
    add(refusal("credential", open.error()));
    return std::nullopt;
  }

  static Check refusal(std::string name, const Error& error)
  {
    return {.area = "store",
            .name = std::move(name),
            .verdict = Verdict::problem,
            .message = error.message,
            .fix = error.hint};
  }

  void examine(ObjectStore& store, StoreInspector& inspector)
  {
    const bool is_bucket = store.address().bucket() != nullptr;
    const std::string emulator = is_bucket ? job_.store_options.emulator_host : "";
    const Result<StoreAccess> access = inspector.access(stop_);
    if (!emulator.empty()) {
      add(judge_emulator(emulator));
    } else if (!inspector.credential().empty()) {
      add(judge_credential(inspector.credential(), error_of(access)));
    }
    if (is_bucket || !access) add(judge_answer(store.url(), error_of(access), emulator));
    if (!access) return;
    if (is_bucket) {
      const Result<Timestamp> now = store.now(stop_);
      const auto ahead = [&] { return std::optional(wall_clock_now() - *now); };
      if (now) add(judge_clock(inspector.tells_time() ? ahead() : std::nullopt));
    }
    const Result<StoreLayers> layers = job_.layers ? job_.layers(store, stop_) : StoreLayers{};
    const SignedStore* signatures = layers ? layers->signatures.get() : nullptr;
    const bool has_layers = layers && layers->encryption != nullptr;
    const RepositoryContext repository{
        .store = has_layers ? layers->top() : store,
        .progress = progress_,
        .stop = stop_,
        .scratch_parent = job_.scratch_parent,
        .ignored_manifests = job_.ignored_manifests,
        .signatures = signatures,
        .encryption = has_layers ? layers->encryption.get() : nullptr};
    const Backups backups = look_for_backups(repository);
    if (!backups.listing) {
      add(judge_marker(store.url(), backups.marker, backups.hold_a_backup, backups.no_marker));
      marker_ = backups.marker;
      add(judge_machine_key(look_at_key(error_of(layers), signatures, is_bucket)));
      if (has_layers && marker_ && !marker_->recipients.empty()) {
        EncryptedStore& encryption = *layers->encryption;
        const bool opens_photos = encryption.require_identity("doctor", stop_).has_value();
        add(judge_recipients({.owners = marker_->recipients,
                              .may_back_up = !encryption.keys().recipients.empty(),
                              .opens_documents = encryption.store_keys() || opens_photos,
                              .opens_photos = opens_photos}));
      }
      if (signatures != nullptr) add(judge_signatures(problem_of(strangers_in(*layers))));
    }
    add(judge_restore_point(backups.newest, store.now(stop_).value_or(wall_clock_now()),
                            backups.listing ? backups.listing : backups.reading));
    const Result<StoreDescription> description = inspector.describe(stop_);
    if (!description) {
      add(refusal("description", description.error()));
      return;
    }
    if (description->bucket) examine_bucket(*description->bucket, *access, backups);
    if (description->folder) examine_folder(*description->folder, *access);
  }

  KeyFacts look_at_key(const std::optional<Error>& error, const SignedStore* signatures,
                       bool in_bucket) const
  {
    KeyFacts key{.file = job_.machine_key,
                 .is_verified = signatures != nullptr,
                 .in_bucket = in_bucket,
                 .marked = marker_ ? marker_->key : "",
                 .error = error};
    if (signatures == nullptr) return key;
    key.trusted = signatures->keys().others.size();
    if (signatures->keys().own == nullptr) return key;
    key.public_key = to_text(signatures->keys().own->public_key());
    // A Secret is mounted read-only into a pod, where nobody else is.
    const Result<FileSystem> system = file_system_of(job_.machine_key);
    key.others_may_read = others_may_read(job_.machine_key) && !(system && system->read_only);
    return key;
  }

  void examine_bucket(const BucketDescription& bucket, const StoreAccess& access,
                      const Backups& backups)
  {
    add(judge_may_create(bucket, access));
    add(judge_may_list(bucket, backups.listing));
    add(judge_may_read_manifests(bucket, backups.found, backups.reading));
    add(judge_may_delete(bucket, access));
    add(judge_may_read_photos(access));
    add(judge_may_administer(access));
    add(judge_location(bucket));
    if (!bucket.settings) {
      add(judge_hidden_settings(bucket));
      return;
    }
    const BucketSettings& settings = *bucket.settings;
    add(judge_default_class(bucket.bucket, settings));
    add(judge_versioning(settings));
    add(judge_retention(settings));
    add(judge_soft_delete(settings));
    add(judge_protection(bucket.bucket, settings, access));
    add(judge_lifecycle(bucket.bucket, bucket.prefix, settings));
    add(judge_autoclass(bucket.bucket, settings));
    add(judge_public_access(bucket.bucket, settings));
    add(judge_uniform_access(bucket.bucket, settings));
    add(judge_encryption(settings));
  }

  void examine_folder(const FolderDescription& folder, const StoreAccess& access)
  {
    add(judge_folder(folder, access));
    add(judge_file_system(folder));
    add(judge_store_space(folder));
    if (folder.exists) add(judge_privacy(folder));
    if (folder.exists && access.create) {
      const Result<PlaceFacts> place = probe_place_at(folder.path);
      add(judge_place(place.value_or(PlaceFacts{}), error_of(place)));
    }
    if (!job_.library) return;
    const Result<FileSystem> library = file_system_of(*job_.library);
    add(judge_other_disk(folder, library ? library->mount_point : ""));
  }

  void examine_library()
  {
    std::optional<LibraryFacts> library;
    if (job_.library) library = look_at_library(*job_.library);
    add(judge_library(library));
    // Where none of Immich's folders is, that is the matter, and not what they lack.
    if (library && std::ranges::any_of(library->folders, &LibraryFolder::present))
      add(judge_markers(*library));
    if (!job_.extra_roots) {
      const Error& error = job_.extra_roots.error();
      add({.area = "library",
           .name = "extra_root",
           .verdict = Verdict::problem,
           .message = error.message,
           .fix = error.hint});
      return;
    }
    for (const ExtraRoot& root : *job_.extra_roots) add(judge_extra_root(look_at_extra_root(root)));
  }

  void examine_database()
  {
    std::optional<DatabaseFacts> database;
    if (!job_.database) {
      database = DatabaseFacts{.error = job_.database.error()};
    } else if (*job_.database) {
      database = look_at_database(**job_.database, stop_);
    }
    add(judge_database(database));
    if (!database) return;
    add(judge_immich(*database));
    const std::vector<std::string>& immich = database->immich.identity;
    if (marker_ && !marker_->immich.empty() && !immich.empty())
      add(judge_store_owner(report_.header.store, may_be_same_immich(marker_->immich, immich)));
    add(judge_may_dump(*database));
    add(judge_pg_dump(*database));
  }

  const DoctorJob& job_;
  Progress& progress_;
  const std::stop_token& stop_;
  DoctorReport report_;
  std::optional<StoreMarker> marker_;
};

}  // namespace

Result<DoctorReport> run_doctor(const DoctorJob& job, Progress& progress,
                                const std::stop_token& stop)
{
  return Examination(job, progress, stop).run();
}

}  // namespace ib
