// SPDX-License-Identifier: Apache-2.0
#include "web/server.hpp"

#include "support/matchers.hpp"
#include "support/notes.hpp"
#include "support/temp_dir.hpp"
#include "sys/hash.hpp"

#include <arpa/inet.h>
#include <httplib.h>
#include <sys/socket.h>
#include <atomic>
#include <csignal>
#include <map>
#include <mutex>
#include <random>
#include <thread>

namespace ib::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const std::string kPassword = "a right one";

/// The page of a machine whose commands are shell scripts.
class Servers : public testing::Test {
protected:
  void SetUp() override { old_ = ::signal(SIGPIPE, SIG_IGN); }
  void TearDown() override
  {
    server_.reset();
    stop_.request_stop();
    ::signal(SIGPIPE, old_);
  }

  void start(AccessRules rules, bool read_only = false)
  {
    SupervisorJob job;
    job.state_folder = dir_.file("state");
    job.offset = [](Timestamp) { return std::chrono::minutes(0); };
    job.program = [](Job) { return Program{.argv = {"sh", "-c", "exit 0"}}; };
    job.obstacle = [] { return std::optional<Error>(); };
    job.now = [] { return std::chrono::floor<seconds>(std::chrono::system_clock::now()); };
    supervisor_ = must(Supervisor::create(job));
    page_.emplace(PageJob{.supervisor = *supervisor_,
                          .program =
                              [this](const Answers::Arguments& arguments) {
                                const std::lock_guard lock(mutex_);
                                ++asked_;
                                return Program{.argv = {"sh", "-c", answer_, arguments.front()}};
                              },
                          .store = "file:///store",
                          .offset = job.offset,
                          .read_only = read_only,
                          .metrics_file = dir_.file("metrics.prom"),
                          .given = given_,
                          .now = job.now},
                  stop_.get_token());
    photos_ = must(Photos::create(
        [this](const Answers::Arguments& arguments) {
          Program program{.argv = {"sh", "-c", photo_answer_, "immich-backup"}};
          program.argv.insert(program.argv.end(), arguments.begin(), arguments.end());
          return program;
        },
        dir_.file("photos"), job.now, stop_.get_token()));
    access_.emplace(std::move(rules));
    server_ =
        must(WebServer::start({.host = "127.0.0.1", .port = 0}, *page_, *photos_, *access_, log_));
    client_.emplace("127.0.0.1", server_->port());
  }

  void start_with_password(bool read_only = false)
  {
    start({.password = must(PasswordHash::of(kPassword))}, read_only);
  }

  /// Its headers are those of somebody who is logged in.
  httplib::Headers log_in()
  {
    const auto answer =
        client_->Post("/login", "password=a+right+one", "application/x-www-form-urlencoded");
    EXPECT_EQ(answer->status, 303);
    const std::string cookie = answer->get_header_value("Set-Cookie");
    EXPECT_THAT(cookie, HasSubstr("; HttpOnly; SameSite=Strict"));
    return {{"Cookie", cookie.substr(0, cookie.find(';'))}};
  }

  httplib::Headers with_token(httplib::Headers headers)
  {
    const auto session = client_->Get("/api/v1/session", headers);
    headers.emplace("X-CSRF-Token", Json::parse(session->body)["csrf"].get<std::string>());
    return headers;
  }

  void set_answer(std::string script)
  {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(script);
  }

  const TempDir dir_;
  std::unique_ptr<Supervisor> supervisor_;
  std::optional<Page> page_;
  std::string photo_answer_ = "exit 2";  // a script; its arguments are those of the command
  std::unique_ptr<Photos> photos_;
  std::optional<Access> access_;
  std::unique_ptr<WebServer> server_;
  std::optional<httplib::Client> client_;
  std::atomic<int> asked_ = 0;
  Notes log_;
  std::vector<std::string> given_;
  std::stop_source stop_;

private:
  void (*old_)(int) = SIG_DFL;
  std::mutex mutex_;
  std::string answer_ = R"(echo '{"result":"ok"}')";
};

