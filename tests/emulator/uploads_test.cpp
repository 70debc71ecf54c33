// SPDX-License-Identifier: Apache-2.0
#include "base/digest.hpp"
#include "emulator/raw_client.hpp"
#include "support/gzip.hpp"
#include "support/matchers.hpp"
#include "sys/hash.hpp"

namespace ib::test {
namespace {

constexpr std::size_t kUnit = 256 * 1024;

std::string pattern(std::size_t size)
{
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 31 + i / 251);
  return bytes;
}

class EmulatorUpload : public ::testing::Test {
protected:
  std::unique_ptr<GcsEmulator> emulator = GcsEmulator::start({.buckets = {"b"}});
  RawClient client{*emulator};

  static std::string multipart(std::string_view json, std::string_view media,
                               const std::string& eol)
  {
    std::string body = "--xyz" + eol + "Content-Type: application/json" + eol + eol;
    body.append(json).append(eol + "--xyz" + eol + "Content-Type: image/jpeg" + eol + eol);
    return body.append(media).append(eol + "--xyz--" + eol);
  }
  RawReply insert(std::string_view json, std::string_view media, const std::string& query = {})
  {
    return client.ask("POST", "/upload/storage/v1/b/b/o?uploadType=multipart" + query,
                      "Content-Type: multipart/related; boundary=xyz\r\n",
                      multipart(json, media, "\r\n"));
  }
  std::string start(const std::string& name, const std::string& query = {})
  {
    const RawReply reply =
        client.ask("POST", "/upload/storage/v1/b/b/o?uploadType=resumable&name=" + name + query);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.headers.value("location").substr(std::string("http://emulator").size());
  }
  RawReply chunk(const std::string& upload, const std::string& range, std::string_view bytes,
                 const std::string& more = {})
  {
    return client.ask("PUT", upload, "Content-Range: bytes " + range + "\r\n" + more, bytes);
  }
};

TEST_F(EmulatorUpload, TakesPartsWithCrlfAndWithLfAloneWhateverTheBytesLookLike)
{
  const std::string media[] = {"",
                               "x",
                               "ends in CR\r",
                               "\r\n",
                               "\n--xy",
                               "--xyy\r\n--xy\r\n-",
                               "\r\r\n\n",
                               pattern(3'000'000)};
  for (const std::string eol : {"\r\n", "\n"}) {
    for (const std::string boundary :
         {"boundary=xyz", "boundary=\"xyz\"", "charset=x; boundary='xyz'"}) {
      for (const std::string& bytes : media) {
        const RawReply reply = client.ask("POST", "/upload/storage/v1/b/b/o?uploadType=multipart",
                                          "Content-Type: multipart/related; " + boundary + "\r\n",
                                          multipart(R"({"name":"a/b"})", bytes, eol));
        ASSERT_EQ(reply.status, 200) << reply.body;
        EXPECT_EQ(emulator->content("b", "a/b"), bytes);
      }
    }
  }
  EXPECT_EQ(emulator->object("b", "a/b")->content_type, "image/jpeg");
}

TEST_F(EmulatorUpload, TakesABodyInChunksAndARequestRightBehindAnother)
{
  client.send(
      "POST /upload/storage/v1/b/b/o?uploadType=media&name=x HTTP/1.1\r\nHost: "
      "h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\n\r\n"
      "GET /storage/v1/b/b/o/x?alt=media HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.receive().status, 200);
  EXPECT_EQ(client.receive().body, "abcde");
}

TEST_F(EmulatorUpload, AsksForTheBodyThatWaitsForIt)
{
  client.send(
      "POST /upload/storage/v1/b/b/o?uploadType=media&name=x HTTP/1.1\r\nHost: h\r\nExpect: "
      "100-continue\r\n"
      "Content-Length: 3\r\n\r\n");
  EXPECT_EQ(client.receive().status, 100);
  client.send("abc");
  EXPECT_EQ(client.receive().status, 200);
  EXPECT_EQ(emulator->content("b", "x"), "abc");
}

TEST_F(EmulatorUpload, DoesNotCountAfterAResetWhatBeganBeforeIt)
{
  client.send(
      "POST /upload/storage/v1/b/b/o?uploadType=media&name=x HTTP/1.1\r\nHost: h\r\nExpect: "
      "100-continue\r\n"
      "Content-Length: 3\r\n\r\n");
  EXPECT_EQ(client.receive().status, 100);
  emulator->reset_stats();
  client.send("abc");
  EXPECT_EQ(client.receive().status, 200);
  EXPECT_EQ(emulator->stats().requests, 0U);
  EXPECT_EQ(client.ask("GET", "/storage/v1/b/b/o/x").status, 200);
  EXPECT_EQ(emulator->stats().requests, 1U);
}

TEST_F(EmulatorUpload, RefusesBytesThatAreNotThoseOfTheChecksum)
{
  const std::string right = crc32c(bytes_of("bytes")).base64();
  const RawReply wrong = insert(R"({"name":"x","crc32c":"AAAAAA=="})", "bytes");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_THAT(
      wrong.body,
      HasSubstr("Provided CRC32C \\\"AAAAAA==\\\" doesn't match calculated CRC32C \\\"" + right));
  EXPECT_EQ(insert(R"({"name":"x","md5Hash":"AAAAAAAAAAAAAAAAAAAAAA=="})", "bytes").status, 400);
  EXPECT_FALSE(emulator->object("b", "x"));
  EXPECT_EQ(insert(R"({"name":"x","crc32c":")" + right + "\"}", "bytes").status, 200);
  EXPECT_EQ(emulator->stats().class_a, 1U);
}

TEST_F(EmulatorUpload, HoldsPreconditionsClassesNamesAndSizes)
{
  ASSERT_EQ(insert(R"({"name":"x","storageClass":"ARCHIVE"})", "1", "&ifGenerationMatch=0").status,
            200);
  EXPECT_EQ(emulator->object("b", "x")->storage_class, "ARCHIVE");
  const RawReply taken = insert(R"({"name":"x"})", "2", "&ifGenerationMatch=0");
  EXPECT_EQ(taken.status, 412);
  EXPECT_THAT(taken.body, HasSubstr("conditionNotMet"));
  const auto generation = std::to_string(emulator->object("b", "x")->generation);
  EXPECT_EQ(insert(R"({"name":"x"})", "2", "&ifGenerationMatch=" + generation + "1").status, 412);
  EXPECT_EQ(insert(R"({"name":"x"})", "2", "&ifGenerationMatch=" + generation).status, 200);
  EXPECT_EQ(insert(R"({"name":"x","storageClass":"FROZEN"})", "").status, 400);
  EXPECT_EQ(insert(R"({"name":".."})", "").status, 400);
  EXPECT_EQ(insert(R"({"name":"a\nb"})", "").status, 400);
  EXPECT_EQ(insert(R"({"name":")" + std::string(1025, 'a') + "\"}", "").status, 400);
  EXPECT_EQ(insert(R"({"name":"y","metadata":{"k":")" + std::string(8192, 'v') + "\"}}", "").status,
            400);
  EXPECT_EQ(client.ask("PATCH", "/storage/v1/b/b/o/x", "", R"({"storageClass":"NEARLINE"})").status,
            400);
}

