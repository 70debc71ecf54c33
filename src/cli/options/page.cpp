// SPDX-License-Identifier: Apache-2.0
#include "cli/options/page.hpp"

#include "sys/file.hpp"
#include "sys/hash.hpp"
#include "sys/system.hpp"

#include <utility>

namespace ib {
namespace {

constexpr std::uint64_t kLargestPassword = 4096;
constexpr std::size_t kPasswordBytes = 16;
const std::string kPasswordFile = "web-password";

/// The first line.
std::string first_line(const std::string& text)
{
  return text.substr(0, text.find_first_of("\r\n"));
}

Result<std::optional<std::string>> password_in(const Settings& settings, std::string_view option)
{
  const Setting* setting = settings.find(option);
  if (setting == nullptr || setting->values.front().empty()) return std::nullopt;
  const std::string password = first_line(TRY(read_configured_file(*setting, kLargestPassword)));
  if (password.empty())
    return fail(Errc::invalid, setting->name + ": the first line of the file is empty");
  return password;
}

/// That of the state folder, which is made where it is not there.
Result<PasswordHash> own_password(const std::string& state_folder, Progress& progress)
{
  Folder folder = TRY(Folder::create(state_folder, Readers::owner));
  folder.set_readers(Readers::owner);
  const std::string path = state_folder + "/" + kPasswordFile;
  if (!path_exists(path)) {
    PendingFile file = TRY(PendingFile::create(folder, "." + kPasswordFile + ".tmp", kPasswordFile,
                                               PendingFile::Sync::now));
    TRY(file.write(bytes_of(random_hex(kPasswordBytes) + "\n")));
    TRY(file.commit_new());
  }
  const std::string password = first_line(TRY(read_file(path, kLargestPassword)));
  if (password.empty())
    return fail(Errc::invalid, path + ": is empty", "Remove it: another password is then made.");
  progress.note("the page's password is in " + path);
  return PasswordHash::of(password);
}

}  // namespace

Options page_options()
{
  return {
      {.name = "listen",
       .metavar = "ADDRESS",
       .help = "where the page is: HOST:PORT, or off (default: 127.0.0.1:2284, which is for this "
               "machine alone)"},
      {.name = "web-password-file",
       .metavar = "FILE",
       .help =
           "the page's password, in the first line (default: a random one in the state folder)"},
      {.name = "trusted-proxy",
       .metavar = "NETWORK",
       .help = "instead of a password: believe the proxy in this network, such as 172.18.0.0/16, "
               "that it has logged people in"},
      {.name = "user-header",
       .metavar = "NAME",
       .help = "with --trusted-proxy: the header in which it names them (default: Remote-User)"},
      {.name = "metrics-token-file",
       .metavar = "FILE",
       .help = "a client that sends the first line of this file as a bearer token may read "
               "/metrics; take a long random one"},
      {.name = "read-only", .help = "the page starts nothing: it has no buttons"},
  };
}

Result<std::optional<ListenAddress>> listen_address(const Settings& settings)
{
  const Setting* setting = settings.find("listen");
  if (setting == nullptr) return TRY(ListenAddress::parse("127.0.0.1:2284"));
  if (setting->values.front() == "off") return std::nullopt;
  return TRY(ListenAddress::parse(setting->values.front()).context(setting->name));
}

Result<AccessRules> access_rules(const Settings& settings, const std::string& state_folder,
                                 Progress& progress)
{
  AccessRules rules;
  if (const std::optional<std::string> password = TRY(password_in(settings, "web-password-file")))
    rules.password = TRY(PasswordHash::of(*password));
  if (const std::optional<std::string> token = TRY(password_in(settings, "metrics-token-file")))
    rules.metrics_token = sha256(bytes_of(*token));
  rules.user_header = settings.text("user-header").value_or("Remote-User");
  const Setting* proxy = settings.find("trusted-proxy");
  if (proxy != nullptr && !proxy->values.front().empty()) {
    if (rules.password)
      return fail(Errc::invalid, "--trusted-proxy and --web-password-file exclude each other");
    rules.trusted_proxy = TRY(Network::parse(proxy->values.front()).context(proxy->name));
  } else if (!rules.password) {
    rules.password = TRY(own_password(state_folder, progress));
  }
  return rules;
}

}  // namespace ib
