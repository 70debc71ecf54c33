// SPDX-License-Identifier: Apache-2.0
#include "contract/object_store_contract.hpp"
#include "store/checksum_source.hpp"
#include "support/builders.hpp"
#include "support/emulated_bucket.hpp"
#include "support/gzip.hpp"
#include "support/scripted_server.hpp"
#include "sys/hash.hpp"

#include <array>
#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace ib::test {
namespace {

class BucketUnderTest final : public StoreUnderTest {
public:
  BucketUnderTest(std::string prefix, EmulatorOptions options, const std::string& billing_project)
      : prefix_(std::move(prefix)), bucket_(std::move(options))
  {
    bucket_.billing_project = billing_project;
    opened_ = bucket_.open(prefix_);
  }
  ObjectStore& store() override { return *opened_.store; }
  StoreInspector& inspector() override { return *opened_.inspector; }
  std::unique_ptr<ObjectStore> open_again() override { return bucket_.open(prefix_).store; }

private:
  std::string prefix_;
  EmulatedBucket bucket_;
  OpenStore opened_;
};

constexpr const char* kReadersPay = R"({"name": "photos", "billing": {"requesterPays": true}})";

Backend backend(std::string name, std::string prefix, const std::string& bucket = "",
                const std::string& billing_project = "")
{
  return {.name = std::move(name),
          .capabilities = {.features = {.keeps_encodings = true,
                                        .lists_checksums = true,
                                        .replaces_by_generation = true}},
          .make = [prefix, bucket, billing_project] {
            return std::make_unique<BucketUnderTest>(
                prefix, EmulatorOptions{.bucket_config = bucket}, billing_project);
          }};
}

INSTANTIATE_TEST_SUITE_P(GcsStore, ObjectStoreContract,
                         testing::Values(backend("Bucket", ""), backend("Prefix", "home/family/"),
                                         backend("ReadersPay", "", kReadersPay, "who pays")),
                         backend_name);

const std::string kPhoto(300'000, 'p');

Result<ObjectInfo> put(ObjectStore& store, const std::string& name, std::string_view bytes)
{
  return put_small(store, {name}, bytes, {{"sha256", "x"}}, "image/jpeg", {});
}

/// As something that is encrypted while it is sent.
Result<ObjectInfo> put_at_once(ObjectStore& store, const std::string& name, std::string_view bytes)
{
  MemorySource memory(bytes_of(bytes));
  ChecksumSource source(memory);
  return store.put({.name = {name}, .size = bytes.size(), .checksum = &source}, source, {});
}

/// Bytes that differ, so that a wrong offset shows.
std::string large_content()
{
  std::string bytes(40'000'000, '\0');
  std::uint32_t state = 1;
  for (char& c : bytes) c = static_cast<char>((state = state * 1664525U + 1013904223U) >> 24U);
  return bytes;
}

TEST(GcsStore, InsertsASmallObjectWithOneRequest)
{
  EmulatedBucket bucket;
  const OpenStore opened = bucket.open();
  ASSERT_TRUE(put(*opened.store, "library/a.jpg", kPhoto));
  EXPECT_EQ(bucket.emulator().stats().requests, 1U);
  EXPECT_EQ(bucket.emulator().stats().class_a, 1U);
  const auto object = bucket.emulator().object("photos", "library/a.jpg");
  EXPECT_EQ(object->storage_class, "ARCHIVE");
  EXPECT_EQ(object->content_type, "image/jpeg");
  EXPECT_EQ(object->metadata.at("sha256"), "x");
  EXPECT_EQ(opened.usage_meter->usage().of[StorageClass::archive].class_a, 1U);
}

TEST(GcsStore, PutsControlObjectsIntoStandard)
{
  EmulatedBucket bucket;
  const auto store = bucket.open().store;
  for (const char* name : {"manifest-20260115T030000Z.db", "runs/x/begin.json", "proofs/x.json",
                           "database/x.sql.gz"}) {
    ASSERT_TRUE(put(*store, name, "x"));
    EXPECT_EQ(bucket.emulator().object("photos", name)->storage_class, "STANDARD") << name;
  }
}

TEST(GcsStore, GivesAnEncodedObjectAsItIsStoredAndOthersItsContent)
{
  EmulatedBucket bucket;
  const auto store = bucket.open().store;
  const std::string plain(3'000'000, 'm');
  const std::string packed = gzip(plain);
  MemorySource source(bytes_of(packed));
  ASSERT_TRUE(store->put({.name = {"manifest-20260115T030000Z.db"},
                          .size = packed.size(),
                          .crc32c = crc32c(bytes_of(packed)),
                          .content_encoding = "gzip"},
                         source, {}));
  EXPECT_EQ(bucket.emulator().object("photos", "manifest-20260115T030000Z.db")->content_encoding,
            "gzip");
  // After a break, the download continues in the middle. This works only because the server sends
  // the stored bytes: it cannot continue in the middle of bytes that it decodes.
  bucket.emulator().add_fault({.kind = "media", .cut_reply = 1000});
  EXPECT_TRUE(get_small(*store, {"manifest-20260115T030000Z.db"}, 1 << 20, {}).value() == packed);
  EXPECT_THAT(bucket.emulator().faults_not_hit(), IsEmpty());

  HttpClient other;  // such as curl, without --compressed
  const auto reply =
      other.perform({.method = "GET",
                     .url = bucket.emulator().url() +
                            "/storage/v1/b/photos/o/manifest-20260115T030000Z.db?alt=media"},
                    {});
  EXPECT_TRUE(reply->body == plain);
  EXPECT_EQ(reply->header("content-encoding"), "");
}

TEST(GcsStore, SendsALargeObjectInOneUpload)
{
  EmulatedBucket bucket;
  const auto store = bucket.open().store;
  const std::string bytes = large_content();
  ASSERT_TRUE(put(*store, "library/video.mp4", bytes));
  EXPECT_EQ(bucket.emulator().stats().requests, 2U);  // the start, and one with all bytes
  EXPECT_EQ(bucket.emulator().stats().class_a, 1U);
  EXPECT_EQ(bucket.emulator().content("photos", "library/video.mp4"), bytes);
}

TEST(GcsStore, SendsTheEndOfALargeObjectByItselfWithTheChecksum)
{
  EmulatedBucket bucket;
  const auto store = bucket.open().store;
  const std::string bytes = large_content();
  ASSERT_TRUE(put_at_once(*store, "library/video.mp4", bytes));
  EXPECT_EQ(bucket.emulator().stats().requests, 3U);
  EXPECT_EQ(bucket.emulator().stats().class_a, 1U);
  EXPECT_EQ(bucket.emulator().content("photos", "library/video.mp4"), bytes);
}

TEST(GcsStore, StreamsWhatItDoesNotKnowTheSizeOf)
{
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{8} << 20,
                                 (std::size_t{8} << 20) + 1, std::size_t{20'000'000}}) {
    EmulatedBucket bucket;
    const auto store = bucket.open().store;
    const std::string bytes = large_content().substr(0, size);
    const auto writer = must(store->create({"database/d.sql.gz"}, {}, "application/gzip", {}));
    for (std::size_t at = 0; at < size; at += 100'000) {
      ASSERT_TRUE(
          writer->write(bytes_of(bytes).subspan(at, std::min<std::size_t>(100'000, size - at))));
    }
    EXPECT_FALSE(bucket.emulator().object("photos", "database/d.sql.gz"));
    const ObjectInfo stored = must(writer->commit());
    EXPECT_EQ(stored.crc32c, crc32c(bytes_of(bytes)));
    EXPECT_EQ(bucket.emulator().content("photos", "database/d.sql.gz"), bytes) << size;
  }
}

TEST(GcsStore, CancelsAStreamThatWasGivenUp)
{
  EmulatedBucket bucket;
  const auto store = bucket.open().store;
  {
    const auto writer = must(store->create({"database/d.sql.gz"}, {}, "application/gzip", {}));
    ASSERT_TRUE(writer->write(bytes_of(kPhoto)));
    EXPECT_EQ(bucket.emulator().open_uploads(), 1U);
  }
  EXPECT_EQ(bucket.emulator().open_uploads(), 0U);
  EXPECT_THAT(bucket.emulator().list("photos"), IsEmpty());
}

// --- Faults ---

struct Trouble {
  const char* name;
  FaultRule rule;
};

void PrintTo(const Trouble& trouble, std::ostream* out)
{
  *out << trouble.name;
}

class SmallInsert : public testing::TestWithParam<Trouble> {};

TEST_P(SmallInsert, Survives)
{
  EmulatedBucket bucket;
  const auto store = bucket.open().store;
  bucket.emulator().add_fault(GetParam().rule);
  const Result<ObjectInfo> stored = put(*store, "library/a.jpg", kPhoto);
  ASSERT_TRUE(stored) << stored.error().message;
  EXPECT_EQ(bucket.emulator().content("photos", "library/a.jpg"), kPhoto);
  EXPECT_THAT(bucket.emulator().faults_not_hit(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    GcsStore, SmallInsert,
    testing::Values(Trouble{"Status500", {.kind = "insert", .status = 500}},
                    Trouble{"Status503", {.kind = "insert", .times = 5, .status = 503}},
                    Trouble{"Status429", {.kind = "insert", .status = 429, .retry_after = "7"}},
                    Trouble{"Status408", {.kind = "insert", .status = 408}},
                    Trouble{"ResetBefore", {.kind = "insert", .reset_before = true}},
                    Trouble{"LostReply", {.kind = "insert", .reset_after = true}},
                    Trouble{"ResetInBody", {.kind = "insert", .reset_in_body = 100'000}},
                    Trouble{"CutReply", {.kind = "insert", .cut_reply = 10}},
                    Trouble{"NotJson", {.kind = "insert", .not_json = true}}),
    [](const testing::TestParamInfo<Trouble>& row) { return row.param.name; });

TEST(GcsStore, AsksForAnInsertWhoseReplyWasLostByTheSameTokenAndForAnotherByAnother)
{
  EmulatedBucket bucket({.replay_inserts = true});
  const auto store = bucket.open().store;
  bucket.emulator().add_fault({.kind = "insert", .times = 2, .reset_after = true});
  ASSERT_TRUE(put(*store, "library/a.jpg", kPhoto));
  EXPECT_THAT(bucket.emulator().faults_not_hit(), IsEmpty());
  // The server repeats its answer, so no listing is needed to find out whose object it is.
  EXPECT_EQ(bucket.emulator().stats().kinds.at("insert"), 3U);
  EXPECT_EQ(bucket.emulator().stats().requests, 3U);
  // Another put of the same bytes under the same name is still another operation.
  EXPECT_TRUE(fails_with(Errc::precondition_failed, put(*store, "library/a.jpg", kPhoto)));
}

TEST(GcsStore, ReplacesOnceThoughTheReplyIsLost)
{
  EmulatedBucket bucket({.replay_inserts = true});
  const auto store = bucket.open().store;
  const ObjectInfo first = must(put(*store, "manifest.db", "first"));
  bucket.emulator().add_fault({.kind = "insert", .reset_after = true});
  const std::string bytes = "second";
  MemorySource source(bytes_of(bytes));
  const Result<ObjectInfo> second = store->replace(
      {.name = {"manifest.db"}, .size = bytes.size(), .crc32c = crc32c(bytes_of(bytes))}, source,
      first.generation, {});
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(bucket.emulator().content("photos", "manifest.db"), "second");
  EXPECT_THAT(bucket.emulator().faults_not_hit(), IsEmpty());
}

class LargeUpload : public testing::TestWithParam<Trouble> {};

TEST_P(LargeUpload, Survives)
{
  EmulatedBucket bucket;
  const auto store = bucket.open().store;
  bucket.emulator().add_fault(GetParam().rule);
  const std::string bytes = large_content();
  const Result<ObjectInfo> stored = put(*store, "library/video.mp4", bytes);
  ASSERT_TRUE(stored) << stored.error().message;
  EXPECT_EQ(bucket.emulator().content("photos", "library/video.mp4"), bytes);
  EXPECT_THAT(bucket.emulator().faults_not_hit(), IsEmpty());
}

TEST_P(LargeUpload, SurvivesWithoutAChecksumBefore)
{
  const std::string bytes = large_content();
  // In the part that is large, and in the last one.
  for (const std::uint64_t nth : {1U, 2U}) {
    if (nth > 1 && GetParam().rule.kind != "chunk") continue;
    EmulatedBucket bucket;
    const auto store = bucket.open().store;
    FaultRule rule = GetParam().rule;
    rule.nth = nth;
    if (nth > 1 && rule.reset_in_body) rule.reset_in_body = 10'000;
    if (nth > 1 && rule.store_only) rule.store_only = 0;
    bucket.emulator().add_fault(rule);
    const Result<ObjectInfo> stored = put_at_once(*store, "library/video.mp4", bytes);
    ASSERT_TRUE(stored) << stored.error().message;
    EXPECT_EQ(stored->crc32c, crc32c(bytes_of(bytes)));
    EXPECT_EQ(bucket.emulator().content("photos", "library/video.mp4"), bytes);
    EXPECT_THAT(bucket.emulator().faults_not_hit(), IsEmpty()) << nth;
  }
}

TEST_P(LargeUpload, SurvivesAsAStream)
{
  EmulatedBucket bucket;
  const auto store = bucket.open().store;
  bucket.emulator().add_fault(GetParam().rule);
  const std::string bytes = large_content();
  const auto writer = must(store->create({"database/d.sql.gz"}, {}, "application/gzip", {}));
  Result<> written;
  for (std::size_t at = 0; at < bytes.size() && written; at += 1'000'000) {
    written = writer->write(
        bytes_of(bytes).subspan(at, std::min<std::size_t>(1'000'000, bytes.size() - at)));
  }
  const bool upload_died = GetParam().rule.lose_upload != 0;
  if (upload_died) {
    // The bytes of a stream cannot be produced again. So the dump fails, and no part of it is
    // visible.
    EXPECT_FALSE(written && writer->commit());
    EXPECT_THAT(bucket.emulator().list("photos"), IsEmpty());
    return;
  }
  ASSERT_TRUE(written) << written.error().message;
  const Result<ObjectInfo> stored = writer->commit();
  ASSERT_TRUE(stored) << stored.error().message;
  EXPECT_EQ(bucket.emulator().content("photos", "database/d.sql.gz"), bytes);
  EXPECT_THAT(bucket.emulator().faults_not_hit(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    GcsStore, LargeUpload,
    testing::Values(Trouble{"StartRefused", {.kind = "start", .status = 503}},
                    Trouble{"ChunkRefused", {.kind = "chunk", .status = 503}},
                    Trouble{"ResetBefore", {.kind = "chunk", .reset_before = true}},
                    Trouble{"ResetInBody", {.kind = "chunk", .reset_in_body = 3'000'000}},
                    Trouble{"ResetInBodyOften",
                            {.kind = "chunk", .times = 4, .reset_in_body = 1'000'000}},
                    Trouble{"LostReply", {.kind = "chunk", .reset_after = true}},
                    Trouble{"StoredLess", {.kind = "chunk", .store_only = 1'000'000}},
                    Trouble{"StoredNothing", {.kind = "chunk", .store_only = 0}},
                    Trouble{"CutReply", {.kind = "chunk", .cut_reply = 3}},
                    Trouble{"UploadGone404", {.kind = "chunk", .lose_upload = 404}},
                    Trouble{"UploadGone410", {.kind = "chunk", .lose_upload = 410}}),
    [](const testing::TestParamInfo<Trouble>& row) { return row.param.name; });

class Download : public testing::TestWithParam<Trouble> {};

TEST_P(Download, GoesOnWhereItBroke)
{
  EmulatedBucket bucket;
  const auto store = bucket.open().store;
  const std::string bytes = large_content();
  bucket.emulator().put("photos", "library/video.mp4", bytes);
  bucket.emulator().add_fault(GetParam().rule);
  std::string got;
  const Result<> read = store->get({"library/video.mp4"},
                                   [&](ByteView piece) -> Result<> {
                                     got += text_of(piece);
                                     return {};
                                   },
                                   {});
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(got == bytes);
  EXPECT_THAT(bucket.emulator().faults_not_hit(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    GcsStore, Download,
    testing::Values(Trouble{"Refused", {.kind = "media", .times = 3, .status = 503}},
                    Trouble{"Cut", {.kind = "media", .cut_reply = 5'000'000}},
                    Trouble{"CutOften", {.kind = "media", .times = 6, .cut_reply = 1'000'000}},
                    Trouble{"Reset", {.kind = "media", .reset_before = true}}),
    [](const testing::TestParamInfo<Trouble>& row) { return row.param.name; });

TEST(GcsStore, FindsBytesThatWereDamagedOnTheirWay)
{
  EmulatedBucket bucket;
  const auto store = bucket.open().store;
  bucket.emulator().put("photos", "library/a.jpg", kPhoto);
  bucket.emulator().add_fault({.kind = "media", .times = 3, .flip_reply = 1000});
  EXPECT_TRUE(fails_with(Errc::corrupt, get_small(*store, {"library/a.jpg"}, 1 << 20, {})));
  // A small object is fetched once more.
  EXPECT_EQ(must(get_small(*store, {"library/a.jpg"}, 1 << 20, {})), kPhoto);
  EXPECT_THAT(bucket.emulator().faults_not_hit(), IsEmpty());
  const auto reads = bucket.emulator().stats().kinds.at("media");
  EXPECT_TRUE(fails_with(Errc::corrupt, get_small(*store, {"library/a.jpg"}, 10, {})));
  EXPECT_EQ(bucket.emulator().stats().kinds.at("media"), reads + 1) << "too large is too large";
}

TEST(GcsStore, StoresNothingThatArrivesDamaged)
{
  EmulatedBucket bucket;
  const auto store = bucket.open().store;
  bucket.emulator().add_fault({.kind = "insert", .flip_stored = 1000});
  EXPECT_TRUE(fails_with(Errc::corrupt, put(*store, "library/a.jpg", kPhoto)));
  const std::string bytes = large_content();
  for (const std::uint64_t nth : {1U, 2U}) {
    bucket.emulator().add_fault(
        {.kind = "chunk", .nth = nth, .flip_stored = nth == 1 ? 1000 : bytes.size() - 1000});
    EXPECT_TRUE(fails_with(Errc::corrupt, put_at_once(*store, "library/v.mp4", bytes)));
  }
  EXPECT_THAT(bucket.emulator().list("photos"), IsEmpty());
  EXPECT_THAT(bucket.emulator().faults_not_hit(), IsEmpty());
}

TEST(GcsStore, CountsThatItIsAskedTooMuch)
{
  EmulatedBucket bucket;
  const OpenStore opened = bucket.open();
  bucket.emulator().add_fault({.kind = "insert", .times = 1, .status = 429});
  bucket.emulator().add_fault({.kind = "insert", .nth = 2, .times = 1, .status = 503});
  bucket.emulator().add_fault({.kind = "insert", .nth = 3, .times = 1, .status = 500});
  ASSERT_TRUE(put(*opened.store, "library/a.jpg", kPhoto));
  EXPECT_THAT(bucket.emulator().faults_not_hit(), IsEmpty());
  EXPECT_EQ(opened.usage_meter->refusals(), 2U) << "an error of the server is none";
}

TEST(GcsStore, ReadsAListingOfManyPagesThroughTrouble)
{
  EmulatedBucket bucket;
  const auto store = bucket.open().store;
  for (int i = 0; i < 2500; ++i)
    bucket.emulator().put("photos", "library/" + std::to_string(i), "x");
  bucket.emulator().add_fault({.kind = "list", .nth = 2, .status = 503});
  bucket.emulator().add_fault({.kind = "list", .nth = 4, .reset_after = true});
  const auto cursor = must(store->list("library/", "", {}));
  std::size_t count = 0;
  while (must(cursor->next())) ++count;
  EXPECT_EQ(count, 2500U);
  EXPECT_THAT(bucket.emulator().faults_not_hit(), IsEmpty());
}

TEST(GcsStore, SendsNoPhotoWhereAReplyPointsElsewhere)
{
  const std::string bytes(20'000'000, 'x');
  for (const char* elsewhere :
       {"http://evil.example/upload", "https://googleapis.com.evil.example/",
        "https://evilgoogleapis.com/", "ftp://127.0.0.1/"}) {
    ScriptedServer server;
    server.expect({"POST"}, {.headers = {"Location: " + std::string(elsewhere)}});
    const auto store =
        must(open_store(must(StoreAddress::parse("gs://photos")), {.emulator_host = server.url()}))
            .store;
    MemorySource source(bytes_of(bytes));
    EXPECT_TRUE(fails_with(
        Errc::invalid,
        store->put({.name = {"library/a"}, .size = bytes.size(), .crc32c = crc32c(bytes_of(bytes))},
                   source, {})))
        << elsewhere;
  }
}

TEST(NewObject, IsConfirmedOnlyWhereBothSidesKnowTheChecksum)
{
  const std::string bytes = "bytes";
  MemorySource memory(bytes_of(bytes));
  ChecksumSource source(memory);
  const NewObject object{.name = {"a"}, .size = bytes.size(), .checksum = &source};
  ObjectInfo untold{.name = {"a"}, .size = bytes.size(), .crc32c = std::nullopt};
  ObjectInfo told = untold;
  told.crc32c = crc32c(bytes_of(bytes));
  // As after an attempt that broke before all bytes were read: whoever has the name, it is not
  // ours.
  EXPECT_FALSE(object.is_confirmed_by(untold));
  EXPECT_FALSE(object.is_confirmed_by(told));
  std::array<std::byte, 10> buffer{};
  must(source.read(buffer));
  EXPECT_FALSE(object.is_confirmed_by(untold));
  EXPECT_TRUE(object.is_confirmed_by(told));
  ++*told.size;
  EXPECT_FALSE(object.is_confirmed_by(told));
}

TEST(GcsStore, CountsNothingAsSentThatTheServerSaysItHasAndWasNotRead)
{
  const std::string bytes = large_content();
  const std::size_t front = (bytes.size() - 1) / 262'144 * 262'144;
  ScriptedServer server;
  server.expect({"POST"}, {.headers = {"Location: " + server.url() + "/upload"}});
  server.expect({"PUT"}, {.status = 308,
                          .headers = {"Range: bytes=0-" + std::to_string(front - 1)},
                          .fault = Scripted::Fault::early_reply});
  server.expect({"DELETE"}, {.status = 499});
  const auto store =
      must(open_store(must(StoreAddress::parse("gs://photos")), {.emulator_host = server.url()}))
          .store;
  EXPECT_TRUE(fails_with(Errc::corrupt, put_at_once(*store, "library/video.mp4", bytes)));
}

TEST(GcsStore, ListsAnObjectOnceThatWasReplacedBetweenTwoPages)
{
  ScriptedServer server;
  const std::string item = R"("crc32c":"AAAAAA==","generation":)";
  server.expect({"GET"}, {.body = R"({"nextPageToken":"p","items":[{"name":"a","size":"1",)" +
                                  item + R"("1"},{"name":"b","size":"1",)" + item + R"("1"}]})"});
  server.expect({"GET"}, {.body = R"({"items":[{"name":"b","size":"2",)" + item +
                                  R"("2"},{"name":"c","size":"1",)" + item + R"("1"}]})"});
  const auto store =
      must(open_store(must(StoreAddress::parse("gs://photos")), {.emulator_host = server.url()}))
          .store;
  const auto cursor = must(store->list("", "", {}));
  std::vector<std::string> names;
  while (const std::optional<ObjectInfo> info = must(cursor->next()))
    names.push_back(info->name.value);
  EXPECT_THAT(names, ElementsAre("a", "b", "c"));
}

TEST(GcsStore, ListsNothingThatWasNotAskedFor)
{
  for (const char* name : {"a", "home/b", "home/runs", "elsewhere/runs/a"}) {
    ScriptedServer server;
    server.expect({"GET"},
                  {.body = R"({"items":[{"name":")" + std::string(name) + R"(","size":"1"}]})"});
    const auto store = must(open_store(must(StoreAddress::parse("gs://photos/home")),
                                       {.emulator_host = server.url()}))
                           .store;
    const auto cursor = must(store->list("runs/", "", {}));
    EXPECT_TRUE(fails_with(Errc::invalid, cursor->next())) << name;
  }
}

TEST(GcsStore, WaitsAsLongAsTheServerAsksAndGivesUpByTime)
{
  EmulatedBucket bucket;
  const auto store = bucket.open().store;
  bucket.emulator().add_fault({.kind = "insert", .status = 429, .retry_after = "30"});
  ASSERT_TRUE(put(*store, "library/a.jpg", "x"));
  EXPECT_GE(bucket.backoff().waited(), std::chrono::seconds(30));

  bucket.emulator().add_fault({.kind = "insert", .times = 0, .status = 503});
  EXPECT_TRUE(fails_with(Errc::unavailable, put(*store, "library/b.jpg", "x")));
  EXPECT_LE(bucket.backoff().waited(), std::chrono::minutes(12));
}

TEST(GcsStore, GivesUpOnAnUploadThatNeverTakesAnything)
{
  EmulatedBucket bucket;
  const auto store = bucket.open().store;
  bucket.emulator().add_fault({.kind = "chunk", .times = 0, .store_only = 0});
  EXPECT_TRUE(fails_with(Errc::unavailable, put(*store, "library/video.mp4", large_content())));
  EXPECT_THAT(bucket.emulator().list("photos"), IsEmpty());
}

// --- Bad answers ---

TEST(GcsStore, ReadsWhatWasCompressedOnItsWay)
{
  EmulatedBucket bucket;
  const auto store = bucket.open().store;
  bucket.emulator().add_fault({.times = 0, .gzip_reply = true});
  const std::string bytes = large_content();
  ASSERT_TRUE(ok(put(*store, "library/a.jpg", kPhoto)));
  ASSERT_TRUE(ok(put(*store, "library/video.mp4", bytes)));
  EXPECT_TRUE(fails_with(Errc::precondition_failed, put(*store, "library/a.jpg", "other")));
  EXPECT_EQ(must(store->stat({"library/a.jpg"}, {})).size, kPhoto.size());
  EXPECT_TRUE(must(get_small(*store, {"library/video.mp4"}, 1 << 26, {})) == bytes);
  // The checksum of the store is compared with what was stored.
  bucket.emulator().corrupt("photos", "library/a.jpg", 1000);
  EXPECT_TRUE(fails_with(Errc::corrupt, get_small(*store, {"library/a.jpg"}, 1 << 26, {})));
}

TEST(GcsStore, GoesOnWithADownloadThatWasCompressedOnItsWayAndBroke)
{
  EmulatedBucket bucket;
  const auto store = bucket.open().store;
  const std::string bytes = large_content();
  ASSERT_TRUE(ok(put(*store, "library/video.mp4", bytes)));
  bucket.emulator().add_fault(
      {.kind = "media", .times = 2, .cut_reply = 10'000'000, .gzip_reply = true});
  bucket.emulator().add_fault({.kind = "media", .times = 0, .gzip_reply = true});
  EXPECT_TRUE(must(get_small(*store, {"library/video.mp4"}, 1 << 26, {})) == bytes);
  EXPECT_THAT(bucket.emulator().faults_not_hit(), IsEmpty());
}

TEST(GcsStore, GoesOnWithADownloadWhereTheServerSendsTheWholeAgain)
{
  ScriptedServer server;
  const std::string bytes = "0123456789";
  const std::string hash = "X-Goog-Hash: crc32c=" + crc32c(bytes_of(bytes)).base64();
  server.expect({"GET"}, {.headers = {hash}, .body = bytes, .fault = Scripted::Fault::cut_reply});
  server.expect({"GET"}, {.headers = {hash}, .body = bytes});
  const auto store =
      must(open_store(must(StoreAddress::parse("gs://photos")), {.emulator_host = server.url()}))
          .store;
  EXPECT_EQ(must(get_small(*store, {"library/a"}, 100, {})), bytes);
}

TEST(GcsStore, NamesABucketThatDoesNotExist)
{
  EmulatedBucket bucket({.buckets = {"other"}});
  const auto store = bucket.open().store;
  const Result<ObjectInfo> stat = store->stat({"manifest.db"}, {});
  ASSERT_TRUE(fails_with(Errc::invalid, stat));
  EXPECT_THAT(stat.error().message, HasSubstr("gs://photos"));
  EXPECT_THAT(stat.error().message, HasSubstr("no such bucket"));
}

TEST(GcsStore, RefusesARedirect)
{
  EmulatedBucket bucket;
  const auto store = bucket.open().store;
  bucket.emulator().add_fault(
      {.kind = "list", .redirect = "http://elsewhere.example/secret?token=abc"});
  const Result<ObjectInfo> stat = store->stat({"manifest.db"}, {});
  ASSERT_TRUE(fails_with(Errc::invalid, stat));
  EXPECT_THAT(stat.error().message, HasSubstr("elsewhere.example"));
  EXPECT_THAT(stat.error().message, Not(HasSubstr("abc")));
}

TEST(GcsStore, SaysThatNobodyAnswers)
{
  std::unique_ptr<ObjectStore> store;
  {
    EmulatedBucket gone;
    store = gone.open().store;
  }
  const Result<ObjectInfo> stat = store->stat({"manifest.db"}, {});
  ASSERT_TRUE(fails_with(Errc::unavailable, stat));
  EXPECT_THAT(stat.error().message, HasSubstr("127.0.0.1"));
}

TEST(GcsStore, TakesThisMachinesClockWhereNoReplyHasADate)
{
  EmulatedBucket bucket;
  const OpenStore opened = bucket.open();
  bucket.emulator().add_fault({.kind = "list", .times = 2, .no_date = true});
  EXPECT_TRUE(opened.inspector->tells_time());
  for (int call = 0; call < 2; ++call) {
    const Timestamp now = must(opened.store->now({}));
    EXPECT_LE(std::chrono::abs(now - wall_clock_now()), std::chrono::minutes(1));
    EXPECT_FALSE(opened.inspector->tells_time());
  }
  EXPECT_THAT(bucket.emulator().faults_not_hit(), IsEmpty());
  must(opened.store->now({}));
  EXPECT_TRUE(opened.inspector->tells_time());
  EXPECT_EQ(bucket.backoff().waits(), 0U);
}

TEST(GcsStore, KnowsNoSizeThatAListingDoesNotTell)
{
  EmulatedBucket bucket;
  const auto store = bucket.open().store;
  for (const char* name : {"library/a", "library/odd", "library/z"})
    bucket.emulator().put("photos", name, "bytes");
  bucket.emulator().add_fault({.kind = "list", .times = 0, .no_size = "odd"});
  const auto cursor = must(store->list("library/", "", {}));
  std::vector<std::optional<std::uint64_t>> sizes;
  while (const std::optional<ObjectInfo> info = must(cursor->next())) sizes.push_back(info->size);
  EXPECT_THAT(sizes, ElementsAre(5U, std::nullopt, 5U));
  EXPECT_FALSE(must(store->stat({"library/odd"}, {})).size);
}

TEST(GcsStore, AsksAListingWhereTheReplyToAnUploadDoesNotTellTheSize)
{
  for (const std::string& bytes : {kPhoto, large_content()}) {
    for (const FaultRule& fault : {FaultRule{.method = "POST", .no_size = "odd"},
                                   FaultRule{.method = "PUT", .no_size = "odd"},
                                   FaultRule{.method = "PUT", .not_json = true}}) {
      EmulatedBucket bucket;
      const auto store = bucket.open().store;
      bucket.emulator().add_fault(fault);
      EXPECT_EQ(must(put(*store, "library/odd", bytes)).size, bytes.size());
      EXPECT_EQ(bucket.emulator().list("photos").size(), 1U);
      EXPECT_EQ(bucket.emulator().open_uploads(), 0U);
      bucket.emulator().clear_faults();
      bucket.emulator().add_fault(fault);
      const auto writer = must(store->create({"database/odd"}, {}, "application/gzip", {}));
      must(writer->write(bytes_of(bytes)));
      EXPECT_EQ(must(writer->commit()).size, bytes.size());
      EXPECT_THAT(bucket.emulator().faults_not_hit(), AnyOf(IsEmpty(), SizeIs(1)));
    }
  }
}

TEST(GcsStore, DoesNotCallStoredWhatNobodyTellsTheSizeOf)
{
  EmulatedBucket bucket;
  const auto store = bucket.open().store;
  bucket.emulator().add_fault({.times = 0, .no_size = "odd"});
  const Result<ObjectInfo> stored = put(*store, "library/odd", kPhoto);
  ASSERT_TRUE(fails_with(Errc::corrupt, stored));
  EXPECT_THAT(stored.error().message, HasSubstr("does not tell how large it is"));
}

// --- Permissions ---

TEST(GcsStore, TellsATakenNameFromAMissingPermissionWhicheverTheServerSaysFirst)
{
  for (const bool taken_is_403 : {false, true}) {
    EmulatedBucket bucket({.credentials = kLeastPrivilege, .taken_name_is_403 = taken_is_403});
    const auto store = bucket.open("", "backup").store;
    ASSERT_TRUE(put(*store, "library/a.jpg", kPhoto));
    EXPECT_TRUE(fails_with(Errc::precondition_failed, put(*store, "library/a.jpg", "other")));
    EXPECT_TRUE(
        fails_with(Errc::precondition_failed, put(*store, "library/a.jpg", large_content())));
    EXPECT_EQ(bucket.emulator().content("photos", "library/a.jpg"), kPhoto);
  }
}

TEST(GcsStore, TellsATakenNameFromAMissingPermissionThroughTrouble)
{
  EmulatedBucket bucket({.credentials = kLeastPrivilege, .taken_name_is_403 = true});
  const auto store = bucket.open("", "backup").store;
  ASSERT_TRUE(put(*store, "database/a.gz", kPhoto));
  const auto put_as_stream = [&]() -> Result<ObjectInfo> {
    const auto writer = TRY(store->create({"database/a.gz"}, {}, "application/gzip", {}));
    TRY(writer->write(bytes_of(kPhoto)));
    return writer->commit();
  };
  bucket.emulator().add_fault({.kind = "list", .times = 3, .status = 503});
  EXPECT_TRUE(fails_with(Errc::precondition_failed, put(*store, "database/a.gz", "other")));
  EXPECT_THAT(bucket.emulator().faults_not_hit(), IsEmpty());
  bucket.emulator().clear_faults();
  bucket.emulator().add_fault({.kind = "list", .times = 3, .status = 503});
  EXPECT_TRUE(fails_with(Errc::precondition_failed, put_as_stream()));
}

TEST(GcsStore, SaysWhichCredentialLacksWhat)
{
  EmulatedBucket bucket(
      {.credentials = R"([{"token": "weak", "permissions": ["storage.objects.list"]}])"});
  const auto store = bucket.open("", "weak").store;
  const Result<ObjectInfo> refused = put(*store, "library/a.jpg", "x");
  ASSERT_TRUE(fails_with(Errc::denied, refused));
  EXPECT_THAT(refused.error().message, HasSubstr("a test's token"));
  EXPECT_THAT(refused.error().hint, HasSubstr("storage.objects.create"));
  EXPECT_THAT(refused.error().message + refused.error().hint, Not(HasSubstr("weak")));
}

TEST(GcsStore, NamesTheOptionForABucketWhoseReadersPay)
{
  EmulatedBucket bucket({.bucket_config = kReadersPay});
  const OpenStore opened = bucket.open();
  const Error refusals[] = {opened.store->stat({"manifest.db"}, {}).error(),
                            put(*opened.store, "library/a.jpg", "x").error(),
                            get_small(*opened.store, {"library/a.jpg"}, 10, {}).error(),
                            opened.inspector->access({}).error()};
  for (const Error& refusal : refusals) {
    EXPECT_EQ(refusal.code, Errc::invalid);
    EXPECT_THAT(refusal.message, HasSubstr("requester pays"));
    EXPECT_THAT(refusal.hint, HasSubstr("--billing-project"));
  }
  EXPECT_EQ(bucket.backoff().waits(), 0U);
}

TEST(GcsStore, SaysWhatWhoPaysNeeds)
{
  EmulatedBucket bucket({.credentials = R"([{"token": "weak", "permissions": []}])"});
  bucket.billing_project = "payer-7";
  const auto store = bucket.open("", "weak").store;
  for (const Error& refusal :
       {store->stat({"a"}, {}).error(), put(*store, "library/a", "x").error()})
    EXPECT_THAT(refusal.hint, HasSubstr("serviceusage.services.use on the project payer-7"));
}

// --- What a bucket tells about itself ---

constexpr const char* kGuardedBucket = R"({
  "name": "photos", "location": "EUROPE-WEST3", "locationType": "region", "storageClass": "NEARLINE",
  "versioning": {"enabled": true}, "retentionPolicy": {"retentionPeriod": "2592000", "isLocked": true},
  "softDeletePolicy": {"retentionDurationSeconds": "604800"},
  "lifecycle": {"rule": [{"action": {"type": "Delete"}, "condition": {"age": 30, "matchesPrefix": ["library/"]}}]}})";

TEST(GcsStore, DescribesItsBucketWithOneRequest)
{
  EmulatedBucket bucket({.bucket_config = kGuardedBucket});
  const OpenStore opened = bucket.open("home/");
  const StoreDescription description = must(opened.inspector->describe({}));
  ASSERT_TRUE(description.bucket && description.bucket->settings);
  EXPECT_EQ(description.bucket->bucket, "photos");
  EXPECT_EQ(description.bucket->prefix, "home/");
  EXPECT_EQ(description.bucket->location, "EUROPE-WEST3");
  EXPECT_EQ(description.bucket->missing_permission, "");
  const BucketSettings& settings = *description.bucket->settings;
  EXPECT_EQ(settings.default_class, "NEARLINE");
  EXPECT_TRUE(settings.versioning);
  EXPECT_EQ(settings.retention, std::chrono::days(30));
  EXPECT_TRUE(settings.retention_locked);
  EXPECT_EQ(settings.soft_delete, std::chrono::days(7));
  ASSERT_EQ(settings.lifecycle.size(), 1U);
  EXPECT_EQ(settings.lifecycle[0].action, "Delete");
  EXPECT_EQ(bucket.emulator().stats().requests, 1U);
  EXPECT_EQ(bucket.emulator().stats().class_b, 1U);
  EXPECT_EQ(opened.usage_meter->usage().class_b(), 1U);
}

TEST(GcsStore, KnowsItsBucketsPlaceAloneWithoutThePermissionToReadItsSettings)
{
  EmulatedBucket bucket(
      {.bucket_config = kGuardedBucket,
       .credentials = R"([{"token": "list", "permissions": ["storage.objects.list"]},
                                     {"token": "home", "conditions": {"storage.objects.list": ["home/"]}},
                                     {"token": "nothing"}])"});
  for (const char* token : {"list", "home"}) {
    const StoreDescription description = must(bucket.open("home/", token).inspector->describe({}));
    ASSERT_TRUE(description.bucket) << token;
    EXPECT_FALSE(description.bucket->settings) << token;
    EXPECT_EQ(description.bucket->location, "EUROPE-WEST3") << token;
    EXPECT_EQ(description.bucket->missing_permission, "storage.buckets.get") << token;
  }
  const StoreDescription unknown = must(bucket.open("", "nothing").inspector->describe({}));
  ASSERT_TRUE(unknown.bucket);
  EXPECT_FALSE(unknown.bucket->location);
  EXPECT_EQ(unknown.bucket->missing_permission, "storage.buckets.get");
}

TEST(GcsStore, DescribesNoBucketThatDoesNotExist)
{
  EmulatedBucket bucket({.buckets = {"other"}});
  const Result<StoreDescription> description = bucket.open().inspector->describe({});
  ASSERT_TRUE(fails_with(Errc::invalid, description));
  EXPECT_THAT(description.error().message, HasSubstr("gs://photos"));
}

TEST(GcsStore, IsAskedAboutItselfThroughTrouble)
{
  EmulatedBucket bucket({.bucket_config = kGuardedBucket});
  const OpenStore opened = bucket.open();
  bucket.emulator().add_fault({.kind = "bucket", .times = 2, .status = 503});
  bucket.emulator().add_fault({.kind = "permissions", .times = 2, .status = 503});
  EXPECT_EQ(must(opened.inspector->describe({})).bucket->location, "EUROPE-WEST3");
  EXPECT_TRUE(must(opened.inspector->access({})).list);
  EXPECT_THAT(bucket.emulator().faults_not_hit(), IsEmpty());
}

TEST(GcsStore, KnowsWhatItsCredentialMayDoWithTheWholeBucket)
{
  EmulatedBucket bucket({.credentials = R"([
    {"token": "backup", "permissions": ["storage.objects.create", "storage.objects.list"],
     "conditions": {"storage.objects.get": ["manifest", "runs/"]}},
    {"token": "admin", "permissions": ["storage.objects.delete", "storage.objects.get", "storage.buckets.update"]},
    {"token": "nothing"}])"});
  const OpenStore opened = bucket.open("", "backup");
  const StoreAccess backup = must(opened.inspector->access({}));
  EXPECT_TRUE(backup.create && backup.list);
  EXPECT_FALSE(backup.read || backup.remove || backup.administer);
  // It asks Google, and for a photo that is not there, which is refused and not billed.
  EXPECT_EQ(bucket.emulator().stats().requests, 2U);
  EXPECT_EQ(bucket.emulator().stats().class_b, 1U);
  EXPECT_EQ(opened.usage_meter->usage().class_b(), 1U);
  EXPECT_EQ(opened.inspector->credential(), "a test's token");
  const StoreAccess admin = must(bucket.open("", "admin").inspector->access({}));
  EXPECT_TRUE(admin.read && admin.remove && admin.administer);
  EXPECT_FALSE(admin.create || admin.list);
  const StoreAccess nothing = must(bucket.open("", "nothing").inspector->access({}));
  EXPECT_FALSE(nothing.create || nothing.list || nothing.read || nothing.remove ||
               nothing.administer);
}

TEST(GcsStore, HasNoPermissionsOnABucketThatDoesNotExist)
{
  EmulatedBucket bucket({.buckets = {"other"}});
  EXPECT_TRUE(fails_with(Errc::invalid, bucket.open().inspector->access({})));
}

/// What a store out of reach is like.
enum class OutOfReach : std::uint8_t { refused, silent, overloaded };

class StoresOutOfReach : public ::testing::TestWithParam<OutOfReach> {};
INSTANTIATE_TEST_SUITE_P(GcsStore, StoresOutOfReach,
                         ::testing::Values(OutOfReach::refused, OutOfReach::silent,
                                           OutOfReach::overloaded));

TEST_P(StoresOutOfReach, EndEveryWaitOnceAStopIsRequested)
{
  std::string url;
  std::optional<ScriptedServer> server(std::in_place);
  url = server->url();
  if (GetParam() == OutOfReach::refused) server.reset();
  if (GetParam() == OutOfReach::silent)
    server->then_always([](const Received&) { return Scripted{.fault = Scripted::Fault::stall}; });
  if (GetParam() == OutOfReach::overloaded)
    server->then_always(
        [](const Received&) { return Scripted{.status = 503, .headers = {"Retry-After: 600"}}; });
  const std::string bytes = "content";
  const NewObject object{
      .name = {"library/a"}, .size = bytes.size(), .crc32c = crc32c(bytes_of(bytes))};
  using Call = std::function<Result<>(ObjectStore&, const std::stop_token&)>;
  const auto without_value = [](const auto& result) -> Result<> {
    if (!result) return std::unexpected(result.error());
    return {};
  };
  std::vector<std::pair<std::string, Call>> calls{
      {"now", [&](ObjectStore& store,
                  const std::stop_token& stop) { return without_value(store.now(stop)); }},
      {"put",
       [&](ObjectStore& store, const std::stop_token& stop) {
         MemorySource source(bytes_of(bytes));
         return without_value(store.put(object, source, stop));
       }},
      {"replace",
       [&](ObjectStore& store, const std::stop_token& stop) {
         MemorySource source(bytes_of(bytes));
         return without_value(store.replace(object, source, 0, stop));
       }},
      {"create",
       [&](ObjectStore& store, const std::stop_token& stop) {
         return without_value(store.create(object.name, {}, "text/plain", stop));
       }},
      {"remove",
       [&](ObjectStore& store, const std::stop_token& stop) {
         return store.remove(*RemovableName::of({"proofs/2026-01-15T03-00-00.json"}), stop);
       }},
      {"stat",
       [&](ObjectStore& store, const std::stop_token& stop) {
         return without_value(store.stat(object.name, stop));
       }},
      {"get",
       [&](ObjectStore& store, const std::stop_token& stop) {
         const ByteSink nowhere = [](ByteView) -> Result<> { return {}; };
         return store.get(object.name, nowhere, stop);
       }},
      {"list", [&](ObjectStore& store, const std::stop_token& stop) -> Result<> {
         const auto cursor = TRY(store.list("library/", "", stop));
         return without_value(cursor->next());
       }}};
  for (const auto& [name, call] : calls) {
    const auto store =
        must(open_store(must(StoreAddress::parse("gs://photos")), {.emulator_host = url})).store;
    std::stop_source stop;
    std::jthread person([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      stop.request_stop();
    });
    const auto began = std::chrono::steady_clock::now();
    EXPECT_TRUE(fails_with(Errc::cancelled, call(*store, stop.get_token()))) << name;
    // Without the stop it would wait for ten minutes.
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(30)) << name;
  }
}

TEST(GcsStore, TriesForSecondsAndNotForMinutesOnceSomebodyWaitsForTheEnd)
{
  std::string url;
  {
    const ScriptedServer gone;
    url = gone.url();
  }
  std::stop_source hurry;
  hurry.request_stop();
  const auto store = must(open_store(must(StoreAddress::parse("gs://photos")),
                                     {.emulator_host = url, .hurry = hurry.get_token()}))
                         .store;
  const auto began = std::chrono::steady_clock::now();
  EXPECT_TRUE(fails_with(Errc::unavailable, store->now({})));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::minutes(2));
}

}  // namespace
}  // namespace ib::test
