// SPDX-License-Identifier: Apache-2.0
#include "web/server.hpp"

#include "base/bytes.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "sys/hash.hpp"
#include "sys/system.hpp"
#include "web/assets.hpp"
#include "web/client_connection.hpp"
#include "web/responses.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

namespace ib {
namespace {

using httplib::Request;
using httplib::Response;

constexpr std::size_t kMostConnections = 400;
constexpr std::size_t kMostWatchers = 50;    // of the running job
constexpr std::size_t kMostRequests = 1000;  // of one connection
constexpr std::chrono::seconds kIdle{20};
constexpr std::size_t kLargestBody = std::size_t{64} * 1024;
constexpr std::chrono::milliseconds kWatch{500};
constexpr std::chrono::seconds kKeepAlive{15};
constexpr std::string_view kCookie = "immich_backup_session";
constexpr const char* kHtml = "text/html; charset=utf-8";

// NOLINTNEXTLINE(cert-err58-cpp): a map of texts
const httplib::Headers kHeaders{
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
     "media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors "
     "'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    // Not no-referrer: browsers then hide from us that a form is of our own page.
    {"Referrer-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cache-Control", "no-store"}};

/// A thread for each connection.
class Threads final : public httplib::TaskQueue {
public:
  void enqueue(std::function<void()> task) override
  {
    {
      const std::lock_guard lock(mutex_);
      ++running_;
    }
    std::thread([this, task = std::move(task)] {
      task();
      const std::lock_guard lock(mutex_);
      --running_;
      over_.notify_all();
    }).detach();
  }

  void shutdown() override
  {
    std::unique_lock lock(mutex_);
    over_.wait(lock, [&] { return running_ == 0; });
  }

private:
  std::mutex mutex_;
  std::condition_variable over_;
  std::size_t running_ = 0;
};

/// httplib's server with connections of ours.
class LimitedServer final : public httplib::Server {
public:
  /// Once it is bound: httplib lets five connections wait, and further ones have to try again.
  void let_more_wait() { static_cast<void>(::listen(svr_sock_, SOMAXCONN)); }

  /// Closes all connections.
  void end_soon()
  {
    ends_ = true;
    const std::lock_guard lock(mutex_);
    for (const socket_t socket : sockets_) static_cast<void>(::shutdown(socket, SHUT_RDWR));
  }
  bool ends() const { return ends_; }

private:
  bool process_and_close_socket(socket_t socket) override
  {
    // A job that begins meanwhile must not keep the connection open.
    static_cast<void>(::fcntl(socket, F_SETFD, FD_CLOEXEC));
    if (take(socket)) {
      serve(socket);
      const std::lock_guard lock(mutex_);
      sockets_.erase(socket);
    }
    static_cast<void>(::shutdown(socket, SHUT_RDWR));
    static_cast<void>(::close(socket));
    return true;
  }

  bool take(socket_t socket)
  {
    const std::lock_guard lock(mutex_);
    return !ends_ && sockets_.size() < kMostConnections && sockets_.insert(socket).second;
  }

  void serve(socket_t socket)
  {
    ClientConnection connection(socket);
    bool is_closed = false;
    for (std::size_t count = 1; !ends_ && !is_closed && connection.wait_for_request(kIdle);
         ++count) {
      connection.begin_request();
      if (!process_request(connection, count >= kMostRequests, is_closed, nullptr)) return;
    }
  }

