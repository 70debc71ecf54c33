// SPDX-License-Identifier: Apache-2.0
// Mail with a server that works is in tests/e2e/49-mail.sh.
#include "net/smtp.hpp"

#include "support/builders.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <thread>

namespace ib::test {
namespace {

using namespace std::chrono_literals;

TEST(MailServer, IsAHostAndNothingElse)
{
  for (const char* url : {"smtps://mail.example.org", "smtp://mail.example.org:587",
                          "smtp://192.0.2.1", "smtps://[2001:db8::1]:465", "smtp://mail:25"}) {
    const std::optional<MailServer> server = MailServer::parse(url);
    ASSERT_TRUE(server) << url;
    EXPECT_EQ(server->url, url);
    EXPECT_TRUE(server->is_encrypted()) << url;
  }
  EXPECT_EQ(MailServer::parse("smtps://mail.example.org/")->url, "smtps://mail.example.org");
  for (const char* url : {"",
                          "mail.example.org",
                          "http://mail.example.org",
                          "smtp://",
                          "smtp:///",
                          "smtps:///x",
                          "smtp://me:s3cret@mail.example.org",
                          "smtp://me@mail.example.org",
                          "smtp://h/path",
                          "smtp://h?x",
                          "smtp://h#x",
                          "smtp://h;AUTH=PLAIN",
                          "smtp://h:0",
                          "smtp://h:65536",
                          "smtp://h:x",
                          "smtp://h:",
                          "smtp://h:25:25",
                          "smtp://h\r\nx",
                          "smtp://h%0d%0a",
                          "smtp://h ",
                          "smtp://[::1",
                          "smtp://[]",
                          "smtp://[::1]x",
                          "SMTP://h"})
    EXPECT_FALSE(MailServer::parse(url)) << url;
}

TEST(MailServer, NeedsNoTlsOnThisMachineAlone)
{
  for (const char* url : {"smtp://localhost", "smtp://localhost:2525", "smtp://127.0.0.1",
                          "smtp://127.255.0.1:25", "smtp://[::1]:25"})
    EXPECT_FALSE(MailServer::parse(url)->is_encrypted()) << url;
  for (const char* url :
       {"smtp://localhost.example.org", "smtp://127.0.0.1.example.org", "smtp://127.1.2.999",
        "smtp://127...", "smtp://128.0.0.1", "smtp://[::2]", "smtps://localhost"})
    EXPECT_TRUE(MailServer::parse(url)->is_encrypted()) << url;
}

TEST(MailAddress, HasNothingThatEndsACommandOrAHeader)
{
  for (const char* address :
       {"me@example.org", "a.b+c@mail.example.org", "root@localhost", "x!#$%&'*-/=?^_`{|}~@h"})
    EXPECT_TRUE(is_mail_address(address)) << address;
  for (const std::string& address :
       {std::string(), std::string("me"), std::string("@h"), std::string("me@"),
        std::string("a@b@c"), std::string("a b@h"), std::string("a@h\r\nRCPT TO:<b@h>"),
        std::string("a@h\n"), std::string("Me <a@h>"), std::string("<a@h>"), std::string("a,b@h"),
        std::string("a@h,b@h"), std::string("\"a\"@h"), std::string(".a@h"), std::string("a@h..x"),
        std::string("a@[192.0.2.1]"), std::string("\xc3\xa9@h"), std::string("a@h\0x", 5),
        std::string(250, 'a') + "@h.de"})
    EXPECT_FALSE(is_mail_address(address)) << address;
}

/// A port that takes connections and never says anything.
class SilentPort {
public:
  SilentPort()
  {
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): the interface of sockets
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(socket_, 16), 0);
    EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)
    host_ = "127.0.0.1:" + std::to_string(::ntohs(address.sin_port));
  }
  SilentPort(const SilentPort&) = delete;
  SilentPort& operator=(const SilentPort&) = delete;
  ~SilentPort() { close(); }

  void close()
  {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }
  const std::string& host() const { return host_; }
  MailServer server(const std::string& scheme = "smtp") const
  {
    return *MailServer::parse(scheme + "://" + host_);
  }

private:
  int socket_ = -1;
  std::string host_;
};

Mail mail()
{
  return {.from = "backup@example.org", .to = {"me@example.org"}, .message = "Subject: x\r\n\r\n"};
}

TEST(SendMail, DoesNotWaitForAServerThatIsSilent)
{
  const SilentPort port;
  for (const auto& [scheme, what] :
       {std::pair("smtp", ": no reply in time"), std::pair("smtps", ": no connection in time")}) {
    const auto began = std::chrono::steady_clock::now();
    const Result<> sent = send_mail(port.server(scheme), mail(), {.timeout = 300ms}, {});
    EXPECT_TRUE(fails_with(Errc::unavailable, sent));
    EXPECT_EQ(sent.error().message, port.host() + what);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 10s);
  }
}

TEST(SendMail, EndsSoonAfterItIsStopped)
{
  const SilentPort port;
  std::stop_source stop;
  EXPECT_TRUE(stop.request_stop());
  EXPECT_TRUE(fails_with(Errc::cancelled, send_mail(port.server(), mail(), {}, stop.get_token())));
  std::stop_source later;
  const std::jthread stopper([&] {
    std::this_thread::sleep_for(200ms);
    later.request_stop();
  });
  const auto began = std::chrono::steady_clock::now();
  EXPECT_TRUE(fails_with(Errc::cancelled,
                         send_mail(port.server(), mail(), {.timeout = 60s}, later.get_token())));
  EXPECT_LT(std::chrono::steady_clock::now() - began, 20s);
}

TEST(SendMail, SaysWhoIsNotThere)
{
  SilentPort port;
  port.close();
  const Result<> sent = send_mail(port.server(), mail(), {}, {});
  EXPECT_TRUE(fails_with(Errc::unavailable, sent));
  EXPECT_THAT(sent.error().message, StartsWith(port.host() + ": "));
}

TEST(SendMail, RefusesWhatItMustNotSay)
{
  const SilentPort port;
  MailServer server = port.server();
  server.user = "me";
  server.password = "s3cret";
  const Result<> open = send_mail(server, mail(), {}, {});
  EXPECT_TRUE(fails_with(Errc::invalid, open));
  EXPECT_THAT(open.error().message, AllOf(HasSubstr("TLS"), Not(HasSubstr("s3cret"))));
  for (const char* address : {"a@h\r\nDATA", "", "Me <a@h>"}) {
    Mail from = mail();
    from.from = address;
    EXPECT_TRUE(fails_with(Errc::invalid, send_mail(port.server(), from, {}, {})));
    Mail to = mail();
    to.to.emplace_back(address);
    EXPECT_TRUE(fails_with(Errc::invalid, send_mail(port.server(), to, {}, {})));
  }
  EXPECT_TRUE(fails_with(Errc::invalid, send_mail({.url = "smtp://me:s3cret@h"}, mail(), {}, {})));
}

}  // namespace
}  // namespace ib::test
