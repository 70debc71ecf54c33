// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/address.hpp"

#include <sys/types.h>
#include <memory>
#include <string>
#include <string_view>

namespace ib::test {

/// A real PostgreSQL server of the test's own, with password authentication: made in a folder of
/// its own, on a free port, stopped and removed at the end; the server also ends if this process
/// dies. Started by root, it runs as the user postgres. Failures abort with a message: this is test
/// support.
class PostgresCluster {
public:
  static std::unique_ptr<PostgresCluster> start();
  /// The folder of the newest server programs on this machine; "" if there are none.
  static std::string bin_folder();

  PostgresCluster(const PostgresCluster&) = delete;
  PostgresCluster& operator=(const PostgresCluster&) = delete;
  ~PostgresCluster();

  /// By TCP, as the superuser.
  DatabaseAddress address(std::string database = "postgres") const;
  /// The same by its Unix socket.
  DatabaseAddress socket_address(std::string database = "postgres") const;
  std::string program(std::string_view name) const { return bin_ + "/" + std::string(name); }

  void create_database(const std::string& name);
  /// Runs statements through psql.
  void sql(const std::string& database, std::string_view text);
  /// What one query prints: columns separated by |, rows by newlines, none at the end.
  std::string query(const std::string& database, const std::string& sql);

private:
  PostgresCluster(std::string bin, std::string folder)
      : bin_(std::move(bin)), folder_(std::move(folder))
  {}
  bool launch();

  std::string bin_;
  std::string folder_;
  std::string port_;
  pid_t server_ = -1;
};

/// The cluster that the tests of this program share: started when first asked for, stopped at the
/// program's end.
PostgresCluster& shared_cluster();

}  // namespace ib::test