  std::atomic<bool> ends_ = false;
  std::mutex mutex_;
  std::set<socket_t> sockets_;  // of the clients
};

std::string cookie_of(const Request& request)
{
  const std::string cookies = request.get_header_value("Cookie");
  const std::string begin = std::string(kCookie) + "=";
  for (std::size_t at = 0; at < cookies.size();) {
    while (at < cookies.size() && cookies[at] == ' ') ++at;
    const std::size_t end = std::min(cookies.find(';', at), cookies.size());
    if (cookies.compare(at, begin.size(), begin) == 0)
      return cookies.substr(at + begin.size(), end - at - begin.size());
    at = end + 1;
  }
  return "";
}

/// Whether the request comes from a page of this server, as far as the browser tells.
bool is_of_same_origin(const Request& request)
{
  const std::string origin = request.get_header_value("Origin");
  if (origin.empty()) return true;
  const std::size_t begin = origin.find("://");
  return begin != origin.npos && origin.substr(begin + 3) == request.get_header_value("Host");
}

/// Whether another site's page has led to the request, as the browser tells: a proxy that logs
/// people in may take that for theirs.
bool is_of_another_site(const Request& request)
{
  const std::string site = request.get_header_value("Sec-Fetch-Site");
  return !site.empty() && site != "same-origin" && site != "none";
}

class Server final : public WebServer {
public:
  Server(Page& page, Photos& photos, Access& access, Progress& log)
      : page_(page), photos_(photos), access_(access), log_(log)
  {}
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  ~Server() override
  {
    server_.end_soon();
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }

  Result<> listen(const ListenAddress& address)
  {
    server_.new_task_queue = [] { return new Threads; };  // the server deletes it
    server_.set_default_headers(kHeaders);
    server_.set_payload_max_length(kLargestBody);
    server_.set_socket_options([](socket_t socket) {
      const int yes = 1;
      static_cast<void>(::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes));
      static_cast<void>(::fcntl(socket, F_SETFD, FD_CLOEXEC));
    });
    server_.set_pre_routing_handler([this](const Request& request, Response& response) {
      return admit(request, response) ? httplib::Server::HandlerResponse::Unhandled
                                      : httplib::Server::HandlerResponse::Handled;
    });
    server_.set_error_handler([](const Request&, Response& response) {
      if (response.body.empty()) answer(response, refusal(response.status, "there is nothing"));
    });
    add_pages();
    add_answers();
    port_ = address.port == 0 ? server_.bind_to_any_port(address.host)
            : server_.bind_to_port(address.host, address.port) ? address.port
                                                               : -1;
    if (port_ < 0)
      return fail(Errc::invalid,
                  "the page cannot be at " + address.host + ":" + std::to_string(address.port) +
                      ": another program is there, or it is no address of this machine",
                  "Name another address: --listen HOST:PORT, or --listen off for no page.");
    server_.let_more_wait();
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    // stop() before the thread has got so far would be forgotten.
    while (!server_.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return {};
  }

  int port() const override { return port_; }

private:
  using Instant = Access::Instant;

  /// Those who may go on. Others have got their answer.
  bool admit(const Request& request, Response& response)
  {
    const bool is_public = request.path == "/healthz" || request.path.starts_with("/assets/");
    if (is_public) return true;
    const bool only_looks = request.method == "GET" || request.method == "HEAD";
    const bool may_cost = request.path.starts_with("/api/v1/photos");
    if ((!only_looks && !is_of_same_origin(request)) || (may_cost && is_of_another_site(request)))
      return refuse(response, refusal(403, "this comes from another page"));
    if (request.path == "/login" && access_.rules().password) return true;
    if (request.path == "/metrics" && has_metrics_token(request)) return true;
    const std::optional<std::string> csrf = csrf_token(request);
    if (!csrf) {
      if (!access_.rules().password)
        return refuse(response,
                      refusal(403, "this page is for those whom its proxy has logged in"));
      if (request.path.starts_with("/api/") || request.path == "/metrics" ||
          request.method != "GET")
        return refuse(response, refusal(401, "please log in"));
      response.set_redirect("/login", 303);
      return false;
    }
    if (request.method == "GET" || request.method == "HEAD") return true;
    if (request.get_header_value("X-CSRF-Token") == *csrf) return true;
    return refuse(response, refusal(403, "the request lacks its token: load the page again"));
  }

  static bool refuse(Response& response, const PageAnswer& why)
  {
    answer(response, why);
    return false;
  }

