// SPDX-License-Identifier: Apache-2.0
#include "repository/encrypted_store.hpp"

#include "age/encryption.hpp"
#include "age/header.hpp"
#include "repository/store_marker.hpp"
#include "support/builders.hpp"
#include "support/emulated_bucket.hpp"
#include "support/lying_store.hpp"
#include "support/matchers.hpp"
#include "support/temp_dir.hpp"
#include "sys/file.hpp"
#include "sys/hash.hpp"
#include "transfer/upload.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ib::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const ObjectName kPoint{"manifest-20260115T030000Z.json"};
const ObjectName kDump{"database/2026-01-15T03-00-00.sql.gz"};
const std::string kPath = "/upload/u/photo.jpg";

class EncryptedStores : public testing::Test {
protected:
  EncryptedStores()
  {
    inner_ = std::move(bucket_.open().store);
    begin({owner_.recipient()}, *machine_);
  }

  /// What `init` does: the keys, and the marker.
  void begin(const std::vector<AgeRecipient>& owners, const MachineKey& machine)
  {
    StoreMarker marker = new_marker("", {}, Timestamp{}, to_text(machine.public_key()));
    marker.recipients = sorted_texts(owners);
    must(put_store_keys(*inner_, must(seal(StoreKeys::create(marker.id, owners), machine)), time(1),
                        {}));
    SilentProgress progress;
    must(create_marker({.store = *inner_, .progress = progress}, marker));
  }
  static Timestamp time(int seconds)
  {
    return must(parse_timestamp("2026-01-15T03:00:00Z")) + std::chrono::seconds(seconds);
  }

  std::unique_ptr<EncryptedStore> with(EncryptionKeys keys)
  {
    if (!keys.trusted) keys.trusted = std::vector{machine_->public_key()};
    return std::make_unique<EncryptedStore>(*inner_, std::move(keys));
  }
  std::unique_ptr<EncryptedStore> backing_up()
  {
    return with({.machine = machine_, .recipients = {owner_.recipient()}});
  }
  std::unique_ptr<EncryptedStore> owners()
  {
    return with({.recipients = {owner_.recipient()}, .identities = {owner_}});
  }

  static Result<ObjectInfo> put(ObjectStore& store, const ObjectName& name, std::string_view bytes,
                                Metadata metadata = {})
  {
    MemorySource source(bytes_of(bytes));
    return store.put({.name = name,
                      .size = bytes.size(),
                      .crc32c = crc32c(bytes_of(bytes)),
                      .metadata = std::move(metadata)},
                     source, {});
  }
  static Result<std::string> get(ObjectStore& store, const ObjectName& name,
                                 std::uint64_t offset = 0)
  {
    std::string bytes;
    TRY(store.get(
        name,
        [&](ByteView piece) -> Result<> {
          bytes += text_of(piece);
          return {};
        },
        {}, offset));
    return bytes;
  }
  static std::vector<std::string> names(ObjectStore& store, const std::string& prefix)
  {
    std::vector<std::string> names;
    const auto cursor = must(store.list(prefix, "", {}));
    while (const auto object = must(cursor->next())) names.push_back(object->name.value);
    return names;
  }
  /// What is stored, below all encryption.
  std::string stored(const ObjectName& name) { return must(get(*inner_, name)); }
  void store_instead(const ObjectName& name, const std::string& bytes, const Metadata& metadata)
  {
    bucket_.emulator().remove("photos", name.value);
    must(put(*inner_, name, bytes, metadata));
  }

  EmulatedBucket bucket_;
  std::unique_ptr<ObjectStore> inner_;
  const std::shared_ptr<const MachineKey> machine_ =
      std::make_shared<const MachineKey>(MachineKey::create());
  const AgeIdentity owner_ = AgeIdentity::create();
};

