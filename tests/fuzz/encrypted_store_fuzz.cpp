// SPDX-License-Identifier: Apache-2.0
//
// An encrypted store, and what a stranger has put beside its objects who knows to whom it is
// encrypted: he may seal any plain text. The input describes his objects (memory_store.hpp). The
// metadata "age" and "store-keys" stand there in plain, and so does content behind the byte 1D:
// they are sealed here, as he would.
#include "age/header.hpp"
#include "fuzz/fuzz.hpp"
#include "fuzz/memory_store.hpp"
#include "repository/documents.hpp"
#include "repository/encrypted_store.hpp"
#include "repository/store_marker.hpp"

#include <memory>
#include <utility>

namespace {

using namespace ib;

constexpr char kToBeSealed = '\x1D';

struct World {
  AgeIdentity owner = AgeIdentity::create();
  std::shared_ptr<const MachineKey> machine =
      std::make_shared<const MachineKey>(MachineKey::create());
  std::optional<StoreKeys> keys;
  fuzz::MemoryStore store;
};

const World& world()
{
  static const World kWorld = [] {
    World made;
    StoreMarker marker{.id = "0123456789abcdef0123456789abcdef",
                       .key = to_text(made.machine->public_key())};
    marker.recipients = {made.owner.recipient().text()};
    made.store.objects["manifest.store.json"] = {
        .metadata = {{kMarkerDocumentKey, serialize_on_one_line(marker)}},
        .content = serialize(marker)};
    made.keys = StoreKeys::create(marker.id, {made.owner.recipient()});
    fuzz::require(
        put_store_keys(made.store, seal(*made.keys, *made.machine).value(), Timestamp{}, {})
            .has_value(),
        "the store's keys are stored");
    return made;
  }();
  return kWorld;
}

EncryptionKeys everything()
{
  return {.machine = world().machine,
          .trusted = std::vector{world().machine->public_key()},
          .recipients = {world().owner.recipient()},
          .identities = {world().owner}};
}

/// As metadata of a file's object: only who has the machine key or the owner's can seal it so.
std::string protected_as_metadata(std::string_view plain)
{
  return encrypt_text(plain, metadata_passphrase(world().keys->documents.front())).value();
}

std::string sealed(std::string_view plain)
{
  const std::vector<AgeRecipient> both{world().owner.recipient(),
                                       world().machine->opening().recipient()};
  return encrypt_text(plain, both).value();
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  fuzz::MemoryStore store = world().store;
  for (auto& [name, object] : fuzz::store_of(fuzz::text_of_input(data, size)).objects) {
    if (name == kStoreMarker) continue;  // it was there first, and cannot be replaced
    for (const char* key : {"age", "store-keys"}) {
      const auto found = object.metadata.find(key);
      if (found == object.metadata.end()) continue;
      const bool is_file = name.starts_with(kLibraryPrefix);
      found->second = to_unpadded_base64(
          bytes_of(is_file ? protected_as_metadata(found->second) : sealed(found->second)));
    }
    if (object.content.starts_with(kToBeSealed)) object.content = sealed(object.content.substr(1));
    store.objects.insert({name, std::move(object)});
  }
  EncryptedStore ours(store, everything());
  for (const char* prefix : {"manifest", "runs/", "proofs/", "database/", "library/"}) {
    const auto cursor = ours.list(prefix, "", {}, ListedMetadata::of_all);
    if (!cursor) {
      fuzz::require_safe_to_show(cursor.error());
      continue;
    }
    while (const auto object = (*cursor)->next().value()) {
      const Result<> got = ours.get(
          object->name, [](ByteView) -> Result<> { return {}; }, {}, 0);
      if (!got) fuzz::require_safe_to_show(got.error());
    }
  }
  const std::optional<StoreKeys> keys = ours.store_keys();
  fuzz::require(keys && keys->names.bytes == world().keys->names.bytes &&
                    keys->documents.size() == world().keys->documents.size(),
                "keys that nobody trusted has signed count for nothing");
  for (const Stranger& stranger : ours.strangers())
    fuzz::require(stranger.why == Stranger::Why::not_encrypted, "he is named for what he is");
  return 0;
}