TEST_F(Servers, LetNobodyInWithoutThePassword)
{
  start_with_password();
  EXPECT_EQ(client_->Get("/healthz")->body, "ok\n");
  for (const std::string path : {"/", "/now", "/points", "/proof", "/setup", "/no-such-page"}) {
    const auto answer = client_->Get(path);
    EXPECT_EQ(answer->status, 303) << path;
    EXPECT_EQ(answer->get_header_value("Location"), "/login");
  }
  for (const std::string path :
       {"/api/v1/session", "/api/v1/overview", "/api/v1/now", "/api/v1/runs", "/api/v1/status",
        "/api/v1/events", "/api/v1/runs/x/log", "/api/v1/nothing", "/metrics"})
    EXPECT_EQ(client_->Get(path)->status, 401) << path;
  for (const std::string path : {"/api/v1/jobs", "/logout"})
    EXPECT_EQ(client_->Post(path, "{}", "application/json")->status, 401) << path;
  EXPECT_EQ(client_->Get("/api/v1/now", {{"Cookie", "immich_backup_session=x"}})->status, 401);
  EXPECT_EQ(client_->Get("/api/v1/now", {{"Remote-User", "me"}})->status, 401);
  EXPECT_EQ(asked_, 0);
}

TEST_F(Servers, LogInAndOut)
{
  start_with_password();
  EXPECT_THAT(client_->Get("/login")->body, HasSubstr("name=\"password\""));
  const auto wrong =
      client_->Post("/login", "password=<b>x</b>", "application/x-www-form-urlencoded");
  EXPECT_EQ(wrong->status, 403);
  EXPECT_THAT(wrong->body, HasSubstr("That is not the password."));
  EXPECT_EQ(log_.text(), "warning: a wrong password for the page, from 127.0.0.1\n");
  const httplib::Headers headers = log_in();
  EXPECT_EQ(client_->Get("/", headers)->status, 200);
  const auto overview = client_->Get("/api/v1/overview", headers);
  EXPECT_EQ(Json::parse(overview->body)["colour"], "grey");
  EXPECT_EQ(client_->Post("/logout", headers, "", "")->status, 403);
  EXPECT_EQ(client_->Post("/logout", with_token(headers), "", "")->status, 200);
  EXPECT_EQ(client_->Get("/api/v1/overview", headers)->status, 401);
}

TEST_F(Servers, KeepTheCookieToTlsBehindAProxyThatHasIt)
{
  start_with_password();
  const auto answer = client_->Post("/login", {{"X-Forwarded-Proto", "https"}},
                                    "password=a+right+one", "application/x-www-form-urlencoded");
  EXPECT_THAT(answer->get_header_value("Set-Cookie"), EndsWith("; Secure"));
}

TEST_F(Servers, SayWhichSettingsAreOfTheirOwnCommandLine)
{
  given_ = {"store"};
  start_with_password();
  set_answer(
      R"(echo '{"settings":[{"name":"store","values":["x"],"from":"IMMICH_BACKUP_STORE in the environment"},{"name":"library","values":["y"],"from":"a file"}]}')");
  const Json settings = Json::parse(client_->Get("/api/v1/config", log_in())->body)["settings"];
  EXPECT_EQ(settings[0]["from"], "--store");
  EXPECT_EQ(settings[1]["from"], "a file");
}

TEST_F(Servers, LetWhoGuessesWait)
{
  start_with_password();
  int status = 0;
  for (unsigned i = 0; i < Access::kFreeTries; ++i)
    status = client_->Post("/login", "password=x", "application/x-www-form-urlencoded")->status;
  EXPECT_EQ(status, 429);
}

