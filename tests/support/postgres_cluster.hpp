// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/address.hpp"

#include <sys/types.h>
#include <memory>
#include <string>
#include <string_view>

namespace ib::test {

/// A real PostgreSQL server for one test program, with password authentication. It has its own
/// folder and a free port. It is stopped and removed at the end, and it also ends if this process
/// dies. If root starts it, it runs as the user postgres. Failures abort the test program with a
/// message.
class PostgresCluster {
public:
  static std::unique_ptr<PostgresCluster> start();
  /// The folder of the newest server programs on this machine; "" if there are none.
  static std::string bin_folder();

  PostgresCluster(const PostgresCluster&) = delete;
  PostgresCluster& operator=(const PostgresCluster&) = delete;
  ~PostgresCluster();

  /// The address for a connection over TCP as the superuser.
  DatabaseAddress address(std::string database = "postgres") const;
  /// The same over the Unix socket.
  DatabaseAddress socket_address(std::string database = "postgres") const;
  std::string program(std::string_view name) const { return bin_ + "/" + std::string(name); }

  void create_database(const std::string& name);
  /// Runs statements through psql.
  void sql(const std::string& database, std::string_view text);
  /// The output of one query. Columns are separated by |, rows by newlines. There is no newline at
  /// the end.
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

/// The cluster that the tests of this program share. The first call starts it. It stops at the end
/// of the program.
PostgresCluster& shared_cluster();

}  // namespace ib::test
