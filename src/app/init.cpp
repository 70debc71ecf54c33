// SPDX-License-Identifier: Apache-2.0
#include "app/init.hpp"

#include "app/doctor/diagnosis.hpp"
#include "app/outside_stores.hpp"
#include "base/text.hpp"
#include "immich/database.hpp"
#include "immich/media_root.hpp"
#include "postgres/address.hpp"
#include "postgres/connection.hpp"
#include "repository/documents.hpp"
#include "repository/encrypted_store.hpp"
#include "repository/listing.hpp"
#include "repository/machine_key.hpp"
#include "repository/manifest_file.hpp"
#include "repository/restore_points.hpp"
#include "repository/signed_store.hpp"
#include "repository/store_keys.hpp"
#include "repository/store_marker.hpp"
#include "scan/library.hpp"
#include "sys/file.hpp"
#include "sys/file_system.hpp"
#include "sys/hash.hpp"
#include "sys/place_probe.hpp"

#include <utility>

namespace ib {
namespace {

/// Now, and not at the first backup, a person is there to put it right.
Result<> require_library(const Session& session, const InitJob& job)
{
  const FolderAddress* folder = session.store.address().folder();
  if (!job.library) return {};
  TRY(require_media_root(*job.library));
  if (folder == nullptr) return {};
  return TRY(Library::open(*job.library)).require_outside(folder->path);
}

/// Now, and not in the middle of a night.
Result<> require_place(const Session& session, std::vector<std::string>& notes)
{
  const FolderAddress* folder = session.store.address().folder();
  if (folder == nullptr) return {};
  const Result<PlaceFacts> place = probe_place_at(folder->path);
  const Check check = judge_place(place.value_or(PlaceFacts{}),
                                  place ? std::nullopt : std::optional(place.error()));
  if (check.verdict == Verdict::problem && place)
    return fail(Errc::invalid, session.store.url() + ": its file system " + check.message,
                check.fix);
  if (!place) return std::unexpected(in_context(session.store.url(), place.error()));
  notes.push_back("its file system " + check.message);
  const FileSystem system = TRY(file_system_of(folder->path));
  const Check kind =
      judge_file_system({.file_system = system.type, .mount_point = system.mount_point});
  if (kind.verdict == Verdict::warning) notes.push_back(kind.message + ". " + kind.fix);
  return {};
}

/// A database without a user tells nothing: then whose Immich it is stays unknown.
Result<std::vector<std::string>> ask_database(const Session& session, const InitJob& job,
                                              std::vector<std::string>& notes)
{
  if (!job.database) return std::vector<std::string>{};
  Connection connection = TRY(Connection::open(job.database->address, session.stop));
  const ImmichFacts facts = TRY(read_immich_facts(connection));
  const std::string database = describe(job.database->address);
  if (!facts.known_schema) {
    notes.push_back(database + ": its tables are not those of an Immich that this program knows");
  } else if (facts.identity.empty()) {
    notes.push_back(database + ": this Immich has no user yet, by whom it could be known again");
  }
  return facts.identity;
}

/// The id that the newest readable restore point gives its store. Absent where there is none.
std::optional<std::string> named_id(const Session& session, const ManifestListing& listing)
{
  for (auto it = listing.restore_points.rbegin(); it != listing.restore_points.rend(); ++it) {
    const Result<RestorePoint> point = read_restore_point(session, it->name);
    if (point) return point->store;
  }
  return std::nullopt;
}

/// The machine key: the one that is there, or a new one, where the store was not begun with
/// another. Null where nothing is to be signed.
Result<std::shared_ptr<const MachineKey>> take_key(const Session& session, const InitJob& job,
                                                   const std::optional<StoreMarker>& marker,
                                                   InitReport& report)
{
  const bool in_bucket = session.store.address().bucket() != nullptr;
  if (job.may_go_without && in_bucket) {
    return fail(Errc::invalid,
                session.store.url() + ": what is stored in a bucket has to be signed",
                "Whoever steals the bucket's key could plant objects in it. Leave out --unsigned.");
  }
  if (job.may_go_without) return nullptr;
  // A folder that goes without: it was begun so, or is older than keys.
  if (marker && marker->key.empty() && !in_bucket && !job.sign) return nullptr;
  if (const FolderAddress* folder = session.store.address().folder()) {
    const Result<PlaceFacts> place = probe_place_at(folder->path);
    if (place && !place->attributes && job.sign) {
      return fail(Errc::invalid,
                  session.store.url() +
                      ": its file system keeps no extended attributes, and so no "
                      "signatures",
                  "Use --unsigned with this store, or a file system that keeps them.");
    }
    if (place && !place->attributes) {
      report.header.notes.emplace_back(
          "its file system keeps no extended attributes, and so no signatures: whoever can write "
          "to this folder is believed");
      return nullptr;
    }
  }
  if (job.key_file.empty()) {
    return fail(Errc::invalid, "neither HOME nor XDG_CONFIG_HOME tells where the machine key is",
                "Name its file with --machine-key.");
  }
  Result<MachineKey> key = load_machine_key(job.key_file);
  if (!key && key.error().code != Errc::not_found) return std::unexpected(std::move(key).error());
  if (key && job.new_key) {
    return fail(Errc::invalid, job.key_file + ": there is a machine key already",
                "--new-machine-key is for the day on which it is lost.");
  }
  if (!key) {
    if (marker && !marker->key.empty() && !job.new_key) {
      return fail(Errc::invalid,
                  session.store.url() + ": was begun with the machine key " + marker->key +
                      ", which is not in " + job.key_file,
                  "Copy its file from the machine that backs up, or name it with --machine-key. To "
                  "read the store, --trusted-key " +
                      marker->key +
                      " is enough, if your recovery kit has the same. If the key is lost: "
                      "`immich-backup init --new-machine-key --sign` makes another, and signs what "
                      "lies in the store.");
    }
    TRY(require_lasting_place("the machine key", job.key_file));
    // Whoever takes the disk of the store is not to have it.
    TRY(require_outside_stores(session, "the machine key", job.key_file));
    key = TRY(create_machine_key(job.key_file));
    report.key_is_new = true;
  }
  report.key_file = job.key_file;
  report.public_key = to_text(key->public_key());
  return std::make_shared<const MachineKey>(*std::move(key));
}

/// The digest that is signed of an object: of a manifest in its plain form.
Result<std::string> digest_of(const Session& session, const ScratchFolder& scratch,
                              const ObjectInfo& object)
{
  const auto told = object.metadata.find("sha256");
  if (told != object.metadata.end()) return told->second;
  if (object.name.value.ends_with(".db")) {
    const Folder folder = TRY(Folder::open(scratch.path()));
    return TRY(fetch_manifest(session.store, object.name, "", folder, "unsigned.db", session.stop))
        .sha256.hex();
  }
  const std::string document =
      TRY(get_small(session.store, object.name, kLargestDocument, session.stop));
  return sha256(bytes_of(document)).hex();
}

/// Signs what nobody has signed: the owner asks for it, and is told of each.
Result<> sign_older_objects(const Session& session, std::shared_ptr<const MachineKey> key,
                            InitReport& report)
{
  const std::unique_ptr<SignedStore> signed_store =
      TRY(SignedStore::open(session.store, {.own = std::move(key)}));
  ObjectStore& listed = *signed_store;
  for (const std::string_view prefix : {kManifestPrefix, kRunsPrefix, kProofsPrefix}) {
    const std::unique_ptr<ObjectCursor> cursor =
        TRY(listed.list(std::string(prefix), "", session.stop));
    while (TRY(cursor->next())) {
    }
  }
  const std::vector<Stranger> strangers = signed_store->strangers();
  const ScratchFolder scratch = TRY(ScratchFolder::create(session.scratch_parent));
  session.progress.begin("signing what is stored", strangers.size(), std::nullopt);
  std::vector<SignedStore::Vouched> vouched;
  for (const Stranger& each : strangers) {
    if (session.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
    session.progress.advance(1, 0);
    const Result<std::string> digest = digest_of(session, scratch, each.info);
    if (!digest && digest.error().code == Errc::corrupt) {
      report.header.problems.push_back(problem_from(digest.error(), "not_signed", each.name.value));
      continue;
    }
    vouched.push_back({.name = each.name, .sha256 = TRY(digest), .metadata = each.info.metadata});
  }
  if (vouched.empty()) return {};
  TRY(signed_store->vouch_for(vouched, TRY(session.store.now(session.stop)), session.stop));
  for (const SignedStore::Vouched& each : vouched) report.signed_objects.push_back(each.name.value);
  return {};
}

std::unexpected<Error> without_signatures(const std::string& url)
{
  return fail(Errc::invalid, url + ": an encrypted store has to be signed",
              "Whoever can write to it could else make the backup encrypt to a key of his own. "
              "Leave out --unsigned, and use a file system that keeps extended attributes.");
}

std::unexpected<Error> opens_nothing(const std::vector<AgeRecipient>& recipients)
{
  return fail(Errc::invalid,
              "--identity: does not open what is encrypted to " + to_text(recipients),
              "Nothing was changed. Give the identity of one of these keys; `age-keygen -y "
              "FILE` prints the public key of an identity.");
}

/// The identities by which somebody can open what is encrypted to the keys in the settings. Empty
/// where that need not be shown.
Result<std::vector<AgeIdentity>> require_proof(const Session& session, const InitJob& job)
{
  const EncryptionKeys& keys = session.encryption->keys();
  if (!keys.identities.empty() || job.may_be_unproven) return keys.identities;
  const std::string why = session.store.url() + ": nobody has shown that what is encrypted to " +
                          to_text(keys.recipients) + " can be opened again";
  if (job.ask_identities) {
    std::vector<AgeIdentity> identities = TRY(job.ask_identities(why + "."));
    const std::string test = TRY(encrypt_text("test", keys.recipients));
    if (!decrypt_text(test, identities)) return opens_nothing(keys.recipients);
    return identities;
  }
  return fail(Errc::invalid, why,
              "Give the file of the identity once, with --identity FILE: it opens a test object, "
              "and is not kept. --unproven goes without; then open a photo with it soon.");
}

/// Of a place that is to be an encrypted store, before anything is written.
Result<std::vector<AgeIdentity>> require_encryptable(const Session& session, const InitJob& job,
                                                     bool holds_backup)
{
  const std::string url = session.store.url();
  if (holds_backup) {
    return fail(
        Errc::invalid, url + ": holds an encrypted backup, and no key here opens its keys",
        "Nothing was changed. Name the machine key of this store with --machine-key, or one of the "
        "owner's identities with --identity. Are the objects manifest.keys-*.age gone? Bring them "
        "back from the bucket's soft-deleted objects or from a copy of the store.");
  }
  if (!session.encryption->strangers().empty()) {
    return fail(
        Errc::invalid, url + ": holds a backup that is not encrypted",
        "Begin an encrypted store in another folder or prefix. Everything is uploaded to it "
        "anew; `immich-backup backup --dry-run` says what that costs. The old store stays "
        "until you remove it yourself.");
  }
  return require_proof(session, job);
}

/// Creates the object with the store's keys, once it is known that the owner opens it, and reads it
/// back. `identities` are his; empty where he shows nothing.
Result<> put_keys(const Session& session, const StoreKeys& keys, const MachineKey& machine,
                  const std::vector<AgeIdentity>& identities, InitReport& report)
{
  const EncryptionKeys& given = session.encryption->keys();
  ObjectStore& store = session.encryption->inner();
  const std::string sealed = TRY(seal(keys, machine));
  if (!identities.empty() && !decrypt_text(sealed, identities))
    return opens_nothing(given.recipients);
  const ObjectName name =
      TRY(put_store_keys(store, sealed, TRY(store.now(session.stop)), session.stop));
  report.recipients = sorted_texts(given.recipients);
  if (identities.empty()) return {};
  TRY(open_store_keys(TRY(get_small(store, name, kLargestStoreKeys, session.stop)), identities,
                      std::vector{machine.public_key()}, name.value));
  report.is_proven = true;
  return {};
}

/// Before a key is made: that the keys of the encrypted store can be sealed anew, and opened, and
/// by which identities.
Result<std::vector<AgeIdentity>> require_renewable(const Session& session, const InitJob& job)
{
  if (!session.encryption->store_keys()) {
    return fail(Errc::invalid,
                session.store.url() + ": no key here opens the keys of this encrypted store",
                "Nothing was changed. Give one of the owner's identities with --identity FILE. If "
                "you have, the objects manifest.keys-*.age are gone or not yours: bring them back "
                "from the bucket's soft-deleted objects or from a copy of the store.");
  }
  if (session.encryption->keys().recipients.empty()) {
    return fail(Errc::invalid,
                session.store.url() + ": the settings do not say to whom the store is encrypted",
                "Nothing was changed. Give --encrypt-to with the public keys that your recovery "
                "kit names.");
  }
  if (job.change_recipients) return require_proof(session, job);
  return session.encryption->keys().identities;
}

/// What is encrypted to others from now on; or, with another machine key, the same keys for that.
Result<> renew_keys(const Session& session, const InitJob& job, const MachineKey& machine,
                    const std::vector<AgeIdentity>& identities, InitReport& report)
{
  StoreKeys keys = session.encryption->store_keys().value();
  keys.owners = session.encryption->keys().recipients;
  // Who could open the store's keys so far is not to open what comes from now on.
  if (job.change_recipients) keys.documents.insert(keys.documents.begin(), AgeIdentity::create());
  return put_keys(session, keys, machine, identities, report);
}

}  // namespace

Result<InitReport> run_init(const Session& session, const InitJob& job)
{
  InitReport report;
  report.header.command = "init";
  report.header.store = session.store.url();
  report.in_bucket = session.store.address().bucket() != nullptr;
  if (job.database) report.database = describe(job.database->address);
  TRY(require_library(session, job));
  const std::vector<std::string> immich = TRY(ask_database(session, job, report.header.notes));
  const ManifestListing listing = TRY(list_manifests(session));
  const std::optional<std::string> named = named_id(session, listing);
  const std::string id = named.value_or("");
  Result<std::optional<StoreMarker>> found = find_marker(session, listing);
  if (!found && !(job.adopt && found.error().code == Errc::invalid))
    return std::unexpected(std::move(found).error());
  const bool is_the_stores = found && *found && (id.empty() || (*found)->id == id);
  const bool is_this_immichs = found && *found && may_be_same_immich((*found)->immich, immich);
  if (found && *found && !job.adopt) {
    if (!is_the_stores) return another_stores_marker(session.store.url());
    if (!is_this_immichs) return another_immich(session.store.url(), report.database);
  }
  if (found && !*found) TRY(require_place(session, report.header.notes));
  const bool may_encrypt = session.encryption != nullptr;
  const std::vector<AgeRecipient> recipients =
      may_encrypt ? session.encryption->keys().recipients : std::vector<AgeRecipient>();
  const bool is_encrypted = may_encrypt && TRY(session.encryption->is_encrypted(session.stop));
  std::vector<AgeIdentity> identities;
  if (is_encrypted && found && *found && (job.new_key || job.change_recipients))
    identities = TRY(require_renewable(session, job));
  const bool holds_backup = named || !listing.manifests.empty() || listing.has_current_manifest;
  // Its marker was lost, if it was begun before.
  const bool begins_encrypted =
      is_encrypted && found && !*found && !session.encryption->store_keys();
  if (begins_encrypted) identities = TRY(require_encryptable(session, job, holds_backup));
  const std::shared_ptr<const MachineKey> key =
      TRY(take_key(session, job, found ? *found : std::nullopt, report));

  report.did = InitReport::Did::nothing;
  if (found && !*found) {
    StoreMarker marker = new_marker(id, immich, listing.store_time, report.public_key);
    if (is_encrypted) marker.recipients = session.encryption->owners();
    if (begins_encrypted) {
      if (!key) return without_signatures(session.store.url());
      TRY(put_keys(session, StoreKeys::create(marker.id, recipients), *key, identities, report));
    }
    report.recipients = marker.recipients;
    report.marker = TRY(create_marker(session, marker));
    if (report.marker.id != marker.id)
      return fail(Errc::unavailable,
                  session.store.url() + ": another init was begun at the same time",
                  "Run it again.");
    report.did = holds_backup ? InitReport::Did::marked : InitReport::Did::began;
  } else {
    const bool tells_more = found && (*found)->immich.empty() && !immich.empty();
    const bool adopts = job.adopt && !(is_the_stores && is_this_immichs && !tells_more);
    const bool has_other_key = found && key && (*found)->key != report.public_key;
    if (found) report.marker = **found;
    const bool renews = is_encrypted && key && (job.new_key || job.change_recipients);
    if (is_encrypted && !renews) report.recipients = session.encryption->owners();
    if (renews) TRY(renew_keys(session, job, *key, identities, report));
    if (renews || adopts || (has_other_key && (job.sign || job.new_key))) {
      report.marker = new_marker(id.empty() && found ? (*found)->id : id,
                                 adopts ? immich : (*found)->immich, listing.store_time,
                                 key     ? report.public_key
                                 : found ? (*found)->key
                                         : "");
      if (is_encrypted) report.marker.recipients = session.encryption->owners();
      if (renews) report.marker.recipients = sorted_texts(recipients);
      TRY(replace_marker(session, listing, report.marker));
      report.did = adopts                  ? InitReport::Did::adopted
                   : job.change_recipients ? InitReport::Did::readdressed
                                           : InitReport::Did::keyed;
    }
  }
  const bool signs = key && (job.sign || report.did == InitReport::Did::marked);
  if (signs) TRY(sign_older_objects(session, key, report));
  return report;
}

}  // namespace ib
