// SPDX-License-Identifier: Apache-2.0
#include "support/postgres_cluster.hpp"

#include "sys/subprocess.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <vector>

namespace ib::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUser = "postgres";
constexpr const char* kPassword = "p@ss w%rd/'\\1";  // fails wherever quoting was forgotten

[[noreturn]] void give_up(const std::string& what)
{
  static_cast<void>(std::fprintf(stderr, "PostgresCluster: %s\n", what.c_str()));
  std::abort();
}

std::string contents(const std::string& path)
{
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The account that runs the server: the current one, or postgres if the current one is root.
/// PostgreSQL refuses to run as root.
struct Account {
  uid_t uid = ::getuid();
  gid_t gid = ::getgid();
};

Account server_account()
{
  if (::getuid() != 0) return {};
  const passwd* entry = ::getpwnam("postgres");
  if (entry == nullptr) give_up("run by root, and there is no user postgres");
  return {.uid = entry->pw_uid, .gid = entry->pw_gid};
}

pid_t spawn(const std::vector<std::string>& argv, const Account& account, const std::string& log)
{
  std::vector<char*> pointers;
  for (const std::string& argument : argv) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) give_up("cannot fork");
  if (pid > 0) return pid;

  const int in = ::open("/dev/null", O_RDONLY);
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  bool ready =
      in >= 0 && out >= 0 && ::dup2(in, 0) >= 0 && ::dup2(out, 1) >= 0 && ::dup2(out, 2) >= 0;
  ready = ready && ::chdir("/") == 0 &&
          ::setpgid(0, 0) == 0;  // Ctrl-C reaches only the test, which stops the server
  if (::getuid() == 0) {
    ready = ready && ::setgroups(0, nullptr) == 0 && ::setgid(account.gid) == 0 &&
            ::setuid(account.uid) == 0;
  }
  // Comes after setuid, which clears this setting. SIGQUIT is PostgreSQL's immediate shutdown.
  ready = ready && ::prctl(PR_SET_PDEATHSIG, SIGQUIT) == 0 && ::getppid() == parent;
  static_cast<void>(::umask(0077));
  if (ready) ::execv(pointers[0], pointers.data());
  ::_exit(127);
}

void run_to_end(const std::vector<std::string>& argv, const Account& account,
                const std::string& log)
{
  const pid_t pid = spawn(argv, account, log);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (status != 0) give_up(argv[0] + " failed: " + contents(log));
}

std::string free_port()
{
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (fd < 0 || ::bind(fd, generic, size) != 0 || ::getsockname(fd, generic, &size) != 0)
    give_up("no free port");
  ::close(fd);
  return std::to_string(ntohs(address.sin_port));
}

std::string run_psql(const std::string& psql, const DatabaseAddress& address, std::string_view text)
{
  auto process =
      Subprocess::start({.argv = {psql, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-"},
                         .environment = client_environment(address)},
                        {});
  if (!process) give_up(process.error().message);
  const Result<> written = process->write(bytes_of(text));
  process->close_stdin();
  std::string output;
  std::array<std::byte, 4096> buffer;
  while (const std::size_t n = process->read(buffer).value_or(0))
    output += text_of(ByteView(buffer).first(n));
  const auto exit = process->finish();
  if (!exit) give_up(exit.error().message);
  if (exit->status != 0 || !written) give_up("psql: " + exit->stderr_tail);
  return output;
}

}  // namespace

std::string PostgresCluster::bin_folder()
{
  int newest = 0;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", error)) {
    const std::string name = entry.path().filename();
    int major = 0;
    static_cast<void>(std::from_chars(name.data(), name.data() + name.size(), major));
    if (fs::exists(entry.path() / "bin/initdb", error)) newest = std::max(newest, major);
  }
  if (newest > 0) return "/usr/lib/postgresql/" + std::to_string(newest) + "/bin";
  const auto output = run_and_capture({.argv = {"pg_config", "--bindir"}}, {});
  const std::string folder = output ? output->substr(0, output->find('\n')) : "";
  return fs::exists(folder + "/initdb", error) ? folder : "";
}

