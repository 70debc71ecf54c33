// SPDX-License-Identifier: Apache-2.0
#include "store/object_store.hpp"

#include "store/checksum_source.hpp"
#include "sys/hash.hpp"

namespace ib {

std::string text_in(const Metadata& metadata, const std::string& key)
{
  const auto found = metadata.find(key);
  return found == metadata.end() ? "" : found->second;
}

std::optional<Crc32c> NewObject::known_crc32c() const
{
  if (crc32c || checksum == nullptr || checksum->covered() != size) return crc32c;
  return checksum->crc32c();
}

bool NewObject::is_confirmed_by(const ObjectInfo& stored) const
{
  const std::optional<Crc32c> known = known_crc32c();
  return known && stored.size == size && stored.crc32c == known;
}

bool holds_what_was_announced(const ObjectInfo& object)
{
  return !object.plain || (object.crc32c && object.crc32c == object.plain->announced_crc32c);
}

std::optional<EncryptedObject> encrypted_object(const ObjectInfo& object)
{
  if (!object.plain || !object.size || !object.crc32c) return std::nullopt;
  return EncryptedObject{
      .size = *object.size, .crc32c = *object.crc32c, .recipients = object.plain->recipients};
}

Result<std::string> get_small(ObjectStore& store, const ObjectName& name, std::uint64_t limit,
                              const std::stop_token& stop)
{
  for (int attempt = 1;; ++attempt) {
    std::string bytes;
    bool is_too_large = false;
    Result<> got = store.get(
        name,
        [&](ByteView piece) -> Result<> {
          is_too_large = bytes.size() + piece.size() > limit;
          if (is_too_large) {
            return fail(Errc::corrupt,
                        name.value + ": is larger than " + std::to_string(limit) + " bytes");
          }
          bytes += text_of(piece);
          return {};
        },
        stop);
    if (got) return bytes;
    // It may have been damaged on its way.
    const bool may_pass = got.error().code == Errc::corrupt && !is_too_large;
    if (!may_pass || attempt == 2) return std::unexpected(std::move(got).error());
  }
}

Result<ObjectInfo> put_small(ObjectStore& store, const ObjectName& name, std::string_view bytes,
                             const Metadata& metadata, const std::string& content_type,
                             const std::stop_token& stop)
{
  MemorySource source(bytes_of(bytes));
  return store.put({.name = name,
                    .size = bytes.size(),
                    .crc32c = crc32c(bytes_of(bytes)),
                    .metadata = metadata,
                    .content_type = content_type},
                   source, stop);
}

}  // namespace ib