TEST_F(EncryptedStores, GiveBackWhatWasPutWithItsNameAndMetadata)
{
  const auto store = backing_up();
  const std::string large(std::size_t{3} * 1024 * 1024 + 17, 'x');
  const ObjectName file = must(store->names_for(kPath, sha256(bytes_of(large)), {})).front();
  must(put(*store, kPoint, "{\"some\": 1}", {{"run", "r"}, {"verdict", "complete"}}));
  const ObjectInfo put_file = must(put(*store, file, large, {{"path", kPath}, {"sha1", "00"}}));
  EXPECT_EQ(put_file.content_size(), large.size());
  EXPECT_EQ(put_file.content_crc32c(), crc32c(bytes_of(large)));
  EXPECT_GT(put_file.size, large.size());
  ASSERT_TRUE(encrypted_object(put_file));
  EXPECT_EQ(encrypted_object(put_file)->recipients, owner_.recipient().text());

  const ObjectInfo point = must(store->stat(kPoint, {}));
  EXPECT_EQ(point.name, kPoint);
  EXPECT_THAT(point.metadata,
              ElementsAre(testing::Pair("run", "r"), testing::Pair("verdict", "complete")));
  EXPECT_EQ(point.content_size(), 11U);
  EXPECT_THAT(names(*store, "manifest"), ElementsAre(kPoint.value, std::string(kStoreMarker)));
  EXPECT_EQ(must(get(*store, kPoint)), "{\"some\": 1}");
  EXPECT_EQ(must(get(*store, kPoint, 2)), "some\": 1}");
  EXPECT_EQ(must(store->stat(file, {})).metadata.at("path"), kPath);
  EXPECT_EQ(must(get(*owners(), file)), large);
}

/// Counts how often it is read.
class CountingSource : public ByteSource {
public:
  explicit CountingSource(std::string bytes) : bytes_(std::move(bytes)), source_(bytes_of(bytes_))
  {}
  Result<std::size_t> read(std::span<std::byte> buffer) override
  {
    const std::size_t n = TRY(source_.read(buffer));
    read_ += n;
    return n;
  }
  Result<> seek(std::uint64_t offset) override { return source_.seek(offset); }
  double readings() const
  {
    return static_cast<double>(read_) / static_cast<double>(bytes_.size());
  }

protected:
  std::string bytes_;

private:
  MemorySource source_;
  std::uint64_t read_ = 0;
};

TEST_F(EncryptedStores, ReadALargeFileOnceAndOthersAsOftenAsTheySay)
{
  const auto store = backing_up();
  must(store->is_encrypted({}));
  const auto limit = static_cast<std::size_t>(store->features().reads_twice_up_to);
  const auto read = [&](std::size_t size) {
    const std::string bytes = random_bytes(size, 1);
    const ObjectName name = must(store->names_for(kPath, sha256(bytes_of(bytes)), {})).front();
    CountingSource source(bytes);
    const ObjectInfo put = must(store->put(
        {.name = name, .size = size, .crc32c = crc32c(bytes_of(bytes)), .metadata = {{"a", "b"}}},
        source, {}));
    EXPECT_EQ(put.content_crc32c(), crc32c(bytes_of(bytes)));
    const ObjectInfo there = must(store->stat(name, {}));
    EXPECT_EQ(there.crc32c, put.crc32c);
    EXPECT_EQ(there.metadata.at("a"), "b");
    EXPECT_TRUE(must(get(*owners(), name)) == bytes);
    EXPECT_EQ(holds_what_was_announced(there), size <= limit) << size;
    return source.readings();
  };
  EXPECT_EQ(read(1000), 1);  // the age file is kept in memory
  EXPECT_EQ(read(limit), 2);
  EXPECT_EQ(read(limit + 1), 1);
}

TEST_F(EncryptedStores, ShowTheProviderNeitherBytesNorNamesNorMetadata)
{
  const auto store = backing_up();
  const Sha256 content = sha256(bytes_of("the bytes of a photo"));
  const ObjectName file = must(store->names_for(kPath, content, {})).front();
  must(put(*store, file, "the bytes of a photo", {{"path", kPath}, {"sha256", content.hex()}}));
  must(put(*store, kPoint, "the bytes of a point", {{"assets", "4711"}}));
  EXPECT_THAT(file.value, Not(HasSubstr(content.hex())));
  for (const std::string& name : names(*inner_, "")) {
    if (name == kStoreMarker) continue;
    const ObjectInfo info = must(inner_->stat({name}, {}));
    EXPECT_THAT(stored({name}), HasSubstr("age-encryption.org/v1"));
    EXPECT_THAT(stored({name}), Not(HasSubstr("the bytes")));
    for (const auto& [key, value] : info.metadata) {
      EXPECT_THAT(value, Not(HasSubstr("4711")));
      EXPECT_THAT(value, Not(HasSubstr("photo")));
      EXPECT_THAT(value, Not(HasSubstr(content.hex())));
    }
  }
}