TEST_F(Servers, SendHeadersThatKeepStrangersOut)
{
  start_with_password();
  for (const std::string path : {"/login", "/assets/app.js", "/healthz", "/api/v1/now"}) {
    const auto answer = client_->Get(path);
    EXPECT_THAT(answer->get_header_value("Content-Security-Policy"),
                StartsWith("default-src 'none'; script-src 'self'; style-src 'self'"))
        << path;
    EXPECT_EQ(answer->get_header_value("X-Frame-Options"), "DENY");
    EXPECT_EQ(answer->get_header_value("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(answer->get_header_value("Cache-Control"), "no-store");
  }
}

TEST_F(Servers, RefuseWhatAnotherPageSends)
{
  start_with_password();
  httplib::Headers headers = log_in();
  EXPECT_EQ(
      client_->Post("/api/v1/jobs", headers, R"({"command":"backup"})", "application/json")->status,
      403);
  headers = with_token(headers);
  headers.emplace("Origin", "https://example.org");
  EXPECT_EQ(
      client_->Post("/api/v1/jobs", headers, R"({"command":"backup"})", "application/json")->status,
      403);
  EXPECT_EQ(client_
                ->Post("/login", {{"Origin", "https://example.org"}}, "password=a+right+one",
                       "application/x-www-form-urlencoded")
                ->status,
            403);
  EXPECT_THAT(supervisor_->state().asked, testing::IsEmpty());
}

TEST_F(Servers, StartJobs)
{
  start_with_password();
  const httplib::Headers headers = with_token(log_in());
  const auto start = [&](const std::string& body) {
    return client_->Post("/api/v1/jobs", headers, body, "application/json")->status;
  };
  EXPECT_EQ(start(R"({"command":"backup"})"), 202);
  EXPECT_EQ(start(R"({"command":"backup"})"), 409);
  EXPECT_EQ(start(R"({"command":"verify-restore"})"), 202);
  for (const std::string body :
       {"", "backup", "[]", "{}", R"({"command":7})", R"({"command":"prune"})",
        R"({"command":"restore"})", R"({"command":"backup;id"})"})
    EXPECT_EQ(start(body), 400) << body;
  EXPECT_THAT(supervisor_->state().asked, ElementsAre(Job::backup, Job::drill));
  EXPECT_EQ(Json::parse(client_->Get("/api/v1/now", headers)->body)["asked"],
            Json({"backup", "verify-restore"}));
}

TEST_F(Servers, StartNothingWhereTheyMayOnlyLook)
{
  start_with_password(true);
  const httplib::Headers headers = with_token(log_in());
  EXPECT_EQ(
      client_->Post("/api/v1/jobs", headers, R"({"command":"backup"})", "application/json")->status,
      403);
}

TEST_F(Servers, AnswerWithWhatTheCommandSays)
{
  start_with_password();
  const httplib::Headers headers = log_in();
  set_answer(R"(echo "{\"command\":\"$0\"}"; exit 3)");
  for (const std::string command : {"status", "restore-points", "cost", "config", "doctor"})
    EXPECT_EQ(Json::parse(client_->Get("/api/v1/" + command, headers)->body)["command"], command);
  const int asked = asked_;
  EXPECT_EQ(client_->Get("/api/v1/cost", headers)->status, 200);
  EXPECT_EQ(asked_, asked);
  EXPECT_EQ(Json::parse(client_->Get("/api/v1/recovery-kit", headers)->body)["text"],
            "{\"command\":\"recovery-kit\"}\n");
  EXPECT_EQ(client_->Get("/api/v1/diff?from=2026-01-15T03:00:00Z&to=2026-01-16T03:00:00Z", headers)
                ->status,
            200);
  for (const std::string query : {"", "?from=--env&to=x", "?from=2026-01-15T03:00:00Z",
                                  "?from=2026-01-15T03:00:00Z&to=--config%3D/etc/shadow"})
    EXPECT_EQ(client_->Get("/api/v1/diff" + query, headers)->status, 400) << query;
  set_answer("echo no JSON");
  EXPECT_EQ(client_->Get("/api/v1/diff?from=2026-01-15T03:00:00Z&to=2026-01-17T03:00:00Z", headers)
                ->status,
            503);
}

TEST_F(Servers, ShowTheStateOfTheStoreAndItsAge)
{
  start_with_password();
  const httplib::Headers headers = log_in();
  set_answer(
      R"(echo '{"result":"incomplete","newest":null,"restores":null,"problems":[]}'; exit 3)");
  page_->refresh();
  Json overview = Json::parse(client_->Get("/api/v1/overview", headers)->body);
  EXPECT_EQ(overview["colour"], "red");
  EXPECT_TRUE(overview["answered"].is_string());
}

TEST_F(Servers, KeepTheLastAnswerWhereTheStoreIsSilent)
{
  start_with_password();
  set_answer(
      R"(echo '{"result":"failed","problems":[{"code":"unavailable","message":"no route","hint":"Wait."}]}'; exit 1)");
  page_->refresh();
  const Json overview = Json::parse(client_->Get("/api/v1/overview", log_in())->body);
  EXPECT_EQ(overview["colour"], "grey");
  EXPECT_EQ(overview["concerns"][0]["fix"], "Wait.");
}

TEST_F(Servers, GiveMetricsToWhoHasTheToken)
{
  dir_.write_file("metrics.prom", "immich_backup_x 1\n");
  start({.password = must(PasswordHash::of(kPassword)),
         .metrics_token = sha256(bytes_of("a token"))});
  EXPECT_EQ(client_->Get("/metrics", {{"Authorization", "Bearer a token"}})->body,
            "immich_backup_x 1\n");
  EXPECT_EQ(client_->Get("/metrics", {{"Authorization", "Bearer another"}})->status, 401);
  EXPECT_EQ(client_->Get("/api/v1/now", {{"Authorization", "Bearer a token"}})->status, 401);
  EXPECT_EQ(client_->Get("/metrics", log_in())->status, 200);
}

TEST_F(Servers, BelieveTheirProxyAlone)
{
  start({.password = std::nullopt,
         .trusted_proxy = must(Network::parse("127.0.0.0/8")),
         .user_header = "Remote-User"});
  EXPECT_EQ(client_->Get("/api/v1/now")->status, 403);
  EXPECT_EQ(client_->Get("/login")->status, 403);
  const httplib::Headers headers = with_token({{"Remote-User", "me"}});
  EXPECT_EQ(client_->Get("/api/v1/now", headers)->status, 200);
  EXPECT_EQ(
      client_->Post("/api/v1/jobs", headers, R"({"command":"verify"})", "application/json")->status,
      202);
  server_.reset();
  supervisor_.reset();
  start({.password = std::nullopt,
         .trusted_proxy = must(Network::parse("192.0.2.0/24")),
         .user_header = "Remote-User"});
  EXPECT_EQ(client_->Get("/api/v1/now", {{"Remote-User", "me"}})->status, 403);
}

TEST_F(Servers, LimitWhatARequestMayBring)
{
  start_with_password();
  const httplib::Headers headers = with_token(log_in());
  EXPECT_EQ(
      client_->Post("/api/v1/jobs", headers, std::string(70'000, ' '), "application/json")->status,
      413);
  EXPECT_EQ(client_->Get("/api/v1/" + std::string(9'000, 'x'), headers)->status, 414);
  httplib::Headers many = headers;
  for (int i = 0; i < 3000; ++i) many.emplace("X-H" + std::to_string(i), std::string(100, 'x'));
  const auto too_much = client_->Get("/api/v1/now", many);
  EXPECT_TRUE(!too_much || too_much->status == 400);
  for (const std::string path : {"/assets/../index.html", "/assets/..%2f..%2fetc/passwd",
                                 "/assets/nothing.js", "/api/v1/runs/..%2f..%2fx/log"})
    EXPECT_EQ(client_->Get(path, headers)->status, 404) << path;
}

/// A connection that sends nothing, or only this.
int connect_to(int port, std::string_view text = "")
{
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(::send(socket, text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  return socket;
}

TEST_F(Servers, GoOnBesideTwoHundredSilentConnections)
{
  start_with_password();
  std::vector<int> sockets;
  for (int i = 0; i < 100; ++i) sockets.push_back(connect_to(server_->port()));
  for (int i = 0; i < 100; ++i)
    sockets.push_back(connect_to(server_->port(), "GET / HTTP/1.1\r\nHost: x\r\n"));
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(client_->Get("/healthz")->status, 200);
  EXPECT_EQ(client_->Get("/api/v1/now", log_in())->status, 200);
  EXPECT_LT(std::chrono::steady_clock::now() - began, seconds(10));
  // Nor do they delay the end for longer than a request may take.
  server_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - began, seconds(60));
  for (const int socket : sockets) ::close(socket);
}

TEST_F(Servers, SendWhatChanges)
{
  start_with_password();
  const httplib::Headers headers = with_token(log_in());
  std::string got;
  std::jthread starter([&] {
    std::this_thread::sleep_for(milliseconds(100));
    httplib::Client other("127.0.0.1", server_->port());
    other.Post("/api/v1/jobs", headers, R"({"command":"backup"})", "application/json");
  });
  client_->Get("/api/v1/events", headers, [&](const char* data, std::size_t size) {
    got.append(data, size);
    return !got.contains(R"("asked":["backup"])");
  });
  EXPECT_THAT(got, StartsWith("event: now\ndata: {\"running\":null,\"asked\":[]"));
}

// --- Photos. The commands are one shell script, which gets their arguments. ---

const std::string kOnePhoto = R"(
for word; do case $word in --write-list=*) : >"${word#*=}" ;; esac; done
case "$*" in
  "photos --list="*) printf '%s' '{"photos":[{"path":"/a.jpg","file_name":"a \"b\"\nc.jpg",
    "files":[{"part":"original","path":"/a.jpg","size":5},{"part":"sidecar","path":"/a.svg","size":5},
             {"part":"video","path":"/a.mov","state":"missing"}]}]}' ;;
  "photos "*) echo '{"groups":[]}' ;;
  *--dry-run*) echo '{"bytes":5}' ;;
  *--zip*) printf ZIPPED; exit 4 ;;
  "download "*) printf hello ;;
  "history "*) echo '{"paths":[]}' ;;
