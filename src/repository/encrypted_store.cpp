// SPDX-License-Identifier: Apache-2.0
#include "repository/encrypted_store.hpp"

#include "age/decryption.hpp"
#include "age/encryption.hpp"
#include "age/header.hpp"
#include "base/text.hpp"
#include "repository/json_reader.hpp"
#include "repository/store_marker.hpp"
#include "store/checksum_source.hpp"
#include "store/object_streams.hpp"
#include "sys/hash.hpp"

#include <algorithm>
#include <utility>

namespace ib {
namespace {

const std::string kEncryptedKey = "age";
// Beside the metadata that was put, in the same age file.
const std::string kSizeKey = "plain-size";
const std::string kCrc32cKey = "plain-crc32c";
const std::string kAnnouncedKey = "crc32c";
const std::string kRecipientsKey = "recipients";
const std::string kPathKey = "path";
constexpr std::string_view kContentType = "application/octet-stream";
// The age file of a file up to this size is made before it is sent, for its checksum. One that fits
// into a buffer is kept. A larger one is made once, while it is sent: that takes less time, and one
// reading less from the disk.
constexpr std::uint64_t kLargestAnnounced = std::uint64_t{16} * 1024 * 1024;
// All metadata of an object in a folder is one extended attribute of 4,096 bytes at most.
constexpr std::size_t kLargestMetadata = 3900;

/// Its content is the owner's alone.
bool is_for_owner_alone(std::string_view name)
{
  return name.starts_with(kLibraryPrefix) || name.starts_with(kVersionsPrefix) ||
         name.starts_with(kHashedPrefix) || name.starts_with(kDatabasePrefix);
}

bool is_file(std::string_view name)
{
  return name.starts_with(kLibraryPrefix);
}

/// The name in the store below. That of a file's object is the same.
ObjectName stored_name(const ObjectName& name)
{
  if (is_marker(name) || is_file(name.value)) return name;
  return {name.value + std::string(kEncryptedSuffix)};
}

/// Passes on a source, whose end fails if it was not what was announced.
class AnnouncedSource final : public ByteSource {
public:
  AnnouncedSource(ByteSource& source, const ObjectName& name, std::uint64_t size, Crc32c crc32c)
      : source_(source), name_(name), size_(size), crc32c_(crc32c)
  {}
  Result<std::size_t> read(std::span<std::byte> buffer) override
  {
    const std::size_t n = TRY(source_.read(buffer));
    const bool is_all = n == 0 && source_.covered() == size_;
    if (!is_all || source_.crc32c() == crc32c_) return n;
    return fail(Errc::corrupt, name_.value + ": its bytes are not those that were announced");
  }
  Result<> seek(std::uint64_t offset) override { return source_.seek(offset); }

private:
  ChecksumSource source_;
  const ObjectName& name_;
  std::uint64_t size_;
  Crc32c crc32c_;
};

/// Reads all of a source into `buffer`, if that has room for `size` bytes, or else piece by piece.
/// The checksum.
Result<Crc32c> read_all(ByteSource& source, std::uint64_t size, std::span<std::byte> buffer,
                        const std::stop_token& stop)
{
  Crc32c crc;
  std::size_t kept = 0;
  while (const std::size_t n = TRY(source.read(buffer.subspan(kept)))) {
    crc = crc32c(ByteView(buffer).subspan(kept, n), crc);
    if (size < buffer.size()) kept += n;
    if (stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
  }
  return crc;
}

std::optional<PlainForm> plain_form(const Metadata& metadata)
{
  const auto size = parse_number<std::uint64_t>(text_in(metadata, kSizeKey));
  const Result<Crc32c> crc32c = Crc32c::parse_base64(text_in(metadata, kCrc32cKey));
  if (!size || !crc32c) return std::nullopt;
  PlainForm form{.size = *size, .crc32c = *crc32c, .recipients = text_in(metadata, kRecipientsKey)};
  if (const Result<Crc32c> announced = Crc32c::parse_base64(text_in(metadata, kAnnouncedKey)))
    form.announced_crc32c = *announced;
  return form;
}

}  // namespace

/// Gives the names and the metadata that were put.
class EncryptedStore::Cursor final : public ObjectCursor {
public:
  Cursor(EncryptedStore& store, std::unique_ptr<ObjectCursor> inner)
      : store_(store), inner_(std::move(inner))
  {}
  Result<std::optional<ObjectInfo>> next() override
  {
    while (std::optional<ObjectInfo> object = TRY(inner_->next()))
      if (std::optional<ObjectInfo> known = store_.translate(std::move(*object))) return known;
    return std::nullopt;
  }

private:
  EncryptedStore& store_;
  std::unique_ptr<ObjectCursor> inner_;
};

/// Encrypts what is written.
class EncryptedStore::Writer final : public ObjectWriter {
public:
  Writer(ObjectName name, Metadata metadata, std::string recipients, AgeFileKey key,
         std::unique_ptr<ObjectWriter> inner)
      : name_(std::move(name)),
        metadata_(std::move(metadata)),
        plain_{.recipients = std::move(recipients)},
        key_(std::move(key)),
        inner_(std::move(inner)),
        encryptor_(key_, [this](ByteView bytes) { return pass_on(bytes); })
  {}