TEST_F(EncryptedStores, NameTheSameContentOfAPathTheSameAndTellNothingByIt)
{
  const Sha256 content = sha256(bytes_of("photo"));
  const auto name = [&](EncryptedStore& store, std::string_view path) {
    return must(store.names_for(path, content, {}));
  };
  const std::vector<ObjectName> names = name(*backing_up(), kPath);
  ASSERT_EQ(names.size(), 2U);
  EXPECT_EQ(names.front(), name(*backing_up(), kPath).front());
  EXPECT_NE(names.back(), name(*backing_up(), kPath).back());
  EXPECT_NE(names.front(), name(*backing_up(), "/upload/u/other.jpg").front());
  EXPECT_THAT(names.front().value,
              testing::MatchesRegex("library/[0-9a-f][0-9a-f]/[0-9a-f]+\\.age"));
}

TEST_F(EncryptedStores, OpenDocumentsToTheMachineAndPhotosAndDumpsToTheOwnerAlone)
{
  const auto store = backing_up();
  const ObjectName file = must(store->names_for(kPath, sha256({}), {})).front();
  must(put(*store, kPoint, "point"));
  must(put(*store, kDump, "dump"));
  must(put(*store, file, "photo", {{"path", kPath}}));

  const auto machine = with({.machine = machine_});  // without a word of recipients
  EXPECT_EQ(must(get(*machine, kPoint)), "point");
  for (const ObjectName& name : {kDump, file}) {
    const Result<std::string> read = get(*machine, name);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Errc::invalid);
    EXPECT_THAT(read.error().message, HasSubstr(owner_.recipient().text()));
  }
  EXPECT_EQ(must(machine->stat(file, {})).metadata.at("path"), kPath);

  const auto owner = with({.identities = {owner_}});
  EXPECT_EQ(must(get(*owner, kPoint)), "point");
  EXPECT_EQ(must(get(*owner, kDump)), "dump");
  EXPECT_EQ(must(get(*owner, file)), "photo");

  const auto nobody = with({});
  EXPECT_THAT(nobody->list("manifest", "", {}, ListedMetadata::of_few).error().message,
              HasSubstr("no key here"));
  const auto stranger = with({.machine = std::make_shared<const MachineKey>(MachineKey::create())});
  EXPECT_EQ(stranger->list("manifest", "", {}, ListedMetadata::of_few).error().code, Errc::invalid);
  EXPECT_THAT(get(*with({.identities = {AgeIdentity::create()}}), file).error().message,
              HasSubstr("was ever encrypted to"));
}

TEST_F(EncryptedStores, WriteOnlyToRecipientsOfTheSettings)
{
  const auto machine = with({.machine = machine_});
  const ObjectName file = must(machine->names_for(kPath, sha256({}), {})).front();
  EXPECT_EQ(put(*machine, file, "photo").error().code, Errc::invalid);
  EXPECT_EQ(put(*machine, kDump, "dump").error().code, Errc::invalid);
  EXPECT_FALSE(machine->create(kDump, {}, "", {}));
  EXPECT_THAT(names(*inner_, "database"), IsEmpty());
  EXPECT_THAT(machine->require_recipients({}).error().hint, HasSubstr("IMMICH_BACKUP_ENCRYPT_TO="));

  const auto other = with({.machine = machine_, .recipients = {AgeIdentity::create().recipient()}});
  EXPECT_EQ(put(*other, file, "photo").error().code, Errc::invalid);
  EXPECT_THAT(other->list("manifest", "", {}, ListedMetadata::of_few).error().hint,
              HasSubstr("--change-recipients"));
}

TEST_F(EncryptedStores, LetTheOwnerOpenWhatAMachineWritesWhoseSettingsDoNotNameHim)
{
  const auto machine = with({.machine = machine_});
  must(put(*machine, kPoint, "point", {{"run", "r"}}));
  EncryptedStore owner(*inner_, {.identities = {owner_}});
  const std::string bytes = stored({kPoint.value + ".age"});
  EXPECT_EQ(must(decrypt_text(bytes, std::vector{owner_})), "point");
  EXPECT_EQ(must(owner.stat(kPoint, {})).metadata.at("run"), "r");
}