esac)";
const std::string kAsset = "asset=00000000-0000-4000-8000-000000000001";

TEST_F(Servers, GiveAPhotoThatABrowserMayShow)
{
  photo_answer_ = kOnePhoto;
  start_with_password();
  const httplib::Headers headers = log_in();
  const std::string path = "/api/v1/photos/file?at=2026-01-15T03:34:00Z&" + kAsset;
  const auto shown = client_->Get(path, headers);
  EXPECT_EQ(shown->status, 200);
  EXPECT_EQ(shown->body, "hello");
  EXPECT_EQ(shown->get_header_value("Content-Type"), "image/jpeg");
  // The client has undone the percent signs, without which the line would have ended.
  EXPECT_EQ(shown->get_header_value("Content-Disposition"),
            "inline; filename=\"a _b__c.jpg\"; filename*=UTF-8''a \"b\"\nc.jpg");
  EXPECT_THAT(client_->Get(path + "&save", headers)->get_header_value("Content-Disposition"),
              StartsWith("attachment"));
  // What could run something is never shown.
  const auto other = client_->Get(path + "&part=sidecar", headers);
  EXPECT_EQ(other->get_header_value("Content-Type"), "application/octet-stream");
  EXPECT_THAT(other->get_header_value("Content-Disposition"), StartsWith("attachment"));
  EXPECT_EQ(client_->Get(path + "&part=video", headers)->status, 404);
  EXPECT_EQ(client_->Get(path)->status, 401);
}