  Result<> write(ByteView bytes) override
  {
    plain_.size += bytes.size();
    plain_.crc32c = crc32c(bytes, plain_.crc32c);
    return encryptor_.write(bytes);
  }

  Result<ObjectInfo> commit() override
  {
    TRY(encryptor_.finish());
    ObjectInfo confirmed = TRY(inner_->commit());
    if (confirmed.size != size_ || (confirmed.crc32c && *confirmed.crc32c != crc32c_)) {
      return fail(Errc::corrupt, name_.value + ": the store confirmed other bytes than were sent");
    }
    confirmed.name = name_;
    confirmed.metadata = metadata_;
    confirmed.plain = plain_;
    return confirmed;
  }

private:
  Result<> pass_on(ByteView bytes)
  {
    size_ += bytes.size();
    crc32c_ = crc32c(bytes, crc32c_);
    return inner_->write(bytes);
  }

  ObjectName name_;
  Metadata metadata_;
  PlainForm plain_;
  AgeFileKey key_;
  std::unique_ptr<ObjectWriter> inner_;
  AgeEncryptor encryptor_;
  std::uint64_t size_ = 0;
  Crc32c crc32c_;
};

EncryptedStore::Buffers::Loan EncryptedStore::Buffers::lend()
{
  const std::scoped_lock lock(mutex_);
  if (free_.empty()) return {*this, std::make_unique_for_overwrite<std::byte[]>(kSize)};
  std::unique_ptr<std::byte[]> buffer = std::move(free_.back());
  free_.pop_back();
  return {*this, std::move(buffer)};
}

EncryptedStore::Buffers::Loan::~Loan()
{
  const std::scoped_lock lock(owner_.mutex_);
  owner_.free_.push_back(std::move(buffer_));
}

StoreFeatures EncryptedStore::features() const
{
  StoreFeatures features = inner_.features();
  const std::scoped_lock lock(mutex_);
  features.encrypts = form_ == Form::encrypted;
  // An encoding could only be undone of plain bytes.
  if (features.encrypts) features.keeps_encodings = false;
  if (features.encrypts) features.reads_twice_up_to = kLargestAnnounced;
  return features;
}

std::vector<Stranger> EncryptedStore::strangers() const
{
  const std::scoped_lock lock(mutex_);
  std::vector<Stranger> strangers;
  strangers.reserve(plain_.size());
  for (const auto& [name, stranger] : plain_) strangers.push_back(stranger);
  return strangers;
}

Result<std::vector<AgeRecipient>> EncryptedStore::recipients_of(const ObjectName& name) const
{
  if (is_for_owner_alone(name.value)) {
    if (keys_.recipients.empty()) return no_recipients();
    return keys_.recipients;
  }
  const StoreKeys& keys = *TRY(keys_to_write_with());
  std::vector<AgeRecipient> recipients{keys.documents.front().recipient()};
  const std::vector<AgeRecipient>& owners =
      keys_.recipients.empty() ? keys.owners : keys_.recipients;
  recipients.insert(recipients.end(), owners.begin(), owners.end());
  return recipients;
}

/// One age file. That of a file's object is protected with the store's own passphrase; what others
/// have is encrypted as documents are.
Result<Metadata> EncryptedStore::encrypted_metadata(const ObjectName& name, Metadata metadata,
                                                    const std::optional<PlainForm>& plain) const
{
  if (plain) {
    metadata[kSizeKey] = std::to_string(plain->size);
    metadata[kCrc32cKey] = plain->crc32c.base64();
    if (plain->announced_crc32c) metadata[kAnnouncedKey] = plain->announced_crc32c->base64();
    if (is_file(name.value)) metadata[kRecipientsKey] = plain->recipients;
  }
  const std::vector<AgeRecipient> recipients = TRY(recipients_of({std::string(kManifestPrefix)}));
  for (;;) {
    Json json = Json::object();
    for (const auto& [key, value] : metadata) json[key] = to_utf8(value);
    const std::string sealed = is_file(name.value)
                                   ? TRY(encrypt_text(json.dump(), metadata_passphrases_.front()))
                                   : TRY(encrypt_text(json.dump(), recipients));
    std::string text = to_unpadded_base64(bytes_of(sealed));
    if (text.size() <= kLargestMetadata) return Metadata{{kEncryptedKey, std::move(text)}};
    // The manifest alone has so many owners, or a path this long.
    const bool is_shorter = metadata.erase(kRecipientsKey) > 0 || metadata.erase(kPathKey) > 0;
    if (!is_shorter) return Metadata{{kEncryptedKey, std::move(text)}};
  }
}

void EncryptedStore::open_metadata(ObjectInfo& info) const
{
  const std::string sealed = text_in(info.metadata, kEncryptedKey);
  info.metadata.clear();
  std::vector<std::byte> bytes;
  if (sealed.empty() || !from_unpadded_base64(sealed, bytes)) return;
  const Result<std::string> text = is_file(info.name.value)
                                       ? decrypt_text(text_of(bytes), metadata_passphrases_)
                                       : decrypt_text(text_of(bytes), identities_);
  const Result<Json> json =
      text ? parse_object(*text, info.name.value) : std::unexpected(text.error());
  if (!json) return;
  for (const auto& [key, value] : json->items())
    if (value.is_string()) info.metadata.emplace(key, value.get<std::string>());
  info.plain = plain_form(info.metadata);
  for (const std::string& key : {kSizeKey, kCrc32cKey, kAnnouncedKey, kRecipientsKey})
    info.metadata.erase(key);
}

/// As it was put. Absent where it is not encrypted, or the store's keys.
std::optional<ObjectInfo> EncryptedStore::translate(ObjectInfo info)
{
  if (is_marker(info.name)) return info;
  if (info.name.value.starts_with(kStoreKeysPrefix)) return std::nullopt;
  if (is_file(info.name.value)) {
    open_metadata(info);
    return info;
  }
  if (!info.name.value.ends_with(kEncryptedSuffix)) {
    const std::scoped_lock lock(mutex_);
    plain_.insert_or_assign(
        info.name.value,
        Stranger{.name = info.name, .why = Stranger::Why::not_encrypted, .info = info});
    return std::nullopt;
  }
  info.name.value.erase(info.name.value.size() - kEncryptedSuffix.size());
  open_metadata(info);
  return info;
}

Result<std::unique_ptr<ObjectCursor>> EncryptedStore::list(const std::string& prefix,
                                                           const std::string& start,
                                                           const std::stop_token& stop,
                                                           ListedMetadata metadata)
{
  if (prefix == kManifestPrefix && start.empty()) {
    std::vector<ObjectInfo> objects;
    const std::unique_ptr<ObjectCursor> cursor = TRY(inner_.list(prefix, start, stop, metadata));
    while (std::optional<ObjectInfo> object = TRY(cursor->next()))
      objects.push_back(std::move(*object));
    TRY(learn(objects, stop));
    auto collected = std::make_unique<CollectedObjects>(std::move(objects));
    if (TRY(form(stop)) == Form::plain) return collected;
    return std::make_unique<Cursor>(*this, std::move(collected));
  }
  if (TRY(form(stop)) == Form::plain) return inner_.list(prefix, start, stop, metadata);
  return std::make_unique<Cursor>(*this, TRY(inner_.list(prefix, start, stop, metadata)));
}

Result<ObjectInfo> EncryptedStore::stat(const ObjectName& name, const std::stop_token& stop)
{
  if (is_marker(name) || TRY(form(stop)) == Form::plain) return inner_.stat(name, stop);
  ObjectInfo info = TRY(inner_.stat(stored_name(name), stop));
  info.name = name;
  open_metadata(info);
  return info;
}

Result<> EncryptedStore::get(const ObjectName& name, const ByteSink& sink,
                             const std::stop_token& stop, std::uint64_t offset)
{
  if (is_marker(name) || TRY(form(stop)) == Form::plain)
    return inner_.get(name, sink, stop, offset);
  if (is_for_owner_alone(name.value)) TRY(require_identity("reading " + name.value, stop));
  AgeDecryptor decryptor(identities_, [&](ByteView plain) -> Result<> {
    const auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(offset, plain.size()));
    offset -= skipped;
    return skipped == plain.size() ? Result<>() : sink(plain.subspan(skipped));
  });
  const auto named = [&](Result<> decrypted) -> Result<> {
    if (decrypted) return {};
    Error error = in_context(name.value, std::move(decrypted).error());
    // The store allows it, and it is whole as far as anybody can tell.
    if (error.code == Errc::denied) error.code = Errc::invalid;
    return std::unexpected(std::move(error));
  };
  TRY(inner_.get(
      stored_name(name), [&](ByteView bytes) { return named(decryptor.write(bytes)); }, stop, 0));
  return named(decryptor.finish());
}

Result<> EncryptedStore::remove(const RemovableName& name, const std::stop_token& stop)
{
  if (TRY(form(stop)) == Form::plain) return inner_.remove(name, stop);
  const std::optional<RemovableName> stored = RemovableName::of(stored_name(name.name()));
  if (!stored) return fail(Errc::invalid, name.name().value + ": can never be removed");
  return inner_.remove(*stored, stop);
}

/// Encrypts an object, confirms what the store has got, and describes what was put.
Result<ObjectInfo> EncryptedStore::send(const NewObject& object, ByteSource& source,
                                        std::optional<std::uint64_t> generation,
                                        const std::stop_token& stop)
{
  const std::vector<AgeRecipient> recipients = TRY(recipients_of(object.name));
  const Buffers::Loan loan = buffers_.lend();
  TRY(source.seek(0));
  // The metadata tells it, and goes before the bytes.
  const Crc32c crc32c =
      object.crc32c ? *object.crc32c : TRY(read_all(source, object.size, loan.bytes(), stop));
  PlainForm plain{
      .size = object.size, .crc32c = crc32c, .recipients = joined(sorted_texts(recipients), "\n")};
  const AgeFileKey key = TRY(AgeFileKey::create(recipients));
  TRY(source.seek(0));
  AnnouncedSource announced(source, object.name, object.size, crc32c);
  AgeSource encrypted(key, announced, object.size);
  NewObject sealed{.name = stored_name(object.name),
                   .size = encrypted.size(),
                   .content_type = std::string(kContentType),
                   .operation = object.operation};
  const bool is_kept = sealed.size < loan.bytes().size();
  if (object.size <= kLargestAnnounced) {
    sealed.crc32c = TRY(read_all(encrypted, sealed.size, loan.bytes(), stop));
    TRY(encrypted.seek(0));
  }
  plain.announced_crc32c = sealed.crc32c;
  sealed.metadata = TRY(encrypted_metadata(object.name, object.metadata, plain));
  MemorySource memory(ByteView(loan.bytes()).first(is_kept ? sealed.size : 0));
  ChecksumSource sent(encrypted);
  if (!sealed.crc32c) sealed.checksum = &sent;
  ByteSource* bytes = &sent;
  if (sealed.crc32c) bytes = &encrypted;
  if (is_kept) bytes = &memory;
  ObjectInfo confirmed = TRY(generation ? inner_.replace(sealed, *bytes, *generation, stop)
                                        : inner_.put(sealed, *bytes, stop));
  if (!sealed.is_confirmed_by(confirmed)) {
    return fail(Errc::corrupt,
                object.name.value + ": the store confirmed other bytes than were sent");
  }
  confirmed.name = object.name;
  confirmed.metadata = object.metadata;
  confirmed.plain = plain;
  return confirmed;
}

Result<ObjectInfo> EncryptedStore::put(const NewObject& object, ByteSource& source,
                                       const std::stop_token& stop)
{
  if (is_marker(object.name) || TRY(form(stop)) == Form::plain)
    return inner_.put(object, source, stop);
  return send(object, source, std::nullopt, stop);
}

Result<ObjectInfo> EncryptedStore::replace(const NewObject& object, ByteSource& source,
                                           std::uint64_t generation, const std::stop_token& stop)
{
  if (is_marker(object.name) || TRY(form(stop)) == Form::plain)
    return inner_.replace(object, source, generation, stop);
  return send(object, source, generation, stop);
}

Result<std::unique_ptr<ObjectWriter>> EncryptedStore::create(const ObjectName& name,
                                                             const Metadata& metadata,
                                                             const std::string& content_type,
                                                             const std::stop_token& stop)
{
  if (is_marker(name) || TRY(form(stop)) == Form::plain)
    return inner_.create(name, metadata, content_type, stop);
  const std::vector<AgeRecipient> recipients = TRY(recipients_of(name));
  AgeFileKey key = TRY(AgeFileKey::create(recipients));
  std::unique_ptr<ObjectWriter> inner =
      TRY(inner_.create(stored_name(name), TRY(encrypted_metadata(name, metadata, std::nullopt)),
                        std::string(kContentType), stop));
  return std::make_unique<Writer>(name, metadata, joined(sorted_texts(recipients), "\n"),
                                  std::move(key), std::move(inner));
}

}  // namespace ib
