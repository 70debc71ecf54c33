// SPDX-License-Identifier: Apache-2.0
#include "postgres/address.hpp"

#include "base/digest.hpp"
#include "base/text.hpp"
#include "sys/file.hpp"
#include "sys/system.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <span>

namespace ib {
namespace {

constexpr std::string_view kConnectTimeout = "15";  // seconds
// Debian's and the image's; libpq 16 calls them "system", and older ones know no word for them.
constexpr const char* kSystemAuthorities = "/etc/ssl/certs/ca-certificates.crt";
constexpr std::string_view kApplicationName = "immich-backup";

struct Known {
  std::string_view keyword;
  const char* variable;
};

// The settings that libpq also reads from the environment:
// https://www.postgresql.org/docs/current/libpq-envars.html
constexpr std::array<Known, 20> kKnown{{
    {"application_name", "PGAPPNAME"},
    {"channel_binding", "PGCHANNELBINDING"},
    {"client_encoding", "PGCLIENTENCODING"},
    {"connect_timeout", "PGCONNECT_TIMEOUT"},
    {"gssencmode", "PGGSSENCMODE"},
    {"gsslib", "PGGSSLIB"},
    {"hostaddr", "PGHOSTADDR"},
    {"krbsrvname", "PGKRBSRVNAME"},
    {"options", "PGOPTIONS"},
    {"passfile", "PGPASSFILE"},
    {"requirepeer", "PGREQUIREPEER"},
    {"ssl_max_protocol_version", "PGSSLMAXPROTOCOLVERSION"},
    {"ssl_min_protocol_version", "PGSSLMINPROTOCOLVERSION"},
    {"sslcert", "PGSSLCERT"},
    {"sslcrl", "PGSSLCRL"},
    {"sslcrldir", "PGSSLCRLDIR"},
    {"sslkey", "PGSSLKEY"},
    {"sslmode", "PGSSLMODE"},
    {"sslrootcert", "PGSSLROOTCERT"},
    {"target_session_attrs", "PGTARGETSESSIONATTRS"},
}};

const Known* find_known(std::string_view keyword)
{
  const auto* found = std::ranges::find(kKnown, keyword, &Known::keyword);
  return found == kKnown.end() ? nullptr : found;
}

std::unexpected<Error> bad_url(const std::string& what)
{
  return fail(Errc::invalid, "database URL: " + what,
              "The form is postgresql://USER:PASSWORD@HOST:PORT/DATABASE. Characters such as @ : / "
              "? # % in the user or the password must be percent-encoded (@ is %40).");
}

Result<std::string> percent_decode(std::string_view text, std::string_view part)
{
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\0') return bad_url("there is a NUL in the " + std::string(part));
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    std::byte byte{};
    const bool whole = i + 2 < text.size() && from_hex(text.substr(i + 1, 2), std::span(&byte, 1));
    if (!whole || byte == std::byte{0})
      return bad_url("a % in the " + std::string(part) + " is not followed by two hex digits");
    decoded += static_cast<char>(byte);
    i += 2;
  }
  return decoded;
}

Result<> check_port(std::string_view port)
{
  const std::uint32_t number = parse_number<std::uint32_t>(port).value_or(0);
  if (number < 1 || number > 65535) return bad_url("the port is not a number from 1 to 65535");
  return {};
}

Result<> parse_host_and_port(std::string_view text, DatabaseAddress& address)
{
  if (text.contains(',')) {
    return fail(Errc::invalid, "database URL: it names several hosts",
                "Name the one server to back up from.");
  }
  std::string_view host = text;
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos)
      return bad_url("an IPv6 address lacks its closing bracket");
    host = text.substr(1, bracket - 1);
    port = text.substr(bracket + 1);
    if (!port.empty() && !port.starts_with(':'))
      return bad_url("something other than a port follows the address");
    if (!port.empty()) port.remove_prefix(1);
  } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  address.host = TRY(percent_decode(host, "host"));
  if (!port.empty()) {
    TRY(check_port(port));
    address.port = port;
  }
  return {};
}

void set_parameter(DatabaseAddress& address, const std::string& keyword, const std::string& value)
{
  const auto there =
      std::ranges::find(address.parameters, keyword, &std::pair<std::string, std::string>::first);
  if (there == address.parameters.end()) {
    address.parameters.emplace_back(keyword, value);
  } else {
    there->second = value;
  }
}

Result<> parse_parameter(std::string_view pair, DatabaseAddress& address)
{
  const std::size_t equals = pair.find('=');
  if (equals == std::string_view::npos || equals == 0)
    return bad_url("a parameter is not of the form name=value");
  const std::string name = TRY(percent_decode(pair.substr(0, equals), "parameters"));
  const std::string value = TRY(percent_decode(pair.substr(equals + 1), "parameters"));
  if (name == "host") {
    if (value.contains(',')) return parse_host_and_port(value, address);  // reports the error
    address.host = value;
  } else if (name == "port") {
    TRY(check_port(value));
    address.port = value;
  } else if (name == "dbname") {
    address.database = value;
  } else if (name == "user") {
    address.user = value;
  } else if (name == "password") {
    address.password = value;
  } else if (name == "uselibpqcompat") {
    // Only tells node-postgres to read sslmode as libpq does.
  } else if (name == "sslmode" && value == "no-verify") {
    // node-postgres writes "no-verify" for encryption without checking the certificate. libpq calls
    // it `require`. Immich's documentation recommends both.
    if (parameter(address, "sslmode").empty())
      address.parameters.emplace_back("sslmode", "require");
  } else if (name == "ssl" && value == "true") {
    set_parameter(address, "sslmode", "require");
  } else if (find_known(name) != nullptr) {
    set_parameter(address, name, value);
  } else {
    return fail(
        Errc::invalid, "database URL: unknown parameter '" + printable(name) + "'",
        "Take it out of the URL. The URL may hold those parameters that have an environment "
        "variable in libpq, such as sslmode and sslrootcert.");
  }
  return {};
}

}  // namespace