  /// Absent for who is not logged in.
  std::optional<std::string> csrf_token(const Request& request)
  {
    const AccessRules& rules = access_.rules();
    if (rules.password) return access_.csrf_token(cookie_of(request), Instant::clock::now());
    const bool is_user = rules.trusted_proxy &&
                         rules.trusted_proxy->contains(request.remote_addr) &&
                         !request.get_header_value(rules.user_header).empty();
    return is_user ? std::optional(proxy_csrf_) : std::nullopt;
  }

  bool has_metrics_token(const Request& request)
  {
    constexpr std::string_view kBearer = "Bearer ";
    const std::string given = request.get_header_value("Authorization");
    return access_.rules().metrics_token && given.starts_with(kBearer) &&
           sha256(bytes_of(std::string_view(given).substr(kBearer.size()))) ==
               access_.rules().metrics_token;
  }

  void add_pages()
  {
    for (const char* path : {"/", "/now", "/points", "/photos", "/proof", "/setup"})
      server_.Get(path, [](const Request&, Response& response) {
        response.set_content(std::string(asset("index.html")->text), kHtml);
      });
    server_.Get("/login", [](const Request&, Response& response) {
      response.set_content(std::string(asset("login.html")->text), kHtml);
    });
    server_.Post("/login",
                 [this](const Request& request, Response& response) { log_in(request, response); });
    server_.Post("/logout", [this](const Request& request, Response& response) {
      access_.log_out(cookie_of(request));
      response.set_header("Set-Cookie", std::string(kCookie) + "=; Path=/; Max-Age=0");
      answer(response, {.body = "{}"});
    });
    server_.Get("/assets/([a-z.-]+)", [](const Request& request, Response& response) {
      const Asset* found = asset(request.matches[1].str());
      if (found == nullptr) return answer(response, refusal(404, "there is no such file"));
      response.set_content(found->text.data(), found->text.size(), found->type);
    });
    server_.Get("/healthz", [](const Request&, Response& response) {
      response.set_content("ok\n", "text/plain");
    });
    server_.Get("/metrics", [this](const Request&, Response& response) {
      response.set_content(page_.metrics(), "text/plain; version=0.0.4; charset=utf-8");
    });
  }

  void log_in(const Request& request, Response& response)
  {
    const Access::Login login = access_.log_in(request.get_param_value("password"),
                                               request.remote_addr, Instant::clock::now());
    if (!login.session.empty()) {
      // A proxy with TLS says so. Whoever says it without, hides the cookie from themselves alone.
      const bool is_secure = request.get_header_value("X-Forwarded-Proto") == "https";
      response.set_header("Set-Cookie", std::string(kCookie) + "=" + login.session +
                                            "; Path=/; HttpOnly; SameSite=Strict" +
                                            (is_secure ? "; Secure" : ""));
      return response.set_redirect("/", 303);
    }
    log_.note("warning: a wrong password for the page, from " + printable(request.remote_addr));
    constexpr std::string_view kPlace = "<!--message-->";
    std::string text(asset("login.html")->text);
    const bool waits = login.wait.count() > 0;
    const std::string message =
        waits ? "That is not the password. The next try is possible in " +
                    count_of(static_cast<std::uint64_t>(login.wait.count()), "second", "seconds") +
                    "."
              : "That is not the password.";
    const std::size_t place = text.find(kPlace);
    if (place != text.npos)
      text.replace(place, kPlace.size(), R"(<p class="message" role="alert">)" + message + "</p>");
    response.status = waits ? 429 : 403;
    if (waits) response.set_header("Retry-After", std::to_string(login.wait.count()));
    response.set_content(text, kHtml);
  }