TEST_F(Servers, GiveAPartOfAPhoto)
{
  photo_answer_ = kOnePhoto;
  start_with_password();
  httplib::Headers headers = log_in();
  headers.emplace("Range", "bytes=2-3");
  const auto part = client_->Get("/api/v1/photos/file?at=2026-01-15T03:34:00Z&" + kAsset, headers);
  EXPECT_EQ(part->status, 206);
  EXPECT_EQ(part->body, "ll");
}

TEST_F(Servers, GiveAZipFileThatSaysItselfWhatItLacks)
{
  photo_answer_ = kOnePhoto;
  start_with_password();
  const auto zip = client_->Get(
      "/api/v1/photos/zip?at=2026-01-15T03:34:00Z&album=x&title=Summer%202021", log_in());
  EXPECT_EQ(zip->status, 200);
  EXPECT_EQ(zip->body, "ZIPPED");
  EXPECT_THAT(zip->get_header_value("Content-Disposition"), HasSubstr("\"Summer 2021.zip\""));
}

TEST_F(Servers, SayWhyAPhotoCannotBeHad)
{
  photo_answer_ = kOnePhoto + R"(
    case "$*" in "download "*) :;; esac)";
  photo_answer_.replace(photo_answer_.find("printf hello"), 12,
                        "echo 'immich-backup: it is damaged' >&2; exit 4");
  start_with_password();
  const auto answer =
      client_->Get("/api/v1/photos/file?at=2026-01-15T03:34:00Z&" + kAsset, log_in());
  EXPECT_EQ(answer->status, 502);
  EXPECT_EQ(Json::parse(answer->body)["error"], "it is damaged");
}

