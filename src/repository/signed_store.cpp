// SPDX-License-Identifier: Apache-2.0
#include "repository/signed_store.hpp"

#include "base/text.hpp"
#include "repository/documents.hpp"
#include "repository/statement.hpp"
#include "repository/store_marker.hpp"
#include "store/object_streams.hpp"
#include "sys/hash.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace ib {
namespace {

const std::string kSignatureKey = "signature";
const std::string kTagKey = "tag";
const std::string kSha256Key = "sha256";
constexpr std::string_view kSignatureFormat = "1";
constexpr std::size_t kPiece = std::size_t{64} * 1024;

/// What is signed, one by one.
bool is_signed_kind(std::string_view name)
{
  return (name.starts_with(kManifestPrefix) && name != kStoreMarker) ||
         name.starts_with(kRunsPrefix) || name.starts_with(kProofsPrefix);
}

bool is_files(std::string_view name)
{
  return name.starts_with(kLibraryPrefix) || name.starts_with(kVersionsPrefix) ||
         name.starts_with(kHashedPrefix);
}

/// Its stored bytes are those whose SHA-256 is recorded. A manifest's SHA-256 is of its plain form,
/// which whoever fetches one compares.
bool is_document(std::string_view name)
{
  return name.ends_with(".json");
}

/// All metadata but the signature.
std::string metadata_bytes(const Metadata& metadata)
{
  std::string bytes;
  for (const auto& [key, value] : metadata)
    if (key != kSignatureKey) bytes += joined_parts({key, value});
  return bytes;
}

std::string metadata_sha256(const Metadata& metadata)
{
  return sha256(bytes_of(metadata_bytes(metadata))).hex();
}

std::string statement(std::string_view store_id, std::string_view name, const Metadata& metadata)
{
  return joined_parts({"immich-backup signature 1", store_id, name}) + metadata_bytes(metadata);
}

std::string tag_statement(std::string_view store_id, std::string_view name, std::string_view sha256,
                          std::uint64_t size)
{
  return joined_parts({"immich-backup tag 1", store_id, name, sha256, std::to_string(size)});
}

/// "1 <store id> ed25519:<public key> <signature>"
struct SignatureField {
  std::string store;
  PublicKey key;
  Signature signature;
};

std::optional<SignatureField> parse_signature(std::string_view text)
{
  std::array<std::string_view, 4> words;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::size_t end = i + 1 < words.size() ? text.find(' ') : text.size();
    if (end == std::string_view::npos) return std::nullopt;
    words.at(i) = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  const Result<PublicKey> key = parse_public_key(words[2]);
  const Result<Signature> signature = Signature::parse(words[3]);
  if (words[0] != kSignatureFormat || !key || !signature) return std::nullopt;
  return SignatureField{.store = std::string(words[1]), .key = *key, .signature = *signature};
}

bool holds(const SignatureField& field, const ObjectInfo& object)
{
  return verify_signature(field.key,
                          bytes_of(statement(field.store, object.name.value, object.metadata)),
                          field.signature);
}

std::vector<std::string> parents_of(const ObjectInfo& object)
{
  std::vector<std::string> names;
  const std::string parents = text_in(object.metadata, "parents");
  std::string_view text = parents;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    names.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return names;
}

}  // namespace

std::string reason_text(const Stranger& stranger)
{
  switch (stranger.why) {
    case Stranger::Why::nobodys:
      return stranger.info.metadata.empty() ? "not signed, or its metadata was lost" : "not signed";
    case Stranger::Why::unknown_key:
      return "signed by " + stranger.by;
    case Stranger::Why::forged:
      return "its signature is not for what it says";
    case Stranger::Why::other_store:
      return "signed for another store";
    case Stranger::Why::distrusted:
      return stranger.by.empty() ? "distrusted" : "builds on " + stranger.by;
    case Stranger::Why::not_encrypted:
      return "not encrypted";
  }
  return "";
}