std::unique_ptr<PostgresCluster> PostgresCluster::start()
{
  // As in the program: writing to a psql that has ended must fail, not end this process.
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
  const std::string bin = bin_folder();
  if (bin.empty())
    give_up("there is no PostgreSQL server on this machine (apt-get install postgresql-15)");
  std::string folder = "/tmp/ib-pg-XXXXXX";  // short: a socket's path may have 107 characters
  if (::mkdtemp(folder.data()) == nullptr) give_up("cannot make " + folder);
  std::unique_ptr<PostgresCluster> cluster(new PostgresCluster(bin, folder));

  const Account account = server_account();
  std::ofstream(folder + "/password") << kPassword << '\n';
  for (const std::string& path : {folder, folder + "/password"}) {
    if (::getuid() == 0 && ::chown(path.c_str(), account.uid, account.gid) != 0)
      give_up("cannot chown " + path);
  }
  if (::chmod(folder.c_str(), 0755) != 0) give_up("cannot chmod " + folder);
  run_to_end(
      {bin + "/initdb", "-D", folder + "/data", "-U", kUser, "--pwfile=" + folder + "/password",
       "-A", "scram-sha-256", "--no-sync", "--no-instructions", "--locale=C.UTF-8", "-E", "UTF8"},
      account, folder + "/initdb.log");
  for (int attempt = 0; attempt < 5; ++attempt) {
    if (cluster->launch()) return cluster;  // fails if another program has taken the port meanwhile
  }
  give_up("the server does not start: " + contents(folder + "/server.log"));
}

bool PostgresCluster::launch()
{
  port_ = free_port();
  std::vector<std::string> argv{program("postgres"), "-D", folder_ + "/data"};
  for (const std::string& setting :
       {"port=" + port_, std::string("listen_addresses=127.0.0.1"),
        "unix_socket_directories=" + folder_, std::string("fsync=off"),
        std::string("synchronous_commit=off"), std::string("full_page_writes=off"),
        std::string("shared_buffers=32MB"), std::string("autovacuum=off"),
        std::string("max_connections=30")}) {
    argv.insert(argv.end(), {"-c", setting});
  }
  server_ = spawn(argv, server_account(), folder_ + "/server.log");
  // The server writes "ready" into the eighth line of its pid file.
  for (int i = 0; i < 3000; ++i) {
    if (contents(folder_ + "/data/postmaster.pid").contains("\nready")) return true;
    if (::waitpid(server_, nullptr, WNOHANG) != 0) break;
    static_cast<void>(::poll(nullptr, 0, 10));
  }
  server_ = -1;
  return false;
}

PostgresCluster::~PostgresCluster()
{
  if (server_ > 0) {
    static_cast<void>(::kill(server_, SIGQUIT));
    while (::waitpid(server_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  std::error_code ignored;  // a folder that stays in /tmp must not fail a test
  fs::remove_all(folder_, ignored);
}

DatabaseAddress PostgresCluster::address(std::string database) const
{
  return {.host = "127.0.0.1",
          .port = port_,
          .database = std::move(database),
          .user = kUser,
          .password = kPassword};
}

DatabaseAddress PostgresCluster::socket_address(std::string database) const
{
  DatabaseAddress address = this->address(std::move(database));
  address.host = folder_;
  return address;
}

void PostgresCluster::create_database(const std::string& name)
{
  sql("postgres", "CREATE DATABASE \"" + name + "\";\n");
}

void PostgresCluster::sql(const std::string& database, std::string_view text)
{
  static_cast<void>(run_psql(program("psql"), address(database), text));
}

std::string PostgresCluster::query(const std::string& database, const std::string& sql)
{
  // Does not use Subprocess::write, which would throw away stdout: the answer comes after the last
  // byte.
  std::string output = run_psql(program("psql"), address(database), sql + ";\n");
  while (output.ends_with('\n')) output.pop_back();
  return output;
}

PostgresCluster& shared_cluster()
{
  static const std::unique_ptr<PostgresCluster> cluster = PostgresCluster::start();
  return *cluster;
}

}  // namespace ib::test