Result<DatabaseAddress> parse_database_url(std::string_view url)
{
  if (url.starts_with("postgresql://")) {
    url.remove_prefix(13);
  } else if (url.starts_with("postgres://")) {
    url.remove_prefix(11);
  } else {
    return bad_url("it does not start with postgresql://");
  }
  DatabaseAddress address;

  const std::size_t question = url.find('?');
  std::string_view parameters =
      question == std::string_view::npos ? std::string_view{} : url.substr(question + 1);
  url = url.substr(0, question);

  const std::size_t slash = url.find('/');
  std::string_view authority = url.substr(0, slash);
  // Otherwise a part of a password would count as a database or a parameter, which messages name.
  if (url.substr(authority.size()).contains('@') || parameters.contains('@'))
    return bad_url(
        "an @ follows a / or a ?. In a user or a password, / is %2F, ? is %3F and @ is %40");
  if (slash != std::string_view::npos)
    address.database = TRY(percent_decode(url.substr(slash + 1), "database"));

  // Splits at the last @. So an @ that somebody forgot to encode in a password does no harm.
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    const std::string_view user = authority.substr(0, at);
    const std::size_t colon = user.find(':');
    address.user = TRY(percent_decode(user.substr(0, colon), "user"));
    if (colon != std::string_view::npos)
      address.password = TRY(percent_decode(user.substr(colon + 1), "password"));
    authority.remove_prefix(at + 1);
  }
  TRY(parse_host_and_port(authority, address));

  while (!parameters.empty()) {
    const std::size_t ampersand = parameters.find('&');
    TRY(parse_parameter(parameters.substr(0, ampersand), address));
    parameters =
        ampersand == std::string_view::npos ? std::string_view{} : parameters.substr(ampersand + 1);
  }
  return address;
}

void set_ssl_mode(DatabaseAddress& address, const std::string& mode)
{
  set_parameter(address, "sslmode", mode);
  const bool checks = mode.starts_with("verify");
  const std::string own = environment("HOME").value_or("") + "/.postgresql/root.crt";
  const bool is_named = !parameter(address, "sslrootcert").empty() ||
                        environment("PGSSLROOTCERT").has_value() || path_exists(own);
  if (checks && !is_named && path_exists(kSystemAuthorities))
    set_parameter(address, "sslrootcert", kSystemAuthorities);
}

std::string describe(const DatabaseAddress& address)
{
  std::string text =
      address.database.empty() ? "the default database" : printable(address.database);
  if (address.host.empty()) {
    text += " on the default host";
  } else if (address.host.starts_with('/')) {
    text += " on " + printable(address.host);
  } else {
    const bool ipv6 = address.host.contains(':');
    text += " on " + (ipv6 ? "[" + printable(address.host) + "]" : printable(address.host)) + ":" +
            printable(address.port);
  }
  if (!address.user.empty()) text += " as " + printable(address.user);
  return text;
}

std::string parameter(const DatabaseAddress& address, std::string_view name)
{
  const auto found =
      std::ranges::find(address.parameters, name, &std::pair<std::string, std::string>::first);
  return found == address.parameters.end() ? std::string{} : found->second;
}

std::vector<std::pair<std::string, std::string>> libpq_keywords(const DatabaseAddress& address)
{
  std::vector<std::pair<std::string, std::string>> keywords;
  const auto add = [&](const char* keyword, const std::string& value) {
    if (!value.empty()) keywords.emplace_back(keyword, value);
  };
  add("host", address.host);
  add("port", address.port);
  add("user", address.user);
  add("dbname", address.database);
  add("password", address.password);
  for (const auto& [keyword, value] : address.parameters)
    if (keyword != "client_encoding") add(keyword.c_str(), value);
  // Whatever the server, the role or the environment would choose: this program reads UTF-8.
  add("client_encoding", "UTF8");
  if (parameter(address, "connect_timeout").empty())
    keywords.emplace_back("connect_timeout", kConnectTimeout);
  if (parameter(address, "application_name").empty())
    keywords.emplace_back("application_name", kApplicationName);
  return keywords;
}

std::vector<std::pair<std::string, std::string>> client_environment(const DatabaseAddress& address)
{
  std::vector<std::pair<std::string, std::string>> environment = environment_of("PG");
  for (auto& [keyword, value] : libpq_keywords(address)) {
    std::string variable;
    if (const Known* known = find_known(keyword)) {
      variable = known->variable;
    } else if (keyword == "dbname") {
      variable = "PGDATABASE";
    } else {
      variable = "PG";
      for (const char c : keyword)
        variable += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    std::erase_if(environment, [&](const auto& inherited) { return inherited.first == variable; });
    environment.emplace_back(std::move(variable), std::move(value));
  }
  environment.emplace_back("LC_ALL", "C");  // this program reads their messages
  return environment;
}

}  // namespace ib
