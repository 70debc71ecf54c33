// SPDX-License-Identifier: Apache-2.0
#include "net/http.hpp"

#include "support/builders.hpp"
#include "support/gzip.hpp"
#include "support/scripted_server.hpp"

#include <atomic>
#include <functional>
#include <sstream>
#include <thread>

namespace ib::test {
namespace {

using Fault = Scripted::Fault;

/// A source of `size` bytes that can fail on the way.
class Letters final : public ByteSource {
public:
  explicit Letters(std::uint64_t size, std::optional<std::uint64_t> fails_at = {})
      : left_(size), fails_at_(fails_at)
  {}
  Result<std::size_t> read(std::span<std::byte> buffer) override
  {
    if (fails_at_ && given_ >= *fails_at_) return fail(Errc::io, "a.jpg: Input/output error");
    const auto n =
        static_cast<std::size_t>(std::min<std::uint64_t>({left_, buffer.size(), 10'000}));
    std::ranges::fill(buffer.first(n), std::byte{'x'});
    left_ -= n;
    given_ += n;
    return n;
  }
  Result<> seek(std::uint64_t) override { return fail(Errc::io, "not needed"); }

private:
  std::uint64_t left_;
  std::uint64_t given_ = 0;
  std::optional<std::uint64_t> fails_at_;
};

struct HttpTest : testing::Test {
  ScriptedServer server;
  HttpClient client{
      {.connect_timeout = std::chrono::seconds(5), .stall_timeout = std::chrono::seconds(20)}};

  Result<HttpResponse> get(std::string_view path, const std::stop_token& stop = {})
  {
    return client.perform({.method = "GET", .url = server.url(path)}, stop);
  }
};

TEST_F(HttpTest, KeepsItsConnection)
{
  for (int i = 0; i < 3; ++i) server.expect({"GET", "/a"}, {.body = "hello"});
  server.expect({"POST", "/b"}, {});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(must(get("/a")).body, "hello");
  must(client.perform({.method = "POST", .url = server.url("/b")}, {}));
  EXPECT_EQ(server.connections(), 1);
  EXPECT_EQ(server.received().back().header("content-length"), "0");
  EXPECT_THAT(server.received().front().header("user-agent"), StartsWith("immich-backup/"));
}

TEST_F(HttpTest, UsesAsManyConnectionsAsThereAreCallsAtOnce)
{
  server.then_always([](const Received&) { return Scripted{.body = "ok"}; });
  std::atomic<int> good = 0;
  for (int round = 0; round < 3; ++round) {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 4; ++i) {
      callers.emplace_back([&] {
        for (int k = 0; k < 20; ++k) good += must(get("/")).body == "ok" ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(good, 240);
  EXPECT_LE(server.connections(), 4);
}

TEST_F(HttpTest, SendsBodySourceAndEndAsOneBody)
{
  server.expect({"POST", "/upload", {{"content-type", "multipart/related"}, {"expect", ""}}},
                {.status = 201});
  Letters source(2'000'000);
  HttpSent sent = HttpSent::nothing;
  const HttpResponse reply = must(client.perform({.method = "POST",
                                                  .url = server.url("/upload?x=1"),
                                                  .headers = {"Content-Type: multipart/related"},
                                                  .body = bytes_of("<begin>"),
                                                  .source = &source,
                                                  .source_size = 2'000'000,
                                                  .body_end = bytes_of("<end>"),
                                                  .sent = &sent},
                                                 {}));
  EXPECT_EQ(reply.status, 201);
  EXPECT_EQ(sent, HttpSent::whole);
  const Received received = server.received().at(0);
  EXPECT_EQ(received.target, "/upload?x=1");
  EXPECT_TRUE(received.body == "<begin>" + std::string(2'000'000, 'x') + "<end>");
}

TEST_F(HttpTest, StreamsABodyLargerThanItsBuffers)
{
  constexpr std::uint64_t kSize = std::uint64_t{200} * 1024 * 1024 + 1;
  server.expect({"PUT", "/big"}, {});
  Letters source(kSize);
  must(client.perform(
      {.method = "PUT", .url = server.url("/big"), .source = &source, .source_size = kSize}, {}));
  EXPECT_EQ(server.received().at(0).body_size, kSize);
}

TEST_F(HttpTest, SendsNoMoreOfASourceThanWasAskedFor)
{
  server.expect({"PUT", "/chunk"}, {.status = 308, .headers = {"Range: bytes=0-4"}});
  MemorySource source(bytes_of("helloworld"));
  const HttpResponse reply = must(client.perform(
      {.method = "PUT", .url = server.url("/chunk"), .source = &source, .source_size = 5}, {}));
  EXPECT_EQ(server.received().at(0).body, "hello");
  EXPECT_EQ(reply.status, 308);
  EXPECT_EQ(reply.header("range"), "bytes=0-4");
}

TEST_F(HttpTest, ReturnsTheErrorOfASourceAsItIs)
{
  server.then_always([](const Received&) { return Scripted{}; });
  Letters source(5'000'000, 3'000'000);
  const Result<HttpResponse> reply = client.perform(
      {.method = "PUT", .url = server.url("/a"), .source = &source, .source_size = 5'000'000}, {});
  ASSERT_TRUE(fails_with(Errc::io, reply));
  EXPECT_EQ(reply.error().message, "a.jpg: Input/output error");
  must(get("/"));  // the client still works
}

TEST_F(HttpTest, RefusesASourceThatEndsEarly)
{
  server.then_always([](const Received&) { return Scripted{}; });
  Letters source(10);
  HttpSent sent = HttpSent::whole;
  const Result<HttpResponse> reply = client.perform({.method = "PUT",
                                                     .url = server.url("/a"),
                                                     .source = &source,
                                                     .source_size = 11,
                                                     .sent = &sent},
                                                    {});
  ASSERT_TRUE(fails_with(Errc::corrupt, reply));
  EXPECT_EQ(reply.error().message, "the data ended after 10 of 11 bytes");
  EXPECT_NE(sent, HttpSent::whole);
}

TEST_F(HttpTest, FeedsASinkWithTheBodyOfASuccess)
{
  const std::string body(3'000'000, 'b');
  server.expect({"GET", "/a"}, {.body = body});
  server.expect({"GET", "/b"}, {.status = 404, .body = "no such object"});
  std::string taken;
  const ByteSink sink = [&](ByteView bytes) -> Result<> {
    taken += text_of(bytes);
    return {};
  };
  const HttpResponse found =
      must(client.perform({.method = "GET", .url = server.url("/a"), .sink = &sink}, {}));
  EXPECT_TRUE(taken == body);
  EXPECT_EQ(found.sink_bytes, body.size());
  EXPECT_EQ(found.body, "");
  taken.clear();
  const HttpResponse missing =
      must(client.perform({.method = "GET", .url = server.url("/b"), .sink = &sink}, {}));
  EXPECT_EQ(taken, "");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.body, "no such object");
}

TEST_F(HttpTest, ReturnsTheErrorOfASinkAsItIs)
{
  server.expect({"GET", "/a"}, {.body = std::string(1'000'000, 'b')});
  const ByteSink sink = [](ByteView) -> Result<> { return fail(Errc::io, "disk full"); };
  const Result<HttpResponse> reply =
      client.perform({.method = "GET", .url = server.url("/a"), .sink = &sink}, {});
  ASSERT_TRUE(fails_with(Errc::io, reply));
  EXPECT_EQ(reply.error().message, "disk full");
}

TEST_F(HttpTest, KeepsAtMostWhatItWasToldToOfABody)
{
  server.expect({"GET", "/a"}, {.body = std::string(1001, 'a')});
  server.expect({"GET", "/b"}, {.status = 500, .body = std::string(3'000'000, 'b')});
  EXPECT_TRUE(fails_with(
      Errc::corrupt,
      client.perform({.method = "GET", .url = server.url("/a"), .body_limit = 1000}, {})));
  EXPECT_EQ(must(get("/b")).body.size(), 1024U * 1024U);
}

TEST_F(HttpTest, ReadsHeaders)
{
  server.expect({"GET", "/"}, {.headers = {"X-Goog-Hash: crc32c=AAAAAA==", "X-GOOG-HASH:md5=abc=  ",
                                           "Empty:", "Retry-After:\t7"}});
  const HttpResponse reply = must(get("/"));
  EXPECT_EQ(reply.header("x-goog-hash"), "crc32c=AAAAAA==, md5=abc=");
  EXPECT_EQ(reply.header("empty"), "");
  EXPECT_EQ(reply.header("retry-after"), "7");
  EXPECT_EQ(reply.header("absent"), "");
  EXPECT_TRUE(reply.is_success());
}

TEST_F(HttpTest, FollowsNoRedirect)
{
  server.expect({"GET", "/"},
                {.status = 302, .headers = {"Location: " + server.url("/elsewhere")}});
  EXPECT_EQ(must(get("/")).status, 302);
}

TEST_F(HttpTest, TakesAReplyThatComesBeforeTheBodyIsSent)
{
  server.expect({"PUT", "/taken"}, {.status = 412, .body = "taken", .fault = Fault::early_reply});
  server.expect({"GET", "/"}, {});
  Letters source(100'000'000);
  const HttpResponse reply = must(client.perform(
      {.method = "PUT", .url = server.url("/taken"), .source = &source, .source_size = 100'000'000},
      {}));
  EXPECT_EQ(reply.status, 412);
  EXPECT_EQ(reply.body, "taken");
  must(get("/"));
  EXPECT_EQ(server.connections(), 2);  // the first was given up with the rest of the body
}

TEST_F(HttpTest, SaysHowMuchOfAFailedRequestWasSent)
{
  struct Case {
    Fault fault;
    std::string message;
    HttpSent sent;
  };
  const Case table[] = {
      {Fault::no_reply, "the connection was closed without a reply", HttpSent::whole},
      {Fault::cut_reply, "the connection was closed within a reply", HttpSent::whole},
      {Fault::not_http, "the reply is not HTTP", HttpSent::whole},
  };
  for (const Case& row : table) {
    server.expect({"PUT", "/a"}, {.body = "0123456789", .fault = row.fault});
    HttpSent sent = HttpSent::nothing;
    const Result<HttpResponse> reply = client.perform(
        {.method = "PUT", .url = server.url("/a"), .body = bytes_of("x"), .sent = &sent}, {});
    ASSERT_TRUE(fails_with(Errc::unavailable, reply));
    EXPECT_EQ(reply.error().message, server.host() + ": " + row.message);
    EXPECT_EQ(sent, row.sent) << row.message;
  }
  server.expect({"PUT", "/a"}, {.fault = Fault::close_at_once});
  Letters source(50'000'000);
  HttpSent sent = HttpSent::nothing;
  EXPECT_TRUE(fails_with(Errc::unavailable, client.perform({.method = "PUT",
                                                            .url = server.url("/a"),
                                                            .source = &source,
                                                            .source_size = 50'000'000,
                                                            .sent = &sent},
                                                           {})));
  EXPECT_EQ(sent, HttpSent::part);
}

TEST_F(HttpTest, NeverSendsARequestTwiceByItself)
{
  // A kept connection that breaks without a reply: libcurl alone would try again on a new one.
  for (const auto& [method, body] : {std::pair{"GET", ""}, {"POST", ""}, {"PUT", "with a body"}}) {
    server.expect({"GET", "/first"}, {});
    server.expect({method, "/second"}, {.fault = Fault::no_reply});
    must(get("/first"));
    HttpSent sent = HttpSent::nothing;
    const Result<HttpResponse> reply = client.perform(
        {.method = method, .url = server.url("/second"), .body = bytes_of(body), .sent = &sent},
        {});
    ASSERT_TRUE(fails_with(Errc::unavailable, reply));
    EXPECT_THAT(reply.error().message, HasSubstr("closed without a reply"));
    EXPECT_EQ(sent, HttpSent::whole);
  }
  EXPECT_EQ(server.received().size(), 6U);
}

TEST_F(HttpTest, OpensANewConnectionWhereTheOldOneWasClosed)
{
  server.expect({"GET", "/"}, {.fault = Fault::close_after_reply});
  server.expect({"GET", "/"}, {.headers = {"Connection: close"}});
  server.expect({"GET", "/"}, {});
  must(get("/"));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));  // for the FIN to arrive
  must(get("/"));
  must(get("/"));
  EXPECT_EQ(server.connections(), 3);
}

TEST(Http, NamesTheHostThatCannotBeReachedAndNothingElse)
{
  std::string closed;
  {
    const ScriptedServer server;
    closed = server.host();
  }
  HttpClient client;
  HttpSent sent = HttpSent::whole;
  const Result<HttpResponse> reply =
      client.perform({.method = "GET",
                      .url = "http://user:pass@" + closed + "/path?upload_id=secret",
                      .sent = &sent},
                     {});
  ASSERT_TRUE(fails_with(Errc::unavailable, reply));
  EXPECT_THAT(reply.error().message, StartsWith(closed + ": "));
  for (const char* secret : {"secret", "pass", "/path"}) {
    EXPECT_THAT(reply.error().message, Not(HasSubstr(secret)));
  }
  EXPECT_EQ(sent, HttpSent::nothing);
}

TEST_F(HttpTest, CanBeUsedAgainAfterANameThatDoesNotResolve)
{
  for (int i = 0; i < 3; ++i) {
    const auto response = client.perform({.method = "GET", .url = "http://nobody.invalid/"}, {});
    EXPECT_TRUE(fails_with(Errc::unavailable, response));
  }
  server.expect({"GET", "/a"}, {.body = "hello"});
  EXPECT_EQ(must(get("/a")).body, "hello");
}

TEST_F(HttpTest, GivesUpWhereNothingMoves)
{
  HttpClient impatient{{.stall_timeout = std::chrono::milliseconds(300)}};
  for (const Fault fault : {Fault::stall, Fault::stall_within_reply}) {
    server.expect({"GET", "/"}, {.body = "0123456789", .fault = fault});
    const Result<HttpResponse> reply =
        impatient.perform({.method = "GET", .url = server.url("/")}, {});
    ASSERT_TRUE(fails_with(Errc::unavailable, reply));
    EXPECT_EQ(reply.error().message, server.host() + ": nothing came or went for 300 ms");
  }
}

TEST_F(HttpTest, DoesNotTakeASlowSinkForASlowNetwork)
{
  HttpClient impatient{{.stall_timeout = std::chrono::milliseconds(200)}};
  server.expect({"GET", "/"}, {.body = "0123456789"});
  const ByteSink slow = [](ByteView) -> Result<> {
    std::this_thread::sleep_for(std::chrono::milliseconds(400));
    return {};
  };
  EXPECT_TRUE(ok(impatient.perform({.method = "GET", .url = server.url("/"), .sink = &slow}, {})));
}

// --- What proxies compress ---

TEST_F(HttpTest, ExpandsABodyThatWasCompressedOnItsWay)
{
  const std::string plain = "what was sent " + std::string(100'000, 'x');
  for (const char* encoding : {"gzip", "x-gzip", "GZIP"}) {
    const Scripted reply{.headers = {"Content-Encoding: " + std::string(encoding)},
                         .body = gzip(plain)};
    server.expect({"GET", "/kept"}, reply);
    EXPECT_EQ(must(get("/kept")).body, plain) << encoding;
    server.expect({"GET", "/passed"}, reply);
    std::string passed_on;
    const ByteSink sink = [&](ByteView bytes) -> Result<> {
      passed_on += text_of(bytes);
      return {};
    };
    EXPECT_EQ(
        must(client.perform({.method = "GET", .url = server.url("/passed"), .sink = &sink}, {}))
            .sink_bytes,
        plain.size());
    EXPECT_EQ(passed_on, plain);
    Scripted refusal = reply;
    refusal.status = 403;
    server.expect({"GET", "/refused"}, refusal);
    EXPECT_EQ(
        must(client.perform({.method = "GET", .url = server.url("/refused"), .sink = &sink}, {}))
            .body,
        plain);
  }
}

TEST_F(HttpTest, ExpandsATransferThatIsCompressed)
{
  const std::string packed = gzip("what was sent");
  std::ostringstream chunk;
  chunk << std::hex << packed.size() << "\r\n" << packed << "\r\n0\r\n\r\n";
  server.expect({"GET", "/"}, {.headers = {"Transfer-Encoding: gzip, chunked"},
                               .body = chunk.str(),
                               .fault = Fault::close_after_reply});
  EXPECT_EQ(must(get("/")).body, "what was sent");
}

TEST_F(HttpTest, KeepsGzipThatIsTheContentItself)
{
  const std::string packed = gzip("a manifest");
  server.expect({"GET", "/"},
                {.headers = {"Content-Encoding: gzip", "X-Is: stored so"}, .body = packed});
  std::string taken;
  const ByteSink sink = [&](ByteView bytes) -> Result<> {
    taken += text_of(bytes);
    return {};
  };
  const std::function<bool(const HttpResponse&)> keeps = [](const HttpResponse& head) {
    return head.status == 200 && head.header("x-is") == "stored so";
  };
  must(client.perform(
      {.method = "GET", .url = server.url("/"), .sink = &sink, .keeps_gzip = &keeps}, {}));
  EXPECT_EQ(taken, packed);
}

TEST_F(HttpTest, TriesAgainWhatIsNotTheGzipThatItSaysItIs)
{
  const std::string packed = gzip(std::string(100'000, 'x') + random_bytes(10'000, 1));
  std::string damaged = packed;
  damaged[damaged.size() / 2] ^= 1;
  for (const std::string& body :
       {std::string("{}"), packed.substr(0, packed.size() - 9), damaged}) {
    server.expect({"GET", "/"}, {.headers = {"Content-Encoding: gzip"}, .body = body});
    EXPECT_TRUE(fails_with(Errc::unavailable, get("/")));
  }
}

TEST_F(HttpTest, LimitsABodyByWhatItExpandsTo)
{
  server.expect({"GET", "/"},
                {.headers = {"Content-Encoding: gzip"}, .body = gzip(std::string(1'000'000, 'x'))});
  EXPECT_TRUE(fails_with(
      Errc::corrupt,
      client.perform({.method = "GET", .url = server.url("/"), .body_limit = 999'999}, {})));
}

TEST_F(HttpTest, EndsASmallExchangeInTime)
{
  server.expect({"GET", "/"}, {.fault = Fault::stall});
  const Result<HttpResponse> reply = client.perform(
      {.method = "GET", .url = server.url("/"), .timeout = std::chrono::milliseconds(100)}, {});
  ASSERT_TRUE(fails_with(Errc::unavailable, reply));
  EXPECT_EQ(reply.error().message, server.host() + ": no reply in time");
}

TEST_F(HttpTest, CanBeCancelledWhileItWaits)
{
  server.expect({"GET", "/"}, {.fault = Fault::stall});
  std::stop_source stop;
  std::jthread canceller([&] {
    server.wait_for_requests(1);
    stop.request_stop();
  });
  EXPECT_TRUE(fails_with(Errc::cancelled, get("/", stop.get_token())));
  EXPECT_TRUE(fails_with(Errc::cancelled, get("/", stop.get_token())));  // nothing is sent at all
}

TEST_F(HttpTest, RefusesAddressesAndHeadersThatAreNone)
{
  for (const char* url :
       {"file:///etc/passwd", "ftp://127.0.0.1/", "", "127.0.0.1/x", "http://a\nb/"}) {
    EXPECT_TRUE(fails_with(Errc::invalid, client.perform({.method = "GET", .url = url}, {})))
        << url;
  }
  const Result<HttpResponse> reply =
      client.perform({.method = "GET",
                      .url = server.url("/"),
                      .headers = {"Authorization: Bearer secret\r\nX: y"}},
                     {});
  ASSERT_TRUE(fails_with(Errc::invalid, reply));
  EXPECT_EQ(reply.error().message, server.host() + ": the header Authorization holds a line break");
}

TEST_F(HttpTest, RefusesATlsServerThatIsNone)
{
  server.then_always([](const Received&) { return Scripted{}; });
  const std::string url = "https://" + server.host() + "/";
  HttpClient no_bundle{{.ca_bundle = "/nonexistent/ca.pem"}};
  const Result<HttpResponse> reply = no_bundle.perform({.method = "GET", .url = url}, {});
  ASSERT_TRUE(fails_with(Errc::invalid, reply));
  EXPECT_THAT(reply.error().message, HasSubstr("the trusted certificates cannot be read"));
}

TEST(Http, TellsTheHostOfAnAddress)
{
  const std::pair<const char*, const char*> table[] = {
      {"https://storage.googleapis.com:8443/b/x?y#z", "storage.googleapis.com:8443"},
      {"http://user:pass@host?upload_id=1", "host"},
      {"http://[::1]:80/", "[::1]:80"},
      {"host/path", "host"},
      {"", ""},
  };
  for (const auto& [url, host] : table) EXPECT_EQ(host_of(url), host);
}

}  // namespace
}  // namespace ib::test