TEST_F(EmulatorUpload, DecodesGzipForWhoDoesNotTakeItAndOnlyThen)
{
  const std::string plain = pattern(200'000);
  const std::string packed = gzip(plain);
  ASSERT_EQ(insert(R"({"name":"g","contentEncoding":"gzip"})", packed).status, 200);
  ASSERT_EQ(
      insert(R"({"name":"as-is","contentEncoding":"gzip","cacheControl":"no-transform"})", packed)
          .status,
      200);
  const std::string hash = "crc32c=" + crc32c(bytes_of(packed)).base64();
  struct Row {
    const char* name;
    const char* headers;
    bool decoded;
    int status;
  };
  for (const Row& row :
       {Row{"g", "", true, 200}, Row{"g", "Accept-Encoding: gzip\r\n", false, 200},
        Row{"as-is", "", false, 200}, Row{"g", "Range: bytes=10-19\r\n", true, 200},
        Row{"g", "Accept-Encoding: gzip\r\nRange: bytes=10-19\r\n", false, 206}}) {
    const RawReply reply =
        client.ask("GET", std::string("/storage/v1/b/b/o/") + row.name + "?alt=media", row.headers);
    EXPECT_EQ(reply.status, row.status) << row.headers;
    EXPECT_EQ(reply.headers.value("content-encoding"), row.decoded ? "" : "gzip") << row.headers;
    EXPECT_EQ(reply.headers.value("x-goog-stored-content-encoding"), "gzip");
    EXPECT_TRUE(reply.headers.value("x-goog-hash").starts_with(hash))
        << "of what is stored, always";
    const std::string whole = row.decoded ? plain : packed;
    EXPECT_TRUE(reply.body == (row.status == 206 ? whole.substr(10, 10) : whole)) << row.headers;
  }
}

TEST_F(EmulatorUpload, StoresAChunkThatIsNotTheLastDownToWholeUnits)
{
  const std::string bytes = pattern(2 * kUnit + 1000);
  const std::string upload = start("x");
  EXPECT_EQ(chunk(upload, "*/*", "").headers.has("range"), false);
  const RawReply first =
      chunk(upload, "0-" + std::to_string(kUnit + 99) + "/*", bytes.substr(0, kUnit + 100));
  EXPECT_EQ(first.status, 308);
  EXPECT_EQ(first.headers.value("range"), "bytes=0-" + std::to_string(kUnit - 1));
  const RawReply disguised = chunk(upload, "*/*", "", "X-GUploader-No-308: yes\r\n");
  EXPECT_EQ(disguised.status, 200);
  EXPECT_EQ(disguised.headers.value("x-http-status-code-override"), "308");
  const std::string total = std::to_string(bytes.size());
  const RawReply gap = chunk(
      upload, std::to_string(kUnit + 100) + "-" + std::to_string(bytes.size() - 1) + "/" + total,
      bytes.substr(kUnit + 100));
  EXPECT_EQ(gap.status, 503);
  EXPECT_FALSE(emulator->object("b", "x"));
  EXPECT_EQ(emulator->open_uploads(), 1U);
  const RawReply last = chunk(
      upload, std::to_string(kUnit) + "-" + std::to_string(bytes.size() - 1) + "/" + total,
      bytes.substr(kUnit), "X-Goog-Hash: crc32c=" + crc32c(bytes_of(bytes)).base64() + "\r\n");
  EXPECT_EQ(last.status, 200) << last.body;
  EXPECT_EQ(emulator->content("b", "x"), bytes);
  EXPECT_EQ(chunk(upload, "*/" + total, "").status, 200);
  EXPECT_EQ(emulator->stats().class_a, 1U);
}

TEST_F(EmulatorUpload, LearnsTheTotalLateAndChecksTheLastHash)
{
  const std::string bytes = pattern(kUnit);
  std::string upload = start("x");
  EXPECT_EQ(chunk(upload, "0-262143/*", bytes).status, 308);
  EXPECT_EQ(chunk(upload, "*/262144", "").status, 200);
  EXPECT_EQ(emulator->content("b", "x"), bytes);
  upload = start("y");
  EXPECT_EQ(chunk(upload, "0-2/3", "abc", "X-Goog-Hash: crc32c=AAAAAA==\r\n").status, 400);
  EXPECT_EQ(chunk(upload, "*/3", "").status, 404);
  upload = start("z");
  EXPECT_EQ(client.ask("PUT", upload, "", "all of it").status, 200);
  EXPECT_EQ(emulator->content("b", "z"), "all of it");
  upload = start("w");
  EXPECT_EQ(client.ask("DELETE", upload).status, 499);
  EXPECT_EQ(chunk(upload, "0-2/3", "abc").status, 410);
  EXPECT_EQ(
      client.ask("PUT", "/upload/storage/v1/b/b/o?uploadType=resumable&upload_id=guess", "", "")
          .status,
      404);
}

}  // namespace
}  // namespace ib::test