TEST_F(EncryptedStores, WriteNothingByKeysThatAnybodyMayHaveSealed)
{
  EncryptedStore believing(*inner_, {.machine = machine_, .recipients = {owner_.recipient()}});
  EXPECT_THAT(put(believing, kPoint, "point").error().message, HasSubstr("--unsigned"));
  EXPECT_THAT(believing.names_for(kPath, sha256({}), {}).error().message, HasSubstr("--unsigned"));
  EXPECT_EQ(names(believing, "manifest"), std::vector{std::string(kStoreMarker)});
}

TEST_F(EncryptedStores, RefuseToEncryptInAPlainStore)
{
  EmulatedBucket plain;
  plain.begin();
  const auto bucket = plain.open();
  EncryptedStore settings_say_so(*bucket.store, {.recipients = {owner_.recipient()}});
  EXPECT_THAT(settings_say_so.list("manifest", "", {}, ListedMetadata::of_few).error().message,
              HasSubstr("is not encrypted"));
  EXPECT_FALSE(put(settings_say_so, kDump, "dump"));

  EncryptedStore nobody_says_so(*bucket.store, {});
  must(put(nobody_says_so, kDump, "dump"));
  EXPECT_EQ(must(get(*bucket.store, kDump)), "dump");
  EXPECT_FALSE(nobody_says_so.features().encrypts);
}

TEST_F(EncryptedStores, SetAsideWhatIsNotEncrypted)
{
  const auto store = backing_up();
  must(put(*store, kPoint, "ours"));
  must(put(*inner_, kPoint, "planted"));
  must(put(*inner_, {"proofs/2026-01-15T03-00-00.json"}, "planted"));
  EXPECT_THAT(names(*store, "manifest"), ElementsAre(kPoint.value, std::string(kStoreMarker)));
  EXPECT_THAT(names(*store, "proofs/"), IsEmpty());
  EXPECT_EQ(must(get(*store, kPoint)), "ours");
  std::vector<std::string> said;
  for (const Stranger& each : store->strangers())
    said.push_back(each.name.value + ": " + reason_text(each));
  EXPECT_THAT(said, ElementsAre(kPoint.value + ": not encrypted",
                                "proofs/2026-01-15T03-00-00.json: not encrypted"));
}

TEST_F(EncryptedStores, BelieveNoKeysThatNoTrustedKeyHasSigned)
{
  // Whoever can create objects knows to whom the owner's are encrypted.
  const MachineKey thief = MachineKey::create();
  const StoreKeys known = must(
      open_store_keys(stored(store_keys_name(time(1))), std::vector{owner_}, std::nullopt, "keys"));
  StoreKeys planted =
      StoreKeys::create(known.store, {owner_.recipient(), machine_->opening().recipient()});
  must(put_store_keys(*inner_, must(seal(planted, thief)), time(100), {}));
  const auto store = backing_up();
  must(put(*store, kPoint, "ours"));
  EXPECT_EQ(store->store_keys().value().names.bytes, known.names.bytes);
  EXPECT_EQ(get(*with({.identities = planted.documents}), kPoint).error().code, Errc::invalid);
}

TEST_F(EncryptedStores, NameCipherTextThatWasCutChangedOrSwapped)
{
  const auto store = backing_up();
  const std::string photo(200'000, 'p');
  const ObjectName file = must(store->names_for(kPath, sha256(bytes_of(photo)), {})).front();
  must(put(*store, file, photo));
  must(put(*store, kPoint, "point"));
  const std::string whole = stored(file);
  const Metadata metadata = must(inner_->stat(file, {})).metadata;
  const std::size_t chunk = 64 * 1024 + 16;
  const std::size_t start = whole.size() - photo.size() - 4 * std::size_t{16};
  const auto swapped = [&] {
    std::string bytes = whole;
    std::swap_ranges(bytes.begin() + static_cast<std::ptrdiff_t>(start),
                     bytes.begin() + static_cast<std::ptrdiff_t>(start + chunk),
                     bytes.begin() + static_cast<std::ptrdiff_t>(start + chunk));
    return bytes;
  };
  const auto changed = [&] {
    std::string bytes = whole;
    bytes[start + 5] ^= 1;
    return bytes;
  };
  const std::string other = stored({kPoint.value + ".age"});
  for (const std::string& bytes :
       {whole.substr(0, start + chunk), whole.substr(0, whole.size() - 1), whole.substr(0, 30),
        swapped(), changed(), whole + "x", other.substr(0, 200) + whole.substr(200),
        std::string("plain bytes"), std::string()}) {
    store_instead(file, bytes, metadata);
    const Result<std::string> read = get(*owners(), file);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Errc::corrupt) << read.error().message;
    EXPECT_THAT(read.error().message, HasSubstr(file.value));
  }
}

