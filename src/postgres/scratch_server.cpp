// SPDX-License-Identifier: Apache-2.0
#include "postgres/scratch_server.hpp"

#include "base/text.hpp"
#include "postgres/client_tools.hpp"
#include "postgres/connection.hpp"
#include "sys/file.hpp"
#include "sys/system.hpp"

#include <poll.h>
#include <pwd.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace ib {
namespace {

constexpr std::size_t kLongestSocketPath = 107;  // sockaddr_un
constexpr std::string_view kSocketName = "/.s.PGSQL.5432";
constexpr std::string_view kSuperuser = "postgres";
constexpr std::chrono::seconds kTimeToStart{60};
constexpr std::string_view kNamesUsers = "libnss_wrapper.so";

/// As whom the server's programs run.
struct ServerUser {
  std::vector<std::string> prefix;  ///< the words before each command
  std::vector<std::pair<std::string, std::string>> environment;
};

/// Root gives the folder to another user, and its programs run as that one. A change of user would
/// clear the signal that the kernel sends when this process dies.
Result<ServerUser> user_for_root(const std::string& folder)
{
  const passwd* account = ::getpwnam("postgres");
  if (account == nullptr) account = ::getpwnam("nobody");
  if (account == nullptr)
    return fail(Errc::invalid,
                "a PostgreSQL server does not run as root, and there is no user postgres or nobody",
                "Run this as another user, or name a scratch server by DRILL_DB_HOSTNAME.");
  if (::chown(folder.c_str(), account->pw_uid, account->pw_gid) != 0)
    return fail(Errc::denied,
                printable(folder) + ": cannot be given to the user " + account->pw_name + ": " +
                    std::generic_category().message(errno),
                "A PostgreSQL server does not run as root. Run this as another user, or name a "
                "scratch server by DRILL_DB_HOSTNAME.");
  return ServerUser{.prefix = {"setpriv", "--reuid=" + std::to_string(account->pw_uid),
                               "--regid=" + std::to_string(account->pw_gid), "--clear-groups",
                               "--pdeathsig=keep"},
                    .environment = {}};
}

Result<> write_file(const std::string& folder, const std::string& name, std::string_view text)
{
  PendingFile file = TRY(PendingFile::create(TRY(Folder::open(folder)), name + ".part", name,
                                             PendingFile::Sync::later));
  TRY(file.write(bytes_of(text)));
  return file.commit_new();
}

/// initdb asks for the name of its user. A number that no /etc/passwd knows, as containers have it,
/// gets one in the folder, for the server's programs alone.
Result<ServerUser> user_without_account(const std::string& folder)
{
  const std::string user = std::to_string(::geteuid());
  const std::string group = std::to_string(::getegid());
  TRY(write_file(folder, "passwd", "postgres:x:" + user + ":" + group + "::/:/bin/false\n"));
  TRY(write_file(folder, "group", "postgres:x:" + group + ":\n"));
  const std::optional<std::string> preloaded = environment("LD_PRELOAD");
  return ServerUser{.prefix = {},
                    .environment = {{"NSS_WRAPPER_PASSWD", folder + "/passwd"},
                                    {"NSS_WRAPPER_GROUP", folder + "/group"},
                                    {"LD_PRELOAD", std::string(kNamesUsers) +
                                                       (preloaded ? ":" + *preloaded : "")}}};
}

Result<ServerUser> server_user(const std::string& folder)
{
  ServerUser user;
  if (::geteuid() == 0) {
    user = TRY(user_for_root(folder));
  } else if (::getpwuid(::geteuid()) == nullptr) {
    user = TRY(user_without_account(folder));
  }
  user.prefix.insert(user.prefix.begin(), {"env", "-C", folder});
  return user;
}

Program program_of(const ServerUser& user, const std::vector<std::string>& command)
{
  Program program{.argv = user.prefix, .environment = user.environment};
  program.argv.insert(program.argv.end(), command.begin(), command.end());
  program.environment.emplace_back("LC_ALL", "C");
  return program;
}

/// Why a program of the server's has ended.
Error failure_of(std::string_view program, const Exit& exit)
{
  Error error{.code = Errc::io,
              .message = std::string(program) + " ended with status " +
                         std::to_string(exit.status) + ": " + client_complaint(exit.stderr_tail),
              .hint = ""};
  if (exit.stderr_tail.contains(kNamesUsers) && exit.stderr_tail.contains("cannot be preloaded")) {
    const std::string user = std::to_string(::geteuid());
    error.message = std::string(program) + " needs a name for its user, and the user " + user +
                    " has none in /etc/passwd";
    error.hint =
        "Install libnss-wrapper, which gives it one, or run this as a user who has a name.";
  }
  return error;
}

Result<> make_cluster(const std::string& programs, const std::string& folder,
                      const ServerUser& user, const std::stop_token& stop)
{
  Subprocess initdb =
      TRY(Subprocess::start(program_of(user, {programs + "/initdb", "-D", folder + "/data", "-U",
                                              std::string(kSuperuser), "-A", "trust", "--no-sync",
                                              "--no-instructions", "--locale=C", "-E", "UTF8"}),
                            stop));
  const Exit exit = TRY(initdb.finish());
  if (exit.status != 0) return std::unexpected(failure_of("initdb", exit));
  return {};
}

/// Its messages go into files, because nobody reads its stderr while it runs. Its data need not
/// survive. What its processes share lies in its folder, too: /dev/shm is small in a container.
std::vector<std::string> server_command(const std::string& programs, const std::string& folder)
{
  std::vector<std::string> command{programs + "/postgres", "-D", folder + "/data"};
  for (const std::string& setting :
       {std::string("listen_addresses="), "unix_socket_directories=" + folder,
        std::string("port=5432"), std::string("fsync=off"), std::string("synchronous_commit=off"),
        std::string("full_page_writes=off"), std::string("wal_level=minimal"),
        std::string("max_wal_senders=0"), std::string("max_wal_size=256MB"),
        std::string("autovacuum=off"), std::string("jit=off"),
        std::string("dynamic_shared_memory_type=mmap"), std::string("logging_collector=on"),
        std::string("max_connections=20")})
    command.insert(command.end(), {"-c", setting});
  return command;
}

}  // namespace

