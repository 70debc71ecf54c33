// SPDX-License-Identifier: Apache-2.0
#include "emulator/raw_client.hpp"
#include "support/gzip.hpp"
#include "support/matchers.hpp"
#include "sys/hash.hpp"

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

namespace ib::test {
namespace {

class EmulatorFault : public ::testing::Test {
protected:
  std::unique_ptr<GcsEmulator> emulator = GcsEmulator::start({.buckets = {"b"}});

  RawReply ask(std::string_view method, std::string_view target, std::string_view headers = {},
               std::string_view body = {})
  {
    return RawClient(*emulator).ask(method, target, headers, body);
  }
  RawReply insert(std::string_view body = "bytes", const std::string& query = {})
  {
    return ask("POST", "/upload/storage/v1/b/b/o?uploadType=media&name=x" + query, "", body);
  }
  void fault(const std::string& json)
  {
    const RawReply reply = ask("POST", "/emulator/faults", "", json);
    ASSERT_EQ(reply.status, 200) << reply.body;
  }
  void TearDown() override { EXPECT_THAT(emulator->faults_not_hit(), ElementsAre()); }
};

TEST_F(EmulatorFault, AnswersWithAStatusBeforeTheEffectAtTheNthTime)
{
  fault(R"([{"kind":"insert","nth":2,"times":2,"status":503,"retryAfter":"7"}])");
  EXPECT_EQ(insert().status, 200);
  const RawReply refused = insert("other");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.headers.value("retry-after"), "7");
  EXPECT_EQ(insert("other").status, 503);
  EXPECT_EQ(emulator->content("b", "x"), "bytes");
  EXPECT_EQ(insert("other").status, 200);
  EXPECT_THAT(ask("GET", "/emulator/faults").body, HasSubstr(R"("allHit":true)"));
}

TEST_F(EmulatorFault, ResetsBeforeAndAfterTheEffect)
{
  fault(R"([{"kind":"insert","resetBefore":true},{"kind":"insert","nth":2,"resetAfter":true}])");
  EXPECT_EQ(insert().status, 0);
  EXPECT_FALSE(emulator->object("b", "x"));
  EXPECT_EQ(insert().status, 0);
  EXPECT_TRUE(emulator->object("b", "x"));
  EXPECT_EQ(emulator->stats().class_a, 1U);
}

TEST_F(EmulatorFault, ResetsInTheBodyAndKeepsWholeUnitsOfAChunk)
{
  fault(R"([{"kind":"chunk","resetInBody":600000}])");
  const RawReply started = ask("POST", "/upload/storage/v1/b/b/o?uploadType=resumable&name=x");
  const std::string upload =
      started.headers.value("location").substr(std::string("http://emulator").size());
  EXPECT_EQ(
      ask("PUT", upload, "Content-Range: bytes 0-999999/1000000\r\n", std::string(1'000'000, 'x'))
          .status,
      0);
  EXPECT_EQ(ask("PUT", upload, "Content-Range: bytes */*\r\n").headers.value("range"),
            "bytes=0-524287");
}

TEST_F(EmulatorFault, StoresLessOfAChunkAndLosesAnUpload)
{
  fault(R"([{"kind":"chunk","storeOnly":300000},{"kind":"chunk","nth":2,"loseUpload":410}])");
  const RawReply started = ask("POST", "/upload/storage/v1/b/b/o?uploadType=resumable&name=x");
  const std::string upload =
      started.headers.value("location").substr(std::string("http://emulator").size());
  const RawReply less =
      ask("PUT", upload, "Content-Range: bytes 0-999999/1000000\r\n", std::string(1'000'000, 'x'));
  EXPECT_EQ(less.status, 308);
  EXPECT_EQ(less.headers.value("range"), "bytes=0-262143");
  EXPECT_EQ(ask("PUT", upload, "Content-Range: bytes 262144-999999/1000000\r\n",
                std::string(737'856, 'x'))
                .status,
            410);
  EXPECT_EQ(ask("PUT", upload, "Content-Range: bytes */*\r\n").status, 410);
}

TEST_F(EmulatorFault, CutsFlipsAndGarblesReplies)
{
  emulator->put("b", "x", "0123456789");
  fault(R"([{"kind":"media","cutReply":4},{"kind":"media","nth":2,"flipReply":3},
            {"kind":"list","notJson":true},{"kind":"get","redirect":"http://elsewhere.invalid/"}])");
  const std::string media = "/storage/v1/b/b/o/x?alt=media";
  const RawReply cut = ask("GET", media);
  EXPECT_TRUE(cut.cut);
  EXPECT_EQ(cut.body, "0123");
  EXPECT_EQ(ask("GET", media).body, std::string("012") + static_cast<char>(~'3') + "456789");
  EXPECT_EQ(ask("GET", media).body, "0123456789");
  EXPECT_THAT(ask("GET", "/storage/v1/b/b/o").body, HasSubstr("<html>"));
  EXPECT_EQ(ask("GET", "/storage/v1/b/b/o/x").status, 307);
}

TEST_F(EmulatorFault, LeavesOutWhatAProxyMayLeaveOut)
{
  emulator->put("b", "x", "0123456789");
  emulator->put("b", "y", "0123456789");
  fault(R"([{"kind":"list","noSize":"x","noDate":true}])");
  const RawReply odd = ask("GET", "/storage/v1/b/b/o?fields=items(name,size,crc32c)");
  EXPECT_FALSE(odd.headers.find("date"));
  const auto items = nlohmann::json::parse(odd.body)["items"];
  EXPECT_FALSE(items[0].contains("size"));
  EXPECT_EQ(items[1]["size"], "10");
  const RawReply usual = ask("GET", "/storage/v1/b/b/o?fields=items(name,size)");
  EXPECT_TRUE(usual.headers.find("date"));
  EXPECT_EQ(nlohmann::json::parse(usual.body)["items"][0]["size"], "10");
}

TEST_F(EmulatorFault, CompressesWhatNobodyAskedFor)
{
  emulator->put("b", "x", "0123456789");
  fault(R"([{"gzipReply":true,"times":3}])");
  const RawReply list = ask("GET", "/storage/v1/b/b/o?fields=items(name)");
  EXPECT_EQ(list.headers.value("content-encoding"), "gzip");
  EXPECT_EQ(gunzip(list.body), R"({"items":[{"name":"x"}]})");
  EXPECT_EQ(gunzip(ask("GET", "/storage/v1/b/b/o/x?alt=media").body), "0123456789");
  const RawReply part = ask("GET", "/storage/v1/b/b/o/x?alt=media", "Range: bytes=4-\r\n");
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(gunzip(part.body), "456789");
}

TEST_F(EmulatorFault, DamagesWhatArrivesSoThatTheChecksumTells)
{
  fault(R"([{"kind":"insert","flipStored":2}])");
  const std::string hash = "X-Goog-Hash: crc32c=" + crc32c(bytes_of("bytes")).base64() + "\r\n";
  const auto upload = [&] {
    return ask("POST", "/upload/storage/v1/b/b/o?uploadType=media&name=x", hash, "bytes").status;
  };
  EXPECT_EQ(upload(), 400);
  EXPECT_FALSE(emulator->object("b", "x"));
  EXPECT_EQ(upload(), 200);
}

TEST_F(EmulatorFault, StallsAndSlowsDown)
{
  emulator->put("b", "x", std::string(20'000, 'x'));
  fault(
      R"([{"kind":"media","stallMs":120,"stallInReply":100},{"kind":"media","nth":2,"bytesPerSecond":100000},
            {"kind":"insert","stallMs":120,"stallInBody":3}])");
  const auto timed = [](auto&& action) {
    const auto start = std::chrono::steady_clock::now();
    action();
    return std::chrono::steady_clock::now() - start;
  };
  for (int i = 0; i < 2; ++i) {
    EXPECT_GE(
        timed([&] { EXPECT_EQ(ask("GET", "/storage/v1/b/b/o/x?alt=media").body.size(), 20'000U); }),
        std::chrono::milliseconds(100));
  }
  EXPECT_GE(timed([&] { EXPECT_EQ(insert().status, 200); }), std::chrono::milliseconds(100));
}

TEST(EmulatorLine, CarriesNoMoreForTwoConnectionsThanForOne)
{
  const auto emulator = GcsEmulator::start({.buckets = {"b"}, .line_rate = 1'000'000});
  const std::string bytes(150'000, 'x');
  EXPECT_EQ(RawClient(*emulator)
                .ask("POST", "/upload/storage/v1/b/b/o?uploadType=media&name=x", "", bytes)
                .status,
            200);
  const auto began = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < 2; ++i)
      clients.emplace_back([&] {
        EXPECT_EQ(RawClient(*emulator).ask("GET", "/storage/v1/b/b/o/x?alt=media").body, bytes);
      });
  }
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(300));
}

TEST_F(EmulatorFault, StormsForAWhile)
{
  fault(R"([{"forMs":100,"status":503}])");
  EXPECT_EQ(insert().status, 503);
  EXPECT_EQ(insert().status, 503);
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (insert().status != 200) ASSERT_LT(std::chrono::steady_clock::now(), give_up);
}

TEST_F(EmulatorFault, RefusesAScriptWithAMisspeltMember)
{
  EXPECT_EQ(ask("POST", "/emulator/faults", "", R"([{"kind":"get","statuss":503}])").status, 400);
}

}  // namespace
}  // namespace ib::test