TEST_F(Servers, CutADownloadThatFailsOnItsWay)
{
  photo_answer_ = kOnePhoto;
  photo_answer_.replace(photo_answer_.find("printf ZIPPED; exit 4"), 21, "printf ZIPPED; exit 1");
  start_with_password();
  EXPECT_FALSE(client_->Get("/api/v1/photos/zip?at=2026-01-15T03:34:00Z", log_in()));
}

TEST_F(Servers, AnswerNonsenseAboutPhotosWithARefusal)
{
  photo_answer_ = kOnePhoto;
  start_with_password();
  const httplib::Headers headers = log_in();
  const std::string at = "at=2026-01-15T03:34:00Z";
  for (const std::string& query :
       {std::string("photos"), std::string("photos?at=now"), "photos?" + at + "&name=a%0ab",
        "photos?" + at + "&name=%ff", "photos?" + at + "&name=" + std::string(2000, 'x'),
        "photos/file?" + at, "photos/file?" + at + "&asset=--help", "photos/history?" + at,
        std::string("photos/zip"), std::string("photos/price?at=..%2f..")})
    EXPECT_EQ(client_->Get("/api/v1/" + query, headers)->status, 400) << query;
}

TEST_F(Servers, PassNothingOnThatCouldBeAnotherOption)
{
  photo_answer_ = kOnePhoto + "\nprintf '%s\\n' \"$@\" >>" + dir_.file("asked");
  start_with_password();
  client_->Get("/api/v1/photos?at=2026-01-15T03:34:00Z&name=--store%3Dx&store=y&write-list=z&env=w",
               log_in());
  const std::string asked = dir_.read_file("asked");
  EXPECT_THAT(asked, HasSubstr("--name=--store=x\n"));
  EXPECT_THAT(asked, Not(HasSubstr("\n--store=")));
  EXPECT_THAT(asked, Not(HasSubstr("=z\n")));
  EXPECT_THAT(asked, Not(HasSubstr("--env")));
}

TEST_F(Servers, LetNoOtherSiteStartADownload)
{
  photo_answer_ = kOnePhoto;
  start_with_password();
  const httplib::Headers headers = log_in();
  const std::string path = "/api/v1/photos/zip?at=2026-01-15T03:34:00Z";
  const auto status_from = [&](const std::string& site) {
    httplib::Headers from = headers;
    from.emplace("Sec-Fetch-Site", site);
    return client_->Get(path, from)->status;
  };
  EXPECT_EQ(status_from("same-origin"), 200);
  EXPECT_EQ(status_from("none"), 200);
  EXPECT_EQ(status_from("same-site"), 403);
  EXPECT_EQ(status_from("cross-site"), 403);
  EXPECT_EQ(client_->Head(path, headers)->status, 405);
}