Result<ScratchServer> ScratchServer::start(const std::string& programs, const std::string& folder,
                                           const std::stop_token& stop)
{
  if (folder.size() + kSocketName.size() > kLongestSocketPath) {
    return fail(Errc::invalid, printable(folder) + ": the path is too long for a server's socket",
                "Name a folder with a shorter path with --scratch.");
  }
  const ServerUser user = TRY(server_user(folder));
  TRY(make_cluster(programs, folder, user, stop).context("creating a scratch PostgreSQL"));

  Program server = program_of(user, server_command(programs, folder));
  // An immediate shutdown: a server that is asked politely waits for what it is at.
  server.end_signal = SIGQUIT;
  ScratchServer scratch(TRY(Subprocess::start(server, stop)), folder);
  const auto give_up = std::chrono::steady_clock::now() + kTimeToStart;
  for (;;) {
    const Result<Connection> connection =
        Connection::open(scratch.address(std::string(kSuperuser)), stop);
    if (connection) return scratch;
    if (connection.error().code == Errc::cancelled) return std::unexpected(connection.error());
    if (scratch.process_.has_ended())
      return std::unexpected(in_context("the scratch PostgreSQL does not start",
                                        failure_of("postgres", TRY(scratch.process_.finish()))));
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

std::uint64_t room_of_scratch_server(std::uint64_t plain_bytes)
{
  // An empty cluster has 40 MB, and the log of the transactions grows beside it. See "The drill's
  // room" in docs/benchmarks.md.
  constexpr std::uint64_t kEmptyCluster = std::uint64_t{64} * 1024 * 1024;
  constexpr std::uint64_t kTablesAndIndexes = 2;
  constexpr std::uint64_t kMost = std::uint64_t{1} << 60;  // whatever a restore point claims
  return kEmptyCluster + kTablesAndIndexes * std::min(plain_bytes, kMost);
}

}  // namespace ib
