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

/// Finds the PostgreSQL client program (pg_dump, psql) for a server of `server_major`: in
/// `bin_folder` alone if one is given, else on PATH and where Debian, Red Hat and Alpine keep each
/// version. Of the same major version if there is one, otherwise of the lowest newer one, since a
/// newer pg_dump writes settings that an older server refuses. An older psql will do as a last
/// resort; an older pg_dump refuses to work. The error is `invalid`, and says what was found.
Result<std::string> find_client(std::string_view program, int server_major,
                                const std::string& bin_folder, const std::stop_token& stop);

struct ClientVersion {
  int major = 0;
  int minor = 0;
  friend auto operator<=>(const ClientVersion&, const ClientVersion&) = default;
};

/// "15.18"
std::string to_string(const ClientVersion& version);

/// What "pg_dump (PostgreSQL) 15.18 (Debian ...)" says; also "17beta1" and the like.
std::optional<ClientVersion> parse_client_version(std::string_view output);

/// Asks the program itself.
Result<ClientVersion> client_version(const std::string& program, const std::stop_token& stop);

struct ClientProgram {
  std::string path;
  ClientVersion version;
  friend bool operator==(const ClientProgram&, const ClientProgram&) = default;
};

enum class OlderClient : std::uint8_t { refused, last_resort };

/// The choice of find_client, without the looking: null if there is none.
const ClientProgram* choose_client(std::span<const ClientProgram> found, int server_major,
                                   OlderClient older);

/// Whether psql of this version knows \restrict and \unrestrict, which pg_dump has written since
/// August 2025.
bool knows_restrict(const ClientVersion& version);

/// What a client program complained of on stderr, as one printable line: its first error with the
/// detail and hint that belong to it, or else its last words.
std::string client_complaint(std::string_view stderr_text);

}  // namespace ib