  void add_answers()
  {
    using Ask = std::function<PageAnswer(const Request&)>;
    const auto get = [&](const char* path, Ask ask) {
      server_.Get(std::string("/api/v1/") + path,
                  [ask = std::move(ask)](const Request& request, Response& response) {
                    answer(response, ask(request));
                  });
    };
    get("session", [this](const Request& request) {
      const Json json = {{"csrf", csrf_token(request).value_or("")},
                         {"read_only", page_.is_read_only()},
                         {"version", kVersion}};
      return PageAnswer{.body = json.dump()};
    });
    get("overview", [this](const Request&) { return page_.overview(); });
    get("now", [this](const Request&) { return page_.now(); });
    get("runs", [this](const Request&) { return page_.runs(); });
    get("runs/([0-9A-Za-z-]+)/log",
        [this](const Request& request) { return page_.log(request.matches[1].str()); });
    get("(status|restore-points|cost|config|doctor)",
        [this](const Request& request) { return page_.look(request.matches[1].str()); });
    get("recovery-kit", [this](const Request&) { return page_.recovery_kit(); });
    get("diff", [this](const Request& request) {
      return page_.difference(request.get_param_value("from"), request.get_param_value("to"));
    });
    get("photos", [this](const Request& request) { return photos_.list(request.params); });
    get("photos/price", [this](const Request& request) { return photos_.price(request.params); });
    get("photos/history",
        [this](const Request& request) { return photos_.history(request.params); });
    server_.Get("/api/v1/photos/zip", [this](const Request& request, Response& response) {
      if (request.method == "HEAD") return answer(response, refusal(405, "ask with GET"));
      send(photos_.open_zip(request.params), true, response);
    });
    server_.Get("/api/v1/photos/file", [this](const Request& request, Response& response) {
      if (request.method == "HEAD") return answer(response, refusal(405, "ask with GET"));
      send(photos_.open_file(request.params), request.has_param("save"), response);
    });
    server_.Post("/api/v1/jobs", [this](const Request& request, Response& response) {
      answer(response, page_.start(request.body));
    });
    server_.Get("/api/v1/events", [this](const Request&, Response& response) { watch(response); });
  }

  /// Sends what changes, as server-sent events, until the client goes away.
  void watch(Response& response)
  {
    if (watchers_.fetch_add(1) >= kMostWatchers) {
      watchers_.fetch_sub(1);
      return answer(response, refusal(503, "too many pages are open"));
    }
    struct Seen {
      std::string now, run;
      std::size_t lines = 0;
      Instant sent{};
    };
    response.set_chunked_content_provider(
        "text/event-stream",
        [this, seen = std::make_shared<Seen>()](std::size_t, httplib::DataSink& sink) {
          if (server_.ends()) return false;
          std::string text;
          const std::string now = page_.now().body;
          const std::string run = page_.running();
          if (run != seen->run) *seen = {.now = seen->now, .run = run, .sent = seen->sent};
          if (now != seen->now) text += "event: now\ndata: " + now + "\n\n";
          for (const std::string& line : page_.new_lines(seen->lines)) {
            text += "event: line\ndata: " + json_text(line) + "\n\n";
            ++seen->lines;
          }
          seen->now = now;
          if (text.empty() && Instant::clock::now() - seen->sent > kKeepAlive) text = ":\n\n";
          if (!text.empty()) {
            seen->sent = Instant::clock::now();
            if (!sink.write(text.data(), text.size())) return false;
          }
          std::this_thread::sleep_for(kWatch);
          return true;
        },
        [this](bool) { watchers_.fetch_sub(1); });
  }

  static std::string json_text(const std::string& line) { return text_of(Json(line)); }

  Page& page_;
  Photos& photos_;
  Access& access_;
  Progress& log_;
  const std::string proxy_csrf_ = random_hex(32);
  std::atomic<std::size_t> watchers_ = 0;
  LimitedServer server_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<WebServer>> WebServer::start(const ListenAddress& address, Page& page,
                                                    Photos& photos, Access& access, Progress& log)
{
  auto server = std::make_unique<Server>(page, photos, access, log);
  TRY(server->listen(address));
  return server;
}

}  // namespace ib