Result<Distrusted> Distrusted::parse(std::string_view text)
{
  const std::size_t slash = text.find('/');
  const bool is_name = is_signed_kind(text);
  if (is_name) return Distrusted{.name = ObjectName{std::string(text)}};
  // A date alone is the end of its day where a time is read: an interval begins with it.
  std::string beginning(text.substr(0, slash));
  if (beginning.size() == std::string_view("2026-01-15").size()) beginning += "T00:00:00Z";
  const Result<Timestamp> from = parse_timestamp(beginning);
  const Result<Timestamp> to = slash == std::string_view::npos
                                   ? Result<Timestamp>(fail(Errc::invalid, ""))
                                   : parse_timestamp(text.substr(slash + 1));
  if (from && to && *from <= *to) return Distrusted{.from = *from, .to = *to};
  return fail(Errc::invalid,
              "--distrust " + printable(text) + ": is neither an interval nor a name",
              "Write FROM/TO, such as 2026-01-15T20:00:00Z/2026-01-20, or the name of an object "
              "such as manifest-20260115T030000Z.db.");
}

std::vector<PublicKey> TrustedKeys::all() const
{
  std::vector<PublicKey> keys = others;
  if (own) keys.insert(keys.begin(), own->public_key());
  return keys;
}

bool TrustedKeys::trust(const PublicKey& key) const
{
  return (own && own->public_key() == key) || std::ranges::find(others, key) != others.end();
}

/// Passes on what counts.
class SignedStore::Cursor final : public ObjectCursor {
public:
  Cursor(SignedStore& store, std::unique_ptr<ObjectCursor> inner)
      : store_(store), inner_(std::move(inner))
  {}
  Result<std::optional<ObjectInfo>> next() override
  {
    while (std::optional<ObjectInfo> object = TRY(inner_->next()))
      if (store_.counts(*object)) return object;
    return std::nullopt;
  }

private:
  SignedStore& store_;
  std::unique_ptr<ObjectCursor> inner_;
};

Result<std::unique_ptr<SignedStore>> SignedStore::open(ObjectStore& inner, TrustedKeys keys)
{
  const bool by_time = std::ranges::any_of(
      keys.distrusted, [](const Distrusted& each) { return !each.name.has_value(); });
  if (by_time && inner.address().folder() != nullptr) {
    return fail(Errc::invalid,
                "--distrust FROM/TO: in a folder, who can write can also give a file any time",
                "Name the manifests and restore points that you distrust, one --distrust for each. "
                "`immich-backup restore-points` lists them.");
  }
  return std::unique_ptr<SignedStore>(new SignedStore(inner, std::move(keys)));
}

bool SignedStore::is_distrusted(const ObjectInfo& object) const
{
  return std::ranges::any_of(keys_.distrusted, [&](const Distrusted& each) {
    if (each.name) return *each.name == object.name;
    return object.created && *object.created >= each.from && *object.created <= each.to;
  });
}

bool SignedStore::is_own_upload(const ObjectInfo& object) const
{
  const Result<Sha256> tag = Sha256::parse(text_in(object.metadata, kTagKey));
  const std::optional<std::uint64_t> size = object.content_size();
  const std::scoped_lock lock(mutex_);
  if (!keys_.own || !id_ || !tag || !size || is_distrusted(object)) return false;
  const std::string bytes =
      tag_statement(*id_, object.name.value, text_in(object.metadata, kSha256Key), *size);
  return are_equal_secrets(*tag, keys_.own->tag(bytes_of(bytes)));
}

Result<bool> SignedStore::holds_trusted(const std::stop_token& stop) const
{
  const std::unique_ptr<ObjectCursor> cursor =
      TRY(inner_.list(std::string(kManifestPrefix), "", stop, ListedMetadata::of_few));
  while (const std::optional<ObjectInfo> object = TRY(cursor->next())) {
    const auto field = parse_signature(text_in(object->metadata, kSignatureKey));
    if (field && keys_.trust(field->key) && holds(*field, *object)) return true;
  }
  return false;
}

