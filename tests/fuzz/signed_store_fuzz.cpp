// SPDX-License-Identifier: Apache-2.0
//
// A store with signed objects, and what a stranger has put in their place or beside them: only what
// the key has signed is listed and read. The input describes the stranger's objects
// (memory_store.hpp). Where the metadata "signature" is "@" and the name of a signed object, it
// stands for the signature of that one.
#include "fuzz/fuzz.hpp"
#include "fuzz/memory_store.hpp"
#include "repository/documents.hpp"
#include "repository/machine_key.hpp"
#include "repository/signed_store.hpp"
#include "repository/store_marker.hpp"

#include <utility>

namespace {

using namespace ib;

TrustedKeys keys()
{
  static const auto kKey = std::make_shared<const MachineKey>(
      MachineKey::parse("IMMICH-BACKUP-MACHINE-KEY-1:" + std::string(64, '7'), "key").value());
  return {.own = kKey};
}

/// What the owner has signed.
const fuzz::MemoryStore& signed_objects()
{
  static const fuzz::MemoryStore kStore = [] {
    fuzz::MemoryStore store;
    const StoreMarker marker{.id = "0123456789abcdef0123456789abcdef"};
    store.objects["manifest.store.json"] = {
        .metadata = {{kMarkerDocumentKey, serialize_on_one_line(marker)}},
        .content = serialize(marker)};
    const auto ours = SignedStore::open(store, keys()).value();
    const auto put = [&](const std::string& name, const Metadata& metadata) {
      fuzz::require(put_small(*ours, {name}, "{}", metadata, "application/json", {}).has_value(),
                    "an object is signed");
    };
    put("manifest-20260115T030000Z.json", {{"generation", "1"}, {"recorded-by", "a"}});
    put("manifest-20260115T030000Z.db", {{"parents", ""}, {"run", "a"}});
    put("proofs/2026-01-15T03-00-00.json", {});
    put("runs/20260115T030000Z-01234567/begin.json", {});
    return store;
  }();
  return kStore;
}

/// The same, with the stranger's objects.
fuzz::MemoryStore attacked_store(std::string_view input)
{
  fuzz::MemoryStore store = signed_objects();
  for (auto& [name, object] : fuzz::store_of(input).objects) {
    const auto signature = object.metadata.find("signature");
    if (signature != object.metadata.end() && signature->second.starts_with('@')) {
      const auto from = signed_objects().objects.find(signature->second.substr(1));
      if (from != signed_objects().objects.end() && from->first != kStoreMarker)
        signature->second = from->second.metadata.at("signature");
    }
    store.objects.insert_or_assign(name, std::move(object));
  }
  return store;
}

bool is_signed(const ObjectName& name, const Metadata& metadata)
{
  const auto found = signed_objects().objects.find(name.value);
  return found != signed_objects().objects.end() && found->second.metadata == metadata;
}

void check(SignedStore& store, const std::string& prefix)
{
  const auto cursor = store.list(prefix, "", {}, ListedMetadata::of_all);
  if (!cursor) return fuzz::require_safe_to_show(cursor.error());
  while (const auto object = (*cursor)->next().value()) {
    if (object->name.value == kStoreMarker) continue;
    fuzz::require(is_signed(object->name, object->metadata), "only what was signed is listed");
    std::string content;
    const Result<> got = store.get(
        object->name,
        [&](ByteView bytes) -> Result<> {
          content += text_of(bytes);
          return {};
        },
        {}, 0);
    const bool is_document = object->name.value.ends_with(".json");
    fuzz::require(!got || !is_document || content == "{}", "a document is as it was signed");
  }
  for (const Stranger& stranger : store.strangers())
    fuzz::require(!is_signed(stranger.name, stranger.info.metadata) ||
                      stranger.why == Stranger::Why::other_store,
                  "what was signed for this store is no stranger");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  fuzz::MemoryStore store = attacked_store(fuzz::text_of_input(data, size));
  const auto ours = SignedStore::open(store, keys()).value();
  for (const char* prefix : {"manifest", "runs/", "proofs/"}) check(*ours, prefix);
  for (const auto& [name, object] : store.objects) {
    const ObjectInfo info{
        .name = {name}, .size = object.content.size(), .metadata = object.metadata};
    fuzz::require(!ours->is_own_upload(info), "nothing here was tagged");
  }
  return 0;
}
