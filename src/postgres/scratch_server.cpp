// SPDX-License-Identifier: Apache-2.0
#include "postgres/scratch_server.hpp"

#include "base/text.hpp"
#include "postgres/connection.hpp"

#include <poll.h>
#include <pwd.h>
#include <unistd.h>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>
#include <vector>

namespace ib {
namespace {

constexpr std::size_t kLongestSocketPath = 107;  // sockaddr_un
constexpr std::string_view kSocketName = "/.s.PGSQL.5432";
constexpr std::string_view kSuperuser = "postgres";
constexpr std::chrono::seconds kTimeToStart{60};

/// The words before a command that let a server's user run it instead of root. A change of user
/// would clear the signal that the kernel sends when this process dies.
Result<std::vector<std::string>> as_server_user(const std::string& folder)
{
  std::vector<std::string> words{"env", "-C", folder};
  if (::geteuid() != 0) return words;
  const passwd* account = ::getpwnam("postgres");
  if (account == nullptr) account = ::getpwnam("nobody");
  if (account == nullptr)
    return fail(Errc::invalid,
                "a PostgreSQL server does not run as root, and there is no user postgres or nobody",
                "Run this as another user, or name a scratch server by DRILL_DB_HOSTNAME.");
  if (::chown(folder.c_str(), account->pw_uid, account->pw_gid) != 0)
    return fail(Errc::denied, printable(folder) + ": cannot be given to the user " +
                                  account->pw_name + ": " + std::generic_category().message(errno));
  for (const std::string& word :
       {std::string("setpriv"), "--reuid=" + std::to_string(account->pw_uid),
        "--regid=" + std::to_string(account->pw_gid), std::string("--clear-groups"),
        std::string("--pdeathsig=keep")})
    words.push_back(word);
  return words;
}

}  // namespace

Result<ScratchServer> ScratchServer::start(const std::string& programs, const std::string& folder,
                                           const std::stop_token& stop)
{
  if (folder.size() + kSocketName.size() > kLongestSocketPath) {
    return fail(Errc::invalid, printable(folder) + ": the path is too long for a server's socket",
                "Name a folder with a shorter path with --scratch.");
  }
  const std::vector<std::string> prefix = TRY(as_server_user(folder));
  std::vector<std::string> initdb = prefix;
  for (const std::string& word :
       {programs + "/initdb", std::string("-D"), folder + "/data", std::string("-U"),
        std::string(kSuperuser), std::string("-A"), std::string("trust"), std::string("--no-sync"),
        std::string("--no-instructions"), std::string("--locale=C"), std::string("-E"),
        std::string("UTF8")})
    initdb.push_back(word);
  TRY(run_and_capture({.argv = initdb}, stop).context("creating a scratch PostgreSQL"));

  std::vector<std::string> server = prefix;
  server.push_back(programs + "/postgres");
  server.insert(server.end(), {"-D", folder + "/data"});
  // Its messages go into files, because nobody reads its stderr while it runs. Its data need not
  // survive.
  for (const std::string& setting :
       {std::string("listen_addresses="), "unix_socket_directories=" + folder,
        std::string("port=5432"), std::string("fsync=off"), std::string("synchronous_commit=off"),
        std::string("full_page_writes=off"), std::string("wal_level=minimal"),
        std::string("max_wal_senders=0"), std::string("max_wal_size=256MB"),
        std::string("autovacuum=off"), std::string("logging_collector=on"),
        std::string("max_connections=20")})
    server.insert(server.end(), {"-c", setting});
  ScratchServer scratch(TRY(Subprocess::start({.argv = server}, stop)), folder);
  const auto give_up = std::chrono::steady_clock::now() + kTimeToStart;
  for (;;) {
    const Result<Connection> connection =
        Connection::open(scratch.address(std::string(kSuperuser)), stop);
    if (connection) return scratch;
    if (connection.error().code == Errc::cancelled) return std::unexpected(connection.error());
    if (std::chrono::steady_clock::now() > give_up)
      return std::unexpected(
          in_context("the scratch PostgreSQL does not start", connection.error()));
    static_cast<void>(::poll(nullptr, 0, 50));
  }
}

DatabaseAddress ScratchServer::address(std::string database) const
{
  return {.host = folder_,
          .port = "5432",
          .database = std::move(database),
          .user = std::string(kSuperuser),
          .password = ""};
}

}  // namespace ib