std::vector<Stranger> SignedStore::strangers() const
{
  const std::scoped_lock lock(mutex_);
  std::vector<Stranger> strangers;
  strangers.reserve(strangers_.size());
  for (const auto& [name, stranger] : strangers_) strangers.push_back(stranger);
  return strangers;
}

std::string SignedStore::signed_sha256(const ObjectName& name) const
{
  const std::scoped_lock lock(mutex_);
  const auto found = signed_.find(name.value);
  return found == signed_.end() ? "" : found->second.sha256;
}

bool SignedStore::is_signed_here(const ObjectName& name) const
{
  const std::scoped_lock lock(mutex_);
  const auto found = signed_.find(name.value);
  return found != signed_.end() && found->second.here;
}

void SignedStore::set_aside(Stranger stranger)
{
  signed_.erase(stranger.name.value);
  strangers_.insert_or_assign(stranger.name.value, std::move(stranger));
}

/// Who it is a stranger to; absent where its word counts.
std::optional<Stranger> SignedStore::judge(const ObjectInfo& object) const
{
  Stranger stranger{.name = object.name, .info = object};
  if (is_distrusted(object)) {
    stranger.why = Stranger::Why::distrusted;
    return stranger;
  }
  const auto attested = attested_.find(object.name.value);
  if (attested != attested_.end() &&
      attested->second.metadata_sha256 == metadata_sha256(object.metadata))
    return std::nullopt;
  const std::string text = text_in(object.metadata, kSignatureKey);
  const std::optional<SignatureField> field = parse_signature(text);
  if (!field) {
    stranger.why = text.empty() ? Stranger::Why::nobodys : Stranger::Why::forged;
  } else if (!keys_.trust(field->key)) {
    stranger.why = Stranger::Why::unknown_key;
    stranger.by = short_text(field->key);
  } else if (!holds(*field, object)) {
    stranger.why = Stranger::Why::forged;
  } else if (!id_ || field->store != *id_) {
    stranger.why = Stranger::Why::other_store;
    stranger.by = field->store;
  } else {
    return std::nullopt;
  }
  return stranger;
}

bool SignedStore::counts(const ObjectInfo& object)
{
  const std::scoped_lock lock(mutex_);
  if (std::optional<Stranger> stranger = judge(object)) {
    set_aside(*std::move(stranger));
    return false;
  }
  const auto attested = attested_.find(object.name.value);
  const auto field = parse_signature(text_in(object.metadata, kSignatureKey));
  signed_[object.name.value] =
      attested != attested_.end()
          ? Signed{.sha256 = attested->second.sha256}
          : Signed{.sha256 = text_in(object.metadata, kSha256Key),
                   .here = field && keys_.own && field->key == keys_.own->public_key()};
  strangers_.erase(object.name.value);
  return true;
}

/// The marker tells it. Where that is gone, the newest manifest or restore point that a trusted key
/// has signed.
void SignedStore::learn_id(const std::vector<ObjectInfo>& objects)
{
  for (const ObjectInfo& object : objects) {
    if (!is_marker(object.name)) continue;
    const Result<StoreMarker> marker =
        parse_store_marker(text_in(object.metadata, kMarkerDocumentKey), object.name.value);
    if (marker) {
      id_ = marker->id;
      return;
    }
  }
  for (auto object = objects.rbegin(); object != objects.rend(); ++object) {
    const auto field = parse_signature(text_in(object->metadata, kSignatureKey));
    if (!field || !keys_.trust(field->key) || !holds(*field, *object)) continue;
    id_ = field->store;
    return;
  }
}

