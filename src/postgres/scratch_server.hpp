// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "postgres/address.hpp"
#include "sys/subprocess.hpp"

#include <cstdint>
#include <stop_token>
#include <string>

namespace ib {

/// Runs a PostgreSQL server of our own for the life of this object: a new cluster in a folder,
/// which only a socket in that folder reaches. The server ends with this process, however that
/// ends. One thread at a time.
class ScratchServer {
public:
  /// `programs` is the folder of initdb and postgres. `folder` must be absolute, empty, and
  /// readable by its owner alone; it becomes the server's, and all that the server writes is in it.
  /// If this process runs as root, the server runs as the user postgres or nobody, because it
  /// refuses to run as root. A user without an account gets a name from libnss_wrapper, because
  /// initdb asks for one. `invalid` if the folder's path is long: a socket's path has at most 107
  /// bytes.
  static Result<ScratchServer> start(const std::string& programs, const std::string& folder,
                                     const std::stop_token& stop);

  /// The address of a database, for the superuser.
  DatabaseAddress address(std::string database) const;

private:
  ScratchServer(Subprocess process, std::string folder)
      : process_(std::move(process)), folder_(std::move(folder))
  {}

  Subprocess process_;
  std::string folder_;
};

/// The bytes that a server's folder takes at most while it restores a dump that is `plain_bytes` of
/// SQL: what was measured of Immich's tables and indexes, rounded up.
std::uint64_t room_of_scratch_server(std::uint64_t plain_bytes);

}  // namespace ib
