// SPDX-License-Identifier: Apache-2.0
// The standard streams: results on stdout, everything else on stderr.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace ib {

/// Makes sure that the descriptors 0 to 2 are open, so that no file opened later becomes stdout.
void occupy_standard_streams();

/// Buffers results. If the disk is full or the pipe closed, write() fails, or flush() at the
/// latest.
class ResultOutput {
public:
  explicit ResultOutput(int fd) : fd_(fd) {}
  Result<> write(std::string_view text);
  Result<> flush();

private:
  int fd_;
  std::string buffer_;
};

/// Errors are ignored: there is no other place to report them.
void write_stderr(std::string_view text);

/// Prints "immich-backup: <message>" on stderr, and the hint on its own line.
void print_error(const Error& error);

}  // namespace ib