Result<> SignedStore::learn_what_was_vouched_for(const std::vector<ObjectInfo>& objects,
                                                 const std::stop_token& stop)
{
  for (const ObjectInfo& object : objects) {
    if (!object.name.value.starts_with(kVouchingPrefix) ||
        read_attestations_.contains(object.name.value))
      continue;
    if (judge(object)) continue;  // it is set aside with the others
    const std::string document = TRY(get_small(inner_, object.name, kLargestDocument, stop));
    if (sha256(bytes_of(document)).hex() != text_in(object.metadata, kSha256Key)) {
      return fail(
          Errc::corrupt, object.name.value + ": its bytes are not those that were signed",
          "Remove it with the owner's credential; `immich-backup init --sign` makes it anew.");
    }
    for (VouchedObject& each : TRY(parse_vouching(document, object.name.value)))
      attested_.insert_or_assign(std::move(each.name),
                                 Attested{std::move(each.sha256), std::move(each.metadata_sha256)});
    read_attestations_.insert(object.name.value);
  }
  return {};
}

Result<std::vector<ObjectInfo>> SignedStore::look_at_manifests(const std::stop_token& stop)
{
  std::vector<ObjectInfo> objects;
  const std::unique_ptr<ObjectCursor> cursor =
      TRY(inner_.list(std::string(kManifestPrefix), "", stop, ListedMetadata::of_few));
  while (std::optional<ObjectInfo> object = TRY(cursor->next())) {
    // A copied folder has lost the metadata; what the marker says stands in the marker, too.
    if (is_marker(object->name) && !object->metadata.contains(kMarkerDocumentKey))
      object->metadata[kMarkerDocumentKey] = TRY(marker_document(inner_, *object, stop));
    objects.push_back(std::move(*object));
  }
  {
    const std::scoped_lock lock(mutex_);
    id_.reset();
    learn_id(objects);
    TRY(learn_what_was_vouched_for(objects, stop));
  }
  std::vector<ObjectInfo> left;
  std::map<std::string, std::string>
      distrusted;  // a manifest or a run: the name that is distrusted
  const auto derives = [&](const std::string& what) {
    const auto found = distrusted.find(what);
    return found == distrusted.end() ? std::string() : found->second;
  };
  for (ObjectInfo& object : objects) {
    const bool is_manifest = manifest_time(object.name).has_value();
    std::string origin;
    if (is_signed_kind(object.name.value) && !counts(object)) {
      const std::scoped_lock lock(mutex_);
      if (strangers_.at(object.name.value).why == Stranger::Why::distrusted)
        origin = object.name.value;
    } else if (is_manifest) {
      for (const std::string& parent : parents_of(object))
        if (origin.empty()) origin = derives(parent);
      if (origin.empty()) origin = derives(text_in(object.metadata, "base"));
      if (!origin.empty()) {
        const std::scoped_lock lock(mutex_);
        set_aside(
            {.name = object.name, .why = Stranger::Why::distrusted, .by = origin, .info = object});
      }
    }
    if (is_manifest && !origin.empty()) {
      distrusted.emplace(object.name.value, origin);
      distrusted.emplace("run " + text_in(object.metadata, "run"), origin);
    }
    const std::scoped_lock lock(mutex_);
    if (!strangers_.contains(object.name.value)) left.push_back(std::move(object));
  }
  // A restore point brings the rows of the commit that it names.
  std::erase_if(left, [&](const ObjectInfo& object) {
    if (!restore_point_time(object.name)) return false;
    const std::string origin = derives("run " + text_in(object.metadata, "recorded-by"));
    if (origin.empty()) return false;
    const std::scoped_lock lock(mutex_);
    set_aside(
        {.name = object.name, .why = Stranger::Why::distrusted, .by = origin, .info = object});
    return true;
  });
  return left;
}

Result<std::string> SignedStore::store_id(const std::stop_token& stop)
{
  {
    const std::scoped_lock lock(mutex_);
    if (id_) return *id_;
  }
  TRY(look_at_manifests(stop));
  const std::scoped_lock lock(mutex_);
  return id_.value_or("");
}

Result<std::unique_ptr<ObjectCursor>> SignedStore::list(const std::string& prefix,
                                                        const std::string& start,
                                                        const std::stop_token& stop,
                                                        ListedMetadata metadata)
{
  if (prefix == kManifestPrefix && start.empty())
    return std::make_unique<CollectedObjects>(TRY(look_at_manifests(stop)));
  std::unique_ptr<ObjectCursor> inner = TRY(inner_.list(prefix, start, stop, metadata));
  if (!is_signed_kind(prefix)) return inner;
  TRY(store_id(stop));
  return std::make_unique<Cursor>(*this, std::move(inner));
}