/// Gives other bytes when it is read once more.
class ChangingSource final : public CountingSource {
public:
  using CountingSource::CountingSource;
  Result<std::size_t> read(std::span<std::byte> buffer) override
  {
    const std::size_t n = TRY(CountingSource::read(buffer));
    if (readings() >= 1) bytes_[bytes_.size() / 2] = 'c';
    return n;
  }
};

TEST_F(EncryptedStores, StoreNothingOfAFileThatChangesMeanwhile)
{
  const auto store = backing_up();
  for (const std::size_t size :
       {std::size_t{1000}, std::size_t{1'000'000}, std::size_t{20'000'000}}) {
    const std::string bytes(size, 'b');
    const ObjectName name = must(store->names_for(kPath, sha256(bytes_of(bytes)), {})).front();
    const auto put_from = [&](ByteSource& source, const std::string& hashed) {
      return store
          ->put({.name = name, .size = size, .crc32c = crc32c(bytes_of(hashed))}, source, {})
          .error()
          .code;
    };
    // Since it was hashed.
    MemorySource source(bytes_of(bytes));
    EXPECT_EQ(put_from(source, std::string(size, 'h')), Errc::corrupt);
    // After its age file's checksum was made: a small one is read no more by then, and of a large
    // one that is made while it is sent.
    if (size != 1'000'000) continue;
    ChangingSource changing(bytes);
    EXPECT_EQ(put_from(changing, bytes), Errc::changed);
  }
  EXPECT_THAT(names(*inner_, "library"), IsEmpty());
}

TEST_F(EncryptedStores, BelieveNoConfirmationOfOtherBytes)
{
  must(backing_up()->list("manifest", "", {}, ListedMetadata::of_few));
  LyingStore lying(*inner_);
  EncryptedStore store(lying, {.machine = machine_,
                               .trusted = std::vector{machine_->public_key()},
                               .recipients = {owner_.recipient()}});
  const ObjectName file = must(store.names_for(kPath, sha256({}), {})).front();
  EXPECT_THAT(put(store, file, "photo").error().message, HasSubstr("confirmed other bytes"));
}

class FilesInEncryptedStores : public EncryptedStores {
protected:
  FilesInEncryptedStores() { must(backing_up()->list("manifest", "", {}, ListedMetadata::of_few)); }

  /// Of the one file that there is. Absent where it was not stored.
  std::optional<UploadOutcome> back_up(ObjectStore& below)
  {
    EncryptedStore store(below, {.machine = machine_,
                                 .trusted = std::vector{machine_->public_key()},
                                 .recipients = {owner_.recipient()}});
    bool is_begun = false;
    std::optional<UploadOutcome> outcome;
    const UploadCalls calls{
        .next = [&]() -> Result<std::optional<FileToRead>> {
          if (std::exchange(is_begun, true)) return std::nullopt;
          return FileToRead{.file = {.path = "/upload/photo.jpg"}};
        },
        .open =
            [&](const std::string& path) {
              return must(Folder::open(library_.path())).open_file(path.substr(1));
            },
        .place = [&](const FileToRead& item, const HashedFile& file) -> Result<Placement> {
          return StoreUnder{must(store.names_for(item.file.path, file.content.sha256, {}))};
        },
        .done = [&](UploadResult result) -> Result<> {
          if (result.outcome) outcome = *result.outcome;
          return {};
        }};
    SilentProgress progress;
    static_cast<void>(run_uploads(store, {}, calls, progress, {}));
    return outcome;
  }
  void write(const std::string& bytes)
  {
    library_.write_file("upload/photo.jpg", bytes, 1'000'000'000);
  }

  static constexpr std::size_t kLarge = std::size_t{17} * 1024 * 1024;
  TempDir library_;
};

TEST_F(FilesInEncryptedStores, DoNotCountAsStoredWhereTheyArrivedDamaged)
{
  for (const std::string& bytes :
       {std::string("photo"), random_bytes(1'000'000, 1), random_bytes(kLarge, 2)}) {
    write(bytes);
    DamagingStore damaging(*inner_);
    EXPECT_FALSE(back_up(damaging));
    const std::vector<std::string> damaged = names(*inner_, "library");
    EXPECT_FALSE(damaged.empty());
    // The next run knows nothing of it but what the store has.
    const std::optional<UploadOutcome> outcome = back_up(*inner_);
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->end, UploadEnd::sent);
    EXPECT_THAT(damaged, Not(Contains(outcome->object.value)));
    EXPECT_TRUE(must(get(*owners(), outcome->object)) == bytes);
  }
}

