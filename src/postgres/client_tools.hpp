// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

namespace ib {

/// Finds the PostgreSQL client program (pg_dump, psql) for a server of version `server_major`.
/// Looks only in `bin_folder` if it is given; otherwise on PATH and where Debian, Red Hat and
/// Alpine keep each version. Prefers the same major version, then the lowest newer one, because a
/// newer pg_dump writes settings that an older server refuses. Takes an older psql as a last
/// resort, but no older pg_dump, which would refuse to work, and no psql that lacks \restrict. The
/// error is `invalid` and says what was found.
Result<std::string> find_client(std::string_view program, int server_major,
                                const std::string& bin_folder, const std::stop_token& stop);

struct ClientVersion {
  int major = 0;
  int minor = 0;
  friend auto operator<=>(const ClientVersion&, const ClientVersion&) = default;
};

/// "15.18"
std::string to_string(const ClientVersion& version);

/// Parses the output of --version: "pg_dump (PostgreSQL) 15.18 (Debian ...)", also "17beta1" and
/// the like.
std::optional<ClientVersion> parse_client_version(std::string_view output);

/// Asks the program for its version.
Result<ClientVersion> client_version(const std::string& program, const std::stop_token& stop);

struct ClientProgram {
  std::string path;
  ClientVersion version;
  friend bool operator==(const ClientProgram&, const ClientProgram&) = default;
};

enum class OlderClient : std::uint8_t { refused, last_resort };

/// Chooses for find_client. Null if no program will do.
const ClientProgram* choose_client(std::span<const ClientProgram> found, int server_major,
                                   OlderClient older);

/// Whether psql of this version knows \restrict and \unrestrict, which keep a dump from running
/// commands on this machine (CVE-2025-8714, of August 2025). pg_dump writes them since then.
bool knows_restrict(const ClientVersion& version);
/// `invalid` for a psql that does not.
Result<> require_restrict(const std::string& psql, const ClientVersion& version);

/// The error in a client program's stderr, as one printable line: its first error with detail and
/// hint, or its last line if there is no error.
std::string client_complaint(std::string_view stderr_text);

}  // namespace ib