TEST_F(Servers, LimitDownloadsAtATime)
{
  photo_answer_ = kOnePhoto;
  photo_answer_.replace(photo_answer_.find("printf ZIPPED; exit 4"), 21,
                        "printf ZIPPED; sleep 100");
  start_with_password();
  const httplib::Headers headers = log_in();
  const std::string path = "/api/v1/photos/zip?at=2026-01-15T03:34:00Z";
  std::atomic<unsigned> begun = 0;
  std::atomic<bool> ends = false;
  std::vector<std::jthread> others;
  for (unsigned i = 0; i < Photos::kMostDownloads; ++i)
    others.emplace_back([&] {
      httplib::Client client("127.0.0.1", server_->port());
      client.Get(path, headers, [&](const char*, std::size_t) {
        ++begun;
        while (!ends) std::this_thread::sleep_for(milliseconds(10));
        return false;
      });
    });
  while (begun < Photos::kMostDownloads) std::this_thread::sleep_for(milliseconds(10));
  EXPECT_EQ(client_->Get(path, headers)->status, 503);
  ends = true;
  stop_.request_stop();  // ends the commands
}

/// Requests out of pieces of good ones and of nonsense. What is wrong is the client's fault: 4xx.
TEST_F(Servers, AnswerAnyRequestWithoutFailing)
{
  photo_answer_ = kOnePhoto;
  start_with_password();
  const httplib::Headers headers = with_token(log_in());
  std::mt19937 random(25);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same each time
  const auto one_of = [&](const std::vector<std::string>& texts) {
    return texts[random() % texts.size()];
  };
  const std::vector<std::string> places{"photos",
                                        "photos/price",
                                        "photos/history",
                                        "photos/file",
                                        "photos/zip",
                                        "diff",
                                        "runs",
                                        "runs/x/log",
                                        "runs/..%2f/log",
                                        "overview",
                                        "now",
                                        "status",
                                        "session",
                                        "recovery-kit",
                                        "%00",
                                        "..",
                                        "jobs",
                                        "a%ff",
                                        "photos%2f",
                                        "restore-points/",
                                        std::string(3000, 'p')};
  const std::vector<std::string> keys{"at",   "asset", "part", "album", "user",     "taken",
                                      "name", "from",  "to",   "limit", "approved", "%00"};
  const std::vector<std::string> values{"2026-01-15T03:34:00Z",
                                        "2026-01-15",
                                        "00000000-0000-4000-8000-000000000001",
                                        "--help",
                                        "%ff%fe",
                                        "%",
                                        "%zz",
                                        "-1",
                                        "99999999999999999999",
                                        "yes",
                                        "",
                                        "%0d%0aX: y",
                                        std::string(5000, 'v')};
  std::map<int, int> statuses;
  for (int i = 0; i < 1500; ++i) {
    std::string path = "/api/v1/" + one_of(places);
    for (auto n = random() % 5; n > 0; --n)
      path += (path.contains('?') ? "&" : "?") + one_of(keys) + "=" + one_of(values);
    const auto answer =
        random() % 4 == 0
            ? client_->Post(path, headers, one_of({"{}", "{", R"({"command":"backup"})", "\xff"}),
                            "application/json")
            : client_->Get(path, headers);
    if (!answer) {
      // Closed, as one that is too long.
      ++statuses[0];
      continue;
    }
    EXPECT_TRUE(answer->status < 500) << answer->status << " " << path << " " << answer->body;
    ++statuses[answer->status];
  }
  EXPECT_GT(statuses[200], 0);
  EXPECT_GT(statuses[400], 0);
  EXPECT_GT(statuses[404], 0);
  EXPECT_EQ(client_->Get("/healthz")->status, 200);
}

}  // namespace
}  // namespace ib::test