TEST_F(FilesInEncryptedStores, AreNotSentAgainWhereTheyShowThatTheyArrivedWhole)
{
  write("photo");
  const ObjectName first = back_up(*inner_).value().object;
  EXPECT_EQ(back_up(*inner_).value().end, UploadEnd::found);
  EXPECT_EQ(back_up(*inner_).value().object, first);
  // A large one shows nothing: its checksum was known only when its description was sent.
  write(random_bytes(kLarge, 1));
  const ObjectName large = back_up(*inner_).value().object;
  const UploadOutcome again = back_up(*inner_).value();
  EXPECT_EQ(again.end, UploadEnd::sent);
  EXPECT_NE(again.object, large);
  EXPECT_THAT(again.taken, ElementsAre(large));
}

TEST_F(EncryptedStores, KnowTheirOwnObjectsByNamesThatNobodyElseCanMake)
{
  const auto store = backing_up();
  const Sha256 content = sha256(bytes_of("photo"));
  const ObjectName file = must(store->names_for(kPath, content, {})).front();
  must(put(*store, file, "photo", {{"path", kPath}, {"sha256", content.hex()}}));
  const ObjectInfo ours = must(store->stat(file, {}));
  EXPECT_TRUE(store->has_named(ours));
  ObjectInfo of_other_path = ours, of_other_content = ours, copied = ours;
  of_other_path.metadata["path"] = "/upload/u/other.jpg";
  of_other_content.metadata["sha256"] = sha256({}).hex();
  copied.name = must(store->names_for(kPath, content, {})).back();
  for (const ObjectInfo& planted : {of_other_path, of_other_content, copied})
    EXPECT_FALSE(store->has_named(planted));
  EncryptedStore believing(*inner_, {.machine = machine_, .recipients = {owner_.recipient()}});
  must(believing.is_encrypted({}));
  EXPECT_FALSE(believing.has_named(ours));
}

TEST_F(EncryptedStores, TakeNoKeysOfAnInitThatDidNotEnd)
{
  const StoreKeys other = StoreKeys::create("of another marker", {owner_.recipient()});
  must(put_store_keys(*inner_, must(seal(other, *machine_)), time(50), {}));
  const auto store = backing_up();
  must(store->is_encrypted({}));
  EXPECT_NE(store->store_keys().value().names.bytes, other.names.bytes);
}

TEST_F(EncryptedStores, StayEncryptedWithoutTheirMarker)
{
  bucket_.emulator().remove("photos", std::string(kStoreMarker));
  const auto machine = with({.machine = machine_});
  EXPECT_TRUE(must(machine->is_encrypted({})));
  EXPECT_EQ(machine->owners(), std::vector{owner_.recipient().text()});
  EXPECT_FALSE(put(*machine, kDump, "dump"));
  const auto other = with({.machine = machine_, .recipients = {AgeIdentity::create().recipient()}});
  EXPECT_THAT(other->is_encrypted({}).error().message, HasSubstr("the settings say to"));
  // Whoever has none of its keys cannot tell.
  EXPECT_FALSE(must(with({})->is_encrypted({})));
}

TEST_F(EncryptedStores, HaveAsManyOwnersAsSomebodyNames)
{
  EmulatedBucket bucket;
  inner_ = std::move(bucket.open().store);
  std::vector<AgeRecipient> many;
  while (many.size() + 1 < kMostOwners) many.push_back(AgeIdentity::create().recipient());
  many.push_back(owner_.recipient());
  begin(many, *machine_);
  const auto store = with({.machine = machine_, .recipients = many});
  must(put(*store, kPoint, "point"));
  EXPECT_EQ(must(get(*store, kPoint)), "point");
  EXPECT_EQ(must(get(*with({.identities = {owner_}}), kPoint)), "point");
  // A folder keeps 4,096 bytes, and a path of 400 has its place there.
  const ObjectName file = must(store->names_for(kPath, sha256({}), {})).front();
  must(put(*store, file, "photo",
           {{"path", std::string(400, 'p')},
            {"sha1", std::string(40, '0')},
            {"sha256", std::string(64, '0')},
            {"tag", std::string(64, '0')}}));
  EXPECT_LT(must(inner_->stat(file, {})).metadata.at("age").size(), 4000U);
  EXPECT_EQ(must(store->stat(file, {})).metadata.at("path").size(), 400U);
}

