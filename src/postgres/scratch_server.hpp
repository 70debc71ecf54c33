// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "postgres/address.hpp"
#include "sys/subprocess.hpp"

#include <memory>
#include <stop_token>
#include <string>

namespace ib {

/// A PostgreSQL server of our own, for as long as this lives: a new cluster in a folder, reached by
/// a socket in that folder alone. It ends with this process, however that ends. One thread at a
/// time.
class ScratchServer {
public:
  /// `programs` is the folder with initdb and postgres; `folder` is empty, may be read by its owner
  /// alone and becomes the server's. As root it is run as the user postgres, or nobody, since it
  /// refuses to be root's. A folder with a long path is `invalid`: a socket's path has at most 107
  /// bytes.
  static Result<ScratchServer> start(const std::string& programs, const std::string& folder,
                                     const std::stop_token& stop);

  /// As the superuser.
  DatabaseAddress address(std::string database) const;

private:
  ScratchServer(Subprocess process, std::string folder)
      : process_(std::move(process)), folder_(std::move(folder))
  {}

  Subprocess process_;
  std::string folder_;
};

}  // namespace ib