Result<> SignedStore::get(const ObjectName& name, const ByteSink& sink, const std::stop_token& stop,
                          std::uint64_t offset)
{
  if (!is_signed_kind(name.value)) return inner_.get(name, sink, stop, offset);
  const auto expected = [&]() -> std::optional<std::string> {
    const std::scoped_lock lock(mutex_);
    const auto found = signed_.find(name.value);
    return found == signed_.end() ? std::nullopt : std::optional(found->second.sha256);
  };
  if (!expected()) {
    TRY(store_id(stop));
    const ObjectInfo object = TRY(inner_.stat(name, stop));
    if (!counts(object)) {
      const std::scoped_lock lock(mutex_);
      return fail(
          Errc::corrupt,
          printable(name.value) + ": is set aside: " + reason_text(strangers_.at(name.value)),
          "Find out who put it there.");
    }
  }
  if (!is_document(name.value) || offset != 0) return inner_.get(name, sink, stop, offset);
  ContentHasher hasher;
  TRY(inner_.get(
      name,
      [&](ByteView bytes) {
        hasher.update(bytes);
        return sink(bytes);
      },
      stop, 0));
  if (hasher.finish().sha256.hex() == expected().value_or("")) return {};
  return fail(Errc::corrupt, printable(name.value) + ": its bytes are not those that were signed",
              "Something has changed it since. Others need not be touched.");
}

Result<NewObject> SignedStore::signed_form(const NewObject& object, ByteSource& source,
                                           const std::stop_token& stop)
{
  NewObject form = object;
  const std::string& name = object.name.value;
  if (!keys_.own || !(is_files(name) || is_signed_kind(name))) return form;
  const std::string id = TRY(store_id(stop));
  if (is_files(name)) {
    const std::string bytes =
        tag_statement(id, name, text_in(object.metadata, kSha256Key), object.size);
    form.metadata[kTagKey] = keys_.own->tag(bytes_of(bytes)).hex();
    return form;
  }
  if (!form.metadata.contains(kSha256Key)) {
    ContentHasher hasher;
    std::vector<std::byte> buffer(kPiece);
    TRY(source.seek(0));
    while (const std::size_t n = TRY(source.read(buffer))) hasher.update(ByteView(buffer).first(n));
    TRY(source.seek(0));
    form.metadata[kSha256Key] = hasher.finish().sha256.hex();
  }
  const Signature signature = keys_.own->sign(bytes_of(statement(id, name, form.metadata)));
  form.metadata[kSignatureKey] = std::string(kSignatureFormat) + " " + id + " " +
                                 to_text(keys_.own->public_key()) + " " + signature.hex();
  return form;
}

Result<ObjectInfo> SignedStore::put(const NewObject& object, ByteSource& source,
                                    const std::stop_token& stop)
{
  const NewObject form = TRY(signed_form(object, source, stop));
  return inner_.put(form, source, stop);
}

Result<ObjectInfo> SignedStore::replace(const NewObject& object, ByteSource& source,
                                        std::uint64_t generation, const std::stop_token& stop)
{
  const NewObject form = TRY(signed_form(object, source, stop));
  return inner_.replace(form, source, generation, stop);
}

Result<ObjectName> SignedStore::vouch_for(const std::vector<Vouched>& objects, Timestamp now,
                                          const std::stop_token& stop)
{
  std::vector<VouchedObject> vouched;
  vouched.reserve(objects.size());
  for (const Vouched& each : objects)
    vouched.push_back({each.name.value, each.sha256, metadata_sha256(each.metadata)});
  ObjectName name = vouching_name(now);
  TRY(put_small(*this, name, serialize(vouched), {}, "application/json", stop));
  return name;
}

}  // namespace ib