TEST_F(EncryptedStores, LeaveAPathTooLongForMetadataToTheManifest)
{
  const auto store = backing_up();
  const ObjectName file = must(store->names_for(kPath, sha256({}), {})).front();
  must(put(*store, file, "photo", {{"path", std::string(4000, 'p')}, {"sha1", "00"}}));
  const ObjectInfo info = must(store->stat(file, {}));
  EXPECT_FALSE(info.metadata.contains("path"));
  EXPECT_EQ(info.metadata.at("sha1"), "00");
  EXPECT_EQ(info.content_size(), 5U);
}

TEST_F(EncryptedStores, OpenMetadataOfFilesOnlyAsTheyProtectIt)
{
  const auto store = backing_up();
  const ObjectName file = must(store->names_for(kPath, sha256({}), {})).front();
  must(put(*store, file, "photo", {{"path", kPath}}));
  const AgeIdentity documents = store->store_keys().value().documents.front();
  const std::string plain = R"({"path":"/planted"})";
  const auto planted = [&](const std::string& age) {
    store_instead(file, stored(file), {{"age", to_unpadded_base64(bytes_of(age))}});
    return must(store->stat(file, {})).metadata;
  };
  EXPECT_EQ(must(store->stat(file, {})).metadata.at("path"), kPath);
  // Everybody knows the recipients.
  EXPECT_THAT(planted(must(encrypt_text(plain, std::vector{owner_.recipient()}))), IsEmpty());
  EXPECT_THAT(planted(must(encrypt_text(plain, std::vector{documents.recipient()}))), IsEmpty());
  EXPECT_THAT(planted(must(encrypt_text(plain, must(Passphrase::of("guessed"))))), IsEmpty());
  // One that takes memory and time would take it of each object.
  const AgeFileKey costly = must(AgeFileKey::for_passphrase(metadata_passphrase(documents), 2));
  std::string sealed;
  AgeEncryptor encryptor(costly, [&](ByteView bytes) -> Result<> {
    sealed += text_of(bytes);
    return {};
  });
  must(encryptor.write(bytes_of(plain)));
  must(encryptor.finish());
  EXPECT_THAT(planted(sealed), IsEmpty());
  EXPECT_EQ(planted(must(encrypt_text(plain, metadata_passphrase(documents)))).at("path"),
            "/planted");
}

TEST_F(EncryptedStores, WriteStreamsAndReplaceCopies)
{
  const auto store = backing_up();
  {
    const auto writer = must(store->create(kDump, {{"immich-version", "v3"}}, "", {}));
    must(writer->write(bytes_of("du")));
    must(writer->write(bytes_of("mp")));
    const ObjectInfo info = must(writer->commit());
    EXPECT_EQ(info.content_size(), 4U);
    EXPECT_EQ(info.content_crc32c(), crc32c(bytes_of("dump")));
  }
  EXPECT_EQ(must(get(*owners(), kDump)), "dump");
  EXPECT_EQ(must(store->stat(kDump, {})).metadata.at("immich-version"), "v3");
  EXPECT_EQ(store->create(kDump, {}, "", {}).has_value() &&
                must(store->create(kDump, {}, "", {}))->commit().has_value(),
            false);
  must(store->remove(*RemovableName::of(kDump), {}));
  EXPECT_THAT(names(*inner_, "database"), IsEmpty());

  const ObjectName copy{std::string(kCurrentManifest)};
  const auto replace = [&](std::string_view bytes, std::uint64_t generation) {
    MemorySource source(bytes_of(bytes));
    return must(
        store->replace({.name = copy, .size = bytes.size(), .crc32c = crc32c(bytes_of(bytes))},
                       source, generation, {}));
  };
  const ObjectInfo first = replace("one", 0);
  replace("two", first.generation);
  EXPECT_EQ(must(get(*store, copy)), "two");
  EXPECT_THAT(names(*inner_, "manifest"), Contains("manifest.db.age"));
}

}  // namespace
}  // namespace ib::test
